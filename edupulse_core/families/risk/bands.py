"""The band of levels around a score: where a student may end up, not only where it is likeliest."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import OutcomeRules, Rules, Settings
from edupulse_core.families.risk.results import UNCERTAIN
from edupulse_core.families.risk.tiers import TIERS, places_of
from edupulse_core.training.conformal import Bands


@dataclass(frozen=True)
class Band:
    """The levels that contain the outcome as often as the calibration promises."""

    lowest: str
    highest: str
    severity: tuple[float, float]  # the least and the most that these levels mean
    level: float  # 0..1, how often the outcome lies inside
    uncertain: bool


def bands_of(
    settings: Settings | Rules,
    bands: Bands | None,
    score: NDArray[np.float64],
    probabilities: NDArray[np.float64],
) -> list[Band | None]:
    """The band of each student; all None for a version that was saved without bands.

    bands: of `version.verify(folder)`.  score: (N,).  probabilities: (N, 4), low first.
    A row without a score or a probability (NaN) has no band.
    """
    if bands is None:
        return [None] * len(score)
    known, lowest, highest = _spans(settings, bands, score, probabilities)
    spans = severities(settings.outcomes)
    found: list[Band | None] = [None] * len(score)
    for row, low, high in zip(
        np.flatnonzero(known).tolist(), lowest.tolist(), highest.tolist(), strict=True
    ):
        found[row] = Band(
            TIERS[low],
            TIERS[high],
            (spans[low][0], spans[high][1]),
            bands.level,
            high - low + 1 >= UNCERTAIN,
        )
    return found


def uncertain(
    settings: Settings | Rules,
    bands: Bands | None,
    score: NDArray[np.float64],
    probabilities: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether each student's band is too wide to rely on, (N,); False where there is no band.

    Takes the same arguments as `bands_of`.
    """
    found = np.zeros(len(score), bool)
    if bands is not None:
        known, lowest, highest = _spans(settings, bands, score, probabilities)
        found[known] = highest - lowest + 1 >= UNCERTAIN
    return found


def _spans(
    settings: Settings | Rules,
    bands: Bands,
    score: NDArray[np.float64],
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Which students have a band, (N,), and the lowest and highest level of those that do."""
    known = ~np.isnan(score) & ~np.isnan(probabilities).any(axis=1)
    shown = places_of(score[known], settings.outcomes)
    return known, *bands.of(score[known], probabilities[known], shown)


def severities(rules: OutcomeRules) -> list[tuple[float, float]]:
    """The lowest and the highest severity of an outcome in each level."""
    weights = (rules.weight_a, rules.weight_b, rules.weight_c)
    sums = [sum(w for w, on in zip(weights, flags, strict=True) if on)
            for flags in product((False, True), repeat=3)]  # fmt: skip
    possible = np.unique(np.round([*sums, 1.0], 9))
    tier = places_of(possible, rules)
    edges = (0.0, *rules.tiers, 1.0)
    spans = []
    for at in range(len(TIERS)):
        mine = possible[tier == at]
        spans.append(
            (float(mine.min()), float(mine.max())) if len(mine) else (edges[at], edges[at + 1])
        )
    return spans
