"""How people may sign in: by the identity provider, or as a fictional person of the demo."""

import ipaddress
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from duckdb import DuckDBPyConnection

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.people import access, personas, sessions, trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.districts import only_demo
from edupulse_core.warehouse import snapshots

Mode = Literal["persona", "oidc"]

NO_LONGER = "Your access has changed since this page was opened. Open it again."
SIGNED_OUT = "You are signed out. Sign in again."
CONFIGURE = (
    "Configure an identity provider: an [auth] section with redirect_uri, client_id, "
    "client_secret and server_metadata_url in {secrets}."
)


def mode(settings: Settings, store: Store, auth_configured: bool, address: str) -> Mode:
    """Which sign-in this server offers; address is what it listens on.

    Raises RefusedError, saying what to configure, unless people can sign in or it is only a demo.
    """
    if auth_configured:
        return "oidc"
    advice = CONFIGURE.format(secrets=settings.home / ".streamlit" / "secrets.toml")
    if not only_demo(store):
        raise RefusedError(f"Without sign-in, only the demo district opens. {advice}")
    if not is_loopback(address):
        raise RefusedError(
            f"Without sign-in, the demo opens only on this machine (127.0.0.1), "
            f"not on {address or 'every address'}. {advice}"
        )
    return "persona"


def mode_here(settings: Settings, auth_configured: bool, address: str) -> Mode:
    """`mode` with the home's own store."""
    return mode(settings, open_store(settings), auth_configured, address)


def is_loopback(host: str) -> bool:
    """Whether a host name or address, with or without a port, is this machine itself."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def as_granted_now(settings: Settings, viewer: Viewer, wanted: str) -> Viewer:
    """The viewer read again, for what runs long after its page was drawn.

    wanted: what is asked for, as the audit trail names it. Raises AccessError, and notes it, when
    the viewer's session is over, or their person, roles or schools have changed.
    """
    if sessions.state(settings, viewer.session) != "open":
        trail.note(settings, person(viewer), trail.REFUSED_ACCESS, wanted)
        raise AccessError(SIGNED_OUT)
    con = directory(settings)
    try:
        found = (
            personas.persona(con, viewer.user_id)
            if viewer.is_demo_persona
            else access.viewer_of(settings, con, viewer.sign_in)
        )
    except RefusedError:
        found = None
    finally:
        con.close()
    if found is None or _rights(found) != _rights(viewer):
        trail.note(settings, person(viewer), trail.REFUSED_ACCESS, wanted)
        raise AccessError(NO_LONGER)
    return replace(found, session=viewer.session)


def _rights(viewer: Viewer) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    return viewer.user_ids, viewer.roles, viewer.school_ids


def directory(settings: Settings) -> DuckDBPyConnection:
    """A cursor on the district's people as last imported, with `visible_students`."""
    return access.cursor(_directory(settings, snapshots.current(settings).version))


def forget() -> None:
    """Open the directory again at the next call, because its file was damaged."""
    _directory.cache_clear()


@lru_cache(maxsize=2)
def _directory(settings: Settings, version: str) -> DuckDBPyConnection:
    """One connection a process and version: a new import is followed at the next call."""
    con = snapshots.connect(settings)
    access.install(con)
    return con
