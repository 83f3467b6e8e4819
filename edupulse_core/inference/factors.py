"""The strongest reasons of a score: sentences with the value, the norm and the direction."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.features.catalogue import FEATURES
from edupulse_core.inference.forms import Values

COUNT = 5


@dataclass(frozen=True)
class Factor:
    """One feature that moved a score."""

    feature: str
    value: float  # this week's, in the feature's unit
    norm: float | None  # the school's median this week; None where it knows none
    direction: str  # raises or lowers
    attribution: float  # summed over the weeks, in the score's logit
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """What store and command line keep."""
        return asdict(self)


def strongest(
    attributions: NDArray[np.floating[Any]], values: Values, norms: NDArray[np.float64]
) -> list[list[Factor]]:
    """The five strongest factors of each student, strongest first.

    attributions: (N, T, F).  values: (N, T, F), as built.  norms: (N, F). A feature that is unknown
    this week is never a factor, nor is one that moved nothing, so there may be fewer than five.
    One that reads like the school's norm today, and moved the score by earlier weeks alone, stands
    back for those that set the student apart now.
    """
    now = values[:, -1].astype(np.float64)  # (N, F)
    total = attributions.sum(axis=1, dtype=np.float64)
    weight = np.where(np.isnan(now), 0.0, np.abs(total))
    order = np.argsort(-weight, axis=1, kind="stable")
    chosen = []
    for i, ranked in enumerate(order):
        moved = [int(f) for f in ranked if weight[i, f] > 0]
        best = _apart_first(moved, now[i], norms[i])
        chosen.append([factor(f, now[i, f], norms[i, f], total[i, f]) for f in best])
    return chosen


def _apart_first(
    ranked: list[int], now: NDArray[np.float64], norms: NDArray[np.float64]
) -> list[int]:
    """The first features that say something in words, filled up with others where too few do."""
    apart: list[int] = []
    alike: list[int] = []
    for f in ranked:
        words = FEATURES[f].words
        same = not np.isnan(norms[f]) and words(float(now[f])) == words(float(norms[f]))
        (alike if same else apart).append(f)
        if len(apart) == COUNT:
            break
    return [*apart, *alike][:COUNT]


def factor(index: int, value: float, norm: float, attribution: float) -> Factor:
    """A factor and its sentence; norm may be NaN."""
    known = None if np.isnan(norm) else float(norm)
    direction = "raises" if attribution > 0 else "lowers"
    sentence = f"{FEATURES[index].sentence(value, known)}; {direction} the score"
    return Factor(
        FEATURES[index].name, float(value), known, direction, float(attribution), sentence
    )
