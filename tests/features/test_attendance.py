"""The 14 attendance features, by hand."""

import pytest

from edupulse_core.config import AttendanceRules, Settings
from tests.features.district import FIRST_MONDAY, District, day


def absent(district: District, *days: tuple[int, int]) -> District:
    for week, weekday in days:
        district.mark(day(week, weekday))
    return district


def test_rates_pool_days_of_one_week_of_four_and_of_the_year():
    district = absent(District(weeks=6), (1, 0), (1, 1), (3, 2), (6, 4)).build()

    assert district.values("att_absence_rate_1w") == [0.4, 0, 0.2, 0, 0, 0.2]
    assert district.values("att_absence_rate_4w") == [0.4, 0.2, 0.2, 0.15, 0.05, 0.1]
    assert district.values("att_absence_rate_ytd") == [0.4, 0.2, 0.2, 0.15, 0.12, 4 / 30]


def test_rates_count_enrolled_days_not_calendar_days():
    district = District(weeks=2).close_school(day(1, 0), day(1, 1), day(1, 2))

    district = absent(district, (1, 3), (2, 0)).build()

    assert district.values("att_absence_rate_1w") == [0.5, 0.2]
    assert district.value("att_absence_rate_ytd", 2) == pytest.approx(2 / 7)


SHARES = (  # status, minutes, course, share of the day
    ("absent", None, None, 1),
    ("absent", 30, None, 1),
    ("partial", None, None, 0.5),
    ("partial", 39, None, 0.1),
    ("partial", 390, None, 1),
    ("partial", 500, None, 1),
    ("present", None, None, 0),
    ("tardy", 39, None, 0),
    ("absent", None, "math", 0.2),
    ("partial", None, "math", 0.1),
    ("absent", 78, "math", 0.2),
    ("partial", 39, "math", 0.1),
    ("present", None, "math", 0),
)


def test_the_share_of_a_day_that_one_row_makes():
    names = [f"s{n:02}" for n in range(len(SHARES))]
    district = District(weeks=1, students=names)
    for name, (status, minutes, course, _) in zip(names, SHARES, strict=True):
        district.mark(day(1), status, minutes=minutes, course=course, student=name)

    district.ends(1).build()

    for name, (*row, share) in zip(names, SHARES, strict=True):
        found = district.value("att_absence_rate_1w", 1, name)
        assert found == pytest.approx(share / 5), row


def test_a_day_row_outweighs_the_period_rows_of_its_day():
    district = District(weeks=1).mark(day(1), "present").mark(day(1), course="math")

    assert district.build().value("att_absence_rate_1w", 1) == 0


def test_a_tardy_day_row_does_not_outweigh_the_period_rows():
    district = District(weeks=1).mark(day(1), "tardy").mark(day(1), course="math").build()

    assert district.value("att_absence_rate_1w", 1) == pytest.approx(0.2 / 5)
    assert district.value("att_tardies_1w", 1) == 1


def test_rows_of_a_day_add_to_at_most_one_and_reasons_share_in_proportion():
    district = District(weeks=1).mark(day(1), "absent", "excused")
    district.mark(day(1), "partial", "unexcused").mark(day(1), "partial", "suspension").build()

    assert district.value("att_absence_rate_1w", 1) == 0.2
    assert district.value("att_excused_days_1w", 1) == 0.5
    assert district.value("att_unexcused_days_1w", 1) == 0.25


def test_suspension_counts_as_absent_but_neither_excused_nor_unexcused():
    district = District(weeks=1).mark(day(1), reason="suspension").build()

    assert district.value("att_absence_rate_1w", 1) == 0.2
    assert district.value("att_excused_days_1w", 1) == 0
    assert district.value("att_unexcused_days_1w", 1) == 0
    assert district.value("att_longest_streak_ytd", 1) == 1


def test_excused_and_unexcused_days_are_of_the_week():
    district = District(weeks=2).mark(day(1), reason="excused").mark(day(1, 1))
    district.mark(day(1, 2), "partial", "excused").ends(2).build()

    assert district.values("att_excused_days_1w") == [1.5, 0]
    assert district.values("att_unexcused_days_1w") == [1, 0]


