from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.people.access import Viewer
from edupulse_core.queries import school
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries.conftest import build_home

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (people.principal_north, ["north"]),
        (people.district_lead, ["north", "south"]),
        (people.counselor, []),
        (people.teacher_north, []),
        (people.steward, []),
    ],
    ids=lambda value: value.user_id if isinstance(value, Viewer) else "",
)
def test_only_leaders_see_a_school_as_a_whole(
    viewer: Viewer, expected: list[str], district: District
) -> None:
    assert sorted(school.schools(viewer, district)) == expected


def test_a_principal_gets_every_count_of_students_they_may_open(district: District) -> None:
    found = school.tiers(people.principal_north, district, "north")

    assert found.label == "grade"
    assert [row["grade"] for row in found.rows] == ["8"]
    assert [found.rows[0][tier] for tier in TIERS] == [1, 1, 0, 1]
    assert found.rows[0]["students"] == 3


def test_all_schools_are_one_row_each(district: District) -> None:
    found = school.tiers(people.district_lead, district, None)

    assert [row["school"] for row in found.rows] == ["North Middle School", "South High School"]


def test_a_principal_asks_for_another_school_in_vain(district: District) -> None:
    assert school.tiers(people.principal_north, district, "south").rows == []
    assert school.rates(people.principal_north, district, "south") == []


@pytest.mark.parametrize(
    "viewer",
    [
        people.steward,
        people.counselor,
        people.teacher_north,
        replace(people.steward, school_ids=("north",)),
        replace(people.counselor, school_ids=("north",)),
    ],
)
def test_who_leads_no_school_gets_no_sums(viewer: Viewer, district: District) -> None:
    assert school.tiers(viewer, district, None).rows == []
    assert school.tiers(viewer, district, "north").rows == []
    assert school.rates(viewer, district, None) == []


def test_a_principal_who_also_teaches_elsewhere_gets_no_sums_of_there(district: District) -> None:
    both = replace(people.teacher_south, roles=frozenset({"teacher", "principal"}))

    assert school.schools(replace(both, school_ids=("north",)), district).keys() == {"north"}


def test_rates_are_shares_of_the_students_of_the_week(district: District) -> None:
    (whole,) = school.rates(people.district_lead, district, None)
    (north,) = school.rates(people.principal_north, district, "north")

    assert whole["year"] == "2026–27" and whole["as_of"] == people.AS_OF
    assert (whole["students"], north["students"]) == (6, 4)
    assert whole["failing"] == 0.17 and north["failing"] == 0.25
    assert whole["removed"] == 0.17


def test_who_is_unknown_counts_neither_way(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path))
    district.con.execute(
        "create table memory.main.features as select * replace ("
        "if(student_id = 'ben', null, grd_courses_failing) as grd_courses_failing) "
        "from features.features"
    )

    (year,) = school.rates(people.district_lead, district, None)

    assert year["failing"] == 0.2
    assert year["removed"] == 0.17


@pytest.fixture
def with_last_year(tmp_path: Path) -> District:
    """Last year Dee was in the south; Hal and Ida, who have left since, were in the north."""
    return open_district(build_home(tmp_path, more=LAST_YEAR))


def test_an_earlier_year_counts_who_was_there_then(with_last_year: District) -> None:
    before, now = school.rates(people.district_lead, with_last_year, "north")

    assert (before["year"], before["students"]) == ("2025–26", 2)
    assert before["chronic"] == 0.5
    assert now["students"] == 4


def test_a_small_share_of_students_who_have_left_is_hidden(with_last_year: District) -> None:
    before, now = school.rates(people.principal_north, with_last_year, "north")

    assert before["students"] is None and before["chronic"] is None
    assert now["students"] == 4 and now["failing"] == 0.25


@dataclass(frozen=True)
class Cohort:
    """A school's students of last year: how many, and how many of them failed a course."""

    stayed: int
    failing: int
    left: int = 0
    left_failing: int = 0


