"""Rules of some schools and grades, by hand."""

import pytest

from edupulse_core.config import AttendanceRules, GradeRules, SchoolRules, Settings
from tests.features.district import COURSES, District, day


def with_rules(*blocks: SchoolRules, **more: object) -> Settings:
    return Settings(rules=blocks, **more)


def grade(district: District, level: str, student: str = "ana") -> District:
    district.con.execute(
        "insert into warehouse.users (user_id, grade) values (?, ?)", [student, level]
    )
    return district


def absent_on_mondays() -> District:
    """Five classes, of which two meet on a Monday; Ana misses both of them."""
    district = District(weeks=4)
    for week in range(1, 5):
        for course in COURSES[:2]:
            district.mark(day(week), course=course)
    return district


def test_of_five_classes_two_missed_are_a_day_where_only_two_meet():
    told = with_rules(SchoolRules(schools=("north",), classes_a_day=2))

    without = absent_on_mondays().build()
    found = absent_on_mondays().build(told)

    assert without.value("att_absence_rate_1w", 4) == pytest.approx(0.4 / 5)
    assert without.value("att_longest_streak_ytd", 4) == 0
    assert found.value("att_absence_rate_1w", 4) == 0.2
    assert found.value("att_longest_streak_ytd", 4) == 1


def test_classes_a_day_of_the_district_count_where_no_block_says_otherwise():
    settings = Settings(attendance=AttendanceRules(classes_a_day=2))

    assert absent_on_mondays().build(settings).value("att_absence_rate_1w", 1) == 0.2


def test_who_misses_every_class_misses_the_day_whatever_the_minutes():
    district = District(weeks=1).ends(1)
    for course in COURSES:
        district.mark(day(1), reason="excused", course=course, minutes=40)

    row = district.build().rows()[0]

    assert row["att_absence_rate_1w"] == 0.2
    assert row["att_excused_days_1w"] == 1
    assert row["att_current_streak"] == 0 and row["att_longest_streak_ytd"] == 1


def test_who_misses_all_classes_but_one_misses_their_minutes():
    district = District(weeks=1).ends(1)
    for course in COURSES[:4]:
        district.mark(day(1), course=course, minutes=39)

    assert district.build().value("att_absence_rate_1w", 1) == pytest.approx(0.4 / 5)


@pytest.mark.parametrize("course", [None, "math"])
def test_minutes_a_day_are_those_of_the_school(course):
    told = with_rules(SchoolRules(schools=("north",), minutes_a_day=300))
    district = District(weeks=1).mark(day(1), "partial", minutes=150, course=course).ends(1)

    assert district.build(told).value("att_absence_rate_1w", 1) == pytest.approx(0.1)


def test_a_scale_from_one_to_four_fails_below_its_own_edge():
    low = with_rules(SchoolRules(schools=("north",), failing_below=0.3, points=((0.3, 4.0),)))
    district = District(weeks=12).result(day(2), 50).ends(12)

    assert district.build().value("grd_courses_failing", 2) == 1
    assert district.outcome("flag_c", 1) == 1
    assert district.build(low).value("grd_courses_failing", 2) == 0
    assert district.value("grd_gpa_ytd", 2) == 4
    assert district.outcome("flag_c", 1) == 0


def test_each_setting_comes_from_the_first_block_that_says_it():
    told = with_rules(
        SchoolRules(grades=("3",), points=((0.1, 1.0),)),
        SchoolRules(schools=("north",), failing_below=0.3, points=((0.1, 2.0),)),
    )
    district = grade(District(weeks=2).result(day(1), 50).ends(2), "03").build(told)

    assert district.value("grd_courses_failing", 1) == 0
    assert district.value("grd_gpa_ytd", 1) == 1


def test_the_grades_of_a_class_go_before_the_students():
    told = with_rules(SchoolRules(grades=("03",), failing_below=0.3))
    district = grade(District(weeks=1).result(day(1), 50), "3")
    district.con.execute("update warehouse.classes set grades = ['4']")

    assert district.build(told).value("grd_courses_failing", 1) == 1
    district.con.execute("update warehouse.classes set grades = ['4', '03']")
    assert district.build(told).value("grd_courses_failing", 1) == 0


def test_a_course_is_judged_by_the_class_of_its_latest_result():
    told = with_rules(SchoolRules(schools=("south",), failing_below=0.3))
    district = District(weeks=2).school("south", [day(1)])
    district.result(day(1), 50).result(day(2), 50, school="south").build(told)

    assert district.values("grd_courses_failing") == [1, 0]


def test_a_letter_is_worth_what_the_rules_say():
    letters = (("B", 0.8), ("F", 0.2))
    district = District(weeks=1).result(day(1), None, letter="b ").result(day(1), 40)

    found = district.build(Settings(grades=GradeRules(letters=letters)))

    assert found.value("grd_score_mean_1w", 1) == pytest.approx(0.6)


def test_a_word_that_no_rule_lists_says_only_that_the_work_was_handed_in():
    district = District(weeks=1).missing(day(1)).result(day(1), None, letter="Great").build()

    assert district.value("grd_missing_rate_4w", 1) == 0.5
    assert district.value("grd_score_mean_1w", 1) is None
