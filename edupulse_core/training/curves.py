"""ROC and precision-recall curves, thinned until no step could identify a few students."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST
from edupulse_core.training import hiding
from edupulse_core.training.evaluation import auc
from edupulse_core.training.results import Result

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

PARTS = (40, 20, 10, 5, 3, 2)  # how many steps are tried, most first


class CurvePoint(Result):
    """The rates when everyone with this score or a higher one is flagged."""

    score: float
    called: float  # share of all weeks
    recall: float  # called, of those with the outcome
    fpr: float  # called, of those without it
    precision: float  # had the outcome, of those called


class Curve(Result):
    """A score against one outcome, from the highest scores down to everyone."""

    auc: float  # area under the ROC curve
    average_precision: float  # area under the precision-recall curve, in steps
    base_rate: float  # what precision would be by chance
    points: list[CurvePoint]


def curves(
    score: Array,
    outcomes: Mapping[str, Flags],
    student: Whole,
    edges: Sequence[float],
    beside: Sequence[Whole] = (),
) -> dict[str, Curve] | None:
    """The curve of each outcome (N,), all cut at the same scores.

    None where a step of any curve could identify a few students.
    edges: scores where a cut must be, because other counts on the page are cut there.
    beside: for each other count of these rows on the page, the cell of each row, (N,).
    """
    came = sum(flags.astype(np.int64) << at for at, flags in enumerate(outcomes.values()))
    kind = np.unique(np.asarray(came), return_inverse=True)[1].ravel()
    for n in PARTS:
        step = _steps(score, kind, student, edges, n)
        cells = step * (kind.max() + 1) + kind
        if step.max() > 0 and not any(
            hiding.two_counts_tell_of_few(student, cells, other) for other in beside
        ):
            return {name: _curve(score, came, step) for name, came in outcomes.items()}
    return None


def _steps(score: Array, kind: Whole, student: Whole, edges: Sequence[float], n: int) -> Whole:
    """The step of each row, (N,), 0 for the highest scores.

    Steps start as n parts of equal size, cut at the edges too; each takes in the next ones until
    it holds nobody or enough students of every kind of outcome, and so does the last.
    """
    cuts = np.unique([*np.quantile(score, np.arange(1, n) / n, method="higher"), *edges])
    part = len(cuts) - np.digitize(score, cuts)
    taken: list[list[int]] = [[]]
    for at in range(len(cuts) + 1):
        taken[-1].append(at)
        if _enough(np.isin(part, taken[-1]), kind, student):
            taken.append([])
    rest = taken.pop()
    while rest and taken and not _enough(np.isin(part, rest), kind, student):
        rest = taken.pop() + rest
    step = np.zeros(len(cuts) + 1, dtype=np.int64)
    for at, parts in enumerate([*taken, rest] if rest else taken):
        step[parts] = at
    return step[part]


def _enough(rows: Flags, kind: Whole, student: Whole) -> bool:
    """Whether there are rows, and each kind of outcome in them has no students or enough."""
    counts = [len(np.unique(student[rows & (kind == each)])) for each in np.unique(kind)]
    return sum(counts) > 0 and not any(0 < n < SMALLEST for n in counts)


def _curve(score: Array, came: Flags, step: Whole) -> Curve:
    size = int(step.max()) + 1
    called = np.cumsum(np.bincount(step, minlength=size))
    right = np.cumsum(np.bincount(step, came, minlength=size))
    lowest = [float(score[step == at].min()) for at in range(size)]
    return Curve(
        auc=round(auc(score, came), 6),
        average_precision=round(average_precision(score, came), 6),
        base_rate=round(float(came.mean()), 6),
        points=[
            CurvePoint(
                score=round(low, 3),
                called=round(float(n / len(score)), 6),
                recall=round(float(hit / max(1, right[-1])), 6),
                fpr=round(float((n - hit) / max(1, called[-1] - right[-1])), 6),
                precision=round(float(hit / n), 6),
            )
            for low, n, hit in zip(lowest, called, right, strict=True)
        ],
    )


def average_precision(score: Array, positive: Flags) -> float:
    """Precision at each score, weighted by the recall that it adds; ties count as one."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    right = np.cumsum(positive[order])[ends]
    gained: NDArray[Any] = np.diff(right, prepend=0)
    return float((gained * right / (ends + 1)).sum() / max(1, right[-1]))
