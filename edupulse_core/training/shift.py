"""Whether what comes is still like what a model learned from: arrays in, numbers out.

Two distributions are compared by counts in fixed bins. A difference counts only if it is large, by
three measures that each have a floor, and beyond chance (Holm's correction over all tests).
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.training.evaluation import resampled_auc

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

BINS = 10  # by quantiles of the values that were learned from; one more for unknown values
PSI_FLOOR = 0.2  # the usual reading of a population stability index: from .2 on, it has moved
KS_FLOOR = 0.15  # the largest gap between the two shares at or below any value
SIZE_FLOOR = 0.2  # standard deviations that a value moved on average: a small effect
LARGEST = 100.0  # standard deviations; where the learned values had none, any move is as large
FEWEST = 100  # cases on either side; with fewer, nothing is said
ALPHA = 0.001  # chance of a false alarm in one week, all tests together


@dataclass(frozen=True)
class Shift:
    """How far one distribution is from another."""

    psi: float  # population stability index, less what chance alone adds to it
    ks: float  # Kolmogorov and Smirnov's largest gap, over the bins
    size: float  # how far values moved on average, in standard deviations (earth mover's distance)
    unknown: float  # how much larger or smaller the share of unknown values is
    chance: float  # of a gap as large between two samples of the same distribution
    rows: int

    @property
    def is_large(self) -> bool:
        """Whether every measure reaches its floor.

        The size tells a real move from .0500 that became .0526 in a week of 19 school days.
        """
        has_moved = self.size >= SIZE_FLOOR or self.unknown >= KS_FLOOR
        return has_moved and self.psi >= PSI_FLOOR and self.ks >= KS_FLOOR


@dataclass(frozen=True)
class Bins:
    """Where values are counted: bins of about equal size; ties make fewer."""

    edges: Array  # between bins, half way to the next value, so that .0526 is counted with .05
    means: Array  # (len(edges) + 1,) of each bin's values

    @classmethod
    def of(cls, values: Array, bins: int = BINS) -> Self:
        """The bins of some values, unknown ones left out."""
        known, where = np.unique(values[np.isfinite(values)], return_inverse=True)
        if not len(known):
            return cls(np.empty(0), np.zeros(1))
        cuts = np.unique(np.quantile(where, np.arange(1, bins) / bins, method="lower"))
        cuts = cuts[cuts < len(known) - 1]
        edges = (known[cuts] + known[cuts + 1]) / 2
        place = np.searchsorted(edges, known[where], side="left")
        means = np.bincount(place, known[where]) / np.bincount(place)
        return cls(edges, means)

    def count(self, values: Array) -> Counts:
        """How many values are unknown, and how many are in each bin: (len(edges) + 2,)."""
        unknown = np.isnan(values)
        found = np.searchsorted(self.edges, np.nan_to_num(values), side="left")
        places = np.where(unknown, 0, 1 + found)
        return np.bincount(places, minlength=len(self.edges) + 2).astype(np.int64)


def numbers_of(column: pa.ChunkedArray) -> Array:
    """A column as numbers, NaN where unknown; a word is the same number in every table."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        known = {
            word: np.nan if word is None else zlib.crc32(word.encode()) / 2**32
            for word in column.unique().to_pylist()
        }
        return np.array([known[word] for word in column.to_pylist()], float)
    return np.asarray(column.to_numpy(zero_copy_only=False), float)


def shift(came: Counts, learned: Counts, bins: Bins) -> Shift | None:
    """How far the counts that came are from those that were learned; None if either has too few.

    Unknown values are a bin like any other, below all known ones.
    """
    from scipy.special import kolmogorov  # takes a fifth of the time in which a command starts

    n, m = int(came.sum()), int(learned.sum())
    if min(n, m) < FEWEST:
        return None
    used = (came + learned) > 0
    p, q = ((each[used] + 0.5) / (each[used] + 0.5).sum() for each in (came, learned))
    by_chance = (used.sum() - 1) * (1 / n + 1 / m)
    gaps = np.abs(np.cumsum(came) / n - np.cumsum(learned) / m)
    return Shift(
        psi=float(((p - q) * np.log(p / q)).sum() - by_chance),
        ks=float(gaps.max()),
        size=_size(came[1:], learned[1:], bins.means),
        unknown=float(gaps[0]),
        chance=float(kolmogorov(gaps.max() * np.sqrt(n * m / (n + m)))),
        rows=n,
    )


