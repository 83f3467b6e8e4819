"""Who is looking: the identity provider's word, or in the demo a person from the list.

`edupulse serve` asks `mode_here` before it starts the server, and passes `streamlit_flags` to it.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from app import demo_door, ui
from app.demo_door import ROLE_NAMES, browser
from edupulse_core.actions import sessions
from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.people.access import Viewer, viewer_for
from edupulse_core.people.actor import person
from edupulse_core.people.sign_in import Mode, directory, mode_here

__all__ = [
    "auth_configured",
    "go_on",
    "mode_here",
    "recognise",
    "role_names",
    "sign_out",
    "streamlit_flags",
    "viewer",
]

Pages = Callable[[Viewer], dict[str, list[Any]]]

MOST_WAITING = 1000  # addresses kept for people who are at the identity provider
LOCAL_HOSTS = ("localhost", "127.0.0.1")
NEEDED = ("redirect_uri", "cookie_secret")
NEEDED_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
NO_ROLE = (
    "{name} is signed in but has no role here, so there is nothing to see yet. "
    "Ask your data steward for a role."
)


def streamlit_flags(settings: Settings) -> list[str]:
    """What the server must be started with: the home's own secrets, and the host people use."""
    secrets = _home_secrets(settings)
    flags = ["--secrets.files", str(secrets)] if secrets.is_file() else []
    host = urlsplit(str(_auth_section().get("redirect_uri", ""))).hostname
    if host:
        for allowed in sorted({host, *LOCAL_HOSTS}):
            flags += ["--server.allowedHosts", allowed]
    return flags


def auth_configured(settings: Settings | None = None) -> bool:
    """Whether an identity provider is configured; RefusedError when only half of it is.

    Raises ConfigError when `secrets.toml` cannot be read.
    """
    if settings is not None and _home_secrets(settings).is_file():
        config.set_option("secrets.files", [str(_home_secrets(settings))])
    section = _auth_section()
    if not section:
        return False
    lacking = [name for name in NEEDED if not section.get(name)]
    lacking += [
        name
        for provider in _providers(section).values() or [section]
        for name in NEEDED_OF_PROVIDER
        if not provider.get(name)
    ]
    if lacking:
        raise RefusedError(f"The [auth] section of secrets.toml lacks {', '.join(lacking)}.")
    return True


def viewer(settings: Settings, pages: Pages) -> Viewer:
    """Who is looking, read again at each run; shows the sign-in and stops without one.

    pages: the navigation of a viewer; its addresses outlast the sign-in.
    """
    if _mode(settings) == "oidc":
        if not st.user.is_logged_in:
            _in_front(pages, _show_sign_in)
        found = _signed_in(settings)
    else:
        found = demo_door.chosen(settings) or _in_front(pages, lambda: demo_door.ask(settings))
    if st.session_state.get("signed_in") != found.sign_in:
        st.session_state["signed_in"] = found.sign_in
        sessions.sign_in(person(found), settings)
    return found


def recognise(settings: Settings) -> Viewer | None:
    """Who is looking, without asking anybody to sign in."""
    if _mode(settings) == "persona":
        return demo_door.chosen(settings)
    if not st.user.is_logged_in:
        return None
    return viewer_for(settings, directory(settings), st.user.to_dict())


def role_names(looking: Viewer) -> str:
    """The viewer's roles as people say them."""
    return ", ".join(title.lower() for role, title in ROLE_NAMES.items() if role in looking.roles)


def sign_out(settings: Settings, leaving: Viewer) -> None:
    """End the viewer's session; the next run asks again."""
    sessions.sign_out(person(leaving), settings)
    st.session_state.clear()
    if leaving.is_demo_persona:
        demo_door.forget()
        st.query_params.clear()
        st.session_state["switching"] = True
    else:
        st.logout()


def go_on(every: dict[str, list[Any]]) -> None:
    """After a sign-in, open the address that was first asked for.

    every: the viewer's navigation, already given to `st.navigation`.
    """
    address, query = _wanted().pop(browser(), ("", {}))
    found = [page for section in every.values() for page in section if page.url_path == address]
    if (address or query) and found:
        st.switch_page(found[0], query_params=query)


def _mode(settings: Settings) -> Mode:
    return mode_here(settings, auth_configured(), config.get_option("server.address") or "")


def _signed_in(settings: Settings) -> Viewer:
    identity = st.user.to_dict()
    named = str(identity.get(settings.sign_in.claim) or identity.get("name") or "Somebody")
    try:
        found = viewer_for(settings, directory(settings), identity)
    except RefusedError as error:
        _refuse(settings, named, str(error))
    return found or _refuse(settings, named, NO_ROLE.format(name=named))


def _refuse(settings: Settings, named: str, sentence: str) -> NoReturn:
    if st.session_state.get("refused") != named:
        st.session_state["refused"] = named
        sessions.refuse_sign_in(settings, named, sentence)
    st.title("EduPulse", anchor=False)
    st.error(ui.plain(sentence))
    st.button("Sign out", on_click=st.logout)
    st.stop()


def _show_sign_in() -> None:
    st.title("EduPulse", anchor=False)
    st.write("Sign in with your school account.")
    providers = _providers(_auth_section())
    if not providers:
        st.button("Sign in", type="primary", on_click=st.login)
    for name in providers:
        st.button(f"Sign in with {name}", type="primary", on_click=st.login, args=[name])


def _in_front(pages: Pages, show: Callable[[], None]) -> NoReturn:
    """Show something before the page that was asked for, whose address stays; then stop."""
    anyone = Viewer("", "", frozenset(ROLE_NAMES))
    addresses = {page.url_path for section in pages(anyone).values() for page in section}
    fronts = [
        st.Page(show, title="EduPulse", url_path=address, default=not address)
        for address in sorted(addresses)
    ]
    front = st.navigation(fronts, position="hidden")
    if st.session_state.pop("switching", False) and front.url_path:
        st.switch_page(fronts[0])  # the next role starts at its own home, not on this page
    _remember(front.url_path)
    front.run()
    st.stop()


def _remember(address: str) -> None:
    waiting = _wanted()
    while len(waiting) >= MOST_WAITING:
        waiting.pop(next(iter(waiting)), None)
    if browser():
        waiting[browser()] = (address, st.query_params.to_dict())


@st.cache_resource
def _wanted() -> dict[str, tuple[str, dict[str, str]]]:
    """What each browser asked for before it was sent to the identity provider."""
    return {}


def _home_secrets(settings: Settings) -> Path:
    return settings.home / ".streamlit" / "secrets.toml"


def _auth_section() -> dict[str, Any]:
    try:
        is_loaded = st.secrets.load_if_toml_exists()
    except (OSError, UnicodeDecodeError):
        is_loaded = False
    if not is_loaded:
        _check_secrets()
        return {}
    section = st.secrets.get("auth", {})
    if not hasattr(section, "keys"):
        raise ConfigError("secrets.toml: auth is a value; it must be a section, [auth]")
    return dict(section)


def _check_secrets() -> None:
    """Raise ConfigError for secrets that are there but cannot be read: Streamlit says none are."""
    for path in map(Path, config.get_option("secrets.files")):
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None
        except ValueError as error:  # not TOML, or not UTF-8
            raise ConfigError(f"{path}: {error}") from None


def _providers(section: dict[str, Any]) -> dict[str, Any]:
    """The named providers, each a table of the [auth] section."""
    return {name: value for name, value in section.items() if hasattr(value, "keys")}
