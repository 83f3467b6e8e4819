"""How a model does on sessions that it has not seen, beside simple methods."""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.family import Occasion, Report, Run, Split
from edupulse_core.families.study_time import importance
from edupulse_core.families.study_time.algorithms import again
from edupulse_core.families.study_time.baselines import BASELINES, boosting
from edupulse_core.families.study_time.examples import Array, StudyExamples
from edupulse_core.families.study_time.measured import (
    Accuracy,
    Bin,
    Comparison,
    Crossed,
    Residuals,
    Spread,
)
from edupulse_core.families.study_time.model import StudyModel
from edupulse_core.families.usual import by_student
from edupulse_core.training import hiding

FOLDS = 5
BINS = 20  # of the residuals
TENTHS = 10


def report(
    model: StudyModel, split: Split[StudyExamples], occasion: Occasion[StudyExamples] | None
) -> Report:
    """The figures of every training; with an occasion, importance and cross-validation too."""
    test = split.test
    y, value = test.target(), model.hours(test)
    compared = comparison(model, split, value, boosted=occasion is not None)
    more = {
        "predicted": [each.model_dump() for each in tenths(value, y, test.who)],
        "residuals": residuals(value, y, test.who).model_dump(),
    }
    if occasion is not None:
        more["importance"] = importance.measure(model, test).model_dump()
        everything = _all(split)
        more["crossed"] = crossed(model, everything).model_dump()
    own = compared.table["model"]
    headline = {"mae": own.mae, "rmse": own.rmse, "r2": own.r2, "coverage": compared.coverage}
    return Report(headline=headline, test=compared.model_dump(), **more)


def comparison(
    model: StudyModel, split: Split[StudyExamples], value: Array, *, boosted: bool
) -> Comparison:
    """The model and the simple methods on the same sessions.  value: the model's hours."""
    test, y = split.test, split.test.target()
    said = {name: each(split.train, test) for name, each in BASELINES.items()}
    if boosted:
        said["boosting"] = boosting(split.train, test)
    low, high, _ = model.margins.of(*model.log_hours(test), test.count)
    return Comparison(
        rows=len(test),
        students=len(np.unique(test.who)),
        weeks=(str(test.day.min()), str(test.day.max())),
        table={name: accuracy(each, y) for name, each in {"model": value, **said}.items()},
        coverage=round(float(((low <= y) & (y <= high)).mean()), 6),
        width=round(float((high - low).mean()), 6),
    )


def accuracy(value: Array, y: Array) -> Accuracy:
    """The errors of predictions, in hours."""
    off = value - y
    spread = float(((y - y.mean()) ** 2).mean())
    return Accuracy(
        mae=round(float(np.abs(off).mean()), 6),
        rmse=round(float(np.sqrt((off**2).mean())), 6),
        r2=round(1 - float((off**2).mean()) / spread, 6) if spread > 0 else 0.0,
    )


def tenths(value: Array, y: Array, who: NDArray[np.str_]) -> list[Bin]:
    """Predicted against actual hours, by tenths of what was predicted; none of few students."""
    parts = np.array_split(np.argsort(value, kind="stable"), TENTHS)
    hide = hiding.hidden([[len(np.unique(who[part]))] for part in parts])
    return [
        Bin(
            predicted=round(float(value[part].mean()), 4),
            actual=round(float(y[part].mean()), 4),
            low=round(float(np.quantile(y[part], 0.1)), 4),
            high=round(float(np.quantile(y[part], 0.9)), 4),
            rows=len(part),
        )
        for part, is_hidden in zip(parts, hide, strict=True)
        if len(part) and not is_hidden
    ]


def residuals(value: Array, y: Array, who: NDArray[np.str_]) -> Residuals:
    """The histogram of actual less predicted hours, and outliers by the interquartile range.

    What few students stand in is hidden, and more with it where the total would give it away.
    """
    off, student = y - value, np.unique(who, return_inverse=True)[1]
    lower, upper = np.quantile(off, [0.25, 0.75])
    fences = lower - 1.5 * (upper - lower), upper + 1.5 * (upper - lower)
    out = (off < fences[0]) | (off > fences[1])
    ends = np.quantile(off, [0.01, 0.99])
    edges = np.linspace(ends[0], max(ends[1], ends[0] + 1e-6), BINS + 1)
    place = np.clip(np.searchsorted(edges, off, side="right") - 1, 0, BINS - 1)
    rows = np.bincount(place, minlength=BINS).tolist()
    hide = np.array(hiding.hidden([[len(np.unique(who[place == at]))] for at in range(BINS)]))
    counts = [None if dark and n else n for n, dark in zip(rows, hide, strict=True)]
    shown = np.where(hide[place], -1, place)  # hidden bars are one: the total less the others
    few = hiding.two_counts_tell_of_few(student, shown, out.astype(np.int64))
    outliers = None if few else int(out.sum())
    return Residuals(
        edges=[round(float(each), 4) for each in edges],
        counts=counts,
        lower_fence=round(float(fences[0]), 4),
        upper_fence=round(float(fences[1]), 4),
        outliers=outliers,
        outlier_share=None if outliers is None else round(outliers / len(off), 6),
    )


def crossed(model: StudyModel, examples: StudyExamples, folds: int = FOLDS) -> Crossed:
    """Train the same algorithm anew on each fold, and test it on the fold's students.

    Each is a trial: of the networks, one alone is trained.
    """
    found, errors = [], []
    for split in by_student(examples, folds=folds):
        made, y = again(model, split, Run(trial=True)), split.test.target()
        value = made.hours(split.test)
        found.append(accuracy(value, y))
        codes, counts = np.unique(split.test.who, return_inverse=True, return_counts=True)[1:]
        errors.append(np.bincount(codes, np.abs(value - y)) / counts)
    each = np.concatenate(errors)
    return Crossed(
        folds=found,
        mae=_spread([one.mae for one in found]),
        rmse=_spread([one.rmse for one in found]),
        r2=_spread([one.r2 for one in found]),
        by_learner=Spread(
            mean=round(float(each.mean()), 6),
            deviation=round(float(each.std()), 6),
            low=round(float(np.quantile(each, 0.1)), 6),
            high=round(float(np.quantile(each, 0.9)), 6),
        ),
        students=len(each),
    )


def _spread(values: list[float]) -> Spread:
    return Spread(
        mean=round(float(np.mean(values)), 6),
        deviation=round(float(np.std(values)), 6),
        low=min(values),
        high=max(values),
    )


def _all(split: Split[StudyExamples]) -> StudyExamples:
    """Every case of a split, in the order of time."""
    parts = (split.train, split.validation, split.test)
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    before = np.concatenate([part.before for part in parts])[order]
    count = np.concatenate([part.count for part in parts])[order]
    return StudyExamples(split.train.sessions, rows[order], before, count)
