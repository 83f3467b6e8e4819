"""Which pages a viewer has, by role."""

import streamlit as st

from edupulse_core.people.access import Viewer


def _home() -> None:
    st.title("EduPulse")
    st.write(f"Signed in as {st.session_state['viewer'].name}.")


def _student() -> None:
    st.title("Student page")
    st.write(f"q: {st.query_params.to_dict()}")


def pages(viewer: Viewer) -> dict[str, list[st.Page]]:
    """Sections of the navigation and their pages; the first is the viewer's home."""
    return {
        "": [
            st.Page(_home, title="Home", url_path="at-risk", default=True),
            st.Page(_student, title="Student", url_path="student"),
        ]
    }