BOTH = replace(people.principal_north, school_ids=("north", "south"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> District:
    return open_district(build_home(tmp_path_factory.mktemp("large")))


def last_year(district: District, **schools: Cohort) -> dict[str, dict[str, Any]]:
    """Last year's rates of each school and of both, as the principal of both gets them."""
    con = district.con
    con.execute(EMPTY_COHORTS)
    for school_id, cohort in schools.items():
        con.execute(COHORT, vars(cohort) | {"school_id": school_id})
        con.execute(ADD_COHORT)
    return {
        name: school.rates(BOTH, district, None if name == "both" else name)[0]
        for name in (*schools, "both")
    }


def test_one_school_that_hides_a_share_hides_the_sum_too(large: District) -> None:
    found = last_year(large, north=Cohort(300, 30), south=Cohort(60, 2, 40, 2))

    assert [year["failing"] for year in found.values()] == [0.10, None, None]
    assert [year["students"] for year in found.values()] == [300, 100, 400]


def test_a_few_who_left_are_hidden_among_many_who_stayed(large: District) -> None:
    found = last_year(large, north=Cohort(397, 39, 3, 2), south=Cohort(100, 50))

    assert [year["failing"] for year in found.values()] == [None, 0.5, None]
    assert [year["students"] for year in found.values()] == [None, 100, None]


@pytest.mark.parametrize(
    ("left", "failing", "expected"),
    [(20, 10, 0.4), (20, 9, None), (20, 11, None), (20, 0, None), (0, 0, 0.4)],
)
def test_a_share_shows_when_both_sides_of_those_who_left_are_large(
    large: District, left: int, failing: int, expected: float | None
) -> None:
    found = last_year(large, north=Cohort(30, 10 if left else 12, left, failing))

    assert found["north"]["failing"] == expected


@pytest.mark.parametrize("other", [Cohort(40, 4), Cohort(40, 4, 7, 3), Cohort(40, 4, 30, 12)])
def test_nothing_shown_tells_how_many_of_those_who_left_failed(
    large: District, other: Cohort
) -> None:
    """Whoever can open all who stayed gets the same page, whatever is true of the few."""
    pages = [
        last_year(large, north=Cohort(41, 9, 12, failing), south=other) for failing in (0, 4, 9)
    ]

    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize("other", [Cohort(40, 4), Cohort(40, 4, 8)])
def test_nothing_shown_tells_how_many_have_left(large: District, other: Cohort) -> None:
    pages = [
        last_year(large, north=Cohort(41, 9, left), south=other)["both"]["students"]
        for left in (1, 9)
    ]

    assert pages == [None, None]


def test_shares_are_whole_percents(large: District) -> None:
    found = last_year(large, north=Cohort(397, 39))

    assert found["north"]["failing"] == 0.10


EMPTY_COHORTS = """
create or replace table memory.main.school_years as
    select * from warehouse.school_years
    union all
    select 2026, date '2025-08-01', date '2026-08-01';
create or replace table memory.main.enrollment_spans as from warehouse.enrollment_spans;
create or replace table memory.main.student_weeks as from features.student_weeks;
create or replace table memory.main.features as from features.features;
"""
COHORT = """
create or replace temp table cohort as
    select
        $school_id || '-' || number as student_id,
        $school_id as school_id,
        number > $stayed as has_left,
        if(number > $stayed, number - $stayed <= $left_failing, number <= $failing) as fails
    from range(1, $stayed + $left + 1) as numbers (number)
"""
ADD_COHORT = """
insert into memory.main.enrollment_spans
    select student_id, 'student', 'algebra-3', school_id, 'algebra', first_day, last_day
    from cohort
    cross join (values
        (date '2025-08-18', date '2026-06-13', true), (date '2026-08-17', date '2026-12-19', false)
    ) as spans (first_day, last_day, is_past)
    where is_past or not has_left;
insert into memory.main.student_weeks by name
    select student_id, date '2025-11-03' as week_start, school_id, 2026 as school_year
    from cohort;
insert into memory.main.features by name
    select
        student_id,
        date '2025-11-03' as week_start,
        fails::integer as grd_courses_failing,
        0 as att_is_chronic,
        0 as dsc_days_removed_ytd
    from cohort;
"""
LAST_YEAR = """
insert into school_years values (2026, '2025-08-01', '2026-08-01');
insert into users (user_id, given_name, family_name, username, email, grade) values
    ('hal', 'Hal', 'Hill', 'hal', null, '8'), ('ida', 'Ida', 'Ito', 'ida', null, '8');
insert into user_roles values ('hal', 'student', 'north'), ('ida', 'student', 'north');
insert into enrollment_spans values
    ('hal', 'student', 'algebra-3', 'north', 'algebra', '2025-08-18', '2026-06-13'),
    ('ida', 'student', 'algebra-3', 'north', 'algebra', '2025-08-18', '2026-06-13'),
    ('dee', 'student', 'biology-2', 'south', 'biology', '2025-08-18', '2026-06-13');
insert into school_days
    select org_id, day::date
    from orgs, generate_series(date '2025-08-18', date '2026-06-12', interval 1 day) as days(day)
    where type = 'school' and isodow(day) <= 5;
insert into student_days
    select user_id, date, school_id
    from school_days
    join enrollment_spans using (school_id)
    where user_id in ('hal', 'ida', 'dee') and start_date < date '2026-06-13'
        and date < date '2026-06-13';
insert into attendance
    select 'h-' || date, 'hal', date, 'absent', 'unexcused', null, null
    from school_days
    where school_id = 'north' and date < date '2026-06-13' and isodow(date) = 1;
"""
