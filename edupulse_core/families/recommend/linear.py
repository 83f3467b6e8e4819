"""Recommenders in closed form: weights from each used resource to every other one.

A learner's scores are their history times the weights, so a new learner is served without training.
EASE is by Steck (2019), its dropout form EDLAE by Steck (2020).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from edupulse_core.errors import ConfigError

Array = NDArray[np.float64]
SHRINK = 10.0  # learners that a cosine of two resources is shrunk by


@dataclass(frozen=True)
class EasePlan:
    """How the weights of EASE are found."""

    l2: float = 0.0  # ridge penalty; 0: the best on validation data of L2
    dropout: float = 0.0  # chance that a use is hidden while learning (EDLAE); 0: plain EASE
    evenness: float = 0.0  # power of 1 / number of uses by which a learner counts
    own: float = 0.0  # share of the weights in which a resource may also explain itself
    fewest: float = 0.0  # power of popularity by which scores are divided; 0: none
    level: float = -1.0  # weight of the distance from a learner's level; below 0: as L2

    def __post_init__(self) -> None:
        if self.l2 < 0 or not 0 <= self.dropout < 1 or not 0 <= self.own <= 1:
            raise ConfigError("ease: l2 at least 0, dropout from 0 up to 1, own from 0 to 1")


def ease(x: sparse.csr_matrix, plan: EasePlan) -> Array:
    """The weights (R, R) of a matrix of uses (N, R); their diagonal is 0."""
    per_learner = np.maximum(np.asarray(x.sum(axis=1)).ravel(), 1.0) ** -plan.evenness
    weighted = sparse.diags(per_learner / per_learner.mean()) @ x
    gram: Array = (x.T @ weighted).toarray().astype(np.float64)
    often = np.diag(gram).copy()
    penalty = plan.l2 + plan.dropout / (1 - plan.dropout) * often
    inverse = _inverse(gram, penalty)
    weights = inverse / -np.diag(inverse)
    if plan.own:
        weights = (1 - plan.own) * weights - plan.own * inverse * penalty
    if plan.fewest:
        weights = weights / np.maximum(often, 1.0) ** plan.fewest
    np.fill_diagonal(weights, 0.0)
    return weights


def nearest(x: sparse.csr_matrix, neighbors: int) -> Array:
    """Weights (R, R) by cosine, only those of each resource's nearest neighbors."""
    together: Array = (x.T @ x).toarray().astype(np.float64)
    often = np.sqrt(np.diag(together))
    alike = together / (np.outer(often, often) + SHRINK)
    np.fill_diagonal(alike, 0.0)
    if neighbors < len(alike):
        last = np.partition(alike, -neighbors, axis=0)[-neighbors]
        alike[alike < last] = 0.0
    return alike


def popularity(x: sparse.csr_matrix) -> Array:
    """The share of learners who used each resource, (R,)."""
    found: Array = np.asarray(x.sum(axis=0), np.float64).ravel() / max(x.shape[0], 1)
    return found


def popularity_by(x: sparse.csr_matrix, groups: NDArray[np.str_], prior: float) -> dict[str, Array]:
    """The same within each group, drawn toward all learners' by a number of learners."""
    overall = popularity(x)
    found = {"": overall}
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        used = np.asarray(x[rows].sum(axis=0), np.float64).ravel()
        found[str(group)] = (used + prior * overall) / (len(rows) + prior)
    return found


def _inverse(gram: Array, penalty: Array) -> Array:
    """The inverse of a Gram matrix with a ridge; gram is overwritten."""
    gram[np.diag_indices_from(gram)] += np.maximum(penalty, 1e-6)
    factor, _ = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    half, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(half)
    whole: Array = lower + np.tril(lower, -1).T
    return whole
