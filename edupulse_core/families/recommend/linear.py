"""Recommenders in closed form: weights from each used resource to every other one.

A learner's scores are their history times the weights, so a new learner is served without training.
EASE is by Steck (2019). Beside it stand cosines, and a low-rank part for what goes together widely.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack
from scipy.sparse.linalg import svds

from edupulse_core.errors import ConfigError

Array = NDArray[np.float64]
SAMPLE = 1000  # learners by whom the spread of scores is judged
SHRINK = 10.0  # learners that a cosine of two resources is shrunk by


@dataclass(frozen=True)
class EasePlan:
    """How the weights of EASE are found; a field below 0 is chosen on validation data."""

    l2: float = -1.0  # ridge penalty
    own: float = 0.5  # share of the weights in which a resource may also explain itself
    evenness: float = 0.25  # power of 1 / number of uses by which a learner counts
    sitting: float = -1.0  # how much more two uses count that are close in time
    sitting_seconds: float = 21_600.0  # that part two uses of one sitting, about
    near: float = -1.0  # weight of the cosines beside EASE; 0: none
    share: float = -1.0  # weight of the low-rank part beside EASE; 0: none
    rank: int = 32  # of the low-rank part
    level: float = -1.0  # weight of the distance from a learner's level

    def __post_init__(self) -> None:
        if self.l2 == 0 or not 0 <= self.own <= 1 or self.sitting_seconds <= 0 or self.rank < 1:
            raise ConfigError(
                "ease: l2, sitting_seconds and rank must be positive, own from 0 to 1"
            )


def ease(x: sparse.csr_matrix, plan: EasePlan, when: sparse.csr_matrix | None = None) -> Array:
    """The weights (R, R) of a matrix of uses (N, R); their diagonal is 0.

    when: (N, R) the second of each use, for `plan.sitting`.
    """
    per_learner = np.maximum(np.asarray(x.sum(axis=1)).ravel(), 1.0) ** -plan.evenness
    per_learner /= per_learner.mean()
    if plan.sitting <= 0 or when is None:
        inverse = _ridge(x, per_learner, plan.l2)
    else:
        gram = _gram(x, per_learner)
        gram += plan.sitting * _sittings(x, when, per_learner, plan.sitting_seconds)
        inverse = _inverse(gram, plan.l2)
    weights = (1 - plan.own) * inverse / -np.diag(inverse) - plan.own * plan.l2 * inverse
    np.fill_diagonal(weights, 0.0)
    rank = min(plan.rank, min(x.shape) - 1)
    beside: list[tuple[float, Array]] = []
    if plan.near > 0:
        beside.append((plan.near, nearest(x, len(weights))))
    if plan.share > 0 and rank > 0:
        beside.append((plan.share, low_rank(x, rank)))
    if beside:
        weights /= _spread(x, weights)
    for share, part in beside:
        weights += share * part / _spread(x, part)
    return weights


def low_rank(x: sparse.csr_matrix, rank: int) -> Array:
    """Weights (R, R) by the few directions in which learners differ most; their diagonal is 0.

    Learners and resources are scaled by the root of their number of uses first.
    """
    often, long = (np.maximum(np.asarray(x.sum(axis=axis)).ravel(), 1.0) for axis in (0, 1))
    scaled = sparse.diags(long**-0.5) @ x @ sparse.diags(often**-0.5)
    _, _, ways = svds(scaled.tocsc(), k=rank, v0=np.ones(min(x.shape)))
    found: Array = (ways.T @ ways) * np.sqrt(often)[None] / np.sqrt(often)[:, None]
    np.fill_diagonal(found, 0.0)
    return found


def _sittings(
    x: sparse.csr_matrix, when: sparse.csr_matrix, per_learner: Array, seconds: float
) -> Array:
    """How often two resources were used close in time, (R, R)."""
    found = np.zeros((x.shape[1], x.shape[1]))
    used = (x.multiply(when)).tocsr()
    for row, (start, end) in enumerate(zip(used.indptr[:-1], used.indptr[1:], strict=True)):
        mine, times = used.indices[start:end], used.data[start:end]
        near = np.exp(-np.abs(times[:, None] - times[None]) / seconds)
        found[np.ix_(mine, mine)] += per_learner[row] * near
    return found


def _spread(x: sparse.csr_matrix, weights: Array) -> float:
    """How far apart the scores of one learner are, on average."""
    return max(float((x[:SAMPLE] @ weights).std(axis=1).mean()), 1e-12)


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
    for group in np.unique(groups[groups != ""]):
        rows = np.flatnonzero(groups == group)
        used = np.asarray(x[rows].sum(axis=0), np.float64).ravel()
        found[str(group)] = (used + prior * overall) / (len(rows) + prior)
    return found


def _gram(x: sparse.csr_matrix, per_learner: Array) -> Array:
    found: Array = (x.T @ (sparse.diags(per_learner) @ x)).toarray().astype(np.float64)
    return found


def _ridge(x: sparse.csr_matrix, per_learner: Array, penalty: float) -> Array:
    """The inverse (R, R) of the Gram matrix of weighted learners with a ridge."""
    learners, resources = x.shape
    if learners >= resources:
        return _inverse(_gram(x, per_learner), penalty)
    scaled = (sparse.diags(np.sqrt(per_learner)) @ x).tocsr()  # Woodbury: the smaller side
    small = _inverse((scaled @ scaled.T).toarray(), penalty)
    found: Array = (scaled.T @ (scaled.T @ small).T) / -penalty
    found[np.diag_indices_from(found)] += 1 / penalty
    return found


def _inverse(gram: Array, penalty: float) -> Array:
    """The inverse of a Gram matrix with a ridge; gram is overwritten."""
    gram[np.diag_indices_from(gram)] += penalty
    factor, _ = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    half, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(half)
    whole: Array = lower + np.tril(lower, -1).T
    return whole
