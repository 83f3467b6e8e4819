"""The Learning tab of a student: mastery, next skills, resources, study plan, college outlook."""

import streamlit as st

from app import ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord

FILES = ("interactions", "resources", "study_sessions", "applications")


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the student has learned, and what could come next."""
    if not district.known & set(FILES):
        st.info(
            "Your district has not imported learning records. This tab needs skills.csv, items.csv "
            "and interactions.csv for mastery, resources.csv for suggestions, study_sessions.csv "
            "for a study plan, and programs.csv with applications.csv for the college outlook."
        )
        return
    st.caption(f"As of {ui.day(shown.as_of)}.")
