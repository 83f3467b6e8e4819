"""Short answers: whose they are, a mark only by a confirm, proposals, and tables with bad rows."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edupulse_core.actions import marks
from edupulse_core.actions.marks import Given
from edupulse_core.errors import AccessError, InputError
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import marks as queries
from edupulse_core.queries.district import District, open_district
from edupulse_core.store import marks as store
from edupulse_core.store.database import open_store
from edupulse_core.store.marks import Question, ShortAnswer
from tests import people
from tests.queries.conftest import build_home

TOM, UNA = person(people.teacher_north), person(people.teacher_english)
KEY = "It divides both sides by the same number"
NOW = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> District:
    return open_district(build_home(tmp_path_factory.mktemp("marks")))


@pytest.fixture
def district(home: District) -> District:
    """The cast's district, without a question."""
    with open_store(home.settings).writing() as connection:
        for table in ("short_answers", "questions"):
            connection.exec_driver_sql(f"delete from {table}")
    return home


@pytest.fixture
def question(district: District) -> str:
    """Tom's question, with an answer of Ana and of Ben."""
    made = marks.ask(TOM, district, "algebra-3", "How do you solve 3x = 6?", KEY, 4)
    given = [Given("ana", "divide both sides by three"), Given("ben", "subtract 3")]
    assert marks.add_answers(TOM, district, made.question_id, given).n == 2
    return made.question_id


def sheet(
    district: District, question_id: str, viewer: Viewer = people.teacher_north
) -> queries.Sheet:
    return queries.sheet(viewer, district, question_id)


def answer_of(district: District, question_id: str, student: str) -> ShortAnswer:
    found = sheet(district, question_id)
    (one,) = [p.answer for p in (*found.open, *found.marked) if p.answer.student_id == student]
    return one


def graded_before(district: District, n_questions: int = 4, n_each: int = 10) -> None:
    """Marks of earlier classes: the more of a key's words an answer has, the more points."""
    facts = "root leaf stem seed bark bud fruit petal".split()
    made = open_store(district.settings)
    for asked in range(n_questions):
        key = " ".join(facts[asked : asked + 4])
        name = f"old-{asked}"
        text = f"What are the parts number {asked}?"
        store.add_question(made, Question(name, NOW, "tom", "t", "gone", text, key, 4))
        rows = []
        for at in range(n_each):
            words = [*facts[asked : asked + at % 5], *["maybe", "thing"][: at % 3]]
            given = ShortAnswer(f"{name}-{at}", name, NOW, f"old{at}", " ".join(words) or "no")
            when = NOW + timedelta(minutes=60 * asked + at)
            rows.append(replace(given, mark=float(at % 5), marked_at=when, marked_by="t"))
        store.add_answers(made, rows)


def test_a_question_is_its_authors_alone(district: District, question: str) -> None:
    answer = answer_of(district, question, "ana")

    assert [one.question.question_id for one in queries.asked(TOM.looking(), district)] == [
        question
    ]
    assert queries.asked(UNA.looking(), district) == []  # though Ana is in her class too
    for act in (
        lambda: sheet(district, question, UNA.looking()),
        lambda: marks.add_answers(UNA, district, question, [Given("ana", "x")]),
        lambda: marks.confirm(UNA, district, question, answer.answer_id, 1),
        lambda: marks.reword(UNA, district, sheet(district, question).question, "Mine?", KEY),
        lambda: marks.blank(UNA, district, question),
        lambda: marks.delete(UNA, district, question),
        lambda: marks.export(UNA, district, question),
    ):
        with pytest.raises(AccessError, match="Question not found"):
            act()


@pytest.mark.parametrize("viewer", [people.counselor, people.principal_north, people.steward])
def test_no_other_role_has_questions(viewer: Viewer, district: District, question: str) -> None:
    with pytest.raises(AccessError):
        queries.asked(viewer, district)
    with pytest.raises(AccessError):
        marks.ask(person(viewer), district, "algebra-3", "Why?", KEY, 4)
    with pytest.raises(AccessError):
        sheet(district, question, replace(viewer, user_id="tom"))


def test_a_question_is_asked_only_of_ones_own_class(district: District) -> None:
    with pytest.raises(AccessError, match="Class not found"):
        marks.ask(TOM, district, "english-1", "Why?", KEY, 4)


def test_a_student_who_left_is_not_seen_and_not_exported(district: District, question: str) -> None:
    left = ShortAnswer("left", question, NOW, "gus", "divide", 4, NOW, "tom@north.example")
    store.add_answers(open_store(district.settings), [left])

    found = sheet(district, question)

    assert {paper.answer.student_id for paper in (*found.open, *found.marked)} == {"ana", "ben"}
    assert found.n_hidden == 1
    assert queries.asked(TOM.looking(), district)[0].n_answers == 2
    assert b"gus" not in marks.export(TOM, district, question)
    with pytest.raises(AccessError):
        marks.take_back(TOM, district, question, "left", NOW)


