"""Compares risk levels with the level that followed: counts, precision, recall and F1."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST
from edupulse_core.training import hiding
from edupulse_core.training.evaluation import TIERS, Actual
from edupulse_core.training.fairness import Students
from edupulse_core.training.results import Interval, Result

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

FEWEST = 100  # student-weeks, of which a share is told as so many of 100
APART = (0, 1, 2, 3)  # levels as they are counted: each by itself, or
TOGETHER = (0, 1, 2, 2)  # the two highest as one


class LevelRates(Result):
    """Precision, recall and F1 of a level (or of the two highest combined), in student-weeks."""

    level: list[str]
    said: int
    came: int
    precision: Interval  # came, of those said
    recall: Interval  # said, of those that came
    f1: Interval  # harmonic mean of both


class Counted(Result):
    """Counts: the level that followed (rows) by predicted level (columns); empty where hidden."""

    came: list[list[str]]
    said: list[list[str]]
    confusion: list[list[int]] | None
    accuracy: float | None
    by_level: list[LevelRates]


class Shown(Counted):
    """The counts by the level that is shown."""

    grave_of_100: list[int | None]  # by level: after how many of 100 weeks came two flags or more


class Levels(Result):
    """Counts by the level that was shown, and by the likeliest level of the second output."""

    shown: Shown
    likeliest: Counted


def levels(
    shown: Whole, likeliest: Whole, actual: Actual, students: Students, alarms: Sequence[Whole] = ()
) -> tuple[Levels, list[Whole]]:
    """Count which level followed each predicted level; also returns the cell of each row.

    shown, likeliest: (N,) 0 low to 3 critical.  alarms: the cells of alarms whose counts are on the
    same page.
    """
    by_shown, counted = _counted(shown, actual, students, alarms)
    by_likeliest, more = _counted(likeliest, actual, students, [*alarms, *counted])
    grave = [_grave_of_100(shown == level, actual) for level in range(4)]
    told = Levels(shown=Shown(**by_shown.model_dump(), grave_of_100=grave), likeliest=by_likeliest)
    return told, [*counted, *more]


def _counted(
    said: Whole, actual: Actual, students: Students, beside: Sequence[Whole]
) -> tuple[Counted, list[Whole]]:
    """Count the levels that followed each predicted level; also returns the cell of each row.

    beside: the cell of each row in each other count on the page. The two highest levels are
    combined if a cell of either, or two counts together, could identify a few students. If that is
    not enough, the result is None and no cell is returned.
    """
    same = said == actual.tier
    merged = np.array(TOGETHER)
    # of the levels that may be counted as one, the share tells no more than how often they agree
    agreed = 2 * (4 * merged[actual.tier] + merged[said]) + same
    for came_as, said_as in product((APART, TOGETHER), repeat=2):
        cell = 4 * np.array(came_as)[actual.tier] + np.array(said_as)[said]
        pairs = [(cell, agreed), *product((cell, agreed), beside)]
        if not any(hiding.two_counts_tell_of_few(actual.student, *pair) for pair in pairs):
            counts = np.bincount(cell, minlength=16).reshape(4, 4)
            both = APART if came_as == said_as == APART else TOGETHER
            found = Counted(
                came=_names(came_as),
                said=_names(said_as),
                confusion=counts[: max(came_as) + 1, : max(said_as) + 1].tolist(),
                accuracy=round(float(same.mean()), 6),
                by_level=_rates(np.array(both)[said], np.array(both)[actual.tier], both, students),
            )
            return found, [cell, agreed]
    return Counted(came=[], said=[], confusion=None, accuracy=None, by_level=[]), []


def _rates(
    said: Whole, came: Whole, counted_as: Sequence[int], students: Students
) -> list[LevelRates]:
    """Precision, recall and F1 of each level. They come from shown counts, so they hide nothing."""
    found = []
    for at, names in enumerate(_names(counted_as)):
        cells = np.stack([(said == at) & (came == at), said == at, came == at], axis=1)
        sums = students.sums(np.arange(len(said)), cells.astype(np.float64))
        (right, n_said, n_came), draws = sums.sum(axis=0), students.resampled(sums).T
        found.append(
            LevelRates(
                level=names,
                said=int(n_said),
                came=int(n_came),
                precision=_share(right, n_said, draws[0], draws[1]),
                recall=_share(right, n_came, draws[0], draws[2]),
                f1=_share(2 * right, n_said + n_came, 2 * draws[0], draws[1] + draws[2]),
            )
        )
    return found


def _share(part: float, whole: float, parts: Array, wholes: Array) -> Interval:
    """A share with its interval; undefined if there is nothing to count."""
    if whole == 0:
        return Interval()
    some = wholes > 0
    return Interval.of(float(part / whole), parts[some] / wholes[some])


def _names(counted_as: Sequence[int]) -> list[list[str]]:
    """The levels of each row or column."""
    return [
        [name for name, place in zip(TIERS, counted_as, strict=True) if place == at]
        for at in range(max(counted_as) + 1)
    ]


def _grave_of_100(rows: Flags, actual: Actual) -> int | None:
    """How many of 100 rows two or more flags followed; None for few rows or few students."""
    students = [len(np.unique(actual.student[rows & (actual.high == came)])) for came in (0, 1)]
    if np.count_nonzero(rows) < FEWEST or min(students) < SMALLEST:
        return None
    return round(100 * float(actual.high[rows].mean()))
