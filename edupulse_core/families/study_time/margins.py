"""Intervals that hold the hours as often as promised, and how close a prediction usually is.

Split conformal prediction on log hours: the residuals of validation cases, over each case's own
spread, give the ends (Lei et al. 2018). They are taken apart by how many sessions a student had
before, because a new student is harder to predict.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.study_time.examples import Array, Whole

LEVEL = 0.9
EDGES = (1, 5)  # sessions before: none, a few, more
FEWEST = 100  # validation cases of a stretch; with fewer, all cases together count for it
QUARTER = float(np.log(1.25))  # "close": within a quarter of the prediction


@dataclass(frozen=True)
class Margins:
    """By stretch of sessions before: the ends of the interval and the share that is close."""

    level: float
    low: tuple[float, ...]  # of the residual over the spread
    high: tuple[float, ...]
    close: tuple[float, ...]  # share of cases within a quarter of the prediction
    rows: int

    def of(self, log_value: Array, spread: Array, count: Whole) -> tuple[Array, Array, Array]:
        """The ends in hours, and the share of such cases that are close, (N,) each."""
        at = np.digitize(count, EDGES)
        low, high = np.array(self.low)[at], np.array(self.high)[at]
        lower = np.exp(log_value + np.minimum(low, 0) * spread)
        upper = np.exp(log_value + np.maximum(high, 0) * spread)
        return lower, upper, np.array(self.close)[at]

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Margins":
        """Read saved margins. Raises ModelError for anything else."""
        try:
            low, high, close = (tuple(map(float, value[name])) for name in ("low", "high", "close"))
            if {len(low), len(high), len(close)} != {len(EDGES) + 1}:
                raise ValueError("needs an end for each stretch")
            return cls(float(value["level"]), low, high, close, int(value["rows"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"margins.json: {error!r}") from None


def fit(
    log_value: Array, spread: Array, actual: Array, count: Whole, level: float = LEVEL
) -> Margins:
    """Calibrate on validation cases.  actual: log hours that they took."""
    off = actual - log_value
    scaled, stretch = off / spread, np.digitize(count, EDGES)
    low, high, close = [], [], []
    for at in range(len(EDGES) + 1):
        mine: NDArray[np.bool_] = stretch == at
        if mine.sum() < FEWEST:
            mine = np.ones(len(off), bool)
        ends = _ends(np.sort(scaled[mine]), (1 - level) / 2)
        low.append(ends[0])
        high.append(ends[1])
        close.append(float((np.abs(off[mine]) <= QUARTER).mean()))
    return Margins(level, tuple(low), tuple(high), tuple(close), len(off))


def _ends(ranked: Array, tail: float) -> tuple[float, float]:
    """The two values with a tail's share of a new case beyond each, as far as there are cases."""
    n = len(ranked)
    beyond = int(np.floor(tail * (n + 1)))
    at = min(max(beyond - 1, 0), n - 1)
    return float(ranked[at]), float(ranked[n - 1 - at])
