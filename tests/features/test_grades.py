"""The 15 grade features, by hand."""

import pytest

from edupulse_core.config import GradeRules, Settings
from tests.features.district import FIRST_MONDAY, District, day

UNKNOWN_AT_FIRST = [
    "grd_score_mean_1w",
    "grd_score_mean_4w",
    "grd_gpa_ytd",
    "grd_lowest_course",
    "grd_math_ytd",
    "grd_english_ytd",
    "grd_science_ytd",
    "grd_social_studies_ytd",
]


def test_before_the_first_result_values_are_unknown_and_counts_are_zero():
    row = District(weeks=1).ends(1).build().rows()[0]

    grades = {name: value for name, value in row.items() if name.startswith("grd_")}
    assert {name for name, value in grades.items() if value is None} == set(UNKNOWN_AT_FIRST)
    assert {value for value in grades.values() if value is not None} == {0}


def test_marks_that_were_never_imported_are_unknown():
    row = District(weeks=1).has(grades=False).ends(1).build().rows()[0]

    assert {value for name, value in row.items() if name.startswith("grd_")} == {None}


def test_the_weeks_mean_is_carried_forward_when_there_is_no_result():
    district = District(weeks=4).result(day(1), 60).result(day(1, 4), 70).result(day(3), 90)

    assert district.ends(4).build().values("grd_score_mean_1w") == pytest.approx(
        [0.65, 0.65, 0.9, 0.9]
    )


def test_the_mean_of_four_weeks_pools_results_and_is_carried_forward():
    district = District(weeks=7).result(day(1), 60).result(day(2), 90).result(day(2), 90).ends(7)

    assert district.build().values("grd_score_mean_4w") == pytest.approx(
        [0.6, 0.8, 0.8, 0.8, 0.9, 0.9, 0.9]
    )


def test_nothing_is_carried_over_the_school_years():
    district = District(weeks=2).year(2026, FIRST_MONDAY, day(2)).year(2027, day(2), None)

    assert district.result(day(1), 60).ends(2).build().values("grd_score_mean_4w") == [0.6, None]


def test_only_graded_results_have_a_percentage():
    graded = ("fully graded", "partially graded")
    others = ("submitted", "not submitted", "exempt")
    district = District(weeks=1, students=(*graded, *others))
    for status in (*graded, *others):
        district.result(day(1), 50, status=status, student=status)

    district.ends(1).build()

    for status in (*graded, *others):
        found = district.value("grd_score_mean_1w", 1, status)
        assert (found is not None) == (status in graded), status


def test_a_graded_result_without_a_score_has_no_percentage():
    assert District(weeks=1).result(day(1), None).ends(1).build().value("grd_gpa_ytd", 1) is None


def test_a_percentage_counts_from_the_minimum():
    district = District(weeks=1).ends(1)
    item = district.item(day(1), value_min=50)
    district.con.execute(
        "insert into warehouse.results values ('r', ?, 'ana', 'fully graded', 75, ?, null)",
        [item, day(1)],
    )

    assert district.build().value("grd_score_mean_1w", 1) == 0.5


POINTS = (  # score, points
    (59.99, 0),
    (60, 1),
    (69.99, 1),
    (70, 2),
    (79.99, 2),
    (80, 3),
    (89.99, 3),
    (90, 4),
    (100, 4),
    (59.99999999999, 1),
)


def test_grade_points_begin_at_the_edges():
    names = [f"s{n}" for n in range(len(POINTS))]
    district = District(weeks=1, students=names)
    for name, (score, _) in zip(names, POINTS, strict=True):
        district.result(day(1), score, student=name)

    district.build()

    for name, (score, points) in zip(names, POINTS, strict=True):
        assert district.value("grd_gpa_ytd", 1, name) == points, score


def test_grade_points_are_averaged_over_courses_not_results():
    district = District(weeks=1).result(day(1), 95, "math").result(day(1), 65, "english")
    district.result(day(1), 65, "english").result(day(1), 65, "english")

    assert district.build().value("grd_gpa_ytd", 1) == 2.5


def test_points_changed_against_four_rows_ago():
    district = District(weeks=6).result(day(1), 95).result(day(5), 65).ends(6).build()

    assert district.values("grd_gpa_change_4w") == [0, 0, 0, 0, -1, -1]


def test_the_change_is_zero_while_the_points_of_then_are_unknown():
    assert District(weeks=5).result(day(2), 95).ends(5).build().value("grd_gpa_change_4w", 5) == 0


def test_trend_and_spread_of_marks_use_known_weeks_only():
    district = District(weeks=4).result(day(2), 60).result(day(3), 70).result(day(4), 80).build()

    assert district.values("grd_trend_8w") == pytest.approx([0, 0, 0.1, 0.1])
    assert district.values("grd_volatility_8w") == pytest.approx([0, 0, 0.05, (2 / 300) ** 0.5])


def test_trend_of_marks_reaches_back_eight_rows():
    district = District(weeks=9).result(day(1), 10).result(day(2), 80).ends(9).build()

    assert district.value("grd_trend_8w", 8) > 0
    assert district.value("grd_trend_8w", 9) == pytest.approx(0)
    assert district.value("grd_volatility_8w", 9) == pytest.approx(0)


