"""Short answers: asking, adding answers, confirming a mark and taking it back, deleting, exporting.

A teacher confirms every mark. The audit says what was done and to whom, never what was answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from edupulse_core.errors import AccessError, InputError
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries import marks as queries
from edupulse_core.queries.district import District
from edupulse_core.store import marks
from edupulse_core.store.database import open_store
from edupulse_core.store.marks import Question, ShortAnswer
from edupulse_core.warehouse import exports, sheets

LONGEST = 2_000  # letters of a question, a key or an answer
MOST_POINTS = 100
COLUMNS = ("student_id", "answer")
EXPORTED = ("student_id", "name", "points", "most_points", "confirmed_on", "question")
UNKNOWN_CLASS = "Class not found, or you don't teach it now."
CHANGED = "this answer was graded, taken back or deleted meanwhile, maybe in another window"


@dataclass(frozen=True)
class Given:
    """A student's answer, as somebody typed it or as a row of a table has it."""

    student_id: str
    answer: str
    row: int | None = None  # the header is 1
    problem: str = ""  # why the row cannot be read

    @classmethod
    def in_table(cls, text: str) -> list["Given"]:
        """The answers of a table with the columns student_id and answer.

        Raises InputError where the table as a whole cannot be read.
        """
        rows = sheets.read(text, COLUMNS, "the table")
        if not rows:
            raise InputError("the table has no row below its first one")
        student, answer = COLUMNS
        return [
            cls(row.cells.get(student, ""), row.cells.get(answer, ""), row.number, row.problem)
            for row in rows
        ]


@dataclass(frozen=True)
class Rejected:
    """An answer that was not added, and why."""

    given: Given
    reason: str


@dataclass(frozen=True)
class Added:
    """What became of some answers."""

    n: int
    rejected: tuple[Rejected, ...]


def ask(
    actor: Actor, district: District, class_id: str, text: str, key: str, points: float
) -> Question:
    """Keep a question of one of the actor's classes.

    Raises AccessError for a class that they don't teach now, InputError where a text is empty or
    too long, or the points are not 1 to 100.
    """
    viewer = actor.looking()
    if class_id not in queries.sections(viewer, district):
        raise AccessError(UNKNOWN_CLASS)
    _check_words(text, key)
    if not 1 <= points <= MOST_POINTS:
        raise InputError(f"a question has 1 to {MOST_POINTS} points, not {points:g}")
    question_id, now = uuid4().hex, datetime.now(UTC)
    made = Question(
        question_id, now, viewer.user_id, actor.name, class_id, text.strip(), key.strip(), points
    )
    details = {"class": class_id}
    with trail.act(district.settings, actor, trail.ADD_QUESTION, question_id, details=details):
        marks.add_question(open_store(district.settings), made)
    return made


def reword(actor: Actor, district: District, shown: Question, text: str, key: str) -> None:
    """Correct a question or its model answer; the marks that were confirmed stay.

    shown: the question as the actor saw it.
    Raises AccessError for a question of somebody else, InputError as `ask`, or if the question is
    another one by now.
    """
    queries.own_question(actor.looking(), district, shown.question_id)
    _check_words(text, key)
    with trail.act(district.settings, actor, trail.EDIT_QUESTION, shown.question_id):
        if not marks.reword(open_store(district.settings), shown, text.strip(), key.strip()):
            raise InputError(
                "this question was edited or deleted meanwhile, maybe in another window: "
                "look at it again, then edit it"
            )


def _check_words(text: str, key: str) -> None:
    """Raise InputError unless a question and its model answer can be kept."""
    for name, words in (("question", text), ("model answer", key)):
        if problem := _problem(words):
            raise InputError(f"the {name} {problem}")


def add_answers(
    actor: Actor, district: District, question_id: str, given: Sequence[Given]
) -> Added:
    """Add the answers of students of the question's class; the others are told one by one.

    Raises AccessError for a question of somebody else.
    """
    shown = queries.sheet(actor.looking(), district, question_id)
    here = shown.section.students if shown.section else {}
    exported = {exports.neutralize(student_id): student_id for student_id in here}
    taken: dict[str, Given] = {}
    rejected = []
    for each in given:
        one = replace(each, student_id=exported.get(each.student_id, each.student_id))
        answered = one.student_id in here and one.student_id not in shown.unanswered
        if reason := _why_not(one, here, answered, taken.get(one.student_id)):
            rejected.append(Rejected(one, reason))
        else:
            taken[one.student_id] = one
    now = datetime.now(UTC)
    rows = [
        ShortAnswer(uuid4().hex, question_id, now, one.student_id, one.answer.strip())
        for one in taken.values()
    ]
    if rows:
        details = {"question": question_id}
        with trail.act(district.settings, actor, trail.ADD_ANSWERS, *taken, details=details):
            marks.add_answers(open_store(district.settings), rows)
    return Added(len(rows), tuple(rejected))


