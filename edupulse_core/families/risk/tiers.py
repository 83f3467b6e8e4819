"""The bands of the risk score."""

import math

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import Settings

TIERS = ("low", "medium", "high", "critical")


def tiers_of(settings: Settings, scores: NDArray[np.float64]) -> NDArray[np.object_]:
    """The tier of each score (N,); a score on an edge belongs to the band above it."""
    return np.asarray(TIERS, object)[np.digitize(scores, settings.outcomes.tiers)]


def tier_of(settings: Settings, score: float) -> str:
    """The tier of one score."""
    return str(tiers_of(settings, np.array([score]))[0])


def in_words(score: float) -> str:
    """A score to two decimals, cut rather than rounded: .749 is high, and .75 reads as critical."""
    return f"{math.floor(100 * score + 1e-6) / 100:.2f}"
