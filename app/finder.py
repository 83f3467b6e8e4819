"""A search for one of the viewer's students, by name or ID."""

import streamlit as st

from app import student_table, ui
from app.student_table import Column
from edupulse_core import words
from edupulse_core.people.access import Viewer
from edupulse_core.queries import student as students
from edupulse_core.queries.district import District

NOBODY = (
    "No students are assigned to you in this week's data. Caseloads and classes come with the "
    "import; ask your data steward."
)


def find(viewer: Viewer, district: District) -> None:
    """Without an id: the viewer's students by name or ID."""
    ui.go_to_student("student")
    st.title("Student", anchor=False)
    if "search" not in st.session_state:  # as it was before a student was opened
        st.session_state["search"] = st.session_state.get("searched", "")
    text = st.text_input(
        "Find a student",
        key="search",
        placeholder="Name or ID",
        icon=":material/search:",
        live=True,
    )
    st.session_state["searched"] = text
    found = students.find(viewer, district, text)
    if not found:
        nobody = "None of your students matches this search." if text.strip() else NOBODY
        st.info(
            f"{nobody} Students are listed while they are enrolled, as of {ui.day(district.as_of)}."
        )
        return
    n = found[0]["n_matching"]
    ui.note_names(viewer, district, "student search", n, {"text": True} if text.strip() else {})
    counted = f"{n} student{'s' if n > 1 else ''}"
    if n > len(found):
        counted = f"The first {len(found)} of {n:,} students"
    st.caption(f"{counted}, as of {ui.day(district.as_of)}. Select a name to open the student.")
    columns = [Column("name", "Student"), Column("tier", "Risk level")]
    student_table.show(
        "found",
        "Students by name",
        columns if district.standing.run else columns[:1],
        [
            {
                "id": row["student_id"],
                "name": row["name"],
                "place": f"{words.grade(row['grade'])} · {row['school']}",
                "tier": row["tier"] or "unscored",
                "uncertain": row["uncertain"],
            }
            for row in found
        ],
        at=ui.came_from(),
    )
