"""Short answers: a teacher grades them, with points proposed for each, and shortens long texts."""

import streamlit as st

from app import marking, shorten, ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District


def show(viewer: Viewer, district: District) -> None:
    st.title("Short answers", anchor=False)
    st.caption(
        "You confirm the points of every answer. Only you see your questions, and only the answers "
        "of students who are in your classes today."
    )
    grade, summary = st.tabs(
        ["Grade answers", "Shorten a text"], key="tab", on_change="rerun", bind="query-params"
    )
    if grade.open:
        with grade:
            marking.show(viewer, district)
    if summary.open:
        with summary:
            shorten.show()


ui.left_student()
show(*ui.looking())
