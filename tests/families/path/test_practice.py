"""What a step is expected to add, and what may come next."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from edupulse_core.families.path import course, practice
from edupulse_core.families.path.examples import PathExamples, asked
from edupulse_core.families.path.practice import FADES, MASTERED, Practice, Walk
from tests.families.path.school import BEGAN, answer, empty, enroll


def ana(goal: str = "", **mastery: float) -> PathExamples:
    con = empty()
    enroll(con, "ana")
    return asked(con, ["ana"], BEGAN.date(), length=10, goal=goal, mastery=mastery)


def allowed(found: PathExamples) -> set[str]:
    return {found.course.skills[at] for at in np.flatnonzero(Walk(Practice(), found).allowed[0])}


def test_a_skill_may_come_once_its_prerequisites_are_mastered_or_taken() -> None:
    found = ana(add=MASTERED)
    walk = Walk(Practice(), found)

    assert allowed(found) == {"multiply", "words"}
    walk.take(np.array([found.course.place("multiply")]))
    after = {found.course.skills[at] for at in np.flatnonzero(walk.allowed[0])}
    assert after == {"divide", "words"}


def test_just_below_mastery_a_prerequisite_is_missing() -> None:
    assert allowed(ana(add=MASTERED - 0.01)) == {"add", "words"}


def test_what_stands_before_a_mastered_skill_is_not_asked_for_again() -> None:
    assert allowed(ana(divide=0.9)) == {"fractions", "words"}


def test_what_was_taught_grades_ago_and_never_practiced_is_taken_as_known() -> None:
    con = empty()
    enroll(con, "ana")
    con.execute("update skills set grade = 'KG' where skill_id = 'add'")
    con.execute("update skills set grade = '03' where skill_id = 'divide'")
    answer(con, "ana", "divide", "01" * 4)
    found = asked(con, ["ana"], BEGAN.date(), length=10, goal="", mastery={})

    assert "add" not in allowed(found) and "multiply" in allowed(found)
    asked_for = asked(con, ["ana"], BEGAN.date(), length=10, goal="add", mastery={})
    assert allowed(asked_for) == {"add"}


def test_a_student_without_answers_is_met_at_their_grade_and_led_no_further_than_the_next() -> None:
    con = empty()
    con.execute("update skills set grade = '02' where skill_id in ('add', 'words')")
    con.execute("update skills set grade = '06' where skill_id = 'multiply'")
    con.execute("update skills set grade = '07' where skill_id = 'sentences'")
    con.execute("insert into users by name select 'ana' as user_id, '05' as grade")
    enroll(con, "ana")

    def ask(goal: str = "") -> PathExamples:
        return asked(con, ["ana"], BEGAN.date(), length=10, goal=goal, mastery={})

    assert allowed(ask()) == {"multiply"}
    assert allowed(ask("sentences")) == {"sentences"}


def test_a_weak_skill_that_the_goal_no_longer_needs_is_not_on_the_way_to_it() -> None:
    con = empty()
    answer(con, "ana", "add", "0000")
    enroll(con, "ana")
    mastery = {"multiply": 0.9}

    def ask(goal: str) -> PathExamples:
        return asked(con, ["ana"], BEGAN.date(), length=9, goal=goal, mastery=mastery)

    assert "add" in allowed(ask(""))
    assert allowed(ask("fractions")) == {"divide"}


def test_a_weak_skill_comes_before_what_needs_it_even_where_something_later_is_mastered() -> None:
    con = empty()
    answer(con, "ana", "multiply", "0000")
    answer(con, "ana", "divide", "0000", day=1)
    enroll(con, "ana")
    mastery = {"add": 0.9, "fractions": 0.9}
    until = BEGAN.date() + timedelta(days=1)
    found = asked(con, ["ana"], until, length=9, goal="", mastery=mastery)

    assert allowed(found) == {"multiply", "ratios", "words"}


def test_a_goal_leaves_only_what_leads_to_it() -> None:
    assert allowed(ana(goal="divide", add=0.9)) == {"multiply"}


def test_a_step_adds_more_where_the_prerequisites_are_better_known() -> None:
    weak, strong = ana(add=0.3), ana(add=0.9)

    gains = [
        Walk(Practice(), each).gains[0, each.course.place("multiply")] for each in (weak, strong)
    ]

    assert gains[0] < gains[1]


def test_without_answers_for_long_mastery_falls_back_toward_the_prior() -> None:
    con = empty()
    answer(con, "ana", "add", "1" * 20)
    enroll(con, "ana")
    later = BEGAN.date() + timedelta(days=10 * int(FADES))

    today, then = (
        asked(con, ["ana"], day, length=1, goal="", mastery={}) for day in (BEGAN.date(), later)
    )

    add = today.course.place("add")
    assert Practice().mastery(today)[0, add] > MASTERED
    assert Practice().mastery(then)[0, add] < 0.5
    assert Practice().mastery(then, fresh=True)[0, add] > MASTERED


def test_a_skill_that_is_learned_faster_in_the_records_rises_faster() -> None:
    of = course.of({"slow": [], "fast": []})
    n = 400
    made = PathExamples(
        of,
        np.array([f"s{at}" for at in range(n)]),
        np.full(n, np.datetime64("2026-01-05")),
        np.full((n, 16), -1),
        *(np.zeros((n, 2), np.float32) for _ in range(3)),
        np.full(n, np.nan),
        np.full((n, 2), np.nan, np.float32),
        np.tile(np.array([[0] + [-1] * 9, [1] + [-1] * 9]), (n // 2, 1)),
        np.full(n, 0.3),
        np.tile([0.4, 0.8], n // 2),
    )

    found = practice.fit(made)
    none = practice.fit(replace(made, early=np.full(n, np.nan), late=np.full(n, np.nan)))

    assert found.rise[0] < found.usual[1] < found.rise[1]
    assert none.rise == (none.usual[1],) * 2
    assert Practice.from_json(found.as_json()) == found
