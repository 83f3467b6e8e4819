"""Grading short answers: questions, answers, and the points that a teacher confirms one by one."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from app import banner, exports, ui
from app.offers import try_to
from edupulse_core.actions import marks as acts
from edupulse_core.actions.marks import LONGEST, MOST_POINTS, Added, Given
from edupulse_core.errors import InputError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import Actor, person
from edupulse_core.queries import marks
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District
from edupulse_core.queries.marks import STEP, Asked, Paper, Proposed, Sheet

TABLE = "student_id,answer\n…"
LARGEST = 500_000  # letters of a table


def show(viewer: Viewer, district: District) -> None:
    """The question that is chosen, or how to write the first one."""
    taught = marks.sections(viewer, district)
    every = marks.asked(viewer, district)
    if not taught and not every:
        st.info(
            f"You had no class in the week that ended on {ui.day(district.as_of)}, so there is "
            "nobody to ask. Classes come with the import; ask your data steward."
        )
        return
    new_question(viewer, district, taught, is_first=not every)
    if not every:
        st.info(
            "You have no questions yet. Write one above, with the answer that you expect; then add "
            "your students' answers."
        )
        return
    known = {each.question.question_id: each for each in every}
    if st.session_state.get("question") not in known:
        st.session_state["question"] = next(iter(known))
    chosen = st.selectbox(
        "Question", list(known), format_func=lambda one: label(known[one]), key="question"
    )
    with st.spinner("Learning from the points that you gave…"):
        sheet = marks.sheet(viewer, district, chosen)
    names = len(sheet.open) + len(sheet.marked) + len(sheet.unanswered)
    ui.note_names(viewer, district, "short answers", names, {"question": chosen})
    draw(viewer, district, sheet)


def label(asked: Asked) -> str:
    """A question in a list: its class, its text, and how far it is graded."""
    where = asked.section.title if asked.section else "Former class"
    return f"{asked.question.text} · {where} · {asked.n_marked} of {asked.n_answers} graded"


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
        class_id = st.selectbox("Class", list(taught), format_func=lambda one: taught[one].title)
        text = st.text_area("Question", max_chars=LONGEST, height=80)
        key = st.text_area(
            "Model answer",
            max_chars=LONGEST,
            height=100,
            help="What a full answer says, in one to three sentences.",
        )
        points = st.number_input("Points for a full answer", 1, MOST_POINTS, 5)
        if st.form_submit_button("Add question", type="primary"):
            try_to(lambda: open_new(viewer, district, class_id, text, key, points))


def open_new(
    viewer: Viewer, district: District, class_id: str, text: str, key: str, points: float
) -> None:
    made = acts.ask(person(viewer), district, class_id, text, key, points)
    st.session_state["questions_added"] += 1
    st.session_state.pop("question", None)  # the newest one opens
    st.toast(f"Question added: {ui.plain(made.text)}")


def draw(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """One question: its model answer, its answers to grade, and those that are graded."""
    question = sheet.question
    with st.container(border=True):
        st.markdown(f"**{ui.plain(question.text)}**")
        st.markdown(f"Model answer, {question.points:g} points:")
        quoted(question.key)
    with st.container(horizontal=True):
        if sheet.marked:
            offer_file("Download points", sheet, acts.export, "points.csv")
        delete(viewer, district, sheet)
    add(viewer, district, sheet)
    if sheet.n_hidden:
        st.caption(
            f"{count(sheet.n_hidden, 'answer')} not shown: the student isn't in your classes now."
        )
    to_grade(viewer, district, sheet)
    graded(viewer, district, sheet)


def offer_file(
    label: str, sheet: Sheet, make: Callable[[Actor, District, str], bytes], name: str
) -> None:
    """A link to a file about a question."""
    question_id = sheet.question.question_id
    made = partial(make, question_id=question_id)
    exports.button(label, f"{name} of {question_id}", made, name=name, kind="text/csv")


def count(n: int, what: str) -> str:
    """A number of things."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def quoted(text: str) -> None:
    """What somebody wrote, with its line breaks."""
    st.html(f'<div class="quoted">{escape(text)}</div>')


