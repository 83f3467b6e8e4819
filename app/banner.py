"""The one error banner: an error that EduPulse can explain becomes one sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import duckdb
import streamlit as st

from app import navigation, sign_in, trouble, ui
from edupulse_core.actions import sessions as door
from edupulse_core.actions.features import mend
from edupulse_core.config import load_settings
from edupulse_core.errors import AccessError, EduPulseError
from edupulse_core.people import sessions
from edupulse_core.people.actor import person
from edupulse_core.people.sign_in import forget as forget_directory
from edupulse_core.queries.district import forget as forget_district


def explained(draw: Callable[[], None]) -> None:
    """Draw; an error that was raised on purpose is shown as its sentence.

    If a damaged file can be built again, build it and draw the page once more.
    """
    try:
        try:
            draw()
        except duckdb.Error:
            if not mend(load_settings()):
                raise
            forget_district()
            forget_directory()
            st.rerun()
    except AccessError as error:
        _note_refusal()
        st.error(sentence(error))
        _way_on()
    except EduPulseError as error:
        if "viewer" not in st.session_state:  # nothing else is on the page
            st.title("EduPulse", anchor=False)
        st.error(sentence(error))
    except Exception as error:  # the last door before the screen: never a traceback
        st.error(trouble.report(error))


@contextmanager
def whole_page() -> Iterator[None]:
    """While the whole page is drawn, the viewer was just read, so fragments need not read again."""
    st.session_state["whole_page"] = True
    try:
        yield
    finally:
        st.session_state["whole_page"] = False


def fragment(draw: Callable[..., None]) -> Callable[..., None]:
    """`st.fragment` for a piece of a page, with the same banner, and the roles read again."""

    @wraps(draw)
    def guarded(*args: Any, **named: Any) -> None:
        explained(lambda: _draw_for_the_same(draw, *args, **named))

    return st.fragment(guarded)


def watching(draw: Callable[..., None], every: float | None) -> Callable[..., None]:
    """A piece of a page that draws itself again and again, which is no use of the session.

    every: seconds; None: once. It must not change anything: its buttons leave that to the page.
    """

    @wraps(draw)
    def guarded(*args: Any, **named: Any) -> None:
        viewer = st.session_state["viewer"]
        if sessions.state(load_settings(), viewer.session, is_use=False) != "open":
            st.rerun()
        explained(lambda: draw(*args, **named))

    return st.fragment(guarded, run_every=every)


def _draw_for_the_same(draw: Callable[..., None], *args: Any, **named: Any) -> None:
    """Draw, unless the viewer has changed: then the whole page runs again."""
    just_read = st.session_state.get("whole_page", False)
    if not just_read and sign_in.recognise(load_settings()) != st.session_state.get("viewer"):
        st.rerun()
    draw(*args, **named)


def sentence(error: EduPulseError) -> str:
    """An error as a sentence on a page."""
    return ui.sentence(str(error))


def _way_on() -> None:
    """A link from a page that shows nothing to the viewer's home page."""
    looking = st.session_state.get("viewer")
    if looking is not None:
        home = navigation.home_of(looking)
        st.page_link(home, label=f"Go to: {home.title}")


def _note_refusal() -> None:
    looking = st.session_state.get("viewer")
    if looking is not None:
        door.refuse_access(person(looking), load_settings(), _asked_for())


def _asked_for() -> str:
    """The student whose page was requested, or else the whole address."""
    address, query = st.context.url or "", st.query_params.to_dict()
    if address.endswith("/student") and query.get("id"):
        return query["id"]
    return f"{address}?{urlencode(query)}" if query else address
