"""How good a prediction of severity is: on held-out rows, beside others, with intervals."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.training.results import Result

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

TIERS = ("low", "medium", "high", "critical")
SHARES = (  # metrics that count weeks, so may tell of few students
    "accuracy",
    "caseload_precision",
    "caseload_recall",
    "caseload_precision_high",
    "caseload_recall_high",
)
CASELOAD = 25 / 300  # students whom a counselor can support, of those on their caseload
_NOTHING = re.compile(r"[+-]0(\.0+)?%?")


@dataclass(frozen=True)
class Predicted:
    """What one predictor says of N student-weeks."""

    score: Array  # (N,) expected severity, 0..1
    any_flag: Array  # (N,) rises with P(any flag)
    high: Array  # (N,) rises with P(high or critical)
    tier: Whole  # (N,) 0 low .. 3 critical: the most probable one

    @classmethod
    def from_probabilities(cls, score: Array, tiers: Array) -> "Predicted":
        """tiers: (N, 4) probabilities."""
        return cls(score, 1.0 - tiers[:, 0], tiers[:, 2] + tiers[:, 3], tiers.argmax(axis=1))

    def of(self, rows: NDArray[Any]) -> "Predicted":
        """Only these rows."""
        return Predicted(self.score[rows], self.any_flag[rows], self.high[rows], self.tier[rows])


@dataclass(frozen=True)
class Actual:
    """What happened after N student-weeks."""

    severity: Array  # (N,) 0..1
    tier: Whole  # (N,) 0..3
    student: Whole  # (N,) a number for each student; rows of one student hang together
    week: Whole  # (N,) a number for each week

    @property
    def any_flag(self) -> NDArray[np.bool_]:
        """Whether any flag was raised."""
        return self.severity > 0

    @property
    def high(self) -> NDArray[np.bool_]:
        """Whether the level was High or Critical."""
        return self.tier >= 2

    def of(self, rows: NDArray[Any]) -> "Actual":
        """Only these rows."""
        return Actual(self.severity[rows], self.tier[rows], self.student[rows], self.week[rows])


class Metrics(Result):
    """How good one predictor is."""

    mae: float  # between the score and the severity that followed
    rmse: float
    r2: float
    auc_any: float  # of the probability of any flag
    auc_high: float  # of the probability of high or critical
    score_auc_any: float  # of the score itself
    score_auc_high: float
    caseload_precision: float  # of the highest scores of each week, as many as are supported
    caseload_recall: float
    caseload_precision_high: float
    caseload_recall_high: float
    ece: float  # expected calibration error
    accuracy: float  # share of weeks whose likeliest level came true
    rows: int
    students: int


class Difference(Result):
    """How far one AUC is from another, with a 95% interval over students."""

    difference: float
    low: float
    high: float

    def in_words(self, digits: int = 4) -> str:
        """Such as "+0.0031 (−0.0008 to +0.0052)"."""
        form = f"{{:+.{digits}f}}"
        low, high = end(self.low, form), end(self.high, form)
        return f"{figure(self.difference, form)} ({low} to {high})"


class Part(Result):
    """Weeks with similar scores: their mean score, and the mean severity that followed."""

    predicted: float
    observed: float
    rows: int


def metrics(predicted: Predicted, actual: Actual, *, share: float = CASELOAD) -> Metrics:
    """Every number of the table, for one predictor."""
    wrong = predicted.score - actual.severity
    spread = np.mean((actual.severity - actual.severity.mean()) ** 2)
    caseload = top_of_each_week(predicted.score, actual.week, share)
    return Metrics(
        **_plain(
            {
                "mae": np.abs(wrong).mean(),
                "rmse": np.sqrt(np.mean(wrong**2)),
                "r2": 1.0 - np.mean(wrong**2) / spread if spread > 0 else 0.0,
                "auc_any": auc(predicted.any_flag, actual.any_flag),
                "auc_high": auc(predicted.high, actual.high),
                "score_auc_any": auc(predicted.score, actual.any_flag),
                "score_auc_high": auc(predicted.score, actual.high),
                "caseload_precision": actual.any_flag[caseload].mean(),
                "caseload_recall": _share(actual.any_flag, caseload),
                "caseload_precision_high": actual.high[caseload].mean(),
                "caseload_recall_high": _share(actual.high, caseload),
                "ece": calibration_error(predicted.score, actual.severity),
                "accuracy": (predicted.tier == actual.tier).mean(),
                "rows": len(wrong),
                "students": len(np.unique(actual.student)),
            }
        )
    )


def auc(score: Array, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counting half; 0.5 when there is only one class."""
    return float(resampled_auc(score, positive, np.ones((1, len(score))))[0])


