"""The spine: which weeks have a row."""

from datetime import date, timedelta

from tests.features.district import FIRST_MONDAY, District, day


def mondays(district: District) -> list[date]:
    return [row["week_start"] for row in district.rows("student_weeks")]


def test_a_week_counts_when_enrolled_on_one_instructional_day_of_it():
    district = District(weeks=4, students=()).enrol("ana", start=day(2, 4), end=day(4)).ends(4)

    assert mondays(district.build()) == [day(2), day(3)]


def test_a_week_of_holidays_has_no_row():
    district = District(weeks=3).close_school(*(day(2, n) for n in range(5))).ends(3).build()

    assert mondays(district) == [day(1), day(3)]


def test_data_end_with_the_week_of_the_latest_record():
    district = District(weeks=9).incident(day(5, 5)).build()

    assert mondays(district)[-1] == day(5)


def test_work_that_was_not_graded_does_not_reach_the_data_further():
    district = District(weeks=9).ends(3).result(day(6), None, status="submitted").build()

    assert mondays(district)[-1] == day(3)


def test_a_week_still_running_on_the_import_day_has_no_row():
    district = District(weeks=4).ends(4)

    assert mondays(district.imported_on(day(4, 6)).build())[-1] == day(3)
    assert mondays(district.imported_on(day(5, 0)).build())[-1] == day(4)


def test_position_restarts_with_the_school_year_and_history_does_not():
    district = District(weeks=4).year(2026, FIRST_MONDAY, day(3)).year(2027, day(3), None)

    rows = district.ends(4).build().rows("student_weeks")

    assert [row["position"] for row in rows] == [1, 2, 1, 2]
    assert [row["history_weeks"] for row in rows] == [1, 2, 3, 4]
    assert [row["school_year"] for row in rows] == [2026, 2026, 2027, 2027]


def test_a_week_in_which_a_year_begins_belongs_to_the_new_year_from_its_first_day():
    district = District(weeks=3).year(2026, FIRST_MONDAY, day(2, 2)).year(2027, day(2, 2), None)
    district.mark(day(2, 1)).mark(day(2, 3)).ends(3).build()

    assert district.rows("student_weeks")[1]["school_year"] == 2027
    assert district.value("att_absence_rate_1w", 2) == 1 / 3


def test_changing_school_does_not_restart_the_year():
    district = District(weeks=4, students=()).school("south", [day(3), day(4)])
    district.enrol("ana", end=day(3)).enrol("ana", "south", start=day(3))
    district.mark(day(1)).ends(4).build()

    assert [row["position"] for row in district.rows("student_weeks")] == [1, 2, 3, 4]
    assert [row["school_id"] for row in district.rows("student_weeks")][1:3] == ["north", "south"]
    assert district.value("att_absence_rate_ytd", 4) == 1 / 12


def test_students_and_weeks_come_in_order():
    district = District(weeks=3, students=("zoe", "ana", "Bo")).ends(3).build()

    found = district.con.sql("select student_id, week_start from features.main.features").fetchall()

    assert found == sorted(found) and len(found) == 9


def test_a_district_without_any_record_has_no_rows():
    assert District(weeks=3).build().rows("student_weeks") == []


def test_the_weekly_table_tells_what_happened_in_each_week():
    district = District(weeks=2).mark(day(1)).mark(day(1, 1), "tardy").result(day(1), 50)
    district.result(day(1), 70).missing(day(2)).incident(day(2), action="expulsion", removed=3)

    first, second = district.build().rows("weekly")

    assert (first["days_enrolled"], first["days_absent"], first["n_tardies"]) == (5, 1, 1)
    assert (first["n_results"], first["score_mean"], first["n_missing"]) == (2, 0.6, None)
    assert (second["n_missing"], second["n_incidents"], second["days_removed"]) == (1, 1, 3)
    assert second["score_mean"] is None


def test_a_break_does_not_fall_into_the_week_before_it():
    holiday = [day(2, n) for n in range(5)]
    district = District(weeks=3).close_school(*holiday).incident(day(2, 5)).ends(3).build()

    assert district.values("dsc_incidents_1w") == [0, 1]
    assert district.rows()[1]["week_start"] - district.rows()[0]["week_start"] == timedelta(14)


def test_weeks_count_as_known_by_attendance_or_grades_among_the_last_twenty():
    district = District(weeks=25).has(attendance=False).result(day(3)).ends(25).build()

    found = [row["known_weeks"] for row in district.rows("student_weeks")]

    assert found == [0, 0, *range(1, 20), *[20] * 4]