def test_an_answer_has_no_mark_until_somebody_confirms_it_and_none_after_it_is_taken_back(
    district: District, question: str
) -> None:
    graded_before(district)
    assert all(paper.proposed for paper in sheet(district, question).open)
    assert sheet(district, question).marked == ()
    answer = answer_of(district, question, "ana")

    marks.confirm(TOM, district, question, answer.answer_id, 3.5)

    marked = answer_of(district, question, "ana")
    assert (marked.mark, marked.marked_by) == (3.5, "tom@north.example")
    marks.take_back(TOM, district, question, answer.answer_id, marked.marked_at or NOW)
    assert answer_of(district, question, "ana") == answer


def test_the_second_of_two_windows_loses_no_mark(district: District, question: str) -> None:
    answer = answer_of(district, question, "ana")
    marks.confirm(TOM, district, question, answer.answer_id, 3)
    first = answer_of(district, question, "ana")

    with pytest.raises(InputError, match="meanwhile"):
        marks.confirm(TOM, district, question, answer.answer_id, 1)
    marks.take_back(TOM, district, question, answer.answer_id, first.marked_at or NOW)
    marks.confirm(TOM, district, question, answer.answer_id, 2)
    with pytest.raises(InputError, match="meanwhile"):  # the window that still shows the 3
        marks.take_back(TOM, district, question, answer.answer_id, first.marked_at or NOW)

    assert answer_of(district, question, "ana").mark == 2


@pytest.mark.parametrize("mark", [-0.5, 4.5, float("nan")])
def test_points_that_a_question_does_not_have_are_refused(
    mark: float, district: District, question: str
) -> None:
    with pytest.raises(InputError, match="0 to 4 points"):
        marks.confirm(TOM, district, question, answer_of(district, question, "ana").answer_id, mark)


