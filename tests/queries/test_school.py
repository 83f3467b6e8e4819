import pytest
from hypothesis import given
from hypothesis import strategies as st

from edupulse_core.people.access import Viewer
from edupulse_core.queries import school, small_cells
from edupulse_core.queries.district import District
from tests import people

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


def test_a_small_school_shows_no_counts(district: District) -> None:
    found = school.tiers(people.principal_north, district, "north")

    assert found.label == "grade" and [row["grade"] for row in found.rows] == ["8"]
    assert found.rows[0]["students"] is None and found.n_hidden == 3


def test_all_schools_are_one_row_each(district: District) -> None:
    found = school.tiers(people.district_lead, district, None)

    assert [row["school"] for row in found.rows] == ["North Middle School", "South High School"]


def test_a_principal_asks_for_another_school_in_vain(district: District) -> None:
    assert school.tiers(people.principal_north, district, "south").rows == []
    assert school.rates(people.principal_north, district, "south") == []


def test_rates_by_year_hide_small_numbers(district: District) -> None:
    (year,) = school.rates(people.district_lead, district, None)

    assert year["year"] == "2026–27" and year["as_of"] == people.AS_OF
    assert year["chronic"] is None and year["students"] is None
