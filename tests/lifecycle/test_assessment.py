"""What an assessment counts, on rows that can be counted by hand."""

from itertools import product
from typing import Any

import numpy as np

from edupulse_core.lifecycle import assessment
from edupulse_core.lifecycle.assessment import Scored
from edupulse_core.models import risk_examples
from edupulse_core.training.evaluation import Actual
from edupulse_core.training.fairness import Students


def tiers(cells: dict[tuple[int, int], int]) -> dict[str, Any]:
    """What is told of so many students, a week each, by tier shown and tier that came."""
    shown, came = np.repeat(np.array(list(cells)), list(cells.values()), axis=0).T
    student = np.arange(len(shown))
    actual = Actual(came / 3, came, student, np.zeros(len(shown), dtype=int))
    score = np.array([0.01, 0.3, 0.6, 0.95])[shown]
    assert risk_examples.tier_of(score).tolist() == shown.tolist()
    found: dict[str, Any] = assessment._tiers(Scored(score, np.eye(4)[shown]), actual)
    counts = found["shown"]["confusion"]
    assert counts is None or sum(map(sum, counts)) == len(student)
    return found["shown"]


EVERY = dict.fromkeys(product(range(4), repeat=2), 50)


def test_tiers_stand_apart_where_no_cell_is_of_few() -> None:
    found = tiers(EVERY)

    assert found["came"] == found["said"] == [["low"], ["medium"], ["high"], ["critical"]]
    assert found["confusion"] == [[50] * 4] * 4 and found["accuracy"] == 0.25


def test_the_highest_tiers_shown_are_one_where_few_were_shown_critical() -> None:
    found = tiers(EVERY | {(3, 0): 1, (3, 1): 9})

    assert found["came"] == [["low"], ["medium"], ["high"], ["critical"]]
    assert found["said"] == [["low"], ["medium"], ["high", "critical"]]
    assert found["confusion"] == [[50, 50, 51], [50, 50, 59], [50, 50, 100], [50, 50, 100]]


def test_the_highest_tiers_are_one_where_few_came_to_critical() -> None:
    found = tiers(EVERY | {(0, 3): 4, (3, 0): 4})

    assert found["came"] == found["said"] == [["low"], ["medium"], ["high", "critical"]]
    assert found["confusion"] == [[50, 50, 54], [50, 50, 100], [54, 100, 200]]


def test_where_few_stand_elsewhere_no_tier_is_counted() -> None:
    found = tiers(EVERY | {(1, 0): 9})

    assert found["confusion"] is None and found["accuracy"] is None


def test_where_few_agree_apart_they_are_counted_together() -> None:
    # low, medium and high agree never, critical in 5: the share that agrees would tell of them
    apart = EVERY | {(tier, tier): 0 for tier in range(4)}

    assert tiers(apart)["accuracy"] == 0
    assert tiers(apart | {(3, 3): 5, (2, 3): 5})["confusion"] is None


def test_of_100_weeks_of_a_tier_it_is_told_after_how_many_two_flags_came() -> None:
    assert tiers(EVERY)["grave_of_100"] == [50] * 4
    assert tiers({(0, 0): 70, (0, 3): 30, (1, 1): 69, (1, 2): 30})["grave_of_100"] == [
        30, None, None, None,
    ]  # fmt: skip
    assert tiers({(0, 0): 91, (0, 3): 9, (1, 1): 9, (1, 2): 91})["grave_of_100"] == [None] * 4


def assessed_groups(names: tuple[str, ...], student: list[int]) -> list[dict[str, Any]]:
    found = assessment._by_group(
        {"school": np.repeat(names, len(student) // len(names))},
        Students.of(np.array(student), 2),
        np.ones((len(student), 1)),
        lambda rows: {"rows": len(rows), "students": 7},
    )
    lines: list[dict[str, Any]] = found["school"]
    return lines


def test_where_students_change_school_the_students_of_none_are_counted() -> None:
    moved = [*range(20), *range(19, 39)]

    for student, said in ((moved, None), ([*range(40)], 7)):
        lines = assessed_groups(("north", "south"), student)
        assert [(line["rows"], line["students"]) for line in lines] == [(20, said)] * 2


def test_goals_say_how_many_groups_are_hidden_and_so_not_judged() -> None:
    line = {"group": "a", "hidden": False, "met": True, "rows": 300, "coverage": {"value": 0.9}}
    dark = [{"group": name, "hidden": True} for name in "bc"]
    judged = {"limit": 0.0154, "judged_by": "limit", "met": False}
    whole = {"ece": 0.0191, "rows": 6_654, "coverage": {"value": 0.9}, **judged}
    gap = {"recall": {"value": 0.01}, "fpr": {"value": 0.01}}
    found = {
        "calibration": {"overall": whole, "groups": {"team": [line, *dark]}},
        "bands": {"level": 0.9, "overall": whole, "groups": {"team": [line, dark[0]]}},
        "fairness": {"support": {"gaps": {"team": gap}, "groups": {"team": [line]}}},
    }

    said = [each["found"] for each in assessment._goals(found)]

    assert said[0] == "0.0191 on 6,654 weeks, range to 0.0154"
    assert "1 of 1 groups; not judged: 2 that are hidden" in said[1]
    assert said[2].endswith("of 1 groups; not judged: 1 that is hidden")
    assert said[3] == said[4] == "in points: team 1.0"


def test_grades_stand_as_students_go_through_them_in_every_table() -> None:
    def part() -> dict[str, dict[str, list[dict[str, str]]]]:
        return {
            "groups": {"grade": [{"group": name} for name in ("01", "10", "9", "KG", "PK", "UG")]}
        }

    found = {"calibration": part(), "bands": None, "fairness": {"support": part()}}

    assessment._in_order(found)

    for each in (found["calibration"], found["fairness"]["support"]):  # type: ignore[index]
        assert [line["group"] for line in each["groups"]["grade"]] == [
            "PK",
            "KG",
            "01",
            "9",
            "10",
            "UG",
        ]
