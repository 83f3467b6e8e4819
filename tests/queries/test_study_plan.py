"""A week's plan: never over the hours given at the upper end, or it says so."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edupulse_core.queries.study_plan import Expected, study_plan


def expected(skill: str, hours: float, high: float) -> Expected:
    return Expected(
        student_id="ana",
        student="Ana",
        skill_id=skill,
        skill=skill,
        subject="math",
        hours=hours,
        low=hours / 2,
        high=high,
        close=0.6,
        usual=hours,
        pace=1.0,
        sessions_before=3,
        version="v",
        as_of=date(2026, 11, 15),
    )


SOME = st.lists(
    st.tuples(st.floats(0.05, 24), st.floats(1, 4)).map(
        lambda drawn: (drawn[0], drawn[0] * drawn[1])
    ),
    max_size=12,
)

UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(SOME, st.floats(0.1, 40))
def test_a_plan_never_runs_over_its_hours_unless_it_says_so(
    drawn: list[tuple[float, float]], budget: float
) -> None:
    skills = [expected(f"k{at}", hours, high) for at, (hours, high) in enumerate(drawn)]

    plan = study_plan(skills, budget)

    assert plan.high <= budget + 1e-6 or (plan.may_run_over and len(plan.sessions) == 1)
    assert plan.hours <= budget + 1e-6
    assert sorted(each.skill_id for each in (*plan.sessions, *plan.later)) == sorted(
        each.skill_id for each in skills
    )
    assert [*plan.sessions] == [each for each in skills if each in plan.sessions]


@UNHURRIED
@given(SOME, st.floats(0.1, 40))
def test_nothing_that_still_fits_is_left_for_later(
    drawn: list[tuple[float, float]], budget: float
) -> None:
    plan = study_plan(
        [expected(f"k{at}", hours, high) for at, (hours, high) in enumerate(drawn)], budget
    )

    if not plan.may_run_over:
        assert all(plan.high + each.high > budget - 1e-6 for each in plan.later)


def test_the_next_skill_comes_first() -> None:
    plan = study_plan([expected("a", 2, 3), expected("b", 3, 5), expected("c", 1, 1.5)], 5)

    assert [each.skill_id for each in plan.sessions] == ["a", "c"]
    assert (plan.hours, plan.high, plan.may_run_over) == (3, 4.5, False)


def test_one_session_that_may_run_over_is_told() -> None:
    plan = study_plan([expected("a", 2.5, 6), expected("b", 2, 5)], 3)

    assert [each.skill_id for each in plan.sessions] == ["b"] and plan.may_run_over


def test_hours_that_hold_no_session_hold_none() -> None:
    plan = study_plan([expected("a", 2.5, 6)], 1)

    assert plan.sessions == () and not plan.may_run_over and len(plan.later) == 1