def _size(came: Counts, learned: Counts, means: Array) -> float:
    """How far known values moved on average, over the spread of those that were learned."""
    if not came.sum() or not learned.sum():
        return 0.0
    shares = learned / learned.sum()
    spread = float(np.sqrt(shares @ (means - shares @ means) ** 2))
    gaps = np.abs(np.cumsum(came / came.sum()) - np.cumsum(shares))[:-1]
    moved = float(gaps @ np.diff(means))
    return min(moved / spread, LARGEST) if spread > 0 else LARGEST * (moved > 0)


def beyond_chance(chances: Sequence[float], alpha: float = ALPHA) -> NDArray[np.bool_]:
    """Which of several tests count if at most alpha of all weeks may hold any false one (Holm)."""
    given = np.asarray(chances, float)
    order = np.argsort(given, kind="stable")
    passed = given[order] <= alpha / np.arange(len(given), 0, -1)
    found = np.zeros(len(given), bool)
    found[order[: len(given) if passed.all() else int(passed.argmin())]] = True
    return found


def expected_auc(score: Array, chance: Array) -> float:
    """The AUC to expect before any outcome is known, if the chances are calibrated.

    Each case counts as positive with its chance and as negative with the rest ("confidence-based
    performance estimation": Białek et al. 2024, arXiv:2401.08348). A pair of a case with itself is
    no pair.
    """
    rows = np.concatenate([score, score])
    is_positive = np.repeat([True, False], len(score))
    weights = np.concatenate([chance, 1 - chance])[None, :]
    found = float(resampled_auc(rows, is_positive, weights)[0])
    positive, own = chance.sum(), float((chance * (1 - chance)).sum())
    pairs = positive * (len(chance) - positive)
    return (found * pairs - own / 2) / (pairs - own) if pairs > own else 0.5


@dataclass(frozen=True)
class Measured:
    """A figure, and how far chance may have moved it."""

    value: float
    error: float  # standard error; students are drawn, not weeks
    rows: int


def auc_with_error(
    score: Array, positive: NDArray[np.bool_], student: NDArray[Any]
) -> Measured | None:
    """AUC with its standard error over students; None with only one kind of outcome.

    The error is the spread of each student's influence (Obuchowski 1997), so that a student with
    many weeks counts once.
    """
    up, down = np.sort(score[positive]), np.sort(score[~positive])
    if not len(up) or not len(down):
        return None
    better = _share_below(down, score)  # share of negatives that a case outranks
    worse = 1 - _share_below(up, score)
    share = positive.mean()
    value = float(better[positive].mean())
    moves = np.where(positive, (better - value) / share, (worse - value) / (1 - share))
    codes = np.unique(student, return_inverse=True)[1]
    by_student = np.bincount(codes, moves)
    return Measured(value, float(np.sqrt((by_student**2).sum()) / len(score)), len(score))


def mean_with_error(values: Array, student: NDArray[Any]) -> Measured:
    """A mean with its standard error over students."""
    value = float(values.mean())
    codes = np.unique(student, return_inverse=True)[1]
    by_student = np.bincount(codes, values - value)
    return Measured(value, float(np.sqrt((by_student**2).sum()) / len(values)), len(values))


def chance_of(rise: float, now: Measured, before: Measured) -> float:
    """How often chance alone makes a figure rise so far between two samples."""
    from scipy.special import ndtr  # slow to import

    spread = float(np.hypot(now.error, before.error))
    return float(ndtr(-rise / spread)) if spread > 0 else float(rise <= 0)


def _share_below(ranked: Array, score: Array) -> Array:
    """The share of sorted values below each score; equal ones count half."""
    low, high = (np.searchsorted(ranked, score, side=side) for side in ("left", "right"))
    share: Array = (low + high) / 2 / len(ranked)
    return share
