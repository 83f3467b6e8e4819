"""What came is held against what was said: a fall is reported soon, chance is not."""

import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.config import Rules
from edupulse_core.families.family import ANSWERS, CAME, Watching
from edupulse_core.lifecycle import live
from edupulse_core.lifecycle.live import Judged
from edupulse_core.training.evaluation import auc

N = 2000  # students of the simulated district


def separated(area: float) -> float:
    """How far two normal distributions are apart that have this AUC."""
    from scipy.special import ndtri

    return float(np.sqrt(2) * ndtri(area))


def cohort(rng: np.random.Generator, area: float) -> Judged:
    """A week in which a quarter of the students get a flag, told apart with an AUC."""
    positive = rng.random(N) < 0.25
    score = rng.normal(size=N) + separated(area) * positive
    value = 1 / (1 + np.exp(-(score - 1.5)))
    flagged = value > 0.5
    return Judged(
        np.arange(N).astype(str), value, positive * 0.35, positive, flagged,
        flagged == positive, np.ones(N),
    )  # fmt: skip


@pytest.fixture(scope="module")
def baseline() -> dict[str, live.Measured]:
    rng = np.random.default_rng(0)
    return live.figures(Judged.together([cohort(rng, 0.80) for _ in range(20)]))


def test_a_fall_of_05_is_reported_within_two_weeks(baseline: dict[str, live.Measured]) -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        weeks = [cohort(rng, 0.80), *(cohort(rng, 0.75) for _ in range(2))]
        first, second = (Judged.together(weeks[at : at + 2]) for at in range(2))
        found.append(any("auc" in live.worse(live.figures(j), baseline) for j in (first, second)))

    assert all(found)


def test_a_year_without_a_change_reports_none(baseline: dict[str, live.Measured]) -> None:
    rng = np.random.default_rng(2)
    weeks = [cohort(rng, 0.80) for _ in range(53)]

    found = [
        live.worse(live.figures(Judged.together(weeks[at : at + 2])), baseline) for at in range(52)
    ]

    assert sum(map(bool, found)) <= 1


def test_figures_are_those_of_the_records() -> None:
    judged = Judged(
        student=np.array(["a", "b", "c", "d"]),
        value=np.array([0.1, 0.6, 0.4, 0.9]),
        came=np.array([0.0, 0.0, 0.3, 0.7]),
        is_positive=np.array([False, False, True, True]),
        is_flagged=np.array([False, True, False, True]),
        is_right=np.array([True, False, False, True]),
        is_inside=np.array([1.0, 0.0, np.nan, 1.0]),
    )

    found = {name: each.value for name, each in live.figures(judged).items()}

    assert found == pytest.approx(
        {
            "auc": auc(judged.value, judged.is_positive),
            "mae": 0.25,
            "accuracy": 0.5,
            "fpr": 0.5,
            "fnr": 0.5,
            "coverage": 2 / 3,
        }
    )


def test_a_prediction_is_joined_with_its_own_outcome() -> None:
    said = pa.Table.from_pylist(
        [
            {"subject": who, "object": "", "value": value, "low": 0.0, "high": 0.5, "label": label}
            for who, value, label in (("b", 0.6, "high"), ("a", 0.1, "low"), ("c", 0.2, "low"))
        ],
        schema=ANSWERS,
    )
    came = pa.Table.from_pylist(
        [
            {"subject": "a", "object": "", "value": 0.3, "label": "medium", "is_positive": True},
            {"subject": "b", "object": "", "value": 0.6, "label": "high", "is_positive": True},
        ],
        schema=CAME,
    )
    watching = Watching(
        said=lambda *_: said,
        came=lambda *_: came,
        chance=lambda told: told["value"].to_numpy(),
        flagged=lambda told, rules: told["value"].to_numpy() > 0.5,
    )

    found = live.judge(watching, Rules(), said, came)

    by_student = dict(zip(found.student.tolist(), range(len(found)), strict=True))
    a, b = by_student["a"], by_student["b"]
    assert len(found) == 2
    assert found.is_right[[a, b]].tolist() == [False, True]
    assert found.is_inside[[a, b]].tolist() == [1.0, 0.0]
    assert found.is_flagged[[a, b]].tolist() == [False, True]