def _why_not(one: Given, here: dict[str, str], is_answered: bool, earlier: Given | None) -> str:
    """Why an answer cannot be added; empty if it can."""
    if one.problem:
        return one.problem
    if not one.student_id:
        return "no student_id"
    if one.student_id not in here:
        return "no student of this class has this ID"
    if is_answered:
        return "this student has an answer already"
    if earlier:
        return f"the same student as in row {earlier.row}, whose answer is kept"
    problem = _problem(one.answer)
    return f"the answer {problem}" if problem else ""


def _problem(text: str) -> str:
    """What is wrong with a text; empty if nothing is."""
    if not text.strip():
        return "is empty"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST:,} letters"
    if "\0" in text:  # PostgreSQL keeps none
        return "holds a character that is not text"
    return ""


def confirm(
    actor: Actor, district: District, question_id: str, answer_id: str, mark: float
) -> None:
    """Give an answer its mark, in points.

    Raises AccessError for a question or student of others, InputError for points that the question
    does not have, or if the answer has a mark by now.
    """
    question, answer = _answer(actor, district, question_id, answer_id)
    if not 0 <= mark <= question.points:
        raise InputError(f"this question has 0 to {question.points:g} points, not {mark:g}")
    details = {"question": question_id, "mark": mark, "of": question.points}
    settings, student = district.settings, answer.student_id
    with trail.act(settings, actor, trail.CONFIRM_MARK, student, details=details):
        now = datetime.now(UTC)
        if not marks.confirm(open_store(settings), answer_id, mark, actor.name, now):
            raise InputError(CHANGED)


def take_back(
    actor: Actor, district: District, question_id: str, answer_id: str, marked_at: datetime
) -> None:
    """Take back the mark that an answer was given at that moment.

    Raises AccessError as `confirm`, InputError if the answer has another mark by now, or none.
    """
    question, answer = _answer(actor, district, question_id, answer_id)
    details = {"question": question_id, "mark": answer.mark, "of": question.points}
    settings, student = district.settings, answer.student_id
    with trail.act(settings, actor, trail.TAKE_BACK_MARK, student, details=details):
        if not marks.take_back(open_store(settings), answer_id, marked_at):
            raise InputError(CHANGED)


def delete(actor: Actor, district: District, question_id: str) -> int:
    """Delete a question for good, with every answer and mark; returns how many answers went."""
    queries.own_question(actor.looking(), district, question_id)
    store = open_store(district.settings)
    known = [each.student_id for each in marks.answers_to(store, [question_id])]
    with trail.act(district.settings, actor, trail.DELETE_QUESTION, question_id, *known) as act:
        gone = marks.delete_question(store, question_id)
        if gone is None:
            raise InputError("this question was deleted already")
        act.subjects = [question_id, *(each.student_id for each in gone)]
        act.details = {"answers": len(gone), "marks": sum(each.mark is not None for each in gone)}
    return len(gone)


def export(actor: Actor, district: District, question_id: str) -> bytes:
    """The confirmed marks of a question as harmless CSV, without the answers."""
    shown = queries.sheet(actor.looking(), district, question_id)
    question = shown.question
    details = {"question": question_id, "rows": len(shown.marked)}
    trail.note(district.settings, actor, trail.EXPORT, "short answers", details)
    lines = [
        (
            paper.answer.student_id,
            paper.name,
            f"{paper.answer.mark:g}",
            f"{question.points:g}",
            paper.marked_on,
            question.text,
        )
        for paper in shown.marked
    ]
    return exports.write_csv(EXPORTED, lines).encode("utf-8-sig")


def blank(actor: Actor, district: District, question_id: str) -> bytes:
    """A table to fill in: the students of the class who have no answer yet, as harmless CSV."""
    shown = queries.sheet(actor.looking(), district, question_id)
    details = {"question": question_id, "rows": len(shown.unanswered)}
    trail.note(district.settings, actor, trail.EXPORT, "students without an answer", details)
    lines = ((student, name, "") for student, name in shown.unanswered.items())
    return exports.write_csv(("student_id", "name", "answer"), lines).encode("utf-8-sig")


def _answer(
    actor: Actor, district: District, question_id: str, answer_id: str
) -> tuple[Question, ShortAnswer]:
    """An answer to a question of the actor's own, of a student whom they may see today."""
    viewer = actor.looking()
    question = queries.own_question(viewer, district, question_id)
    for each in marks.answers_to(open_store(district.settings), [question_id]):
        if each.answer_id == answer_id:
            district.why(viewer, each.student_id)
            return question, each
    raise InputError(CHANGED)
