from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST
from edupulse_core.training import hiding
from edupulse_core.training.hiding import (
    hidden,
    in_several,
    tells_of_few,
    to_hide,
    told,
    two_counts_tell_of_few,
)

Block = tuple[str, str, int]  # school, grade, students
LARGE = (("low", "1", 90), ("low", "2", 95))


def test_a_group_with_a_small_cell_is_hidden_and_not_alone() -> None:
    cells = [np.array(each) for each in ([90, 80], [50, 9], [40, 30], [60, 60])]

    assert hidden(cells) == [False, True, True, False]


def test_what_is_hidden_together_is_not_small_either() -> None:
    cells = [np.array(each) for each in ([3], [4], [12], [50])]

    assert hidden(cells) == [True, True, True, False]


def test_nobody_is_nobody() -> None:
    assert hidden([np.array([0, 30]), np.array([20, 40])]) == [False, False]


def dark(*blocks: Block) -> dict[str, set[str]]:
    """The hidden groups of each attribute."""
    sizes = [block[2] for block in blocks]
    groups = {
        name: np.repeat([block[at] for block in blocks], sizes)
        for at, name in enumerate(("school", "grade"))
    }
    found = to_hide(groups, np.arange(sum(sizes)), np.ones((sum(sizes), 1)))
    return {of: {name for name, hide in each.items() if hide} for of, each in found.items()}


def test_a_small_grade_takes_another_of_its_school_with_it_and_not_the_school() -> None:
    # with 6, the smallest, 9 would be its school less 10 and 11
    found = dark(
        *LARGE, ("middle", "6", 20), ("high", "9", 5), ("high", "10", 40), ("high", "11", 45)
    )

    assert found == {"school": set(), "grade": {"9", "10"}}


def test_a_small_school_takes_one_with_it_that_shares_its_grade() -> None:
    # were small hidden with it, 7 and 8 would add up to small
    found = dark(*LARGE, ("tiny", "2", 4), ("small", "7", 20), ("small", "8", 30))

    assert found == {"school": {"tiny", "low"}, "grade": set()}


def test_a_small_school_of_its_own_grade_takes_a_school_and_grades_with_it() -> None:
    found = dark(*LARGE, ("tiny", "12", 4), ("small", "7", 20), ("small", "8", 30))

    assert found == {"school": {"tiny", "small"}, "grade": {"12", "7"}}


def test_a_few_in_a_grade_of_another_school_are_not_told_by_that_school_less_its_own() -> None:
    found = dark(*LARGE, ("middle", "6", 20), ("middle", "9", 3), ("high", "9", 60))

    assert found["grade"] >= {"6", "9"} or found["school"] >= {"middle", "high"}


def test_schools_and_grades_that_are_large_are_all_shown() -> None:
    assert dark(*LARGE, ("high", "9", 20)) == {"school": set(), "grade": set()}


def test_a_later_table_hides_what_an_earlier_one_does() -> None:
    # a has 5 with the outcome, and b, the smallest of the others, goes with it. Each of b is called
    # in one week and not in another: counted so, c is smaller; but c's 12 would then tell a's 5.
    team = np.repeat(["a", "b", "b", "c", "d"], [60, 40, 40, 50, 90])
    student = np.concatenate([np.arange(100), np.arange(60, 240)])
    had = ((60, 5), (40, 12), (40, 12), (50, 12), (90, 40))
    outcome = np.concatenate([np.arange(n) < some_had for n, some_had in had])
    called = np.concatenate([np.ones(60), np.ones(40), np.zeros(40), np.ones(140)])
    tables = [np.eye(2)[outcome.astype(int)], np.eye(4)[(2 * outcome + called).astype(int)]]

    first, alone, both = (
        to_hide({"team": team}, student, *chosen)["team"]
        for chosen in (tables[:1], tables[1:], tables)
    )

    assert first == {"a": True, "b": True, "c": False, "d": False}
    assert alone == {"a": True, "b": False, "c": True, "d": False}
    assert both == first


