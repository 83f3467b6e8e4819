"""How good ranked lists are: normalized gain, hits, first hit, coverage."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TOP = 10  # places of a list that count


def top(scores: Array, count: int = TOP) -> NDArray[np.int64]:
    """The columns of the highest scores of each row, best first."""
    count = min(count, scores.shape[1])
    best = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    found: NDArray[np.int64] = np.take_along_axis(best, order, axis=1)
    return found


def of_lists(hits: NDArray[np.bool_], wanted: NDArray[np.int64]) -> Mapping[str, Array]:
    """Each measure for N lists, (N,).  hits: (N, K) in order.  wanted: (N,) how many there are.

    NaN where nothing was wanted.
    """
    hits = hits[:, :TOP]
    worth = 1 / np.log2(np.arange(2, TOP + 2))
    best = np.concatenate([[np.nan], np.cumsum(worth)])[np.minimum(wanted, TOP)]
    places = np.arange(1, hits.shape[1] + 1)
    first = np.where(hits, 1 / places, 0.0).max(axis=1, initial=0.0)
    known = np.where(wanted > 0, 1.0, np.nan)
    return {
        "ndcg": hits @ worth[: hits.shape[1]] / best,
        "hr": hits.any(axis=1) * known,
        "mrr": first * known,
    }


def mean(values: Array, weights: Array) -> Array:
    """The mean of the known values under each draw of the rows.  weights: (D, N)."""
    known = ~np.isnan(values)
    total = weights[:, known].sum(axis=1)
    return weights[:, known] @ values[known] / np.where(total > 0, total, np.nan)


def coverage(shown: NDArray[np.int64], weights: Array, resources: int) -> Array:
    """The share of all resources that stand on any list under each draw.  shown: (N, K)."""
    is_on = np.zeros((len(shown), resources + 1), bool)
    np.put_along_axis(is_on, shown, True, axis=1)  # -1: the column beside the last
    return np.array([is_on[drawn > 0, :resources].any(axis=0).mean() for drawn in weights])
