"""Who is looking: the person that the identity provider named, or in the demo a chosen role.

The provider says who somebody is; their session says whether they are still signed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import streamlit as st
from streamlit import config

from app import demo_door, provider, ui
from app.demo_door import ROLE_NAMES
from edupulse_core.actions import sessions as door
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.people import sessions
from edupulse_core.people.access import Viewer, viewer_for
from edupulse_core.people.actor import STRANGER, Actor, person
from edupulse_core.people.sign_in import Mode, directory, mode_here

Pages = Callable[[Viewer], dict[str, list[Any]]]

NO_ROLE = (
    "{name} is signed in but has no role here, so there is nothing to see yet. "
    "Ask your data steward for a role."
)


def viewer(settings: Settings, pages: Pages) -> Viewer:
    """Who is looking, read again at each run; shows the sign-in and stops without one.

    pages: the navigation of a viewer; its addresses outlast the sign-in.
    """
    if _mode(settings) == "persona":
        found = demo_door.chosen(settings)
        return found or _in_front(pages, lambda: demo_door.ask(settings))
    if not st.user.is_logged_in:
        _in_front(pages, _show_sign_in)
    identity = st.user.to_dict()
    session, state = _session(settings, identity)
    if state not in ("new", "open"):
        _in_front(pages, partial(_show_sign_in, _over(settings, state)))
    found = replace(_signed_in(settings, identity, session), session=session)
    if state == "new":
        door.sign_in(person(found), settings)
    return found


def recognise(settings: Settings) -> Viewer | None:
    """Who is looking, without asking anybody to sign in."""
    if _mode(settings) == "persona":
        return demo_door.chosen(settings)
    if not st.user.is_logged_in:
        return None
    identity = st.user.to_dict()
    session, state = _session(settings, identity)
    found = viewer_for(settings, directory(settings), identity) if state == "open" else None
    return found and replace(found, session=session)


def session_of(settings: Settings, cookies: Mapping[str, str]) -> str:
    """The session of a plain HTTP request; empty without one."""
    if _mode(settings) == "persona":
        return demo_door.session_of(cookies)
    identity = provider.identity(cookies)
    return sessions.key_of(identity) if identity else ""


def end_session(settings: Settings, cookies: Mapping[str, str]) -> None:
    """End the open session of a browser, found by its cookies."""
    session = session_of(settings, cookies)
    if asking := sessions.actor_of(settings, session):
        door.sign_out(asking, settings, session)


def role_names(looking: Viewer) -> str:
    """The viewer's roles as people say them."""
    return ", ".join(title.lower() for role, title in ROLE_NAMES.items() if role in looking.roles)


def sign_out(settings: Settings, leaving: Viewer) -> None:
    """End the viewer's session; every tab of the browser asks again at its next run."""
    door.sign_out(person(leaving), settings)
    st.session_state.clear()
    if leaving.is_demo_persona:
        demo_door.forget()
        ui.forget_address()
        st.session_state["switching"] = True
    else:
        st.logout()


def _mode(settings: Settings) -> Mode:
    address = config.get_option("server.address") or ""
    return mode_here(settings, provider.is_configured(), address)


def _session(settings: Settings, identity: Mapping[str, Any]) -> tuple[str, sessions.State]:
    """The session of an identity token, and whether it is open."""
    session = sessions.key_of(identity)
    return session, sessions.state(settings, session, issued_at=identity.get("iat"))


def _over(settings: Settings, state: sessions.State) -> str:
    """Why somebody has to sign in again."""
    rules = settings.sign_in
    return {
        "idle": f"You were signed out after {rules.idle_minutes} minutes without use.",
        "age": f"You were signed out: a sign-in lasts {rules.max_hours} hours.",
    }.get(state, "You have signed out.")


def _signed_in(settings: Settings, identity: Mapping[str, Any], session: str) -> Viewer:
    named = str(identity.get(settings.sign_in.claim) or identity.get("name") or "Somebody")
    try:
        found = viewer_for(settings, directory(settings), identity)
    except RefusedError as error:
        _refuse(settings, session, named, str(error))
    return found or _refuse(settings, session, named, NO_ROLE.format(name=named))


def _refuse(settings: Settings, session: str, named: str, sentence: str) -> NoReturn:
    if st.session_state.get("refused") != named:
        st.session_state["refused"] = named
        door.refuse_sign_in(settings, named, sentence)
    st.title("EduPulse", anchor=False)
    st.error(ui.plain(sentence))
    st.button("Sign out", on_click=_turn_away, args=[settings, session, named])
    st.stop()


def _turn_away(settings: Settings, session: str, named: str) -> None:
    door.sign_out(Actor(named, STRANGER), settings, session)
    st.logout()


def _show_sign_in(why: str = "") -> None:
    st.title("EduPulse", anchor=False)
    if why:
        st.info(why)
    st.write("Sign in with your school account.")
    named = provider.named_providers(provider.auth_section())
    if not named:
        st.button("Sign in", type="primary", on_click=st.login)
    for name in named:
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
    front.run()
    st.stop()
