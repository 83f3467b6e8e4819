"""The start of the dashboard: who is looking, which pages they have, and one error banner."""

from datetime import timedelta
from pathlib import Path

import streamlit as st

from app import banner, sign_in, ui, warm
from app.navigation import pages
from edupulse_core.config import Settings, load_settings
from edupulse_core.people import sessions
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District, open_district

ICON = str(Path(__file__).with_name("icon.png"))
LOGO = str(Path(__file__).with_name("logo.svg"))
LOOK = Path(__file__).with_name("look.css")


def draw() -> None:
    settings = load_settings()
    viewer = sign_in.viewer(settings, pages)
    st.session_state["viewer"] = viewer
    every = pages(viewer)
    page = st.navigation(every, position="sidebar")
    # an icon of its own would be fetched from the network; a student's name stays out of the title
    st.set_page_config(page_title=f"{page.title} · EduPulse", page_icon=ICON)
    _side(settings, viewer)
    _watch(settings, viewer)
    ui.only_our_exports()
    with banner.whole_page():
        page.run()
    _foot(open_district(settings))
    if viewer.sees_students:
        warm.soon()


def _side(settings: Settings, viewer: Viewer) -> None:
    """Who is signed in, and the button to leave."""
    st.logo(LOGO, size="large", icon_image=ICON)
    with st.sidebar:
        st.caption(f"{ui.plain(viewer.name)}, {sign_in.role_names(viewer)}")
        if viewer.is_demo_persona:
            st.caption("Demo: a fictional district")
        leave = "Switch role" if viewer.is_demo_persona else "Sign out"
        st.button(leave, on_click=sign_in.sign_out, args=[settings, viewer], width="stretch")


def _watch(settings: Settings, viewer: Viewer) -> None:
    """Clear an idle screen: when nobody has used the page for long, it asks for a sign-in."""

    def look() -> None:
        if sessions.state(settings, viewer.session, is_use=False) != "open":
            st.rerun()

    idle = timedelta(minutes=settings.sign_in.idle_minutes) + sessions.SEEN_EVERY
    st.fragment(lambda: banner.explained(look), run_every=idle)()


def _foot(district: District) -> None:
    """The district, the date of the data, and the model."""
    now = district.standing.now
    names = [ui.plain(name) for name in sorted(now.versions)] if now else []
    model = f"Risk model{'s' if names[1:] else ''} {' and '.join(names)}"
    model = model if names else "No current scores"
    if names and not district.standing.evaluated:
        model += ", not yet tested on this district's own weeks"
    st.caption(f"{ui.plain(district.name)}. Data as of {ui.day(district.as_of)}. {model}.")


st.set_page_config(page_title="EduPulse", page_icon=ICON, layout="wide")
st.html(LOOK)
banner.explained(draw)
