from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edupulse_core.inference.tiers import TIERS
from edupulse_core.people.access import Viewer
from edupulse_core.queries import school, small_cells
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries.conftest import build_home

TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=1, max_size=5
    )
)


@given(TABLES)
def test_every_small_count_is_hidden_and_never_alone(cells: list[list[int]]) -> None:
    hide = small_cells.hidden(cells)

    for r, row in enumerate(cells):
        dark = [count for count, hidden in zip(row, hide[r], strict=True) if hidden]
        assert all(h or count == 0 or count >= 10 for count, h in zip(row, hide[r], strict=True))
        assert not dark or len(dark) == len(row) or (len(dark) > 1 and sum(dark) >= 10)
    for c in range(len(cells[0])):
        dark = [row[c] for r, row in enumerate(cells) if hide[r][c]]
        assert not dark or len(dark) == len(cells) or (len(dark) > 1 and sum(dark) >= 10)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(9, 100, None), (10, 100, 0.1), (90, 100, 0.9), (91, 100, None), (0, 0, None)],
)
def test_a_share_shows_only_when_both_sides_are_large(
    part: int, whole: int, expected: float | None
) -> None:
    assert small_cells.share(part, whole) == expected


def test_one_hidden_school_hides_another_with_it() -> None:
    assert small_cells.shares([3, 20, 40], [100, 100, 100]) == [None, None, 0.4]
    assert small_cells.shares([20, 40], [100, 100]) == [0.2, 0.4]


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
    assert whole["failing"] == pytest.approx(1 / 6) and north["failing"] == pytest.approx(1 / 4)
    assert whole["removed"] == pytest.approx(1 / 6)


def test_who_is_unknown_counts_neither_way(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path))
    district.con.execute(
        "create table memory.main.features as select * replace ("
        "if(student_id = 'ben', null, grd_courses_failing) as grd_courses_failing) "
        "from features.features"
    )

    (year,) = school.rates(people.district_lead, district, None)

    assert year["failing"] == pytest.approx(1 / 5)
    assert year["removed"] == pytest.approx(1 / 6)


@pytest.fixture
def with_last_year(tmp_path: Path) -> District:
    """Last year Dee was in the south; Hal and Ida, who have left since, were in the north."""
    return open_district(build_home(tmp_path, more=LAST_YEAR))


def test_an_earlier_year_counts_who_was_there_then(with_last_year: District) -> None:
    before, now = school.rates(people.district_lead, with_last_year, "north")

    assert (before["year"], before["students"]) == ("2025–26", 2)
    assert before["chronic"] == pytest.approx(1 / 2)
    assert now["students"] == 4


def test_a_small_share_of_students_who_have_left_is_hidden(with_last_year: District) -> None:
    before, now = school.rates(people.principal_north, with_last_year, "north")

    assert before["students"] is None and before["chronic"] is None
    assert now["students"] == 4 and now["failing"] == pytest.approx(1 / 4)


def test_one_school_with_students_who_have_left_hides_the_other_too(
    with_last_year: District,
) -> None:
    both = replace(people.principal_north, school_ids=("north", "south"))

    before = [school.rates(both, with_last_year, place)[0] for place in ("north", "south", None)]

    assert all(year["chronic"] is None and year["students"] is None for year in before)


LAST_YEAR = """
insert into school_years values (2026, '2025-08-01', '2026-08-01');
insert into users values
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
