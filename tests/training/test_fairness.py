import numpy as np
import pytest

from edupulse_core.training import fairness
from edupulse_core.training.fairness import Alarm, Students, alarms_by_group, hidden, to_hide

# a: 40 students, 20 with the outcome, of whom 15 flagged, and 5 of the others.
# b: 40 students, 20 with the outcome, of whom 10 flagged, and 10 of the others.
OUTCOME = np.array(([True] * 20 + [False] * 20) * 2)
FLAGGED = np.array(
    [True] * 15 + [False] * 5 + [True] * 5 + [False] * 15 + ([True] * 10 + [False] * 10) * 2
)
GROUP = np.array(["a"] * 40 + ["b"] * 40)
CHANCE = np.where(FLAGGED, 0.75, 0.25)


@pytest.fixture
def few_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "SMALLEST", 1)


def found(weeks: int = 1) -> dict:  # type: ignore[type-arg]
    alarm = Alarm(*(np.repeat(each, weeks) for each in (FLAGGED, OUTCOME, CHANCE)))
    students = Students.of(np.repeat(np.arange(80), weeks), 400)
    return alarms_by_group(alarm, {"team": np.repeat(GROUP, weeks)}, students)


def test_rates_of_each_group_are_those_counted_by_hand(few_allowed: None) -> None:
    a, b = found()["groups"]["team"]

    assert (a["group"], a["rows"], a["students"]) == ("a", 40, 40)
    assert (a["alarms"], a["right"], a["false"], a["missed"]) == (20, 15, 5, 5)
    values = {name: a[name]["value"] for name in fairness.RATES}
    assert values == {
        "base_rate": 0.5,
        "selection": 0.5,
        "recall": 0.75,
        "fpr": 0.25,
        "precision": 0.75,
    }
    assert b["recall"]["value"] == b["fpr"]["value"] == b["precision"]["value"] == 0.5


def test_a_gap_is_the_largest_less_the_smallest_with_its_interval(few_allowed: None) -> None:
    gap = found()["gaps"]["team"]["recall"]

    assert (gap["value"], gap["most"], gap["least"]) == (0.25, "a", "b")
    assert gap["low"] < 0.25 < gap["high"]
    # in both groups half are flagged at .75 and half are not at .25: as predicted, 3 of 4 are found
    assert gap["implied"] == pytest.approx(0.0)


def test_a_gap_as_large_as_lots_would_give_is_told(few_allowed: None) -> None:
    gap = found()["gaps"]["team"]["recall"]

    # the standard error of the difference of two recalls of 20 is about .15
    assert 0.2 < gap["by_chance"] < 0.4


def test_the_interval_counts_students_not_their_weeks(few_allowed: None) -> None:
    once, often = (found(weeks)["overall"]["recall"] for weeks in (1, 20))

    assert often == once


def test_a_group_with_a_small_cell_is_hidden_and_not_alone() -> None:
    cells = [np.array(each) for each in ([90, 80], [50, 9], [40, 30], [60, 60])]

    assert hidden(cells) == [False, True, True, False]


def test_what_is_hidden_together_is_not_small_either() -> None:
    cells = [np.array(each) for each in ([3], [4], [12], [50])]

    assert hidden(cells) == [True, True, True, False]


def dark(*blocks: tuple[str, str, int]) -> dict[str, set[str]]:
    """The hidden groups of each attribute. blocks: school, grade and number of students."""
    sizes = [block[2] for block in blocks]
    groups = {
        name: np.repeat([block[at] for block in blocks], sizes)
        for at, name in enumerate(("school", "grade"))
    }
    students = Students.of(np.arange(sum(sizes)), 1)
    found = to_hide(groups, students, np.ones((sum(sizes), 1)))
    return {of: {name for name, hide in each.items() if hide} for of, each in found.items()}


LARGE = (("low", "1", 90), ("low", "2", 95))


def test_a_grade_does_not_follow_from_its_school() -> None:
    # by grades alone 9 would go with 6, and each be its school less the grades that are shown
    found = dark(
        *LARGE, ("middle", "6", 20), ("middle", "7", 30), ("high", "9", 5), ("high", "10", 40)
    )

    assert found == {"school": {"middle", "high"}, "grade": {"6", "9"}}


def test_a_school_does_not_follow_from_its_grades() -> None:
    # tiny goes with small, which must not be the sum of 7 and 8
    found = dark(*LARGE, ("tiny", "2", 4), ("small", "7", 20), ("small", "8", 30))

    assert found["school"] >= {"tiny", "small"}
    assert found["grade"] & {"7", "8"} and found["grade"] & {"2"}


def test_schools_and_grades_that_are_large_are_all_shown() -> None:
    assert dark(*LARGE, ("high", "9", 20)) == {"school": set(), "grade": set()}


def test_nobody_is_nobody() -> None:
    assert hidden([np.array([0, 30]), np.array([20, 40])]) == [False, False]


def test_the_numbers_of_a_hidden_group_are_nowhere() -> None:
    group = np.where(np.arange(80) < 6, "few", GROUP)
    alarm = Alarm(FLAGGED, OUTCOME, CHANCE)

    lines = alarms_by_group(alarm, {"team": group}, Students.of(np.arange(80), 50))

    few = next(line for line in lines["groups"]["team"] if line["group"] == "few")
    assert few == {"group": "few", "hidden": True}
    assert sum(line["hidden"] for line in lines["groups"]["team"]) >= 2


def test_a_group_under_30_students_is_shown_but_not_compared(few_allowed: None) -> None:
    group = np.where(np.arange(80) % 4 == 0, "c", GROUP)  # 20 of 80
    alarm = Alarm(FLAGGED, OUTCOME, CHANCE)

    lines = alarms_by_group(alarm, {"team": group}, Students.of(np.arange(80), 50))

    assert "recall" in lines["groups"]["team"][2]
    assert {lines["gaps"]["team"]["recall"][k] for k in ("most", "least")} == {"a", "b"}


def test_where_nobody_has_the_outcome_there_is_no_recall_and_no_gap(few_allowed: None) -> None:
    alarm = Alarm(FLAGGED, np.zeros(80, dtype=bool), CHANCE)

    lines = alarms_by_group(alarm, {"team": GROUP}, Students.of(np.arange(80), 50))

    assert lines["overall"]["recall"] == {"value": None, "low": None, "high": None}
    assert lines["gaps"]["team"]["recall"] is None
    assert lines["gaps"]["team"]["fpr"]["value"] == 0.0