@pytest.mark.parametrize("most", [16, 2])
@settings(max_examples=150, deadline=None)
@given(data=some.data())
def test_no_sum_or_difference_of_what_is_shown_tells_of_few(data: Any, most: int) -> None:
    """Random schools and grades; students may move, and a cell be empty."""
    schools, grades = data.draw(some.sampled_from([(2, 4), (3, 3), (3, 4), (4, 2), (1, 4)]))
    meetings = list(product(range(schools), range(grades)))
    sizes = some.sampled_from([0, 0, 1, 4, 9, 10, 12, 30])
    rows = []  # school, grade, student, cell
    for school, grade in meetings:
        for cell in range(2):
            start = data.draw(some.integers(0, 40))  # students shared with other meetings
            n = data.draw(sizes)
            rows += [(school, grade, each, cell) for each in range(start, start + n)]
    assume(rows)
    school, grade, student, cell = np.array(rows).T
    cells = np.eye(2)[cell]
    assume(not (0 < count(student, cell, np.ones(len(rows), bool)) < SMALLEST))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hiding, "MOST", most)
        found = to_hide({"school": school, "grade": grade}, student, cells)

    shown = [np.ones(len(meetings))]
    for of, at in (("school", 0), ("grade", 1)):
        shown += [
            np.array([float(str(meeting[at]) == name) for meeting in meetings])
            for name, hide in found[of].items()
            if not hide
        ]
    place = school * grades + grade
    present = np.unique(place)
    for sums in can_be_told(np.stack(shown)[:, present]):
        n = count(student, cell, np.isin(place, present[sums]))
        assert n == 0 or n >= SMALLEST, (present[sums], found)


def test_two_tables_hide_the_same_neighbor_of_a_small_group() -> None:
    # b has 3 students. Of 20 in a and in c one table has 9 of a in a cell, the other 9 of c
    sizes = {"a": 20, "b": 3, "c": 20}
    team = np.repeat(list(sizes), list(sizes.values()))
    in_cell = ({"a": 9, "b": 3, "c": 10}, {"a": 10, "b": 3, "c": 9})
    tables = [
        np.concatenate([np.arange(n) < some_in[name] for name, n in sizes.items()])
        for some_in in in_cell
    ]

    either = [
        to_hide({"team": team}, np.arange(43), np.eye(2)[table.astype(int)])["team"]
        for table in tables
    ]

    assert [[name for name, dark in each.items() if not dark] for each in either] == [["c"], []]


@settings(max_examples=100, deadline=None)
@given(data=some.data())
def test_two_tables_that_know_nothing_of_each_other_tell_of_few_neither(data: Any) -> None:
    """What either shows counts the same students: each hides what all rows must."""
    schools, grades = data.draw(some.sampled_from([(1, 3), (2, 4), (3, 3), (4, 2)]))
    meetings = np.array([*product(range(schools), range(grades))])
    sizes = some.sampled_from([0, 3, 19, 20, 21])
    n = np.array(data.draw(some.lists(sizes, min_size=len(meetings), max_size=len(meetings))))
    assume(n.sum() >= SMALLEST)
    school, grade = np.repeat(meetings, n, axis=0).T
    groups, student = {"school": school, "grade": grade}, np.arange(n.sum())
    lots = np.random.default_rng(data.draw(some.integers(0, 999))).integers(2, size=(2, n.sum()))

    either = [to_hide(groups, student, np.eye(2)[each]) for each in lots]

    shown = [np.ones(len(meetings))]
    for of, at in (("school", 0), ("grade", 1)):
        shown += [
            (meetings[:, at] == int(name)).astype(float)
            for name in either[0][of]
            if not all(hide[of][name] for hide in either)
        ]
    for sums in can_be_told(np.stack(shown)[:, n > 0]):
        assert n[n > 0][sums].sum() >= SMALLEST, either


def test_ten_of_one_meeting_are_not_few_though_a_student_has_two() -> None:
    # sums over meetings count whoever went from north to south twice: of 10, only 5 may be told
    school = np.repeat(["north", "south"], [10, 100])
    grade = np.repeat(["1", "1", "2"], [10, 50, 50])
    student = np.concatenate([np.arange(10), np.arange(100)])

    found = to_hide({"school": school, "grade": grade}, student, np.ones((110, 1)))

    assert not any(any(each.values()) for each in found.values())


def test_nested_alarms_tell_who_was_in_one_and_not_the_other() -> None:
    shown, came = (each.ravel() for each in np.mgrid[:3, :3])
    support, intervention = (alarm_cells(shown >= n, came >= n) for n in (1, 2))

    sets = {tuple(np.flatnonzero(each).tolist()) for each in told(support, intervention).T}

    # rows are 3 times the tier shown and the tier that came; right of one less right of the other
    assert {(3, 4, 5), (1, 4, 7), (4, 5, 7)} <= sets
    assert (6,) not in sets and (6, 7) in sets  # the false ones of intervention, together


