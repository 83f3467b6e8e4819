"""Reasons in words: what each feature's value says, beside the school's typical value."""

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.reasons import in_full, in_short, reason, sentence
from edupulse_core.features.catalogue import FEATURES, Feature

RULES = Settings()


def told(feature: str, value: float, norm: float | None = None, **more: Any) -> Factor:
    by_name = {each.name: each for each in FEATURES}
    worse = (value > (norm or 0)) == by_name[feature].higher_is_worse
    return Factor(feature, value, norm, "raises" if worse else "lowers", 0.5, **more)


VALUES = {  # of each unit, as they occur
    "share": (0.0, 0.004, 0.5, 1.0),
    "score": (0.0, 0.5, 1.0),
    "yes_no": (0.0, 1.0),
    "slope": (0.0, 0.05, -0.012),
    "points": (0.0, 2.5),
    "severity": (0.0, 1.0, 2.7),
    "days": (0.0, 1.0, 2.5, 16.0),
    "weeks": (0.0, 1.0, 20.0),
    "count": (0.0, 1.0, 17.0),
}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_has_a_sentence_of_its_own_in_either_direction(feature: Feature) -> None:
    values = VALUES[feature.unit]
    for value, typical in product(values, (None, 0.0, values[-1])):
        said = sentence(told(feature.name, value, typical), RULES)

        assert said[0].isupper() or said[0].isdigit()
        assert not re.search(
            r"[{}]|unknown|nan|-\d| %|  |\b1 (days|weeks|incidents|courses)\b", said
        )
        assert not said.startswith(f"{feature.label}: {feature.words(value)}")


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (
            told("dsc_repeats_30d_ytd", 17, 0),
            "17 incidents followed another within 30 days (most students: 0)",
        ),
        (
            told("dsc_acceleration_4w", 3, 0),
            "3 more incidents than in the 4 weeks before (most students: no change)",
        ),
        (told("att_volatility_8w", 0.36, 0.04), "Attendance is uneven from week to week"),
        (told("att_volatility_8w", 0.02, 0.04), "Attendance is steady from week to week"),
        (told("att_current_streak", 16, 0), "Absent the last 16 school days (most students: 0)"),
        (
            told("grd_late_rate_4w", 1.0),
            "All work graded in these 4 weeks was graded more than a week after it was due",
        ),
        (
            told("dsc_weeks_since_last", 1.0, 20.0),
            "Last incident: 1 week ago (most students: none)",
        ),
        (
            told("att_absence_rate_4w", 0.6, 0.05),
            "Attended 40% of the last 4 weeks (typical here: 95%)",
        ),
    ],
)
def test_a_sentence_is_said_as_people_say_it(factor: Factor, said: str) -> None:
    assert sentence(factor, RULES) == said


@pytest.mark.parametrize("value", [0.0, 0.002, 0.4, 1.0])
@pytest.mark.parametrize("weeks", ["1w", "4w", "ytd"])
def test_attendance_is_told_as_attendance_everywhere(weeks: str, value: float) -> None:
    said = sentence(told(f"att_absence_rate_{weeks}", value, 0.1), RULES)

    assert said.startswith("Attended") and said.endswith("(typical here: 90%)")


@pytest.mark.parametrize(
    ("recent", "earlier", "is_rise"), [(1, 0, False), (3, 0, False), (3, 2, True)]
)
def test_a_first_incident_is_no_rise_of_severity(recent: int, earlier: int, is_rise: bool) -> None:
    factor = told("dsc_severity_trend_8w", 2.0, 0.0, recent=recent, earlier=earlier)

    assert ("more serious" in sentence(factor, RULES)) is is_rise


def test_no_incident_any_more_is_no_fall_of_severity() -> None:
    factor = told("dsc_severity_trend_8w", -2.0, 0.0, recent=0, earlier=4)

    assert "serious" not in sentence(factor, RULES)


@pytest.mark.parametrize(("earlier", "said"), [(0, "this school year"), (3, "20 school weeks")])
def test_no_incident_for_long_says_whether_there_was_one_this_year(earlier: int, said: str) -> None:
    factor = told("dsc_weeks_since_last", 20.0, recent=0, earlier=earlier)

    assert said in sentence(factor, RULES)


@pytest.mark.parametrize(
    ("feature", "age", "is_old"),
    [
        ("grd_score_mean_4w", 3, False),
        ("grd_score_mean_4w", 4, True),
        ("grd_score_mean_4w", None, False),
        ("grd_score_mean_1w", 0, False),
        ("grd_score_mean_1w", 1, True),
    ],
)
def test_grades_older_than_their_weeks_are_called_the_last_known(
    feature: str, age: int | None, is_old: bool
) -> None:
    said = sentence(told(feature, 0.86, 0.8, mark_age=age), RULES)

    assert said.startswith("Last known grades") is is_old and "86%" in said


@pytest.mark.parametrize(("pieces", "said"), [(1, "1 piece"), (2, "2 pieces")])
def test_an_average_of_little_work_says_how_little(pieces: int, said: str) -> None:
    average = told("grd_score_mean_4w", 0.45, 0.8, mark_age=0, pieces=pieces)

    assert f"average 45%, from {said} of work (typical here: 80%)" in sentence(average, RULES)


def test_few_pieces_of_work_are_counted() -> None:
    assert sentence(told("grd_late_rate_4w", 0.5, pieces=2), RULES).startswith("1 of 2 pieces")


def test_the_districts_own_rules_are_told() -> None:
    rules = RULES.model_copy(
        update={
            "attendance": replace(RULES.attendance, chronic_rate=0.15),
            "grades": replace(RULES.grades, late_days=3),
            "discipline": replace(RULES.discipline, repeat_days=14),
        }
    )

    assert "85% or less" in sentence(told("att_is_chronic", 1.0), rules)
    assert "more than 3 days after" in sentence(told("grd_late_rate_4w", 0.4), rules)
    assert "within 14 days" in sentence(told("dsc_repeats_30d_ytd", 2.0), rules)


def test_what_earlier_weeks_did_is_said_to_be_theirs() -> None:
    now, before = (told("grd_courses_failing", 2, 1, is_apart=apart) for apart in (True, False))

    assert in_full(now, RULES).endswith("; raises the score")
    assert in_full(before, RULES).endswith("; earlier weeks raised the score")
    assert in_short(now, RULES) == "↑ Failing 2 courses"
    assert in_short(before, RULES) == "↑ Failing 2 courses; earlier weeks raised the score"


def test_what_an_earlier_edupulse_said_is_said_again() -> None:
    old = told("grd_courses_failing", 2, 1, said="Two courses at risk; raises the score")

    assert sentence(old, RULES) == in_full(old, RULES) == "Two courses at risk; raises the score"
    assert in_short(old, RULES) == "↑ Two courses at risk; raises the score"
    assert reason(old, RULES).mover == ""
