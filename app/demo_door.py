"""The demo's door: choose a role from the fictional district's staff."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from edupulse_core.actions import sessions as door
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.people import personas, sessions
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.people.sign_in import directory, is_loopback

ROLE_NAMES = {
    "counselor": "Counselor",
    "teacher": "Teacher",
    "principal": "Principal",
    "district": "District lead",
    "steward": "Data steward",
}
CALENDAR = (
    "The demo's school year is set so that week 24 ended on the Sunday before the demo was built. "
    "It can start in any month."
)
NOT_LOCAL = "The demo opens only on the computer that runs it, and not through a proxy."
MOST_BROWSERS = 1000  # that look around in one demo
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
_chosen: dict[str, tuple[str, str]] = {}  # browser → person and session, so a reload doesn't ask


def request_is_local(headers: Any, ip_address: str | None) -> bool:
    """Whether the request comes from a browser on this machine, without a proxy.

    headers: a mapping; ip_address: a text but for loopback, as Streamlit gives it.
    """
    remote = isinstance(ip_address, str) and not is_loopback(ip_address)
    proxied = any(headers.get(name) for name in PROXY_HEADERS)
    return not remote and not proxied and is_loopback(headers.get("Host") or "localhost")


def chosen(settings: Settings) -> Viewer | None:
    """The role that this browser chose; RefusedError for a browser on another machine."""
    if not request_is_local(st.context.headers, st.context.ip_address):
        raise RefusedError(NOT_LOCAL)
    mine = st.session_state.get("persona"), st.session_state.get("persona_session")
    for user_id, session in (mine, _chosen.get(browser(st.context.cookies), ("", ""))):
        if user_id and (found := _open(settings, user_id, session or _new_session())):
            return found
    return None


def session_of(cookies: Mapping[str, str]) -> str:
    """The session of a browser, found by its cookies."""
    return _chosen.get(browser(cookies), ("", ""))[1]


def ask(settings: Settings) -> None:
    """Show the staff by role."""
    people = personas.personas(directory(settings))
    with st.container(horizontal_alignment="center"), st.container(width=640):
        st.title("EduPulse", anchor=False)
        st.write(
            "Who needs help this week, how much, and why. This district and everyone in it are "
            "fictional. Choose a role to look around."
        )
        st.caption(CALENDAR)
        for role, title in ROLE_NAMES.items():
            _ask_role(role, title, [person for person in people if role in person.roles])


def forget() -> None:
    """Ask again at the next run."""
    _chosen.pop(browser(st.context.cookies), None)


def browser(cookies: Mapping[str, str]) -> str:
    """What identifies a browser: the token that Streamlit masks in its XSRF cookie."""
    parts = str(cookies.get("_streamlit_xsrf") or "").split("|")
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
        return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(masked)).hex()
    except (IndexError, ValueError, ZeroDivisionError):
        return ""


def _open(settings: Settings, user_id: str, session: str) -> Viewer | None:
    """A member of the staff, if the session has not ended."""
    state = sessions.state(settings, session)
    found = personas.persona(directory(settings), user_id)
    if found is None or state not in ("new", "open"):
        return None
    found = replace(found, session=session)
    if state == "new":
        door.sign_in(person(found), settings)
    st.session_state["persona"], st.session_state["persona_session"] = user_id, session
    return found


def _new_session() -> str:
    return sessions.key(secrets.token_urlsafe())


def _ask_role(role: str, title: str, people: list[Viewer]) -> None:
    if not people:
        return
    names = {person.user_id: person.name for person in people}
    choice, button = st.columns([2, 1], vertical_alignment="bottom")
    picked = choice.selectbox(title, list(names), format_func=names.__getitem__, key=f"pick_{role}")
    button.button(
        f"Open as {title.lower()}",
        key=f"look_as_{role}",
        on_click=_choose,
        args=[picked],
        width="stretch",
    )


def _choose(user_id: str) -> None:
    session = _new_session()
    st.session_state["persona"], st.session_state["persona_session"] = user_id, session
    if own := browser(st.context.cookies):
        while len(_chosen) >= MOST_BROWSERS:
            _chosen.pop(next(iter(_chosen)), None)
        _chosen[own] = user_id, session
