"""Who is looking: the identity provider's word, or in the demo a person from the list.

`edupulse serve` asks `mode` before it starts the server, and passes `streamlit_flags` to it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.people import personas, trail
from edupulse_core.people.access import Viewer, viewer_for
from edupulse_core.people.sign_in import directory, is_loopback, mode, mode_here

__all__ = [
    "auth_configured",
    "go_on",
    "mode",
    "request_is_local",
    "role_names",
    "sign_out",
    "streamlit_flags",
    "viewer",
]

Pages = Callable[[Viewer], dict[str, list[Any]]]

ROLE_NAMES = {
    "counselor": "Counselor",
    "teacher": "Teacher",
    "principal": "Principal",
    "district": "District lead",
    "steward": "Data steward",
}
MOST_WAITING = 1000  # addresses kept for people who are at the identity provider
LOCAL_HOSTS = ("localhost", "127.0.0.1")
NEEDED = ("redirect_uri", "cookie_secret")
NEEDED_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
NO_ROLE = (
    "{name} is signed in but has no role here, so there is nothing to see. "
    "Ask your data steward for one."
)
NOT_LOCAL = "The demo opens only on the machine that runs it; nothing may stand in between."
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


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
    """Whether an identity provider is configured; RefusedError when only half of it is."""
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


def request_is_local(headers: Any, ip_address: str | None) -> bool:
    """Whether a browser on this machine asks, by a name of this machine, through no proxy.

    headers: a mapping; ip_address: None for loopback, as Streamlit gives it.
    """
    remote = ip_address is not None and not is_loopback(ip_address)
    proxied = any(headers.get(name) for name in PROXY_HEADERS)
    return not remote and not proxied and is_loopback(headers.get("Host") or "localhost")


def viewer(settings: Settings, pages: Pages) -> Viewer:
    """Who is looking, read again at each run; shows the sign-in and stops without one.

    pages: the navigation of a viewer; its addresses outlast the sign-in.
    """
    how = mode_here(settings, auth_configured(), config.get_option("server.address") or "")
    found = _signed_in(settings, pages) if how == "oidc" else _persona(settings, pages)
    if st.session_state.get("signed_in") != found.sign_in:
        st.session_state["signed_in"] = found.sign_in
        trail.note(settings, found, trail.SIGN_IN)
    return found


def role_names(looking: Viewer) -> str:
    """The viewer's roles as people say them."""
    return ", ".join(title.lower() for role, title in ROLE_NAMES.items() if role in looking.roles)


def sign_out(settings: Settings, leaving: Viewer) -> None:
    """End the viewer's session; the next run asks again."""
    trail.note(settings, leaving, trail.SIGN_OUT)
    st.session_state.clear()
    if leaving.is_demo_persona:
        _chosen().pop(_browser(), None)
        st.query_params.clear()
    else:
        st.logout()


def _signed_in(settings: Settings, pages: Pages) -> Viewer:
    if not st.user.is_logged_in:
        _in_front(pages, _show_sign_in)
    identity = st.user.to_dict()
    named = str(identity.get(settings.sign_in.claim) or identity.get("name") or "Somebody")
    try:
        found = viewer_for(settings, directory(settings), identity)
    except RefusedError as error:
        _refuse(settings, named, str(error))
    if found is None:
        _refuse(settings, named, NO_ROLE.format(name=named))
    return found


def _refuse(settings: Settings, named: str, sentence: str) -> NoReturn:
    if st.session_state.get("refused") != named:
        st.session_state["refused"] = named
        trail.note_refused_sign_in(settings, named, sentence)
    st.title("EduPulse")
    st.error(sentence)
    st.button("Sign out", on_click=st.logout)
    st.stop()


def _show_sign_in() -> None:
    st.title("EduPulse")
    st.write("Sign in with your school account.")
    providers = _providers(_auth_section())
    if not providers:
        st.button("Sign in", type="primary", on_click=st.login)
    for name in providers:
        st.button(f"Sign in with {name}", type="primary", on_click=st.login, args=[name])


def _persona(settings: Settings, pages: Pages) -> Viewer:
    if not request_is_local(st.context.headers, st.context.ip_address):
        raise RefusedError(NOT_LOCAL)
    chosen = st.session_state.get("persona") or _chosen().get(_browser())
    found = personas.persona(directory(settings), chosen) if chosen else None
    if found is None:
        people = personas.personas(directory(settings))
        _in_front(pages, lambda: _show_personas(people))
    return found


def go_on(every: dict[str, list[Any]]) -> None:
    """After a sign-in, open the address that was first asked for.

    every: the viewer's navigation, already given to `st.navigation`.
    """
    address, query = _wanted().pop(_browser(), ("", {}))
    found = [page for section in every.values() for page in section if page.url_path == address]
    if (address or query) and found:
        st.switch_page(found[0], query_params=query)


@st.cache_resource
def _wanted() -> dict[str, tuple[str, dict[str, str]]]:
    """What each browser asked for before it was sent to the identity provider."""
    return {}


def _remember(address: str) -> None:
    waiting = _wanted()
    while len(waiting) >= MOST_WAITING:
        waiting.pop(next(iter(waiting)), None)
    if _browser():
        waiting[_browser()] = (address, st.query_params.to_dict())


def _in_front(pages: Pages, show: Callable[[], None]) -> NoReturn:
    """Show something before the page that was asked for, whose address stays; then stop."""
    anyone = Viewer("", "", frozenset(ROLE_NAMES))
    addresses = {page.url_path for section in pages(anyone).values() for page in section} | {""}
    fronts = [
        st.Page(show, title="EduPulse", url_path=address or "start", default=not address)
        for address in sorted(addresses)
    ]
    front = st.navigation(fronts, position="hidden")
    _remember(front.url_path)
    front.run()
    st.stop()


def _show_personas(people: list[Viewer]) -> None:
    st.title("EduPulse")
    st.write("This is a made-up district. Look at it as one of its staff.")
    with st.container(width=640):
        for role, title in ROLE_NAMES.items():
            _show_role(role, title, [person for person in people if role in person.roles])


def _show_role(role: str, title: str, people: list[Viewer]) -> None:
    if not people:
        return
    names = {person.user_id: person.name for person in people}
    choice, button = st.columns([2, 1], vertical_alignment="bottom")
    picked = choice.selectbox(title, list(names), format_func=names.__getitem__, key=f"pick_{role}")
    button.button(
        f"Look as {title.lower()}",
        key=f"look_as_{role}",
        on_click=_choose,
        args=[picked],
        width="stretch",
    )


def _choose(user_id: str) -> None:
    st.session_state["persona"] = user_id
    if _browser():
        _chosen()[_browser()] = user_id


@st.cache_resource
def _chosen() -> dict[str, str]:
    """Who each browser looks as, so that a reload doesn't ask again; only ever in the demo."""
    return {}


def _browser() -> str:
    """What stays the same for one browser: the token that Streamlit masks in its XSRF cookie."""
    parts = str(st.context.cookies.get("_streamlit_xsrf") or "").split("|")
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
        return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(masked)).hex()
    except (IndexError, ValueError, ZeroDivisionError):
        return ""


def _home_secrets(settings: Settings) -> Path:
    return settings.home / ".streamlit" / "secrets.toml"


def _auth_section() -> dict[str, Any]:
    if not st.secrets.load_if_toml_exists():
        return {}
    return dict(st.secrets.get("auth", {}))


def _providers(section: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in section.items()
        if hasattr(value, "keys") and "client_id" in value
    }
