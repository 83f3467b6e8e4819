"""What somebody who knows the student says of the score: the next update of the model learns it."""

import streamlit as st

from app import ui
from edupulse_core.actions import verdicts
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store.verdicts import LONGEST, Verdict

ANSWERS = {True: "At risk", False: "Not at risk"}


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """Ask whether the level is right; once somebody has answered, say so and let it be undone."""
    if shown.score is None or shown.as_of != district.as_of:
        return
    with st.container(key="judgment"):  # not printed
        st.header("Is the level right?", anchor=False)
        if said := shown.verdict:
            answered(viewer, district, shown, said)
        else:
            ask(viewer, district, shown)


def ask(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    st.caption(
        "You know this student. Your answer helps the model learn; no level changes now. You can "
        "take it back."
    )
    note = st.text_input(
        "What do you know?", key="judgment_note", max_chars=LONGEST, placeholder="Optional"
    )
    with st.container(horizontal=True):
        for is_at_risk, words in ANSWERS.items():
            if st.button(words, key=f"judgment_{is_at_risk}"):
                verdicts.judge(person(viewer), district, shown.student_id, is_at_risk, note)
                st.rerun()


def answered(viewer: Viewer, district: District, shown: StudentRecord, said: Verdict) -> None:
    who = "You" if said.actor == person(viewer).name else ui.plain(said.actor)
    st.markdown(f"{who} said on {ui.day(said.at)}: **{ANSWERS[said.is_positive].lower()}**.")
    if said.notes:
        st.caption(ui.plain(said.notes))
    if st.button("Take it back", key="judgment_undo", icon=":material/undo:"):
        verdicts.withdraw(person(viewer), district, shown.student_id)
        st.rerun()