def to_grade(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The answers without points."""
    st.subheader(f"To grade: {len(sheet.open)}", anchor=False)
    st.caption(readiness(sheet))
    for paper in sheet.open:
        grade(viewer, district, sheet, paper)


def readiness(sheet: Sheet) -> str:
    """What the proposals rest on, or what is still needed before there are any."""
    ready = sheet.readiness
    if not sheet.open:
        return "Every answer has its points." if sheet.marked else "No answer was added yet."
    if ready.is_enough and any(paper.proposed for paper in sheet.open):
        return (
            f"Proposals come from {ready.n_marks} answers that you graded. 9 in 10 of your points "
            "should lie in the range. Answers to read with care come first."
        )
    if ready.is_enough:
        return "No points can be proposed: the answers share no words with the model answer."
    if ready.n_questions < marks.QUESTIONS and ready.marks_needed == 1:
        return "Points are proposed once you have also graded an answer to a second question."
    return (
        f"Points are proposed once you have graded {count(ready.marks_needed, 'more answer')}, "
        f"to at least {marks.QUESTIONS} questions."
    )


def grade(viewer: Viewer, district: District, sheet: Sheet, paper: Paper) -> None:
    """One answer, the points proposed for it, and the teacher's own.

    It is no form: the server must know what was typed before proposals shift.
    """
    question, answer = sheet.question, paper.answer
    with st.container(border=True):
        st.markdown(f"**{ui.plain(paper.name)}**")
        quoted(answer.text)
        if paper.proposed:
            st.markdown(proposal(paper.proposed, question.points))
        key = f"points_{answer.answer_id}"
        offer(key, paper.proposed)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            points = st.number_input(
                f"Points for {paper.name}, of {question.points:g}",
                0.0,
                question.points,
                value=None,
                step=STEP,
                format="%g",
                key=key,
                placeholder=f"0 to {question.points:g}",
                width=240,
            )
            confirmed = st.button("Confirm", key=f"confirm_{answer.answer_id}")
        if confirmed and points is None:
            st.warning("Type the points first.")
        elif confirmed:
            give = partial(acts.confirm, person(viewer), district, question.question_id)
            try_to(partial(give, answer.answer_id, points))


def offer(key: str, proposed: Proposed | None) -> None:
    """Put the proposed points into the field, unless the teacher has typed or deleted some."""
    before = st.session_state.get(f"{key}_offered")
    now = proposed.mark if proposed else None
    if key not in st.session_state or st.session_state[key] == before:
        st.session_state[key] = now
    st.session_state[f"{key}_offered"] = now


def proposal(proposed: Proposed, points: float) -> str:
    """The points proposed, their range, and whether the answer needs a careful reader."""
    said = f"Proposed: **{proposed.mark:g}** of {points:g} points"
    said = ui.tidy(f"{said}, range {proposed.low:g} to {proposed.high:g}")
    return f"▲ **Read this one with care.** {said}" if proposed.must_be_read else said


def graded(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The answers with points, and a way to take each back."""
    if not sheet.marked:
        return
    with st.expander(f"**Graded: {len(sheet.marked)}**", key="graded"):
        for paper in sheet.marked:
            answer = paper.answer
            when = answer.marked_at
            if when is None or answer.mark is None or paper.marked_on is None:
                continue
            with st.container(border=True):
                st.markdown(
                    f"**{ui.plain(paper.name)}** · {answer.mark:g} of {sheet.question.points:g} "
                    f"points, confirmed {ui.short_day(paper.marked_on)}"
                )
                quoted(answer.text)
                undo = f"take_back_{answer.answer_id}"
                if st.button("Take it back", key=undo, icon=":material/undo:"):
                    back = partial(acts.take_back, person(viewer), district)
                    try_to(partial(back, answer.question_id, answer.answer_id, when))


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
    with st.form("one_answer", clear_on_submit=True, enter_to_submit=False):
        st.markdown("**Type one in**")
        student = st.selectbox(
            f"Student ({len(sheet.unanswered)} without an answer)",
            list(sheet.unanswered),
            format_func=sheet.unanswered.__getitem__,
        )
        answer = st.text_area("Answer", max_chars=LONGEST, height=100)
        if st.form_submit_button("Add answer"):
            try_to(lambda: keep(viewer, district, sheet, [Given(student, answer)]))


def paste(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The form for many answers, and a sheet with the students to fill in."""
    emptied = st.session_state.setdefault("tables_added", 0)
    with st.form("many_answers", enter_to_submit=False):
        st.markdown("**Paste many**")
        table = st.text_area(
            "The text of a CSV file, or cells copied from a spreadsheet",
            max_chars=LARGEST,
            height=172,
            placeholder=TABLE,
            help="The first row names the columns: student_id and answer. Others are passed over.",
            key=f"table_of_answers_{emptied}",
        )
        if st.form_submit_button("Add all"):
            try_to(lambda: keep_table(viewer, district, sheet, table))
    offer_file("Download a sheet to fill in", sheet, acts.blank, "answers.csv")


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
        st.toast(f"{count(found.n, 'answer')} added.")
    st.session_state["added"] = question_id, found


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
        f"{count(len(found.rejected), 'answer')} not added, {found.n} added. Fix these and add "
        "them again."
    )
    ui.table(
        "Answers that were not added",
        {
            "Row": [one.given.row or "–" for one in found.rejected],
            "student_id": [one.given.student_id or "–" for one in found.rejected],
            "Why": [one.reason for one in found.rejected],
            "Answer": [one.given.answer or "–" for one in found.rejected],
        },
    )
    if st.button("Done", key="told", icon=":material/check:"):
        del st.session_state["added"]
        st.rerun()


def delete(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """Delete the question, once the teacher has said so twice."""
    question_id = sheet.question.question_id
    with st.popover("Delete", icon=":material/delete:"):
        n = len(sheet.open) + len(sheet.marked) + sheet.n_hidden
        st.markdown(f"Delete this question with {count(n, 'answer')} and their points, for good?")
        if st.button("Delete for good", key=f"delete_{question_id}"):
            st.session_state.pop("question", None)
            try_to(lambda: acts.delete(person(viewer), district, question_id))