@pytest.mark.parametrize(
    ("score", "failing"), [(59.99, 1), (60, 0), (60.01, 0), (59.99999999999, 0)]
)
def test_exactly_sixty_percent_is_not_failing(score, failing):
    assert (
        District(weeks=1).result(day(1), score).build().value("grd_courses_failing", 1) == failing
    )


def test_marks_that_sum_to_sixty_percent_are_not_failing():
    district = District(weeks=1)
    for score in (10, 20, 30, 70, 80, 90, 100, 80):
        district.result(day(1), score)

    assert district.build().value("grd_courses_failing", 1) == 0


def test_courses_are_compared_by_their_means_of_the_year():
    district = District(weeks=2).result(day(1), 50, "math").result(day(1), 90, "english")
    district.result(day(2), 80, "math").ends(2).build()

    assert district.values("grd_courses_failing") == [1, 0]
    assert district.values("grd_lowest_course") == pytest.approx([0.5, 0.65])
    assert district.values("grd_course_spread") == pytest.approx([0.4, 0.25])


def test_a_dropped_course_still_counts_this_year():
    district = District(weeks=2, students=()).enrol("ana", courses=["english"])
    district.enrol("ana", courses=["math"], end=day(2)).result(day(1), 50, "math").ends(2)

    assert district.build().value("grd_courses_failing", 2) == 1


def test_a_subject_is_the_mean_of_its_courses_else_of_all():
    district = District(weeks=1).result(day(1), 50, "math").result(day(1), 90, "english").build()

    assert district.value("grd_math_ytd", 1) == 0.5
    assert district.value("grd_english_ytd", 1) == 0.9
    assert district.value("grd_science_ytd", 1) == pytest.approx(0.7)
    assert district.value("grd_social_studies_ytd", 1) == pytest.approx(0.7)


def test_two_courses_of_a_subject_count_alike():
    district = District(weeks=1)
    district.con.execute(
        "update warehouse.courses set subject = 'science' where course_id = 'other'"
    )
    district.result(day(1), 50, "science").result(day(1), 50, "science").result(day(1), 90, "other")

    assert district.build().value("grd_science_ytd", 1) == pytest.approx(0.7)


def test_a_subject_of_social_studies_has_its_own_mean():
    district = District(weeks=1).result(day(1), 40, "social_studies").result(day(1), 80).build()

    assert district.value("grd_social_studies_ytd", 1) == 0.4


def test_missing_work_counts_from_its_due_date_for_four_weeks():
    district = District(weeks=6).missing(day(2, 6)).result(day(2), 80).ends(6).build()

    assert district.values("grd_missing_rate_4w") == [0, 0.5, 0.5, 0.5, 0.5, 0]


def test_work_scored_later_does_not_exist_before_its_score():
    district = District(weeks=5).missing(day(2)).result(day(4), 80, due=day(2)).ends(5).build()

    assert district.values("grd_missing_rate_4w") == [0, 1, 1, 0.5, 0.5]


def test_submitted_work_is_due_and_not_missing_and_exempt_work_is_neither():
    district = District(weeks=1).missing(day(1)).result(day(1), None, status="submitted")
    district.result(day(1), None, status="exempt").ends(1).build()

    assert district.value("grd_missing_rate_4w", 1) == 0.5


def test_work_scored_before_it_is_due_counts_when_it_is_due():
    district = District(weeks=3).result(day(1), 80, due=day(3)).missing(day(3)).ends(3).build()

    assert district.values("grd_missing_rate_4w") == [0, 0, 0.5]


def test_work_due_in_a_break_counts_in_the_next_row():
    district = District(weeks=3).close_school(*(day(2, n) for n in range(5))).missing(day(2))

    assert district.ends(3).build().values("grd_missing_rate_4w") == [0, 1]


@pytest.mark.parametrize(("days", "late"), [(6, 0), (7, 0), (8, 1)])
def test_a_result_is_late_after_more_than_seven_days(days, late):
    scored = day(3)
    district = District(weeks=3).result(scored, 80, due=day(3, -days)).build()

    assert district.value("grd_late_rate_4w", 3) == late


def test_the_late_rate_is_of_the_results_of_four_weeks():
    district = District(weeks=6).result(day(2), 80, due=day(1, -7)).result(day(2), 80).ends(6)

    assert district.build().values("grd_late_rate_4w") == [0, 0.5, 0.5, 0.5, 0.5, 0]


def test_a_result_scored_in_a_break_counts_in_the_next_row():
    holiday = [day(2, n) for n in range(5)]
    district = District(weeks=3).close_school(*holiday).result(day(2), 50).ends(3).build()

    assert district.values("grd_score_mean_1w") == [None, 0.5]


def test_a_result_belongs_to_the_year_of_its_score_date():
    district = District(weeks=2).year(2026, FIRST_MONDAY, day(2)).year(2027, day(2), None)

    assert district.result(day(2), 50, due=day(1)).build().values("grd_gpa_ytd") == [None, 0]


def test_a_district_may_grade_in_its_own_steps():
    rules = GradeRules(failing_below=0.5, late_days=1, points=((0.5, 1.0), (0.55, 9.0)))
    district = District(weeks=1).result(day(1, 4), 55, due=day(1, 2)).build(Settings(grades=rules))

    assert district.value("grd_gpa_ytd", 1) == 9
    assert district.value("grd_courses_failing", 1) == 0
    assert district.value("grd_late_rate_4w", 1) == 1
