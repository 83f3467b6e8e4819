"""Bands of risk levels that contain the outcome as often as promised.

These are adaptive prediction sets for ordered classes.

A band starts with the level that is shown and takes in the likelier neighbor until it holds
enough probability (Romano, Sesia and Candès 2020; for ordered classes Lu, Angelopoulos and
Pomerantz 2022). How much is enough is measured on held-out rows, separately for each range of
scores.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

LEVEL = 0.9
STUDENTS = 100  # a stretch of the score has about as many or more
STRETCHES = 8  # at most
COVERAGE_GOAL = 0.88  # share of outcomes inside, in every group that is judged
JUDGED = 200  # rows; coverage is judged in groups of as many or more


@dataclass(frozen=True)
class Bands:
    """Turns a score and its level probabilities into a band; nothing is random."""

    level: float  # share of students whose outcome lies in their band, in every stretch
    edges: tuple[float, ...]  # between stretches of the score, rising
    enough: tuple[float, ...]  # by stretch: a level joins while less or as much is inside before it
    rows: int  # calibrated on
    students: int

    def __post_init__(self) -> None:
        if not 0 < self.level < 1 or len(self.enough) != len(self.edges) + 1:
            raise ModelError("conformal.json: needs a level and one more stretch than edges")
        if len(self.edges) > 1 and min(np.diff(self.edges)) <= 0:
            raise ModelError("conformal.json: edges must rise")

    def of(self, score: Array, tiers: Array, shown: Whole) -> tuple[Whole, Whole]:
        """The lowest and highest level of each band, (N,) each.

        score: (N,).  tiers: (N, K) probabilities.  shown: (N,) the level that is shown; always in.
        """
        enough = np.asarray(self.enough)[np.digitize(score, self.edges)]
        inside = probability_before(tiers, shown) <= enough[:, None]
        count = tiers.shape[1]
        return inside.argmax(axis=1), count - 1 - inside[:, ::-1].argmax(axis=1)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "level": self.level,
            "edges": list(self.edges),
            "enough": list(self.enough),
            "rows": self.rows,
            "students": self.students,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Bands":
        """Read saved bands. Raises ModelError if they are not bands."""
        try:
            return cls(
                float(value["level"]),
                tuple(float(x) for x in value["edges"]),
                tuple(float(x) for x in value["enough"]),
                int(value["rows"]),
                int(value["students"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"conformal.json: {error!r}") from None


def fit(
    score: Array,
    tiers: Array,
    shown: Whole,
    actual: Whole,
    student: NDArray[Any],
    *,
    level: float = LEVEL,
) -> Bands:
    """Calibrate on held-out rows.

    actual: (N,) the level that came true.  student: (N,) whose row each is.
    """
    before = probability_before(tiers, shown)[np.arange(len(actual)), actual]
    students = len(np.unique(student))
    count = int(np.clip(students // STUDENTS, 1, STRETCHES))
    edges = np.unique(np.quantile(score, np.arange(1, count) / count))
    stretch = np.digitize(score, edges)
    enough = [
        _quantile(before[stretch == at], student[stretch == at], level)
        for at in range(len(edges) + 1)
    ]
    return Bands(
        level, tuple(float(x) for x in edges), tuple(enough), rows=len(score), students=students
    )


def probability_before(tiers: Array, start: Whole) -> Array:
    """The probability in a band just before it takes in each level, (N, K); 0 for the first."""
    rows, count = np.arange(len(tiers)), tiers.shape[1]
    before = np.zeros_like(tiers)
    walled = np.pad(tiers, ((0, 0), (1, 1)), constant_values=-1.0)  # no level beyond the ends
    low, high = start + 1, start + 1
    inside = tiers[rows, start]
    for _ in range(count - 1):
        down = walled[rows, low - 1] > walled[rows, high + 1]
        low, high = np.where(down, low - 1, low), np.where(down, high, high + 1)
        joined = np.where(down, low, high)
        before[rows, joined - 1] = inside
        inside = inside + walled[rows, joined]
    return before


def _quantile(before: Array, student: NDArray[Any], level: float) -> float:
    """The quantile for a new student; each student counts once, whatever their rows (Dunn 2022).

    Weeks of one student are alike, so students are exchangeable, but rows are not. With too few
    students to promise the coverage, the band holds every level.
    """
    _, codes, rows = np.unique(student, return_inverse=True, return_counts=True)
    weight = 1.0 / ((len(rows) + 1) * rows[codes])
    order = np.argsort(before, kind="stable")
    reached = np.searchsorted(np.cumsum(weight[order]), level - 1e-12)
    return round(float(before[order[reached]]), 9) if reached < len(before) else 1.0
