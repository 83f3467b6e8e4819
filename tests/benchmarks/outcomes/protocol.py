"""Who trains and who is tested; what is compared with what; and the canary against leaks."""

import multiprocessing
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import MissingError
from edupulse_core.training.evaluation import auc
from tests.benchmarks.command import Log
from tests.benchmarks.differences import paired_difference
from tests.benchmarks.outcomes import models
from tests.benchmarks.outcomes.models import Array, Effort, Rows
from tests.benchmarks.outcomes.weekly import Case, Mask

REFERENCE = "boosting"
OTHER_COURSES = ", other courses"  # ends the name of a model that has their input
FOLDS = 3  # seed of the outer folds; everything was developed on those of seed 0
FEWEST = 50  # students to be split
BY_STUDENT = "by student"  # the protocol that keeps a student in one fold
LATER = "earlier to later"  # the protocol that follows time


@dataclass(frozen=True)
class Split:
    """One part trains, the other is predicted once."""

    name: str  # the case's and the protocol's, such as "OULAD daily, by student"
    case: Case
    train: Rows
    test: Rows
    effort: Effort


def by_student(case: Case, effort: Effort, n: int, seed: int = FOLDS) -> list[Split]:
    """Cross-validation; all rows of a student are in one fold; MissingError if students are few."""
    students = len(set(case.weekly.student))
    if students < FEWEST:
        raise MissingError(f"{case.name}: {students} students are too few, {FEWEST} are needed")
    fold = models.folds(case.weekly.student, n, seed)
    return [
        Split(
            f"{case.name}, {BY_STUDENT}",
            case,
            np.flatnonzero(fold != each),
            np.flatnonzero(fold == each),
            effort,
        )
        for each in range(n)
    ]


def later(case: Case, effort: Effort, earlier: list[str], last: list[str]) -> Split:
    """Test on the last presentations; earlier ones train, less the students of both."""
    weekly = case.weekly
    test = np.isin(weekly.presentation, last)
    both = np.isin(weekly.student, weekly.student[test])
    return Split(
        f"{case.name}, {LATER}",
        case,
        np.flatnonzero(np.isin(weekly.presentation, earlier) & ~both),
        np.flatnonzero(test),
        effort,
    )


def predict(splits: list[Split], log: Log, jobs: int = 2) -> dict[str, dict[str, Array]]:
    """Logits by protocol and model, (N, cuts) each, NaN for students who were not tested.

    Every split runs in a process of its own on one thread, so the figures do not depend on how
    many run side by side.
    """
    found: dict[str, dict[str, Array]] = {split.name: {} for split in splits}
    started = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        running = {pool.submit(_alone, split): split for split in splits}
        for done, future in enumerate(as_completed(running), start=1):
            split = running[future]
            for model, logits in future.result().items():
                shape = len(split.case.weekly), logits.shape[1]
                of = found[split.name].setdefault(model, np.full(shape, np.nan))
                of[split.test] = logits
            spent = time.monotonic() - started
            left = spent / done * (len(splits) - done) / 60
            log(f"{split.name}: {done} of {len(splits)} parts, about {left:.0f} min of these left")
    return found


def _alone(split: Split) -> dict[str, Array]:
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with threadpool_limits(1):
        return models.predict_split(split.case, split.train, split.test, split.effort)


def reference(model: str) -> str:
    """The boosting that has the same inputs as a model."""
    return REFERENCE + OTHER_COURSES * model.endswith(OTHER_COURSES)


def compare(
    case: Case, logits: dict[str, Array], counted: Mask, *, resamples: int = 1000
) -> dict[str, dict[str, Any]]:
    """AUC of every model at every cut, and how far it is from boosting on the same inputs.

    Intervals by students resampled.  gained: what the other courses' input brings to boosting.
    """
    rows = {}
    for at, (label, step) in enumerate(case.cuts.items()):
        now = {name: scores[:, at] for name, scores in logits.items()}
        ok = counted[:, step] & ~np.isnan(now[REFERENCE])
        rows[label] = _compared(case, now, ok, step, resamples)
        rows[label]["published"] = case.published.get(label, "")
    return rows


