"""The 13 discipline features, by hand."""

from datetime import timedelta

import pytest

from edupulse_core.config import DisciplineRules, Settings
from tests.features.district import FIRST_MONDAY, District, day

REMOVALS = ("in_school_suspension", "out_of_school_suspension", "expulsion")


def test_without_incidents_everything_is_zero_but_the_weeks_since_the_last():
    row = District(weeks=1).ends(1).build().rows()[0]

    values = {name: value for name, value in row.items() if name.startswith("dsc_")}
    assert values.pop("dsc_weeks_since_last") == 20
    assert set(values.values()) == {0}


def test_incidents_that_were_never_imported_are_unknown():
    row = District(weeks=1).has(incidents=False).ends(1).build().rows()[0]

    assert {value for name, value in row.items() if name.startswith("dsc_")} == {None}


def test_incidents_are_counted_by_week_by_month_and_by_year():
    district = District(weeks=6).incident(day(1)).incident(day(1)).incident(day(3)).ends(6).build()

    assert district.values("dsc_incidents_1w") == [2, 0, 1, 0, 0, 0]
    assert district.values("dsc_incidents_4w") == [2, 2, 3, 3, 1, 1]
    assert district.values("dsc_incidents_ytd") == [2, 2, 3, 3, 3, 3]


def test_an_incident_on_a_sunday_belongs_to_the_week_that_it_ends():
    district = District(weeks=2).incident(day(1, 6)).ends(2).build()

    assert district.values("dsc_incidents_1w") == [1, 0]


def test_the_year_counts_from_its_first_day():
    district = District(weeks=2).year(2026, FIRST_MONDAY, day(2)).year(2027, day(2), None)

    assert district.incident(day(1)).ends(2).build().values("dsc_incidents_ytd") == [1, 0]


def test_severity_is_the_gravest_of_the_week_and_the_mean_of_the_year():
    district = District(weeks=2).incident(day(1), 2).incident(day(1), 5).incident(day(2), 2).build()

    assert district.values("dsc_severity_max_1w") == [5, 2]
    assert district.values("dsc_severity_mean_ytd") == [3.5, 3]


def test_severity_of_eight_weeks_is_compared_with_the_year_before_them():
    district = District(weeks=10).incident(day(1), 1).incident(day(2), 3).incident(day(9), 5)

    found = district.ends(10).build().values("dsc_severity_trend_8w")

    assert found[7] == 2  # nothing before the eight weeks: less zero
    assert found[8] == 3  # mean of 3 and 5, less 1
    assert found[9] == 3  # 5 less the mean of 1 and 3


def test_acceleration_compares_four_weeks_with_the_four_before():
    district = District(weeks=9).incident(day(1)).incident(day(1)).incident(day(5)).ends(9).build()

    assert district.values("dsc_acceleration_4w") == [2, 2, 2, 2, -1, -1, -1, -1, -1]


@pytest.mark.parametrize("action", REMOVALS)
def test_days_removed_count_on_the_date_of_the_incident(action):
    district = District(weeks=5).incident(day(1), action=action, removed=2.5).ends(5).build()

    assert district.values("dsc_days_removed_4w") == [2.5, 2.5, 2.5, 2.5, 0]
    assert district.values("dsc_days_removed_ytd") == [2.5] * 5


@pytest.mark.parametrize("action", ["none", "conference", "referral", "detention"])
def test_days_removed_count_only_with_a_removal(action):
    district = District(weeks=1).incident(day(1), action=action, removed=2).build()

    assert district.value("dsc_days_removed_ytd", 1) == 0


def test_weeks_since_the_last_incident_count_rows():
    district = District(weeks=4).close_school(*(day(2, n) for n in range(5))).incident(day(1))

    assert district.ends(4).build().values("dsc_weeks_since_last") == [0, 1, 2]


def test_weeks_since_the_last_incident_stop_at_twenty():
    district = District(weeks=23).incident(day(1)).ends(23).build()

    assert district.values("dsc_weeks_since_last")[18:] == [18, 19, 20, 20, 20]


@pytest.mark.parametrize(("days", "repeats"), [(0, 1), (29, 1), (30, 1), (31, 0)])
def test_a_repeat_comes_within_thirty_days(days, repeats):
    district = District(weeks=6).incident(day(1)).incident(day(1) + timedelta(days)).ends(6).build()

    assert district.value("dsc_repeats_30d_ytd", 6) == repeats


def test_a_repeat_is_counted_against_the_previous_incident_of_this_year():
    district = District(weeks=2).year(2026, FIRST_MONDAY, day(2)).year(2027, day(2), None)

    found = district.incident(day(1, 6)).incident(day(2)).build().values("dsc_repeats_30d_ytd")

    assert found == [0, 0]


def test_types_are_counted_once_a_year():
    district = District(weeks=2).incident(day(1), kind="fight").incident(day(1), kind="phone")

    assert district.incident(day(2), kind="fight").build().values("dsc_types_ytd") == [2, 2]


def test_the_share_of_referrals_and_removals():
    district = District(weeks=1).incident(day(1), action="detention").incident(day(1))
    district.incident(day(1), action="referral").incident(day(1), action="expulsion").build()

    assert district.value("dsc_referral_share_ytd", 1) == 0.5


def test_an_incident_in_a_break_counts_in_the_next_row():
    district = District(weeks=3).close_school(*(day(2, n) for n in range(5))).incident(day(2))

    assert district.ends(3).build().values("dsc_incidents_1w") == [0, 1]


def test_an_incident_after_the_last_row_of_a_year_counts_in_no_other():
    district = District(weeks=3).close_school(*(day(2, n) for n in range(5)))
    district.year(2026, FIRST_MONDAY, day(3)).year(2027, day(3), None).incident(day(2)).ends(3)

    assert district.build().values("dsc_incidents_ytd") == [0, 0]


def test_a_district_may_set_its_own_windows():
    rules = DisciplineRules(repeat_days=1, never_weeks=3)
    district = District(weeks=6).incident(day(1)).incident(day(1, 2)).ends(6)

    district.build(Settings(discipline=rules))

    assert district.value("dsc_repeats_30d_ytd", 6) == 0
    assert district.values("dsc_weeks_since_last") == [0, 1, 2, 3, 3, 3]


def test_at_a_school_that_sends_no_incidents_nothing_of_them_is_known():
    district = District(weeks=3).incident(day(1)).ends(3)
    district.unsent = (("incidents", 2),)

    first, second, third = district.build().rows()

    names = [name for name in first if name.startswith("dsc_")]
    assert {second[name] for name in names} == {None}
    assert all(first[name] is not None and third[name] is not None for name in names)
    assert district.values("n_incidents", table="weekly") == [1, None, 0]


def test_days_removed_are_unknown_only_while_a_removal_without_days_counts():
    district = District(weeks=6).incident(day(1), action="expulsion", removed=None).ends(6).build()

    assert district.values("dsc_days_removed_4w") == [None, None, None, None, 0, 0]
    assert district.values("dsc_days_removed_ytd") == [None] * 6
    assert district.values("dsc_incidents_ytd") == [1] * 6
    assert district.values("days_removed", table="weekly") == [None, 0, 0, 0, 0, 0]


def test_spellings_of_a_type_are_one_type():
    district = District(weeks=1).incident(day(1), kind="Fight").incident(day(1), kind=" fight ")

    assert district.build().value("dsc_types_ytd", 1) == 1