def test_every_tardy_row_counts_one():
    district = District(weeks=5)
    for course in ("math", "english", None):
        district.mark(day(1), "tardy", course=course)
    district.mark(day(4), "tardy").ends(5).build()

    assert district.values("att_tardies_1w") == [3, 0, 0, 1, 0]
    assert district.values("att_tardies_4w") == [3, 3, 3, 4, 1]


def test_trend_is_the_slope_of_the_weekly_rate_over_four_weeks():
    district = absent(District(weeks=5), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1), (4, 2)).ends(5)

    found = district.build().values("att_trend_4w")

    # week 5: rates .2 .4 .6 0, slope (-1.5*.2 - .5*.4 + .5*.6 + 1.5*0) / 5
    assert found == pytest.approx([0, 0.2, 0.2, 0.2, -0.04])


def test_volatility_is_the_population_deviation_of_eight_weekly_rates():
    district = absent(District(weeks=9), *((1, n) for n in range(5))).ends(9).build()

    found = district.values("att_volatility_8w")

    assert found[:2] == pytest.approx([0, 0.5])
    assert found[7] == pytest.approx((1 / 8 * 7 / 8) ** 0.5)
    assert found[8] == 0


def test_streaks_run_over_weekends_and_holidays():
    district = District(weeks=3).close_school(day(2, 0), day(2, 1))
    absent(district, (1, 3), (1, 4), (2, 2), (3, 0)).build()

    assert district.values("att_current_streak") == [2, 0, 0]
    assert district.values("att_longest_streak_ytd") == [2, 3, 3]


def test_only_a_full_day_carries_a_streak():
    district = absent(District(weeks=1), (1, 2), (1, 4)).mark(day(1, 3), "partial", minutes=389)

    assert district.build().value("att_longest_streak_ytd", 1) == 1


def test_periods_that_add_to_a_day_carry_a_streak():
    district = absent(District(weeks=1), (1, 3))
    for course in ("math", "english", "science", "social_studies", "other"):
        district.mark(day(1, 4), course=course)

    assert district.build().value("att_current_streak", 1) == 2


def test_no_streak_reaches_over_the_school_years():
    district = District(weeks=2).year(2026, FIRST_MONDAY, day(2)).year(2027, day(2), None)
    absent(district, (1, 3), (1, 4), (2, 0)).build()

    assert district.values("att_longest_streak_ytd") == [2, 1]


def test_weekday_shares_count_days_with_their_fractions():
    district = absent(District(weeks=2), (1, 0), (2, 4)).mark(day(2, 2), "partial").build()

    assert district.value("att_mon_fri_share_ytd", 2) == pytest.approx(2 / 2.5)
    assert district.value("att_weekday_concentration_ytd", 2) == pytest.approx(1 / 2.5)


def test_without_absences_the_weekday_shares_are_zero():
    district = District(weeks=1).ends(1).build()

    assert district.value("att_mon_fri_share_ytd", 1) == 0
    assert district.value("att_weekday_concentration_ytd", 1) == 0


@pytest.mark.parametrize(("minutes", "chronic"), [(389, 0), (390, 1), (391, 1)])
def test_chronic_begins_at_a_tenth_of_the_days(minutes, chronic):
    district = absent(District(weeks=4), (1, 0)).mark(day(2), "partial", minutes=minutes)
    district.ends(4).build()

    assert district.value("att_is_chronic", 4) == chronic


def test_a_rate_just_over_a_tenth_is_chronic():
    district = absent(District(weeks=4), (1, 0), (2, 0)).mark(day(3), "partial", minutes=1)

    assert district.ends(4).build().value("att_is_chronic", 4) == 1


@pytest.mark.parametrize(("closed", "chronic"), [(1, 0), (0, 1)])
def test_nobody_is_chronic_before_twenty_days(closed, chronic):
    district = District(weeks=4).close_school(*(day(3, n) for n in range(closed)))
    absent(district, (1, 0), (1, 1), (1, 2)).ends(4).build()

    assert district.value("att_is_chronic", 4) == chronic


