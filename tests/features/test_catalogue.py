"""The catalogue says what the contract promises, in words that people can read."""

import math

import pytest

from edupulse_core.config import DisciplineRules
from edupulse_core.demo import truth
from edupulse_core.features.catalogue import FEATURES, GROUPS, MODALITY_SIZES, NAMES
from tests.features.district import District


def by_name(name: str):
    return next(feature for feature in FEATURES if feature.name == name)


def test_there_are_42_features_of_three_kinds():
    assert len(set(NAMES)) == 42
    assert MODALITY_SIZES == (14, 15, 13)


def test_the_table_has_the_catalogues_columns_in_their_order():
    district = District(weeks=1).ends(1).build()

    assert list(district.rows()[0])[2:] == list(NAMES)


def test_the_modalities_lie_side_by_side():
    assert [f.name[:3] for f in FEATURES] == ["att"] * 14 + ["grd"] * 15 + ["dsc"] * 13


def test_the_groups_are_those_of_the_planted_causes():
    planted = {name: (modality, group) for modality, group, name in truth.FEATURES}

    assert {f.name: (f.modality, f.group) for f in FEATURES} == planted
    assert list(GROUPS) == list(dict.fromkeys(group for _, group in planted.values()))


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_every_feature_can_be_said_in_a_sentence(feature):
    for value in (0.0, 0.004, 0.5, 1.0, 3.0, -0.25):
        said = feature.sentence(value, 1.0)

        assert feature.words(value) in said and "{" not in said
        assert said.endswith("(typical at this school: " + feature.words(1.0) + ")")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("att_absence_rate_4w", 0.13, "13 %"),
        ("att_absence_rate_4w", 0.004, "0.4 %"),
        ("att_absence_rate_4w", 0.0, "0 %"),
        ("att_current_streak", 1.0, "1 day"),
        ("att_excused_days_1w", 2.5, "2.5 days"),
        ("att_excused_days_1w", 10 / 3, "3.3 days"),
        ("att_excused_days_1w", 0.96, "1 day"),
        ("att_excused_days_1w", 0.05, "0.1 days"),
        ("att_excused_days_1w", 0.04, "0 days"),
        ("att_is_chronic", 1.0, "yes"),
        ("att_trend_4w", 0.05, "+5 points a week"),
        ("grd_trend_8w", -0.012, "-1.2 points a week"),
        ("grd_trend_8w", -0.0004, "0 points a week"),
        ("grd_gpa_ytd", 2.5, "2.50"),
        ("grd_courses_failing", 2.0, "2"),
        ("dsc_severity_max_1w", 4.0, "4 of 5"),
        ("dsc_severity_mean_ytd", 8 / 3, "2.7 of 5"),
        ("dsc_weeks_since_last", 19.0, "19 weeks"),
        ("dsc_weeks_since_last", 20.0, "none"),
    ],
)
def test_values_are_said_with_their_unit(name, value, words):
    assert by_name(name).words(value) == words


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("att_absence_rate_1w", 0.83, "Absent on 83 % of this week's school days"),
        ("att_absence_rate_4w", 1 / 6, "Absent on 17 % of the last 4 weeks' school days"),
        ("att_unexcused_days_1w", 8 / 3, "Absent without excuse for 2.7 days this week"),
    ],
)
def test_a_day_missed_in_part_reads_as_a_part(name, value, said):
    assert by_name(name).sentence(value) == said


@pytest.mark.parametrize(
    ("value", "norm", "said"),
    [
        (8.0, 20.0, "8 weeks since the last incident this year (typical at this school: none)"),
        (8.0, 19.0, "8 weeks since the last incident this year (typical at this school: 19 weeks)"),
        (
            20.0,
            8.0,
            "No incident this year, or none for 20 weeks (typical at this school: 8 weeks)",
        ),
    ],
)
def test_where_the_weeks_since_an_incident_end_there_is_none(value, norm, said):
    assert by_name("dsc_weeks_since_last").sentence(value, norm) == said


def test_twenty_of_anything_else_is_twenty():
    assert by_name("att_longest_streak_ytd").words(20.0) == "20 days"
    assert by_name("dsc_weeks_since_last").words(DisciplineRules().never_weeks) == "none"


def test_a_share_of_few_pieces_is_said_in_counts():
    said = by_name("grd_late_rate_4w").sentence(0.5, 0.05, pieces=2)

    assert said == (
        "Of the work handed in over 4 weeks, 1 of 2 came late (typical at this school: 5 %)"
    )


@pytest.mark.parametrize("value", [None, math.nan])
def test_an_unknown_value_is_said_to_be_unknown(value):
    feature = by_name("grd_math_ytd")

    assert feature.words(value) == "unknown"
    assert feature.sentence(value) == "Math: unknown"
    assert "typical" not in feature.sentence(0.5, value)


def test_each_feature_names_the_records_that_it_needs():
    assert {feature.needs for feature in FEATURES} == {"attendance", "grades", "incidents"}
