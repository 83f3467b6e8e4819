"""Whether a score matches how often outcomes come true, even in small parts of a district."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edupulse_core.training.evaluation import by_score, calibration_error
from edupulse_core.training.results import Interval, Told

Array = NDArray[np.float64]

BINS = 10
GOAL = 0.02  # expected calibration error
ENOUGH = 10_000  # rows; with fewer, chance alone may pass the goal


class Calibrated(Told):
    """How far scores are from the outcomes."""

    ece: float  # expected calibration error
    limit: float  # the largest that a perfect score of this size would show, in 97.5 of 100 draws
    within: bool  # whether the error is within that limit
    off: Interval  # mean score less mean severity
    judged_by: Literal["goal", "limit"]  # the goal where there are enough rows for it
    met: bool

    @property
    def most(self) -> float:
        """The error up to which this is in range."""
        return GOAL if self.judged_by == "goal" else self.limit


def calibration(
    score: Array,
    actual: Array,
    student: NDArray[Any],
    *,
    off: Interval | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Calibrated:
    """The calibration error, and the largest error that a perfect score would show on these rows.

    limit: the upper end of the 95% range over redrawn outcomes. A redrawn outcome is the score plus
    or minus the real difference, with the same sign for all rows of a student. This makes the score
    right on average, keeps each row's own spread, and keeps a student's weeks alike. (Their
    outcomes share most of their days. Redrawn one by one, they would make the range far too
    narrow.)
    """
    error = calibration_error(score, actual, BINS)
    limit = float(np.quantile(perfect(score, actual, student, resamples, seed), 0.975))
    large = len(score) >= ENOUGH
    return Calibrated(
        ece=round(error, 6),
        limit=round(limit, 6),
        within=bool(error <= limit),
        off=off or Interval(),
        judged_by="goal" if large else "limit",
        met=bool(round(error, 6) <= GOAL if large else error <= limit),
        rows=len(score),
        students=len(np.unique(student)),
    )


def slope(score: Array, actual: Array) -> float:
    """How much the outcome rises where the score rises by 1: 1 is right, less exaggerates."""
    apart = score - score.mean()
    spread = float(apart @ apart)
    return float(apart @ actual) / spread if spread > 0 else 0.0


def perfect(
    score: Array, actual: Array, student: NDArray[Any], resamples: int, seed: int = 0
) -> Array:
    """Calibration errors of a perfect score, (resamples,), from a wild bootstrap over students."""
    names, codes = np.unique(student, return_inverse=True)
    off = actual - score
    gaps = np.stack(
        [np.bincount(codes[p], off[p], minlength=len(names)) for p in by_score(score, BINS)], axis=1
    )
    turned = np.random.default_rng(seed).integers(0, 2, (resamples, len(names))) * 2.0 - 1.0
    found: Array = np.abs(turned @ gaps).sum(axis=1) / len(score)
    return found
