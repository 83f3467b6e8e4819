from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST
from edupulse_core.training import hiding
from edupulse_core.training.hiding import hidden, to_hide

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
    for told in can_be_told(np.stack(shown)[:, present]):
        n = count(student, cell, np.isin(place, present[told]))
        assert n == 0 or n >= SMALLEST, (present[told], found)


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
