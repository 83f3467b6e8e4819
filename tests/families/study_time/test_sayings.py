"""Hours in words."""

import pytest

from edupulse_core.families.study_time import sayings


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.001, "1 min"), (0.3, "18 min"), (1.0, "1 h"), (1.59, "1 h 35 min"), (1.99, "2 h"),
        (12.04, "12 h"),
    ],
)  # fmt: skip
def test_hours_are_told_to_five_minutes_from_an_hour_on(hours: float, said: str) -> None:
    assert sayings.as_time(hours) == said


@pytest.mark.parametrize(
    ("count", "pace", "part"),
    [
        (0, 1.0, "no earlier"),
        (1, 1.3, "30% longer"),
        (4, 0.8, "20% less time"),
        (9, 1.03, "as long"),
    ],
)
def test_a_students_own_pace_is_told_where_it_is_known(count: int, pace: float, part: str) -> None:
    assert part in sayings.compared(count, pace)
