"""Simpler methods that a district could use: flags A, B and C, logistic regression, boosting."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import AttendanceRules, OutcomeRules
from edupulse_core.families.risk.tiers import places_of
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.evaluation import Predicted

Array = NDArray[np.float64]
Values = NDArray[np.float32]  # (N, T, F), NaN where unknown
Mask = NDArray[np.bool_]  # (N, T)

_JUDGED = (  # what the flags are read from
    "att_absence_rate_ytd",
    "dsc_days_removed_ytd",
    "dsc_incidents_ytd",
    "grd_courses_failing",
)
ROUNDS = 200  # trees of each boosted model
BOOSTING: dict[str, Any] = {  # its other options
    "learning_rate": 0.08,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "max_features": 0.3,
    "early_stopping": False,
}


def abc_rule(values: Values, attendance: AttendanceRules, outcomes: OutcomeRules) -> Predicted:
    """The three flags as they stand this week, without a model; unknown values raise no flag."""
    week = values[:, -1].astype(np.float64).round(6)  # 32 bits hold no more than six decimals
    asked = {name: pa.array(week[:, NAMES.index(name)], from_pandas=True) for name in _JUDGED}
    given = {
        "chronic_rate": attendance.chronic_rate,
        "incidents": outcomes.incidents,
        "weight_a": outcomes.weight_a,
        "weight_b": outcomes.weight_b,
        "weight_c": outcomes.weight_c,
    }
    with duckdb.connect() as con:
        con.register("asked", pa.table({"row_no": np.arange(len(values)), **asked}))
        sql.run(con, "warehouse/sql/rules")
        found = sql.table(con, "families/risk/abc_rule", given)
    score = found["severity"].to_numpy()
    return Predicted(score, score, score, places_of(score, outcomes))


def summaries(values: Values, observed: Mask) -> Values:
    """One row for each student-week: the last week, and mean, spread, range and slope of all."""
    known = ~np.isnan(values) & observed[..., None]
    filled = np.where(known, values, np.float32(0))
    n = known.sum(axis=1).astype(np.float32)
    some = np.maximum(n, 1)
    mean = filled.sum(axis=1) / some
    away = np.where(known, filled - mean[:, None], np.float32(0))
    time = np.arange(values.shape[1], dtype=np.float32)[None, :, None] * known
    late = np.where(known, time - (time.sum(axis=1) / some)[:, None], np.float32(0))
    slope = (late * away).sum(axis=1) / np.maximum((late**2).sum(axis=1), 1)
    parts = [
        values[:, -1],
        mean,
        np.sqrt((away**2).sum(axis=1) / some),
        np.where(known, values, np.float32(-np.inf)).max(axis=1),
        np.where(known, values, np.float32(np.inf)).min(axis=1),
        slope,
        filled[:, -4:].sum(axis=1) / np.maximum(known[:, -4:].sum(axis=1), 1),
    ]
    parts = [np.where(n > 0, part, np.nan) for part in parts]
    return np.concatenate([*parts, observed.sum(axis=1, keepdims=True)], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Lessons:
    """What a simpler method learns from: N student-weeks and their targets, all in 0..1."""

    values: Values
    observed: Mask
    severity: Array  # (N,)
    tiers: Array  # (N, 4): what happened (one 1 a row), or how likely each was
    rules: OutcomeRules = OutcomeRules()  # the district's own: where its risk levels begin


def logistic(
    lessons: Lessons, values: Values, observed: Mask, *, c: float = 0.1, seed: int = 0
) -> Predicted:
    """Multinomial logistic regression on the last week and the mean of all weeks.

    c: inverse of the penalty's strength.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    width = 2 * values.shape[2]
    model = make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=c, tol=1e-3, max_iter=2000, random_state=seed),
    )
    x = summaries(lessons.values, lessons.observed)[:, :width]
    tier = lessons.tiers.argmax(axis=1)
    model.fit(x, tier)
    tiers = np.zeros((len(values), lessons.tiers.shape[1]))
    tiers[:, model.classes_] = model.predict_proba(summaries(values, observed)[:, :width])
    means = lessons.tiers.T @ lessons.severity / np.maximum(lessons.tiers.sum(axis=0), 1e-9)
    return Predicted.from_probabilities(tiers @ means, tiers)


def boosting(lessons: Lessons, values: Values, observed: Mask, *, seed: int = 0) -> Predicted:
    """Gradient boosting on the summaries: one model for each target."""
    x, asked = summaries(lessons.values, lessons.observed), summaries(values, observed)
    known = ~np.isnan(x).all(axis=0)  # a file that is missing leaves nothing to bin
    x, asked = x[:, known], asked[:, known]
    score, any_flag, high = (
        _boosted(x, target, asked, seed)
        for target in (
            lessons.severity,
            1.0 - lessons.tiers[:, 0],
            lessons.tiers[:, 2] + lessons.tiers[:, 3],
        )
    )
    score = np.clip(score, 0.0, 1.0)
    return Predicted(score, any_flag, high, places_of(score, lessons.rules))


def _boosted(x: Values, target: Array, asked: Values, seed: int) -> Array:
    """A classifier where the target is yes or no, else a regression."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    options = {**BOOSTING, "max_iter": ROUNDS, "random_state": seed}
    seen = np.unique(target)
    if len(seen) == 1:
        return np.full(len(asked), seen[0])
    if np.isin(seen, (0.0, 1.0)).all():
        model = HistGradientBoostingClassifier(**options).fit(x, target)
        chances: Array = model.predict_proba(asked)[:, 1]
        return chances
    found: Array = HistGradientBoostingRegressor(**options).fit(x, target).predict(asked)
    return found
