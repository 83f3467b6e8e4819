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
    """
    now = values[:, -1].astype(np.float64)  # (N, F)
    total = attributions.sum(axis=1, dtype=np.float64)
    weight = np.where(np.isnan(now), 0.0, np.abs(total))
    order = np.argsort(-weight, axis=1, kind="stable")[:, :COUNT]
    return [
        [
            factor(int(f), float(now[i, f]), float(norms[i, f]), float(total[i, f]))
            for f in order[i]
            if weight[i, f] > 0
        ]
        for i in range(len(values))
    ]


def factor(index: int, value: float, norm: float, attribution: float) -> Factor:
    """A factor and its sentence; norm may be NaN."""
    known = None if np.isnan(norm) else norm
    direction = "raises" if attribution > 0 else "lowers"
    sentence = f"{FEATURES[index].sentence(value, known)}; {direction} the score"
    return Factor(FEATURES[index].name, value, known, direction, attribution, sentence)
