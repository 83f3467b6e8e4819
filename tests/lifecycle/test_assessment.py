"""What an assessment counts, on rows that can be counted by hand."""

import numpy as np

from edupulse_core.inference.tiers import TIERS
from edupulse_core.lifecycle import assessment
from edupulse_core.lifecycle.assessment import Scored
from edupulse_core.training.evaluation import Actual

# score shown, tier that came, student
ROWS = (
    (0.95, 3, 0),
    (0.95, 3, 0),
    (0.95, 2, 1),
    (0.95, 1, 1),
    (0.95, 0, 2),
    (0.01, 0, 2),
    (0.01, 1, 2),
)


def test_of_each_tier_it_is_told_how_many_students_had_two_flags_and_how_many_not() -> None:
    score, came, student = map(np.array, zip(*ROWS, strict=True))
    week = np.zeros(len(ROWS), dtype=int)
    actual = Actual(came / 3, came, student, week)

    found = assessment._tiers(Scored(score, np.eye(4)[came]), actual)

    assert TIERS[0] == "low" and TIERS[3] == "critical"
    assert found["shown"]["students"] == [[1, 0, 0, 2], [0, 0, 0, 2]]


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
