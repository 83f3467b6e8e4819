"""Risk levels: the bands of the risk score."""

import math

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import OutcomeRules, Settings
from edupulse_core.training.evaluation import TIERS as TIERS


def places_of(scores: NDArray[np.float64], rules: OutcomeRules) -> NDArray[np.int64]:
    """The level of each score or severity (N,), from 0 for low to 3 for critical.

    A score on an edge belongs to the level above it. Values are rounded to nine decimals first, so
    that .25 is .25 however it was computed.
    """
    return np.digitize(np.round(scores, 9), rules.tiers).astype(np.int64)


def tiers_of(settings: Settings, scores: NDArray[np.float64]) -> NDArray[np.object_]:
    """The name of the level of each score (N,)."""
    return np.asarray(TIERS, object)[places_of(scores, settings.outcomes)]


def tier_of(settings: Settings, score: float) -> str:
    """The level of one score."""
    return str(tiers_of(settings, np.array([score]))[0])


def in_words(score: float) -> str:
    """A score cut, not rounded, to two decimals: .749 is High, and .75 would read as Critical."""
    return f"{math.floor(100 * score + 1e-6) / 100:.2f}"