def test_a_district_may_set_its_own_rules():
    settings = Settings(attendance=AttendanceRules(chronic_rate=0.3, min_days_enrolled=5))
    district = absent(District(weeks=1), (1, 0), (1, 1)).build(settings)

    assert district.value("att_is_chronic", 1) == 1


def test_absence_that_was_never_imported_is_unknown():
    row = District(weeks=1).has(attendance=False).ends(1).build().rows()[0]

    assert {value for name, value in row.items() if name.startswith("att_")} == {None}


def silent_from_week_2(weeks: int) -> District:
    """Ana is absent on two days; then the school reports nothing, which shows on day ten."""
    district = District(weeks=weeks)
    district.silent = day(2), day(3, 4)
    return absent(district, (1, 0), (1, 4)).ends(weeks)


def test_a_silent_feed_is_unknown_from_the_week_in_which_it_is_known_to_be_silent():
    district = silent_from_week_2(4).build()

    assert district.values("att_absence_rate_1w") == [0.4, 0, None, None]
    assert district.values("att_absence_rate_ytd") == [0.4, 0.2, 0.4, 0.4]
    assert district.values("att_absence_rate_4w") == [0.4, 0.2, 0.4, 0.4]


def test_a_window_without_a_known_day_is_unknown_and_not_zero():
    row = silent_from_week_2(5).build().rows()[4]

    assert row["att_tardies_1w"] is None and row["att_excused_days_1w"] is None
    assert row["att_unexcused_days_1w"] is None and row["att_current_streak"] is None
    assert row["att_absence_rate_4w"] is None and row["att_tardies_4w"] is None
    assert row["att_trend_4w"] is None
    assert row["att_volatility_8w"] == 0
    assert row["att_longest_streak_ytd"] == 1


def test_unknown_weeks_stay_unknown_on_the_timeline():
    district = silent_from_week_2(3).build()

    assert district.values("days_absent", table="weekly") == [2, None, None]


def test_the_timeline_knows_how_many_days_of_a_week_are_known():
    district = District(weeks=2).mark(day(2)).ends(2)
    district.silent = day(2, 3), day(2, 3)

    assert district.build().values("days_known", table="weekly") == [5, 3]
    assert district.values("days_absent", table="weekly") == [0, 1]
    assert district.value("att_absence_rate_1w", 2) == pytest.approx(1 / 3)


def test_a_feed_that_fell_silent_last_year_is_unknown_all_this_year():
    district = silent_from_week_2(8)
    district.year(2026, day(1, 0), day(5, 0)).year(2027, day(5, 0), None)

    district.build()

    assert district.values("att_absence_rate_1w")[4:] == [None] * 4
    assert district.values("att_absence_rate_ytd")[4:] == [None] * 4


def test_who_joins_a_school_that_is_silent_already_is_unknown():
    district = silent_from_week_2(5).enrol("eva", start=day(4, 0)).build()

    assert district.values("att_absence_rate_1w", student="eva") == [None, None]


def test_no_one_is_chronic_on_days_that_nobody_reported():
    settings = Settings(attendance=AttendanceRules(min_days_enrolled=6))

    assert silent_from_week_2(4).build(settings).values("att_is_chronic") == [0, 1, 0, 0]


def test_an_attendance_row_on_a_day_of_no_school_counts_nothing():
    district = District(weeks=2).mark(day(1, 5)).mark(day(1, 0)).ends(2).build()

    assert district.values("att_absence_rate_ytd") == [0.2, 0.1]


def test_two_students_without_an_absence_for_three_weeks_were_there():
    # counted by hand: Ana is absent on one of three days; then nobody is absent for three weeks
    days = [day(1), day(1, 1), day(1, 2), *(day(week, n) for week in (2, 3, 4) for n in range(5))]
    district = District(0, students=()).school("small", days)
    district.enrol("ana", "small").enrol("ben", "small").mark(day(1)).ends(4).build()

    assert district.values("att_absence_rate_1w") == pytest.approx([1 / 3, 0, 0, 0])
    assert district.values("att_absence_rate_ytd") == pytest.approx([1 / 3, 1 / 8, 1 / 13, 1 / 18])
    assert district.values("att_absence_rate_1w", "ben") == [0, 0, 0, 0]
