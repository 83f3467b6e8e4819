"""Adding students' short answers: one that is typed in, or many from a table."""

from functools import partial

import streamlit as st

from app import banner, exports, ui
from app.offers import try_to
from edupulse_core.actions import marks as acts
from edupulse_core.actions.marks import LONGEST, Added, Given
from edupulse_core.errors import InputError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries.district import District
from edupulse_core.queries.marks import Sheet

TABLE = "student_id,answer\n…"
LARGEST = 500_000  # letters of a table


def add(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """Add answers: one that is typed in, or many from a table."""
    told(sheet)
    if sheet.section is None:
        return
    if not sheet.unanswered:
        st.caption(f"Everyone in {ui.plain(sheet.section.title)} has an answer.")
        return
    is_empty = not sheet.open and not sheet.marked
    with st.expander("Add answers", expanded=is_empty, icon=":material/add:", key="adding"):
        one, many = st.columns(2)
        with one:
            type_in(viewer, district, sheet)
        with many:
            paste(viewer, district, sheet)


def type_in(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The form for one student's answer; the next student without one follows."""
    question_id = sheet.question.question_id
    key = f"student_{question_id}"
    seen = st.session_state.get(key)  # on the screen, even if they have an answer by now
    with st.form(f"one_answer_{question_id}", clear_on_submit=True, enter_to_submit=False):
        st.markdown("**Type one in**")
        student = st.selectbox(
            f"Student ({len(sheet.unanswered)} without an answer)",
            list(sheet.unanswered),
            format_func=sheet.unanswered.__getitem__,
            key=key,
        )
        answer = st.text_area("Answer", max_chars=LONGEST, height=100)
        if st.form_submit_button("Add answer"):
            try_to(lambda: keep(viewer, district, sheet, [Given(seen or student, answer)]))


def paste(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The form for many answers, and a sheet with the students to fill in."""
    emptied = st.session_state.setdefault("tables_added", 0)
    question_id = sheet.question.question_id
    with st.form(f"many_answers_{question_id}", enter_to_submit=False):
        st.markdown("**Paste many**")
        table = st.text_area(
            "The text of a CSV file, or cells copied from a spreadsheet",
            max_chars=LARGEST,
            height=172,
            placeholder=TABLE,
            help="The first row names the columns: student_id and answer. Others are passed over.",
            key=f"table_of_answers_{question_id}_{emptied}",
        )
        if st.form_submit_button("Add all"):
            try_to(lambda: keep_table(viewer, district, sheet, table))
    exports.button(
        "Download a sheet to fill in",
        f"students without an answer to {question_id}",
        partial(acts.blank, question_id=question_id),
        name="answers.csv",
        kind="text/csv",
    )


def keep_table(viewer: Viewer, district: District, sheet: Sheet, table: str) -> None:
    """Add the answers of a table; one that cannot be read stays in the field."""
    try:
        given = Given.in_table(table)
    except InputError as error:
        st.session_state["added"] = sheet.question.question_id, banner.sentence(error)
        return
    keep(viewer, district, sheet, given)
    st.session_state["tables_added"] += 1


def keep(viewer: Viewer, district: District, sheet: Sheet, given: list[Given]) -> None:
    """Add answers; what became of them is told when the page is drawn again."""
    question_id = sheet.question.question_id
    found = acts.add_answers(person(viewer), district, question_id, given)
    if found.n:
        st.toast(f"{ui.count(found.n, 'answer')} added.")
    st.session_state["added"] = question_id, found


def _beginning(answer: str) -> str:
    """Enough of an answer to know it again."""
    return answer if len(answer) <= 120 else f"{answer[:119]}…"


def told(sheet: Sheet) -> None:
    """Why answers were not added, until the next ones are."""
    question_id, found = st.session_state.get("added", ("", None))
    if question_id != sheet.question.question_id or found is None:
        return
    if not isinstance(found, Added):
        st.error(found)
        return
    if not found.rejected:
        return
    st.warning(
        f"{ui.count(len(found.rejected), 'answer')} not added, {found.n} added. Fix what is wrong "
        "and add those again."
    )
    ui.table(
        "Answers that were not added",
        {
            "Row": [one.given.row or "–" for one in found.rejected],
            "student_id": [one.given.student_id or "–" for one in found.rejected],
            "Why": [one.reason for one in found.rejected],
            "Answer": [_beginning(one.given.answer) for one in found.rejected],
        },
    )
    if st.button("Done", key="told", icon=":material/check:"):
        del st.session_state["added"]
        st.rerun()
