"""The college outlook of a student: reach, match and likely programs, and what would change it."""

import streamlit as st

from app import ui
from edupulse_core.actions.admission import college_outlook
from edupulse_core.families.admission import sayings
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries.district import District
from edupulse_core.queries.outlook import Prospect
from edupulse_core.queries.student import StudentRecord

KINDS = {
    "reach": ("Reach", "unlikely, but worth a try"),
    "match": ("Match", "could go either way"),
    "likely": ("Likely", "good odds"),
}


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """A balanced list, with a plain warning of what the odds are not."""
    with st.spinner("Working out the odds…"):
        found = college_outlook(
            person(viewer), district.settings, shown.student_id, as_of=shown.as_of, is_page=True
        )
    st.warning(sayings.WARNING, icon=":material/info:")
    for kind, some in found.balanced.items():
        title, meaning = KINDS[kind]
        st.subheader(f"{title}: {meaning}", anchor=False)
        if some:
            programs(title, some)
        else:
            st.caption("None of the programs on record falls here for this student.")
    with st.expander("Every program"):
        programs("Every program", found.programs)


def programs(title: str, some: list[Prospect]) -> None:
    """Programs with their odds, and what would change them."""
    columns = {"Program": [place(each) for each in some], "Odds": [each.odds for each in some]}
    if any(each.advice for each in some):
        advice = ["; ".join(each.advice[:2]).replace("; With", "; with") or "–" for each in some]
        columns["What would change it"] = advice
    ui.table(title, columns)


def place(each: Prospect) -> str:
    """A program, where it is, and what came of the student's application there."""
    named = f"{each.title}, {each.institution}" if each.institution else each.title
    return f"{named} ({each.outcome or 'applied'})" if each.has_applied else named
