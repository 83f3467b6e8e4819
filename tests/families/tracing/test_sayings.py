"""What is said of a mastery, at each threshold of its words."""

import pytest

from edupulse_core.families.tracing import sayings


@pytest.mark.parametrize(
    ("days", "said"),
    [(None, "never"), (0, "today"), (1, "1 day ago"), (13, "13 days ago"), (14, "2 weeks ago")],
)
def test_the_last_practice_is_told_in_days_and_then_in_weeks(days: int | None, said: str) -> None:
    assert sayings.last_practiced(days) == said


@pytest.mark.parametrize(
    ("answers", "right", "said"),
    [(0, 0, "no answers yet"), (1, 1, "1 of 1 answer right"), (12, 9, "9 of 12 answers right")],
)
def test_the_evidence_counts_answers(answers: int, right: int, said: str) -> None:
    assert sayings.evidence(answers, right) == said


def test_levels_are_counted_from_the_highest_and_empty_ones_are_left_out() -> None:
    levels = ["not seen", "mastered", "not seen", "nearly"]

    assert sayings.summary(levels) == "1 mastered, 1 nearly there, 2 no answers yet"
    assert sayings.summary([]) == "no skills"


@pytest.mark.parametrize(("value", "said"), [(0.596, "59%"), (0.6, "60%"), (0.799, "79%")])
def test_a_chance_below_a_level_is_never_shown_as_the_level(value: float, said: str) -> None:
    assert sayings.chance(value) == said
