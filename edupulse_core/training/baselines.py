"""What a district could use instead: the plain ABC rule, logistic regression, boosting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import AttendanceRules, OutcomeRules
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.evaluation import Actual, Predicted

Array = NDArray[np.float64]
Values = NDArray[np.float32]  # (N, T, F), NaN where unknown
Mask = NDArray[np.bool_]  # (N, T)


def abc_rule(
    values: Values, attendance: AttendanceRules | None = None, outcomes: OutcomeRules | None = None
) -> Predicted:
    """This week's thresholds, without any model: what the flags would be if things stay so."""
    attendance, outcomes = attendance or AttendanceRules(), outcomes or OutcomeRules()
    week = np.nan_to_num(values[:, -1].astype(np.float64))
    a = np.round(week[:, NAMES.index("att_absence_rate_ytd")], 6) >= attendance.chronic_rate
    b = (week[:, NAMES.index("dsc_days_removed_ytd")] > 0) | (
        week[:, NAMES.index("dsc_incidents_ytd")] >= outcomes.incidents
    )
    c = week[:, NAMES.index("grd_courses_failing")] > 0
    score = outcomes.weight_a * a + outcomes.weight_b * b + outcomes.weight_c * c
    return Predicted(score, score, score, a.astype(np.int64) + b + c)


def summaries(values: Values, observed: Mask) -> Values:
    """One row a student-week: the last week, and mean, spread, range and slope of all of them."""
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


def logistic(
    train: tuple[Values, Mask, Actual], test: tuple[Values, Mask], *, seed: int = 0
) -> Predicted:
    """Multinomial logistic regression on the last week and the mean of all weeks."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def rows(values: Values, observed: Mask) -> Values:
        return summaries(values, observed)[:, : 2 * values.shape[2]]

    model = make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=300, random_state=seed),
    )
    actual = train[2]
    model.fit(rows(train[0], train[1]), actual.tier)
    tiers = _all_tiers(model.predict_proba(rows(*test)), model.classes_)
    means = np.array(
        [
            actual.severity[actual.tier == t].mean() if (actual.tier == t).any() else 0
            for t in range(4)
        ]
    )
    return Predicted.from_probabilities(tiers @ means, tiers)


def boosting(
    train: tuple[Values, Mask, Actual],
    test: tuple[Values, Mask],
    *,
    seed: int = 0,
    rounds: int = 300,
) -> Predicted:
    """Gradient boosting on the summaries: one model for each thing that is asked."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, actual, asked = summaries(train[0], train[1]), train[2], summaries(*test)
    options: dict[str, Any] = {
        "learning_rate": 0.05,
        "max_iter": rounds,
        "max_leaf_nodes": 15,
        "min_samples_leaf": 60,
        "l2_regularization": 5.0,
        "max_features": 0.3,
        "early_stopping": False,
        "random_state": seed,
    }
    score = HistGradientBoostingRegressor(**options).fit(x, actual.severity).predict(asked)
    chances = []
    for positive in (actual.any_flag, actual.high):
        if positive.all() or not positive.any():
            chances.append(np.full(len(asked), float(positive.all())))
            continue
        model = HistGradientBoostingClassifier(**options).fit(x, positive)
        chances.append(model.predict_proba(asked)[:, 1])
    clipped = np.clip(score, 0.0, 1.0)
    tier = np.digitize(clipped, OutcomeRules().tiers).astype(np.int64)
    return Predicted(clipped, chances[0], chances[1], tier)


def _all_tiers(chances: Array, classes: NDArray[Any]) -> Array:
    """Probabilities of all four tiers, where some may not have been seen."""
    tiers = np.zeros((len(chances), 4))
    tiers[:, classes.astype(int)] = chances
    return tiers
