"""The age of a student's last mark, by the same weeks as the features that carry it."""

from itertools import pairwise

import numpy as np
import pytest

from edupulse_core.families.risk import marks
from tests.features.district import District, day, random_district


def read(district: District) -> District:
    """The district's features, found beside its records as in a home."""
    district.build()
    district.con.execute("set search_path = 'memory.main,warehouse.main,features.main'")
    return district


def ages(district: District, *weeks: int) -> list[float]:
    return [
        float(marks.ages(district.con, day(week), ["ana"], district.settings)[0]) for week in weeks
    ]


def test_a_mark_of_the_week_has_age_0_and_grows_by_school_weeks():
    district = District(weeks=6).close_school(*(day(4, n) for n in range(5)))
    read(district.result(day(2, 6), 60).ends(6))

    assert ages(district, 2, 3, 5, 6) == [0, 1, 2, 3]


def test_a_mark_given_on_days_off_counts_in_the_next_week():
    district = District(weeks=4).close_school(*(day(2, n) for n in range(5)))
    read(district.result(day(2, 1), 60).ends(4))

    assert ages(district, 3, 4) == [0, 1]


def test_a_mark_that_was_given_later_is_not_known():
    district = read(District(weeks=4).result(day(1), 60).result(day(3), 70).ends(4))

    assert ages(district, 2, 3) == [1, 0]


def test_work_without_a_mark_and_marks_of_the_year_before_have_no_age():
    district = District(weeks=2).year(2026, day(1), day(2)).year(2027, day(2), None)
    read(district.result(day(1), 60).result(day(2), None, status="submitted").ends(2))

    assert np.isnan(ages(district, 2)[0])
    assert marks.ages(district.con, day(2), [], district.settings).tolist() == []


@pytest.mark.parametrize("seed", range(2))
def test_the_age_is_that_of_the_weeks_that_the_features_carry(seed):
    district = random_district(seed)
    district.con.execute(
        "update warehouse.results set score = 20 + hash(result_id) % 75000 / 1000 "
        "where score is not null"  # hardly any two weeks have the same mean, so each shows
    )
    district.con.execute("delete from warehouse.results where hash(result_id) % 5 > 0")
    read(district)
    names = [f"s{n:02}" for n in range(6)]
    found, expected = [], []
    for name in names:
        rows = [
            week | values
            for week, values in zip(
                district.rows("student_weeks", name), district.rows("features", name), strict=True
            )
        ]
        age = np.nan
        for before, row in pairwise([{"school_year": None}, *rows]):
            is_new = before["school_year"] != row["school_year"]
            mean = row["grd_score_mean_1w"]
            if mean is None:
                age = np.nan
            elif is_new or mean != before["grd_score_mean_1w"]:
                age = 0.0
            else:
                age += 1
            expected.append(age)
            found.append(marks.ages(district.con, row["week_start"], [name], district.settings)[0])

    assert np.nanmax(expected) >= 4
    np.testing.assert_array_equal(found, expected)
