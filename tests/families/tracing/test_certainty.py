"""The range of a mastery: it holds a student's own rate as often as it promises."""

import numpy as np

from edupulse_core.families.tracing.certainty import LEVEL, Certainty, next_answers
from edupulse_core.families.tracing.examples import Examples, as_cases, make_log


def spread_out(strength: float, students: int = 400, answers: int = 12) -> tuple[Examples, object]:
    """Students whose own rates lie around .6 as Beta says, each with answers to one skill."""
    rng = np.random.default_rng(2)
    rates = rng.beta(0.6 * strength, 0.4 * strength, students)
    who = [f"s{at:03}" for at in range(students) for _ in range(answers)]
    right = (rng.random(len(who)) < np.repeat(rates, answers)).astype(float)
    log = make_log(who, ["i"] * len(who), [("add",)] * len(who),
                   np.full(len(who), np.datetime64("2026-09-01")), right)  # fmt: skip
    return as_cases(log), rates


def nothing(examples: Examples) -> np.ndarray:  # type: ignore[type-arg]
    """A core that knows the share of right answers alone."""
    return np.full(len(examples), np.log(0.6 / 0.4))


def test_nine_in_ten_students_own_rates_lie_in_the_range() -> None:
    examples, rates = spread_out(6.0)

    found = Certainty.fit(nothing, examples)
    low, high = found.range_of(np.full(len(rates), 0.6), np.zeros(len(rates)))

    inside = np.mean((rates >= low) & (rates <= high))
    assert abs(inside - LEVEL) < 0.05


def test_students_who_are_more_alike_have_a_narrower_range() -> None:
    chance, none = np.array([0.6]), np.zeros(1)
    width = []
    for strength in (3.0, 60.0):
        low, high = Certainty.fit(nothing, spread_out(strength)[0]).range_of(chance, none)
        width.append(float((high - low)[0]))

    assert width[1] < width[0] / 2


def test_each_student_and_skill_is_asked_once_before_answers_that_came() -> None:
    examples, _ = spread_out(6.0, students=50)

    found, right, of = next_answers(examples, seed=3)

    assert len(found) == 50 == len(set(found.who))
    assert (right <= of).all() and (of >= 1).all() and (of <= 10).all()
    assert (found.answers + of <= 12).all()
    assert np.array_equal(next_answers(examples, seed=3)[1], right)


def test_without_answers_the_range_is_wide() -> None:
    examples, _ = spread_out(6.0, students=2)

    found = Certainty.fit(nothing, examples.of(np.arange(0)))
    low, high = found.range_of(np.array([0.5]), np.zeros(1))

    assert high[0] - low[0] > 0.5
