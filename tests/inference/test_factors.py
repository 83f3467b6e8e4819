"""The five reasons: strongest first, known ones only, each a sentence."""

import numpy as np
import pytest

from edupulse_core.features.catalogue import NAMES
from edupulse_core.inference.factors import factor, strongest

ABSENCE = NAMES.index("att_absence_rate_4w")
FAILING = NAMES.index("grd_courses_failing")


@pytest.fixture
def nothing() -> np.ndarray:
    return np.zeros((1, 20, 42))


def values(**known: float) -> np.ndarray:
    week = np.zeros((1, 20, 42), np.float32)
    for name, value in known.items():
        week[0, -1, NAMES.index(name)] = value
    return week


def test_a_factor_says_value_norm_and_direction() -> None:
    found = factor(ABSENCE, 0.3, 0.05, 0.8)

    assert found.direction == "raises"
    assert found.sentence == (
        "Absent on 30 % of the last 4 weeks' school days (typical at this school: 5 %); "
        "raises the score"
    )


def test_a_factor_may_lower_the_score() -> None:
    found = factor(FAILING, 0.0, 1.0, -0.2)

    assert found.direction == "lowers"
    assert found.sentence == (
        "Courses failing this year: 0 (typical at this school: 1); lowers the score"
    )


def test_a_school_without_a_norm_gets_none() -> None:
    found = factor(FAILING, 2.0, float("nan"), 0.2)

    assert found.norm is None
    assert found.sentence == "Courses failing this year: 2; raises the score"


def test_the_five_strongest_come_first_either_way(nothing) -> None:
    for f, attribution in enumerate([0.1, -0.6, 0.3, -0.2, 0.5, 0.4]):
        nothing[0, :2, f] = attribution / 2

    found = strongest(nothing, values(), np.full((1, 42), np.nan))[0]

    assert [each.feature for each in found] == [NAMES[f] for f in (1, 4, 5, 2, 3)]
    assert [each.direction for each in found[:2]] == ["lowers", "raises"]
    assert found[0].attribution == pytest.approx(-0.6)


def test_what_is_unknown_this_week_is_never_a_factor(nothing) -> None:
    nothing[0, 3, ABSENCE] = 2.0
    nothing[0, 3, FAILING] = 1.0
    unknown = values()
    unknown[0, -1, ABSENCE] = np.nan

    found = strongest(nothing, unknown, np.zeros((1, 42)))[0]

    assert [each.feature for each in found] == ["grd_courses_failing"]


def test_what_moved_nothing_is_no_factor(nothing) -> None:
    assert strongest(nothing, values(), np.zeros((1, 42))) == [[]]


def test_opposite_weeks_cancel_out(nothing) -> None:
    nothing[0, 3, ABSENCE], nothing[0, 4, ABSENCE] = 2.0, -2.0
    nothing[0, 3, FAILING] = 0.1

    found = strongest(nothing, values(), np.zeros((1, 42)))[0]

    assert found[0].feature == "grd_courses_failing"


def test_what_reads_like_the_norm_today_stands_back(nothing) -> None:
    for f in range(7):
        nothing[0, 3, f] = 7.0 - f
    today = values(**{name: 1.0 for name in NAMES[2:6]})

    found = strongest(nothing, today, np.zeros((1, 42)))[0]

    assert [each.feature for each in found] == [*NAMES[2:6], NAMES[0]]
