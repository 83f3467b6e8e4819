"""Logistic regression on each feature's last week and its mean over all weeks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.risk.learned import (
    LEAST,
    Array,
    Logits,
    Mask,
    Scale,
    Values,
    standardize,
)

FILE = "linear.safetensors"


@dataclass(frozen=True)
class LogisticPlan:
    """How a logistic regression is fitted."""

    c: float = 0.1  # inverse of the penalty's strength
    steps: int = 2000  # of the optimizer, at most

    def __post_init__(self) -> None:
        if self.c <= 0 or self.steps < 1:
            raise ConfigError("training: c and steps must be positive")


@dataclass
class Linear:
    """Five linear sums of standardized weeks: the score's logit and those of the four levels."""

    last: Array  # (5, F), of the scored week
    mean: Array  # (5, F), of the mean of the known weeks
    start: Array  # (5,)

    def logits(self, values: Values, observed: Mask, scale: Scale) -> Logits:
        """See `Learned.logits`."""
        last, mean = sums(standardize(scale, values, observed), values, observed)
        # einsum adds each row in the same order, whatever the batch
        found = np.einsum("nf,kf->nk", last, self.last) + np.einsum("nf,kf->nk", mean, self.mean)
        found = found + self.start
        return found[:, 0], found[:, 1:]

    def rescale(self, scale: float, shift: Array) -> None:
        """See `Learned.rescale`."""
        self.last[1:] *= scale
        self.mean[1:] *= scale
        self.start[1:] = scale * self.start[1:] + shift

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        arrays = {"last": self.last, "mean": self.mean, "start": self.start}
        (folder / FILE).write_bytes(safetensors.numpy.save(arrays))

    def contributions(self, way: Values, values: Values, observed: Mask) -> Values:
        """What each cell adds to the score's logit, exactly: (N, T, F).

        way: (N, T, F), standardized, from the typical week to the student's own.
        """
        known = (~np.isnan(values) & observed[..., None]).sum(axis=1)
        weights = np.broadcast_to(
            (self.mean[0] / np.maximum(known, 1))[:, None, :], way.shape
        ).copy()
        weights[:, -1] += self.last[0]
        given: Values = (way * weights).astype(np.float32)
        return given


def read(folder: Path) -> Linear:
    """Read a saved one. Raises ModelError when it is damaged."""
    try:
        return Linear(**safetensors.numpy.load(whole.read(folder, FILE)))
    except (SafetensorError, TypeError) as error:
        raise ModelError(f"version {folder.name}: {FILE}: {error}") from None


def sums(standardized: Values, values: Values, observed: Mask) -> tuple[Array, Array]:
    """The last week and the mean of the known weeks, (N, F) each, in spreads; 0 if unknown."""
    known = (~np.isnan(values) & observed[..., None]).sum(axis=1)
    total = standardized.sum(axis=1, dtype=np.float64)
    return standardized[:, -1].astype(np.float64), total / np.maximum(known, 1)


def fit(
    values: Values,
    observed: Mask,
    severity: Array,
    tiers: Array,
    scale: Scale,
    plan: LogisticPlan,
    *,
    seed: int = 0,
) -> Linear:
    """Fit the score to the severity (N,) in 0..1, and the levels to their probabilities (N, 4)."""
    x = np.concatenate(sums(standardize(scale, values, observed), values, observed), axis=1)
    spread = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    both = np.stack([1.0 - severity, severity], axis=1)
    score, categories = (_fitted(x / spread, each, plan, seed) for each in (both, tiers))
    weights = np.concatenate([score[0][1:] - score[0][:1], categories[0]]) / spread
    start = np.concatenate([score[1][1:] - score[1][:1], categories[1]])
    width = values.shape[2]
    return Linear(weights[:, :width].copy(), weights[:, width:].copy(), start)


def _fitted(x: Array, shares: Array, plan: LogisticPlan, seed: int) -> tuple[Array, Array]:
    """Weights (K, columns) and starts (K,) of K classes.  shares: (N, K), how much of each."""
    from sklearn.linear_model import LogisticRegression

    rows, label = np.nonzero(shares)
    weights = np.zeros((shares.shape[1], x.shape[1]))
    start = np.log(np.maximum(shares.mean(axis=0), LEAST))
    seen = np.unique(label)
    if len(seen) == 1:
        return weights, start
    model = LogisticRegression(C=plan.c, tol=1e-3, max_iter=plan.steps, random_state=seed)
    model.fit(x[rows], label, sample_weight=shares[rows, label])
    if len(seen) == 2:  # sklearn then keeps one line, for the second class
        weights[seen[1]], start[seen] = model.coef_[0], (0.0, model.intercept_[0])
    else:
        weights[seen], start[seen] = model.coef_, model.intercept_
    return weights, start