def resampled_auc(score: Array, positive: NDArray[np.bool_], weights: Array) -> Array:
    """AUC of each resample. weights: (R, N), how often each row was drawn."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(score[order]) > 0]))
    up = np.add.reduceat((weights * positive)[:, order], starts, axis=1)
    down = np.add.reduceat((weights * ~positive)[:, order], starts, axis=1)
    below = np.cumsum(down, axis=1) - down / 2
    pairs = up.sum(axis=1) * down.sum(axis=1)
    won = (up * below).sum(axis=1)
    return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1), 0.5)


def calibration_error(score: Array, actual: Array, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    parts = by_score(score, bins)
    gaps = [abs(score[p].mean() - actual[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(score))


def by_score(score: Array, bins: int) -> list[Whole]:
    """The rows of each bin, all of one size, lowest scores first."""
    return np.array_split(np.argsort(score, kind="stable"), bins)


def reliability(score: Array, actual: Array, bins: int = 10) -> list[Part]:
    """Predicted beside observed, by bins of equal size: what the calibration chart shows."""
    return [
        Part(**_plain({"predicted": score[p].mean(), "observed": actual[p].mean()}), rows=len(p))
        for p in by_score(score, bins)
        if len(p)
    ]


def top_of_each_week(score: Array, week: Whole, share: float) -> NDArray[np.bool_]:
    """Which rows are among the given share of their week with the highest scores."""
    chosen = np.zeros(len(score), dtype=bool)
    for each in np.unique(week):
        rows = np.flatnonzero(week == each)
        n = max(1, round(share * len(rows)))
        chosen[rows[np.argsort(-score[rows], kind="stable")[:n]]] = True
    return chosen


def paired_difference(
    ours: Array,
    theirs: Array,
    positive: NDArray[np.bool_],
    student: Whole,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Difference:
    """The AUC of ours minus theirs, with a 95% interval from resampling whole students."""
    rng = np.random.default_rng(seed)
    codes, n = np.unique(student, return_inverse=True)[1], len(np.unique(student))
    found = []
    for start in range(0, resamples, 50):
        size = min(50, resamples - start)
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=size)[:, codes].astype(np.float64)
        found.append(resampled_auc(ours, positive, drawn) - resampled_auc(theirs, positive, drawn))
    low, high = np.quantile(np.concatenate(found), [0.025, 0.975])
    between = auc(ours, positive) - auc(theirs, positive)
    return Difference(**_plain({"difference": between, "low": low, "high": high}))


def figure(value: float, form: str) -> str:
    """A number with a real minus sign; one that rounds to 0 has no sign."""
    said = form.format(value)
    return said[1:] if _NOTHING.fullmatch(said) else _with_minus(said)


def end(value: float, form: str) -> str:
    """An interval's end in words; one that would round to 0 gets digits until it is not 0.

    The end's sign shows whether the interval includes 0.
    """
    if not round(value, 6):
        return figure(value, form)
    while _NOTHING.fullmatch(said := form.format(value)):
        form = re.sub(r"\.(\d)", lambda found: f".{int(found[1]) + 1}", form)
    return _with_minus(said)


def _with_minus(said: str) -> str:
    return f"−{said[1:]}" if said.startswith("-") else said


def share_of_way(ours: float, floor: float, ceiling: float) -> float:
    """How far ours is from the floor (0) to the ceiling (1)."""
    return (ours - floor) / (ceiling - floor) if ceiling > floor else 0.0


def _share(positive: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return float(positive[chosen].sum() / max(1, positive.sum()))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON knows, at a length that is the same on every machine."""
    return {
        k: round(float(v), 6) if isinstance(v, float | np.floating) else v
        for k, v in values.items()
    }