def test_a_table_tells_each_bad_row_and_keeps_the_rest(district: District) -> None:
    made = marks.ask(TOM, district, "algebra-3", "Why?", KEY, 4).question_id
    table = (
        "student_id,answer\n"
        'ana,"Because a, b"\n'
        "\n"
        "dee,not my student\n"
        "nobody,not a student\n"
        "ben,\n"
        "ben,first\n"
        "ben,second\n"
        "ana,one,two\n"
        f"ana,{'x' * 2001}\n"
        ",who?\n"
    )

    added = marks.add_answers(TOM, district, made, Given.in_table(table))

    assert added.n == 2
    assert [paper.answer.text for paper in sheet(district, made).open] == ["Because a, b", "first"]
    assert [one.given.row for one in added.rejected] == [4, 5, 6, 8, 9, 10, 11]
    reasons = [one.reason for one in added.rejected]
    assert reasons[0] == reasons[1] == "no student of this class has this ID"
    again = marks.add_answers(TOM, district, made, [Given("ana", "again")])
    assert again.n == 0 and "already" in again.rejected[0].reason


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "is empty"),
        ("student_id,answer\n\n", "no row"),
        ("id,answer\nana,yes", "no column student_id"),
        ("student_id,answer,answer\nana,yes,no", "twice"),
        ('student_id,answer\nana,"yes', "row 2: a quotation mark"),
        ("student_id,answer\n" + "x" * 1_000_001, "larger than"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(table: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Given.in_table(table)


def test_cells_copied_from_a_spreadsheet_are_read(district: District) -> None:
    (one,) = Given.in_table("\ufeffStudent_ID\tName\tAnswer\r\nana\tAna\t yes, I think so \r\n")

    assert (one.student_id, one.answer, one.row) == ("ana", "yes, I think so", 2)


def test_an_id_that_the_sheet_to_fill_in_made_harmless_is_read_back(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks.exports, "neutralize", lambda text: f"'{text}")
    made = marks.ask(TOM, district, "algebra-3", "Why?", KEY, 4).question_id

    filled = marks.blank(TOM, district, made).decode("utf-8-sig").replace("'ben,", "ben,")
    back = [Given(row["'student_id"], "yes") for row in csv.DictReader(io.StringIO(filled))]

    assert marks.add_answers(TOM, district, made, back).n == 3
    assert {p.answer.student_id for p in sheet(district, made).open} == {"ana", "ben", "fay"}


def test_too_few_marks_propose_nothing_and_say_how_many_are_needed(
    district: District, question: str
) -> None:
    graded_before(district, n_questions=1, n_each=12)

    found = sheet(district, question)

    assert [paper.proposed for paper in found.open] == [None, None]
    assert found.readiness.marks_needed == 18
    graded_before_one = queries.Readiness(n_marks=40, n_questions=1)
    assert not graded_before_one.is_enough and graded_before_one.marks_needed == 1


def test_a_proposal_lies_in_its_range_and_what_must_be_read_comes_first(
    district: District, question: str
) -> None:
    graded_before(district)

    papers = sheet(district, question).open

    found = [paper.proposed for paper in papers if paper.proposed]
    assert len(found) == 2
    assert all(0 <= one.low <= one.mark <= one.high <= 4 for one in found)
    assert all(one.mark % queries.STEP == 0 for one in found)
    order = [one.must_be_read for one in found]
    assert order == sorted(order, reverse=True)


def test_a_confirmed_mark_shifts_the_same_answer_of_another_student(district: District) -> None:
    graded_before(district)
    made = marks.ask(TOM, district, "algebra-3", "Why is that?", KEY, 4).question_id
    same = "because everybody told me that it is so"
    marks.add_answers(TOM, district, made, [Given("ana", same), Given("ben", same)])
    before = {p.answer.student_id: p.proposed for p in sheet(district, made).open}

    marks.confirm(TOM, district, made, answer_of(district, made, "ana").answer_id, 4)

    (ben,) = sheet(district, made).open
    assert ben.proposed and before["ben"] and ben.proposed.mark > before["ben"].mark


def test_a_corrected_model_answer_keeps_the_marks(district: District, question: str) -> None:
    marks.confirm(TOM, district, question, answer_of(district, question, "ana").answer_id, 3)

    shown = sheet(district, question).question
    marks.reword(TOM, district, shown, "How do you solve 3x = 6?", "Divide by 3")

    now = sheet(district, question).question
    assert now.key == "Divide by 3"
    assert answer_of(district, question, "ana").mark == 3
    with pytest.raises(InputError, match="model answer is empty"):
        marks.reword(TOM, district, now, "How?", " ")
    with pytest.raises(InputError, match="model answer holds"):
        marks.reword(TOM, district, now, "How?", "Divide\0")


def test_a_correction_writes_over_no_other_that_was_not_on_the_screen(
    district: District, question: str
) -> None:
    shown = sheet(district, question).question
    marks.reword(TOM, district, shown, "How do you solve 3x = 6?", "Divide by 3")

    with pytest.raises(InputError, match="meanwhile"):
        marks.reword(TOM, district, shown, "How do you solve it?", KEY)

    assert sheet(district, question).question.key == "Divide by 3"


def test_the_sheet_to_fill_in_has_whoever_has_no_answer(district: District) -> None:
    made = marks.ask(TOM, district, "algebra-3", "Why?", KEY, 4).question_id
    marks.add_answers(TOM, district, made, [Given("ana", "yes")])

    text = marks.blank(TOM, district, made).decode("utf-8-sig")

    assert [row["student_id"] for row in csv.DictReader(io.StringIO(text))] == ["ben", "fay"]
    assert trail.entries(district.settings)[0].details == {"question": made, "rows": 2}


def test_the_audit_names_students_and_never_what_they_wrote(
    district: District, question: str
) -> None:
    answer = answer_of(district, question, "ana")
    marks.confirm(TOM, district, question, answer.answer_id, 3)
    marks.export(TOM, district, question)
    marks.delete(TOM, district, question)

    lines = trail.entries(district.settings, limit=9)

    assert {(line.action, line.subject) for line in lines} >= {
        (trail.ADD_QUESTION, question),
        (trail.ADD_ANSWERS, "ana"),
        (trail.ADD_ANSWERS, "ben"),
        (trail.CONFIRM_MARK, "ana"),
        (trail.EXPORT, "short answers"),
        (trail.DELETE_QUESTION, question),
        (trail.DELETE_QUESTION, "ben"),
    }
    assert not any("divide" in str(line.details) for line in lines)
    assert queries.asked(TOM.looking(), district) == []


def test_the_export_has_confirmed_marks_only_and_runs_no_formula(district: District) -> None:
    made = marks.ask(TOM, district, "algebra-3", "=1+1", KEY, 4).question_id
    marks.add_answers(TOM, district, made, [Given("ana", "two"), Given("ben", "three")])
    marks.confirm(TOM, district, made, answer_of(district, made, "ana").answer_id, 4)

    text = marks.export(TOM, district, made).decode("utf-8-sig")

    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["student_id"], row["points"], row["most_points"]) == ("ana", "4", "4")
    assert row["question"] == "'=1+1"


def test_an_answer_that_was_added_as_the_question_was_deleted_is_in_the_audit_too(
    district: District, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "answers_to", lambda *_: [])  # read a moment before

    assert marks.delete(TOM, district, question) == 2

    lines = trail.entries(district.settings, action=trail.DELETE_QUESTION, limit=3)
    assert {line.subject for line in lines} == {question, "ana", "ben"}
    assert lines[0].details == {"answers": 2, "marks": 0}
