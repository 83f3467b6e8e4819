"""Grading short answers: questions, answers, and the points that a teacher confirms one by one."""

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from app import adding, asking, exports, ui
from app.offers import try_to
from edupulse_core.actions import marks as acts
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import marks
from edupulse_core.queries.district import District
from edupulse_core.queries.marks import STEP, Asked, Paper, Proposed, Sheet


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
    asking.new_question(viewer, district, taught, is_first=not every)
    if not every:
        st.info(
            "You have no questions yet. Write one above, with the answer that you expect; then add "
            "your students' answers."
        )
        return
    known = labels(every)
    if st.session_state.get("question") not in known:  # a browser sends a label as it was before
        open_now = st.session_state.get("open_question")
        st.session_state["question"] = open_now if open_now in known else next(iter(known))
    chosen = st.selectbox("Question", list(known), format_func=known.__getitem__, key="question")
    st.session_state["open_question"] = chosen
    with st.spinner("Learning from the points that you gave…"):
        sheet = marks.sheet(viewer, district, chosen)
    names = len(sheet.open) + len(sheet.marked) + len(sheet.unanswered)
    ui.note_names(viewer, district, "short answers", names, {"question": chosen})
    draw(viewer, district, sheet)


def labels(every: Sequence[Asked]) -> dict[str, str]:
    """The questions in a list, by ID; the same label is numbered, or the last would be chosen."""
    said = [label(each) for each in every]
    found = {}
    for at, (each, one) in enumerate(zip(every, said, strict=True)):
        number = f" ({said[:at].count(one) + 1})" if said.count(one) > 1 else ""
        found[each.question.question_id] = one + number
    return found


def label(asked: Asked) -> str:
    """A question in a list: its class, its text, and how far it is graded."""
    where = asked.section.title if asked.section else "Former class"
    return f"{asked.question.text} · {where} · {asked.n_marked} of {asked.n_answers} graded"


def draw(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """One question: its model answer, its answers to grade, and those that are graded."""
    question = sheet.question
    with st.container(border=True):
        st.markdown(f"**{ui.plain(question.text)}**")
        st.markdown(f"Model answer, {question.points:g} points:")
        quoted(question.key)
    with st.container(horizontal=True):
        if sheet.marked:
            exports.button(
                "Download points",
                f"points of {question.question_id}",
                partial(acts.export, question_id=question.question_id),
                name="points.csv",
                kind="text/csv",
            )
        asking.edit(viewer, district, sheet)
        asking.delete(viewer, district, sheet)
    adding.add(viewer, district, sheet)
    if hidden := sheet.n_hidden:
        said = ui.count(hidden, "answer")
        st.caption(f"{said} not shown: from students who aren't in your classes now.")
    to_grade(viewer, district, sheet)
    graded(viewer, district, sheet)


def quoted(text: str) -> None:
    """What somebody wrote, with its line breaks."""
    st.html(f'<div class="quoted">{escape(text)}</div>')


def to_grade(viewer: Viewer, district: District, sheet: Sheet) -> None:
    """The answers without points."""
    st.header(f"To grade: {len(sheet.open)}", anchor=False)
    st.caption(readiness(sheet))
    for paper in sheet.marked:
        if st.session_state.get(f"confirm_{paper.answer.answer_id}"):  # by this click
            st.warning(
                f"{ui.plain(paper.name)} has {paper.answer.mark:g} of {sheet.question.points:g} "
                "points already, maybe from another window. Nothing was changed."
            )
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
        f"Points are proposed once you have graded {ui.count(ready.marks_needed, 'more answer')}, "
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
        key = offer(answer.answer_id, paper.proposed)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            points = st.number_input(
                f"Points for {ui.plain(paper.name)}, of {question.points:g}",
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


def offer(answer_id: str, proposed: Proposed | None) -> str:
    """Put the proposed points into the field, unless the teacher has typed or deleted some.

    If they have just pressed Confirm, the field stays as they saw it, even if the proposal has
    shifted since. Returns the field's key.
    """
    key = f"points_{answer_id}"
    before = st.session_state.get(f"{key}_offered")
    now = proposed.mark if proposed else None
    is_untouched = key not in st.session_state or st.session_state[key] == before
    if is_untouched and not st.session_state.get(f"confirm_{answer_id}"):
        st.session_state[key] = now
    st.session_state[f"{key}_offered"] = now
    return key


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
