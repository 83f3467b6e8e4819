"""What every algorithm of the risk family learns, seen alike by all that scores and explains.

However it learned, a model turns a student's raw weeks into a score's logit and the logits of the
four levels. Everything after that is shared: calibration, probabilities, bands, reasons and checks.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = NDArray[np.float32]  # (N, T, F), NaN where unknown
Mask = NDArray[np.bool_]  # (N, T)
Logits = tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]  # (N,) and (N, 4)

NETWORK = "network"
BOOSTING = "gradient_boosting"
LOGISTIC = "logistic_regression"
BLEND = "blend"
FILES = {  # algorithm → what its version must have, beside the files that all versions have
    NETWORK: ("weights.safetensors",),
    BOOSTING: ("score.onnx", "levels.onnx", "trees.json"),
    LOGISTIC: ("linear.safetensors",),
    BLEND: ("blend.json",),
}
LEAST = 1e-6  # a probability is no nearer to 0 or 1 before its logit is taken


class Scale(Protocol):
    """The statistics of the training weeks."""

    @property
    def mean(self) -> NDArray[np.float32]:
        """The mean of each feature, (F,)."""

    @property
    def std(self) -> NDArray[np.float32]:
        """The spread of each feature, (F,), never 0."""


class Learned(Protocol):
    """The trained part of a version, before calibration."""

    def logits(self, values: Values, observed: Mask, scale: Scale) -> Logits:
        """The score's logit (N,) and the levels' logits (N, 4) of raw weeks.

        The rest of the batch does not change a student's logits (within 1e-6).
        """

    def rescale(self, scale: float, shift: Array) -> None:
        """Let the levels' logits be scale times what they were, plus shift (4,)."""

    def put(self, folder: Path) -> None:
        """Write its files, none of them pickled."""


def standardize(scale: Scale, values: Values, observed: Mask) -> Values:
    """Weeks with mean 0 and spread 1; unknown and padded values are 0."""
    known = ~np.isnan(values) & observed[..., None]
    return np.where(known, (values - scale.mean) / scale.std, np.float32(0.0))


def softmax(logits: NDArray[np.floating[Any]]) -> Array:
    """Logits to probabilities along the last axis."""
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def logit(chance: Array) -> Array:
    """The logit of probabilities, finite at 0 and 1."""
    inside = np.clip(chance, LEAST, 1 - LEAST)
    found: Array = np.log(inside / (1 - inside))
    return found


def cross_entropy(logits: NDArray[np.floating[Any]], target: Array) -> float:
    """The mean loss of a score's logits (N,) where the outcome is a number in 0..1."""
    return float(np.mean(np.logaddexp(0.0, logits) - target * logits))
