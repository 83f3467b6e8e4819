"""Whether a gap between groups comes from where they apply, or is there within programs too.

In 1973 Berkeley admitted 45% of the men and 30% of the women, yet most departments admitted women a
little more often: women applied where few are admitted (Bickel, Hammel and O'Connell 1975).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edupulse_core.training.results import Interval, Result

Array = NDArray[np.float64]
Names = NDArray[np.str_]
FEWEST = 30  # applications of a group, and of the others; with fewer nothing is compared
Z = 1.959964


class Gap(Result):
    """How much more often a group has the outcome than the others have it."""

    group: str
    overall: Interval  # the share admitted less that of the others
    within: Interval  # the same, in the same programs
    unexplained: Interval  # what came less what the model said, less that of the others

    @property
    def comes_from_programs(self) -> bool:
        """Whether there is a gap, but none within programs, or one in the other direction."""
        return _sign(self.overall) != 0 and _sign(self.within) != _sign(self.overall)


def gaps(
    admitted: Array,
    chance: Array,
    program: Names,
    groups: Mapping[str, Names],
    shown: NDArray[np.bool_],
) -> dict[str, list[Gap]]:
    """The gap of each group of each attribute against all others.

    admitted, chance, program: (N,).  groups: attribute -> (N,).  shown: (N,) false for cases of
    groups that are hidden for privacy, in which nothing is counted.
    """
    found: dict[str, list[Gap]] = {}
    for attribute, names in groups.items():
        found[attribute] = []
        for name in np.unique(names[shown]):
            mine, others = shown & (names == name), shown & (names != name)
            if min(mine.sum(), others.sum()) < FEWEST or name == "unknown":
                continue
            found[attribute].append(
                Gap(
                    group=str(name),
                    overall=_apart(admitted[mine], admitted[others]),
                    within=_within(admitted, program, mine, others),
                    unexplained=_apart((admitted - chance)[mine], (admitted - chance)[others]),
                )
            )
    return found


def _within(admitted: Array, program: Names, mine: Array, others: Array) -> Interval:
    """The gap in each program, weighted as Mantel and Haenszel do; programs of one group say
    nothing."""
    _, at = np.unique(program, return_inverse=True)
    size = int(at.max()) + 1
    n, m = (np.bincount(at[rows], minlength=size) for rows in (mine, others))
    both = (n > 0) & (m > 0)
    if not both.any():
        return Interval()
    p, q = (
        np.bincount(at[rows], admitted[rows], minlength=size)[both] / count[both]
        for rows, count in ((mine, n), (others, m))
    )
    n, m = n[both], m[both]
    weight = n * m / (n + m)
    gap = float(weight @ (p - q) / weight.sum())
    spread = weight**2 @ (p * (1 - p) / n + q * (1 - q) / m)
    return _interval(gap, float(np.sqrt(spread)) / float(weight.sum()))


def _apart(mine: Array, others: Array) -> Interval:
    spread = np.sqrt(mine.var() / len(mine) + others.var() / len(others))
    return _interval(float(mine.mean() - others.mean()), float(spread))


def _interval(value: float, spread: float) -> Interval:
    low, high = value - Z * spread, value + Z * spread
    return Interval(value=round(value, 6), low=round(low, 6), high=round(high, 6))


def _sign(found: Interval) -> int:
    """1 or -1 where the whole interval is on one side of zero, else 0."""
    if found.low is None or found.high is None:
        return 0
    return int(found.low > 0) - int(found.high < 0)
