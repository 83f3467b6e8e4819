"""Advice: how soon by the level, and only steps whose reason holds in the records."""

from dataclasses import replace

import pytest

from edupulse_core.families.risk.responses import RESPONSES, suggested
from edupulse_core.features.catalogue import NAMES
from edupulse_core.features.flags import Flags

NO_FLAGS = Flags(
    False, False, False, is_chronic=False, courses_failing=0, incidents=0, was_removed=False
)
FINE = dict.fromkeys(NAMES, 0.0) | {"grd_lowest_course": 0.9}
RAISING = [
    "att_absence_rate_ytd",
    "att_tardies_4w",
    "grd_missing_rate_4w",
    "grd_lowest_course",
    "dsc_repeats_30d_ytd",
]


def kinds(steps: tuple[str, ...]) -> list[str]:
    return [step.partition(":")[0] for step in steps]


def test_a_low_level_with_a_flag_is_no_reason_to_keep_going() -> None:
    """A student with 53% attendance whose score is low."""
    absent = FINE | {"att_absence_rate_4w": 0.47, "att_absence_rate_ytd": 0.47}

    advice = suggested("low", [], absent, replace(NO_FLAGS, a=True, is_chronic=True))

    assert advice.response == RESPONSES["medium"]
    assert kinds(advice.steps) == ["Attendance"]


@pytest.mark.parametrize("level", RESPONSES)
def test_reasons_that_the_record_does_not_bear_out_call_for_nothing(level: str) -> None:
    """A student who attends every day and has nothing missing."""
    advice = suggested(level, RAISING, FINE, NO_FLAGS)

    assert advice.steps == ()
    assert advice.response == RESPONSES[level]


@pytest.mark.parametrize(
    ("record", "step"),
    [
        ({"att_absence_rate_4w": 0.06}, "Attendance"),
        ({"att_tardies_4w": 1}, "Late arrivals"),
        ({"grd_missing_rate_4w": 0.1}, "Missing work"),
        ({"grd_lowest_course": 0.69}, "Courses"),
        ({"grd_gpa_change_4w": -0.1}, "Courses"),
        ({"dsc_incidents_4w": 1}, "Behavior"),
    ],
)
def test_a_reason_that_the_record_bears_out_calls_for_its_step(
    record: dict[str, float], step: str
) -> None:
    advice = suggested("medium", RAISING, FINE | record, NO_FLAGS)

    assert kinds(advice.steps) == [step]
    assert suggested("medium", [], FINE | record, NO_FLAGS).steps == ()  # no reason, no step


def test_unknown_records_bear_nothing_out() -> None:
    assert suggested("high", RAISING, dict.fromkeys(NAMES), NO_FLAGS).steps == ()


@pytest.mark.parametrize(
    ("flag", "step"), [("a", "Attendance"), ("b", "Behavior"), ("c", "Courses")]
)
@pytest.mark.parametrize("level", RESPONSES)
def test_a_flag_calls_for_its_step_at_every_level(level: str, flag: str, step: str) -> None:
    advice = suggested(level, [], FINE, replace(NO_FLAGS, **{flag: True}))

    assert kinds(advice.steps) == [step]


def test_much_missing_work_calls_for_its_step_at_a_low_level_too() -> None:
    advice = suggested("low", [], FINE | {"grd_missing_rate_4w": 1.0}, NO_FLAGS)

    assert kinds(advice.steps) == ["Missing work"] and advice.response == RESPONSES["medium"]


def test_steps_stand_in_the_order_of_the_reasons() -> None:
    record = FINE | {"dsc_incidents_4w": 2, "att_absence_rate_4w": 0.3}

    advice = suggested("high", ["dsc_incidents_4w", "att_absence_rate_4w"], record, NO_FLAGS)

    assert kinds(advice.steps) == ["Behavior", "Attendance"]
