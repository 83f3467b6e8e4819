"""The same question of real students: OULAD, whose presentations have no sections.

Students of a presentation are joined who opened the same sites in the four weeks up to the cut, the
nearest ten by the share of sites in common. Folds are by student. No outcome is an input: a
student's logit comes from a network that was not trained on them, and a neighbour's likewise.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from edupulse_core.training.evaluation import auc, paired_difference
from tests.benchmarks.command import Log
from tests.benchmarks.outcomes import models, network, oulad, oulad_daily
from tests.benchmarks.outcomes.network import Recipe
from tests.benchmarks.outcomes.weekly import Case, Weekly

WEEKS = (4, 8, 12, 16)
FOLDS, INNER, SEED = 5, 3, 5  # no other choice was made with this seed
NEAREST = 10
RECENT = 4  # weeks
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # of the logistic regression, chosen within training
BESIDE = ("alone", "neighbours", "at random")
KINDS = ("logistic", "GRU")
Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Neighbours = NDArray[np.int64]  # (N, NEAREST) rows, -1 for none


def run(folder: Path, *, quick: bool, log: Log) -> dict[str, Any]:
    """By week: AUC of each model alone, with neighbours, and with others at random."""
    tables = oulad.read(folder)
    case = oulad_daily.case(tables, WEEKS[:1] if quick else WEEKS)
    fold = models.folds(case.weekly.student, 2 if quick else FOLDS, SEED)
    parts = []
    for each in range(fold.max() + 1):
        log(f"OULAD, fold {each + 1} of {fold.max() + 1}")
        parts.append(out_of_fold(case, fold == each, epochs=2 if quick else 25))
    return {
        label: _at(case, step, neighbours(tables.clicks, case.weekly, step), fold, parts)
        for label, step in case.cuts.items()
    }


def out_of_fold(case: Case, test: NDArray[np.bool_], *, epochs: int) -> Array:
    """Everyone's logit at every step, (N, T), by networks that never learnt from a test student.

    A training student's comes from a network that was not trained on them either.
    """

    def fitted(rows: Rows) -> network.Fitted:
        recipe = Recipe()
        recipe = replace(recipe, loop=replace(recipe.loop, epochs=epochs))
        return network.fit(case.weekly.of(rows), recipe, case.counted[rows])

    train = np.flatnonzero(~test)
    found = np.full(case.counted.shape, np.nan)
    found[test] = fitted(train).logits(case.weekly.of(test))
    inner = models.folds(case.weekly.student[train], INNER, SEED + 1)
    for each in range(INNER):
        held = train[inner == each]
        found[held] = fitted(train[inner != each]).logits(case.weekly.of(held))
    return found


def _at(
    case: Case, step: int, nearest: Neighbours, fold: Rows, logits: list[Array]
) -> dict[str, Any]:
    """Figures of one week."""
    weekly, counted = case.weekly, case.counted[:, step]
    random = at_random(nearest, weekly, step, SEED)
    scores = {
        f"{kind}, {beside}": np.full(len(weekly), np.nan) for kind in KINDS for beside in BESIDE
    }
    for each, logit in enumerate(logits):
        train = np.flatnonzero(counted & (fold != each))
        test = np.flatnonzero(counted & (fold == each))
        for kind in KINDS:
            own = logit[:, [step]] if kind == "GRU" else weekly.values[:, step].astype(np.float64)
            own = np.concatenate([own, _presentations(weekly)], axis=1)
            for beside, near_by in zip(BESIDE, (None, nearest, random), strict=True):
                x = own if near_by is None else np.concatenate([own, around(own, near_by)], axis=1)
                scores[f"{kind}, {beside}"][test] = _predicted(x, weekly, train, test)
    positive, student = weekly.at_risk[counted], weekly.student[counted]
    found: dict[str, Any] = {}
    for name, score in scores.items():
        kind, _, beside = name.partition(", ")
        found[name] = {"auc": round(auc(score[counted], positive), 4)}
        others = {"alone": "alone", "random": "at random"} if beside == "neighbours" else {}
        for key, other in others.items():
            theirs = scores[f"{kind}, {other}"][counted]
            found[name][key] = paired_difference(score[counted], theirs, positive, student)
    came = around(weekly.at_risk[:, None].astype(float), nearest)[counted, 0]
    return {
        "students": int(counted.sum()),
        "models": found,
        "at_risk_around": {  # how alike neighbours are; outcomes, so nobody's input
            "of those at risk": round(float(np.nanmean(came[positive])), 3),
            "of others": round(float(np.nanmean(came[~positive])), 3),
        },
    }


def _presentations(weekly: Weekly) -> Array:
    """Which presentation, (N, presentations): anybody of it around a student would tell that."""
    names = np.unique(weekly.presentation.astype(str))
    return (weekly.presentation.astype(str)[:, None] == names).astype(np.float64)


def _predicted(x: Array, weekly: Weekly, train: Rows, test: Rows) -> Array:
    """The logit of test rows; the strength is chosen on students held out of the training part."""
    x = x[:, np.isfinite(x[train]).sum(axis=0) > 20]
    held = models.folds(weekly.student[train], INNER, SEED + 2) == 0

    def reached(strength: float) -> float:
        model = _model(strength).fit(x[train[~held]], weekly.at_risk[train[~held]])
        return auc(model.decision_function(x[train[held]]), weekly.at_risk[train[held]])

    chosen = _model(max(STRENGTHS, key=reached)).fit(x[train], weekly.at_risk[train])
    logit: Array = chosen.decision_function(x[test])
    return logit


def _model(strength: float) -> Pipeline:
    return make_pipeline(
        SimpleImputer(), StandardScaler(), LogisticRegression(C=strength, max_iter=1000)
    )


def neighbours(clicks: pd.DataFrame, weekly: Weekly, step: int) -> Neighbours:
    """Of each student still registered, those of the presentation with most sites in common.

    Clicks outside the four weeks that end with the step are not read. Nobody without a site in
    common is a neighbour.
    """
    last = oulad.ends()[step]
    recent = clicks[(clicks["date"] <= last) & (clicks["date"] > last - 7 * RECENT)]
    presentation = recent["code_module"] + "-" + recent["code_presentation"]
    found = np.full((len(weekly), NEAREST), -1)
    for name in np.unique(weekly.presentation):
        rows = np.flatnonzero((weekly.presentation == name) & weekly.registered[:, step])
        of = recent[presentation == name]
        sites = np.unique(of["id_site"])
        opened = np.zeros((len(rows), len(sites)), np.float32)
        place = pd.Series(np.arange(len(rows)), weekly.student[rows])
        at = of["id_student"].map(place)
        known = at.notna().to_numpy()
        opened[at[known].astype(int), np.searchsorted(sites, of["id_site"])[known]] = 1.0
        found[rows] = _nearest(opened, rows)
    return found


def _nearest(opened: NDArray[np.float32], rows: Rows) -> Neighbours:
    """By the share of sites in common (Jaccard), ties by row."""
    common, n = opened @ opened.T, opened.sum(axis=1)
    alike = common / np.maximum(n[:, None] + n[None, :] - common, 1)
    np.fill_diagonal(alike, 0.0)
    order = np.argsort(-alike, axis=1, kind="stable")[:, :NEAREST]
    nearest = np.where(np.take_along_axis(alike, order, axis=1) > 0, rows[order], -1)
    return np.pad(nearest, ((0, 0), (0, NEAREST - nearest.shape[1])), constant_values=-1)


def at_random(nearest: Neighbours, weekly: Weekly, step: int, seed: int) -> Neighbours:
    """The placebo: as many others of the presentation who are still registered."""
    rng = np.random.default_rng([seed, step])
    found = nearest.copy()
    for name in np.unique(weekly.presentation):
        rows = np.flatnonzero((weekly.presentation == name) & weekly.registered[:, step])
        for row in rows:
            others = rows[rows != row]
            drawn = rng.choice(others, NEAREST, replace=len(others) < NEAREST)
            found[row] = np.where(nearest[row] >= 0, drawn, -1)
    return found


def around(values: Array, near: Neighbours) -> Array:
    """Neighbours' means of known values, (N, F); NaN where there is none."""
    taken = np.where((near >= 0)[..., None], values[near], np.nan)  # (N, NEAREST, F)
    known = ~np.isnan(taken)
    n = known.sum(axis=1)
    total = np.where(known, taken, 0.0).sum(axis=1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
