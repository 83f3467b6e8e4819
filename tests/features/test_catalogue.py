"""The catalogue says what the contract promises, in words that people can read."""

import math

import pytest

from edupulse_core.config import DisciplineRules
from edupulse_core.demo import truth
from edupulse_core.errors import ConfigError
from edupulse_core.features.built import modality_sizes
from edupulse_core.features.catalogue import FEATURES, GROUPS, NAMES, Feature
from tests.features.district import District


def by_name(name: str):
    return next(feature for feature in FEATURES if feature.name == name)


def test_there_are_42_features_of_three_kinds():
    assert len(set(NAMES)) == 42
    assert modality_sizes(NAMES) == (14, 15, 13)


def test_a_feature_without_a_group_is_named_with_the_place_to_say_it():
    for line in (
        Feature("dsc_new", "yes_no", "An incident this school year"),
        Feature("dsc_new", "yes_no", "An incident this school year", grouped="conduct"),
    ):
        with pytest.raises(ConfigError, match="'dsc_new' has no group; .* incidents"):
            _ = line.group


def test_the_table_has_the_catalogues_columns_in_their_order():
    district = District(weeks=1).ends(1).build()

    assert list(district.rows()[0])[2:] == list(NAMES)


def test_the_modalities_lie_side_by_side():
    assert [f.name[:3] for f in FEATURES] == ["att"] * 14 + ["grd"] * 15 + ["dsc"] * 13


def test_the_groups_are_those_of_the_planted_causes():
    planted = {name: (modality, group) for modality, group, name in truth.FEATURES}

    assert {f.name: (f.modality, f.group) for f in FEATURES} == planted
    assert list(GROUPS) == list(dict.fromkeys(group for _, group in planted.values()))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("att_absence_rate_4w", 0.13, "87%"),
        ("att_absence_rate_4w", 0.004, "99.6%"),
        ("grd_missing_rate_4w", 0.004, "0.4%"),
        ("att_absence_rate_4w", 0.0, "100%"),
        ("att_current_streak", 1.0, "1 day"),
        ("att_excused_days_1w", 2.5, "2.5 days"),
        ("att_excused_days_1w", 10 / 3, "3.3 days"),
        ("att_excused_days_1w", 0.96, "1 day"),
        ("att_excused_days_1w", 0.05, "0.1 days"),
        ("att_excused_days_1w", 0.04, "0 days"),
        ("att_is_chronic", 1.0, "yes"),
        ("att_trend_4w", 0.05, "-5 points a week"),
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


def test_twenty_of_anything_else_is_twenty():
    assert by_name("att_longest_streak_ytd").words(20.0) == "20 days"
    assert by_name("dsc_weeks_since_last").words(DisciplineRules().never_weeks) == "none"


@pytest.mark.parametrize("value", [None, math.nan])
def test_an_unknown_value_is_said_to_be_unknown(value):
    assert by_name("grd_math_ytd").words(value) == "unknown"


def test_absence_is_shown_as_attendance_and_all_else_as_it_is():
    flipped = {feature.name for feature in FEATURES if feature.shown(0.25) != 0.25}

    assert flipped == {name for name in NAMES if "absence_rate" in name} | {"att_trend_4w"}
    assert by_name("att_absence_rate_1w").shown(0.25) == 0.75
    assert by_name("att_trend_4w").shown(0.25) == -0.25
    assert all(by_name(name).stored_label.startswith("Absence") for name in flipped)


def test_each_feature_names_the_records_that_it_needs():
    assert {feature.needs for feature in FEATURES} == {"attendance", "grades", "incidents"}
