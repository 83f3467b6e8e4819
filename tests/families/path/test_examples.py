"""What was known before a day, and nothing that came after it."""

from datetime import date, timedelta

import numpy as np
import pytest

from edupulse_core.errors import RefusedError
from edupulse_core.families.path import examples
from edupulse_core.families.path.examples import PathExamples
from tests.families.path.school import BEGAN, answer, empty, enroll, school

DAY = BEGAN.date()


def ask(con: object, *students: str, day: date = DAY, **mastery: float) -> PathExamples:
    return examples.asked(con, students, day, length=5, goal="", mastery=mastery)  # type: ignore[arg-type]


def test_a_case_is_a_day_on_which_another_skill_is_begun() -> None:
    con = empty()
    for day, skill in enumerate(["add", "words", "add", "multiply"]):
        answer(con, "ana", skill, "1101", day=2 * day)

    found = examples.read(con)

    begun = [str(DAY + timedelta(days=each)) for each in (2, 6)]
    assert found.day.astype(str).tolist() == begun
    names = found.course.skills
    assert [names[at] for at in found.ahead[0] if at >= 0] == ["words", "multiply"]
    assert [names[at] for at in found.done[1] if at >= 0] == ["add", "words"]


def test_of_some_days_each_student_has_one_case_the_first() -> None:
    con = empty()
    for day, skill in enumerate(["add", "words", "multiply", "sentences"]):
        answer(con, "ana", skill, "1101", day=2 * day)

    found = examples.read(con, DAY + timedelta(days=3), DAY + timedelta(days=4))

    assert found.day.astype(str).tolist() == [str(DAY + timedelta(days=4))]
    assert [found.course.skills[at] for at in found.ahead[0] if at >= 0] == ["multiply"]


def test_answers_of_the_day_itself_and_later_ones_are_not_known_before_it() -> None:
    con = empty()
    answer(con, "ana", "add", "1111")
    answer(con, "ana", "words", "0", day=5)
    answer(con, "ana", "add", "0000", day=5)

    found = examples.read(con)

    add = found.course.place("add")
    assert found.right[0, add] == found.weight[0, add] > 0
    assert found.idle[0, add] == 5


def test_what_comes_later_changes_no_answer() -> None:
    con = school(20)
    students = [f"student{at:03d}" for at in range(20)]
    before = ask(con, *students, day=DAY + timedelta(days=6))

    con.execute(
        "update interactions set is_correct = not is_correct where answered_at >= $day",
        {"day": DAY + timedelta(days=7)},
    )
    answer(con, "student000", "essays", "111", day=9)
    after = ask(con, *students, day=DAY + timedelta(days=6))

    for name in ("right", "weight", "idle", "done"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_newer_answers_weigh_more() -> None:
    con = empty()
    answer(con, "ana", "add", "0011")
    answer(con, "ben", "add", "1100")
    enroll(con, "ana", "ben")

    found = ask(con, "ana", "ben")

    add = found.course.place("add")
    assert found.weight[0, add] == found.weight[1, add]
    assert found.right[0, add] > found.right[1, add]


def test_an_answer_to_an_item_of_two_skills_counts_for_both() -> None:
    con = empty()
    con.execute("insert into items by name select 'q' as item_id, ['add', 'words'] as skill_ids")
    answer(con, "ana", "q", "1")
    enroll(con, "ana")

    assert (ask(con, "ana").weight > 0).sum() == 2


def test_a_student_without_answers_is_there_and_a_stranger_is_not() -> None:
    con = empty()
    enroll(con, "ana")

    found = ask(con, "ana", "stranger", add=0.7)

    assert found.who.tolist() == ["ana"]
    assert not found.weight.any()
    assert found.given[0, found.course.place("add")] == pytest.approx(0.7)


def test_without_an_order_of_skills_it_says_what_to_bring() -> None:
    con = empty()
    answer(con, "ana", "add", "111")

    with pytest.raises(RefusedError, match=r"interactions\.csv"):
        examples.read(con)


def test_inputs_have_a_row_for_each_case(cases: PathExamples) -> None:
    table = cases.inputs()

    assert len(table) == len(cases)
    assert min(table["skills_begun"].to_pylist()) >= 1
    assert np.isfinite(cases.target()).any()
