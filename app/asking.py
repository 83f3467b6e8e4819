"""A teacher's questions: a new one, a corrected one, and one that goes for good."""

from collections.abc import Sequence

import streamlit as st

from app import ui
from app.offers import try_to
from edupulse_core.actions import marks as acts
from edupulse_core.actions.marks import LONGEST, MOST_POINTS
from edupulse_core.errors import InputError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District
from edupulse_core.queries.marks import Sheet
from edupulse_core.store.marks import Question


def new_question(
    viewer: Viewer, district: District, taught: dict[str, Section], *, is_first: bool
) -> None:
    """The form that asks a class a question."""
    if not taught:
        return
    n = st.session_state.setdefault("questions_added", 0)  # a new form after each, folded again
    with (
        st.expander("New question", expanded=is_first, icon=":material/add:", key=f"new_{n}"),
        st.form(f"new_question_{n}", border=False, enter_to_submit=False),
    ):
        chosen = st.multiselect(
            "Classes",
            list(taught),
            list(taught)[:1],
            format_func=lambda one: taught[one].title,
            key=f"classes_{n}",  # else the choice would be lost when an import changes the classes
        )
        text = st.text_area("Question", max_chars=LONGEST, height=80)
        key = st.text_area(
            "Model answer",
            max_chars=LONGEST,
            height=100,
            help="What a full answer says, in one to three sentences.",
        )
        points = st.number_input("Points for a full answer", 1, MOST_POINTS, 5)
        if st.form_submit_button("Add question", type="primary"):
            try_to(lambda: open_new(viewer, district, chosen, text, key, points))


def open_new(
    viewer: Viewer,
    district: District,
    class_ids: Sequence[str],
    text: str,
    key: str,
    points: float,
) -> None:
    """Ask each class the question, and open it for the first of them."""
    if not class_ids:
        raise InputError("choose a class to ask")
    for class_id in reversed(class_ids):
        made = acts.ask(person(viewer), district, class_id, text, key, points)
    st.session_state["questions_added"] += 1
    st.session_state["question"] = made.question_id
    st.toast(f"Question added: {ui.plain(text)}")


def edit(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """Correct the question or its model answer; points that were confirmed stay.

    What is saved is a change of what was on the screen: another window's is not written over.
    """
    save, before = (f"{name}_{sheet.question.question_id}" for name in ("save", "before"))
    if not st.session_state.get(save):
        st.session_state[before] = sheet.question
    asked: Question = st.session_state[before]
    with (
        st.popover("Edit", icon=":material/edit:"),
        st.form(f"edit_{asked.question_id}", border=False, enter_to_submit=False),
    ):
        text = st.text_area("Question", asked.text, max_chars=LONGEST, height=80)
        key = st.text_area("Model answer", asked.key, max_chars=LONGEST, height=140)
        if st.form_submit_button("Save", key=save):
            try_to(lambda: acts.reword(person(viewer), district, asked, text, key))


def delete(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """Delete the question, once the teacher has said so twice."""
    question_id = sheet.question.question_id
    with st.popover("Delete", icon=":material/delete:"):
        n = len(sheet.open) + len(sheet.marked) + sheet.n_hidden
        st.markdown(
            f"Delete this question with {ui.count(n, 'answer')} and their points, for good?"
        )
        if st.button("Delete for good", key=f"delete_{question_id}"):
            st.session_state.pop("question", None)
            try_to(lambda: acts.delete(person(viewer), district, question_id))