@settings(max_examples=60, deadline=None)
@given(data=some.data())
def test_no_sum_over_nested_alarms_tells_of_few(data: Any) -> None:
    """Two alarms of random teams, each hiding what it must beside the one before it."""
    tiers = [*product(range(3), repeat=2)]  # shown, came
    chosen = data.draw(some.lists(some.sampled_from(tiers), min_size=5, max_size=5, unique=True))
    kinds = np.array([(team, *each) for team in range(3) for each in chosen])
    sizes = some.sampled_from([0, 3, 9, 10, 12, 30])
    n = np.array(data.draw(some.lists(sizes, min_size=len(kinds), max_size=len(kinds))))
    team, shown, came = np.repeat(kinds, n, axis=0).T
    assume(len(team))
    alarms = [alarm_cells(shown >= at, came >= at) for at in (1, 2)]
    tables = [told(*alarms[: n + 1]) for n in (0, 1)]
    student = np.arange(len(team))
    assume(not tells_of_few(student, *alarms))

    both = [to_hide({"team": team}, student, *tables[: n + 1])["team"] for n in (0, 1)]

    some_had = np.tile(n.reshape(3, -1).any(axis=0), 3)  # what nobody had is known to be empty
    kinds, n = kinds[some_had], n[some_had]
    figures = []
    for at, hide in enumerate(both, 1):
        cells = alarm_cells(kinds[:, 1] >= at, kinds[:, 2] >= at).T
        of = [np.ones(len(n)), *(kinds[:, 0] == int(t) for t, dark in hide.items() if not dark)]
        figures += [cell * rows for cell in cells for rows in of]
    for sums in can_be_told(np.stack(figures)):
        assert n[sums].sum() == 0 or n[sums].sum() >= SMALLEST, both


@settings(max_examples=150, deadline=None)
@given(data=some.data())
def test_two_counts_tell_of_few_where_some_weighted_sum_does(data: Any) -> None:
    """Two ways to part the same students, a row each."""
    shape = data.draw(some.sampled_from([(2, 3), (3, 3), (4, 2)]))
    cells = np.array([*product(*map(range, shape))])
    sizes = some.sampled_from([0, 0, 1, 4, 9, 10, 12, 30])
    n = np.array(data.draw(some.lists(sizes, min_size=len(cells), max_size=len(cells))))
    assume(n.any())
    one, other = np.repeat(cells, n, axis=0).T

    found = two_counts_tell_of_few(np.arange(n.sum()), one, other)

    cells, n = cells[n > 0], n[n > 0]
    shown = [cells[:, side] == at for side in (0, 1) for at in range(shape[side])]
    assert found == any(n[sums].sum() < SMALLEST for sums in can_be_told(np.stack(shown) * 1.0))


def test_students_in_two_groups_are_noticed() -> None:
    student = np.array([0, 0, 1])

    assert in_several(np.array(["a", "b", "b"]), student)
    assert not in_several(np.array(["a", "a", "b"]), student)


def alarm_cells(flagged: NDArray[Any], came: NDArray[Any]) -> NDArray[Any]:
    """Right, false, missed and rightly quiet, (N, 4)."""
    return np.eye(4)[(2 * ~flagged + ~came).astype(int)]


def count(student: NDArray[Any], cell: NDArray[Any], rows: NDArray[Any]) -> int:
    """The students of the smallest cell that holds any."""
    return min(
        (
            len(np.unique(student[rows & (cell == one)]))
            for one in (0, 1)
            if (rows & (cell == one)).any()
        ),
        default=0,
    )


def can_be_told(shown: NDArray[Any]) -> NDArray[Any]:
    """Every set of meetings whose count is a weighted sum of what is shown, (sets, meetings).

    shown: (M, meetings), the meetings that each shown number counts.
    """
    n = shown.shape[1]
    sets = (np.arange(1, 2**n)[:, None] >> np.arange(n) & 1).astype(float)
    _, size, basis = np.linalg.svd(shown, full_matrices=False)
    basis = basis[size > 1e-9]
    rest = sets - sets @ basis.T @ basis
    return sets[np.abs(rest).max(axis=1) < 1e-9].astype(bool)