def _compared(
    case: Case, logits: dict[str, Array], ok: Mask, step: int, resamples: int
) -> dict[str, Any]:
    """The figures of one cut.  logits: (N,) each.  ok: the rows that count, (N,)."""
    positive, student = case.weekly.at_risk[ok], case.weekly.student[ok]

    def less(model: str, other: str) -> dict[str, float]:
        ours, theirs = logits[model][ok], logits[other][ok]
        return paired_difference(ours, theirs, positive, student, resamples=resamples)

    row: dict[str, Any] = {
        "students": int(ok.sum()),
        "at_risk": int(positive.sum()),
        "had_left": int((~case.weekly.registered[ok, step]).sum()),
        "models": {},
    }
    for model, scores in logits.items():
        if model == models.WEIGHT:
            row["weight_of_network"] = round(float(scores[ok].mean()), 3)
            continue
        figures = {"auc": round(auc(scores[ok], positive), 4)}
        if model != reference(model):
            figures |= less(model, reference(model))
        row["models"][model] = figures
    if REFERENCE + OTHER_COURSES in logits:
        row["gained"] = less(REFERENCE + OTHER_COURSES, REFERENCE)
    return row


def drop(
    case: Case, crossed: dict[str, Array], lately: dict[str, Array]
) -> dict[str, dict[str, dict[str, float]]]:
    """AUC lost on the later presentation against the same students' value in cross-validation."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for at, (label, step) in enumerate(case.cuts.items()):
        ok = case.counted[:, step] & ~np.isnan(lately[REFERENCE][:, at])
        positive, student = case.weekly.at_risk[ok], case.weekly.student[ok]
        found[label] = {
            model: paired_difference(crossed[model][ok, at], scores[ok, at], positive, student)
            for model, scores in lately.items()
            if model != models.WEIGHT
        }
    return found


def canary(case: Case, *, shuffles: int, effort: Effort) -> dict[str, float]:
    """Mean AUC of cheap models when outcomes are dealt out at random: .50, or something leaks."""
    found: dict[str, list[float]] = {"logistic": [], "boosting": [], "GRU": []}
    fits = (
        ("logistic", models.logistic, models.LOGISTIC[0]),
        ("boosting", models.boosting, models.BOOSTING[0]),
        ("GRU", models.gru, models.NETWORK[0]),
    )
    for seed in range(shuffles):
        shuffled = _shuffled(case, seed)
        fold = models.folds(case.weekly.student, 2, seed)
        train, test = np.flatnonzero(fold == 0), np.flatnonzero(fold == 1)
        for name, fit, choice in fits:
            logits = fit(shuffled, train, choice, seed, effort)(shuffled.weekly.of(test))
            for at, step in enumerate(case.cuts.values()):
                ok = case.counted[test, step]
                positive = shuffled.weekly.at_risk[test][ok]
                found[name].append(auc(logits[ok, at], positive))
    return {name: round(float(np.mean(aucs)), 4) for name, aucs in found.items()}


def _shuffled(case: Case, seed: int) -> Case:
    dealt: NDArray[np.int64] = np.random.default_rng(seed).permutation(case.weekly.result)
    return replace(case, weekly=replace(case.weekly, result=dealt))


def some_students(case: Case, n: int, seed: int = 0) -> Case:
    """About n rows of whole students, for a quick look."""
    codes, inverse = np.unique(case.weekly.student, return_inverse=True)
    kept: Iterable[np.bool_] = np.random.default_rng(seed).random(len(codes)) < n / len(inverse)
    rows = np.flatnonzero(np.asarray(kept)[inverse])
    rule = None if case.rule is None else case.rule[rows]
    return replace(case, weekly=case.weekly.of(rows), counted=case.counted[rows], rule=rule)
