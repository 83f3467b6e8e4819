"""The family's algorithms, each as a record: how it learns, and how it is kept."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import RefusedError
from edupulse_core.families.admission import network, plans, process
from edupulse_core.families.admission.examples import INPUTS, Applications
from edupulse_core.families.admission.learned import Booster, Estimator, Learned, doubled
from edupulse_core.families.admission.model import AdmissionModel, Usual, finished, open_version
from edupulse_core.families.admission.plans import (
    BoostingPlan,
    ForestPlan,
    LogisticPlan,
    NetworkPlan,
    ProcessPlan,
    XgboostPlan,
)
from edupulse_core.families.admission.scale import Scale, squared
from edupulse_core.families.family import Algorithm, Run, Split

Array = NDArray[np.float64]
Cases = tuple[Array, Array]  # (N, 12) numbers, (N,) what came
Learn = Callable[[Cases, Cases, Any, Run], Learned]

RISES = (  # a better one never lowers the chance, where a plan asks for it
    "gpa",
    "test_score",
    "language_score",
    "statement",
    "letters",
    "research",
    "extracurriculars",
    "admit_rate",
    "gpa_minus_minimum",
)
MONOTONE = tuple(int(name in RISES) for name in INPUTS)
FEWEST = 20  # cases of training or validation
PARTS = 5  # of the students; each is left out once to see how far the odds move


def logistic(train: Cases, validation: Cases, plan: LogisticPlan, run: Run) -> Learned:
    """Fit a regression."""
    from sklearn.linear_model import LogisticRegression

    x, kind, weight = doubled(*train)
    scale = Scale.fit(train[0], sized=plan.scale_features)
    seen = squared(scale(x)) if plan.squares else scale(x)
    fitted = LogisticRegression(C=plan.c, max_iter=2000).fit(seen, kind, sample_weight=weight)
    return Estimator(fitted, scale, plan.squares)


def forest(train: Cases, validation: Cases, plan: ForestPlan, run: Run) -> Learned:
    """Grow a forest."""
    from sklearn.ensemble import RandomForestClassifier

    x, kind, weight = doubled(*train)
    made = RandomForestClassifier(
        n_estimators=plan.trees,
        min_samples_leaf=plan.rows_a_leaf,
        max_features=plan.columns,
        n_jobs=plan.n_jobs,
        random_state=run.seed,
    )
    return Estimator(made.fit(x, kind, sample_weight=weight))


def boosting(train: Cases, validation: Cases, plan: BoostingPlan, run: Run) -> Learned:
    """Boost trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, kind, weight = doubled(*train)
    made = HistGradientBoostingClassifier(
        max_iter=plan.rounds,
        learning_rate=plan.learning_rate,
        max_leaf_nodes=plan.leaves,
        min_samples_leaf=plan.rows_a_leaf,
        l2_regularization=plan.l2,
        max_features=plan.columns,
        monotonic_cst=list(MONOTONE) if plan.monotone else None,
        early_stopping=plan.early_stopping_rounds > 0,
        n_iter_no_change=max(1, plan.early_stopping_rounds),
        random_state=run.seed,
    )
    held: dict[str, Any] = {}
    if plan.early_stopping_rounds:
        names = ("X_val", "y_val", "sample_weight_val")
        held = dict(zip(names, doubled(*validation), strict=True))
    return Estimator(made.fit(x, kind, sample_weight=weight, **held))


def xgboost(train: Cases, validation: Cases, plan: XgboostPlan, run: Run) -> Learned:
    """Boost trees with XGBoost, which learns shares as they are."""
    import xgboost as trees

    told = {
        "objective": "binary:logistic",
        "base_score": float(np.clip(train[1].mean(), 0.01, 0.99)),
        "eta": plan.learning_rate,
        "max_depth": plan.depth,
        "min_child_weight": plan.least_weight,
        "lambda": plan.l2,
        "subsample": plan.rows,
        "colsample_bytree": plan.columns,
        "monotone_constraints": str(MONOTONE) if plan.monotone else "()",
        "seed": run.seed,
        "nthread": plan.n_jobs,
        "verbosity": 0,
    }
    made = trees.train(
        told,
        trees.DMatrix(train[0], train[1]),
        plan.rounds,
        evals=[(trees.DMatrix(*validation), "validation")],
        early_stopping_rounds=plan.early_stopping_rounds or None,
        verbose_eval=False,
    )
    if plan.early_stopping_rounds:
        made = made[: made.best_iteration + 1]
    return Booster(made)


def gaussian_process(train: Cases, validation: Cases, plan: ProcessPlan, run: Run) -> Learned:
    """Fit a Gaussian process."""
    return process.fit(*train, plan, run.seed)


def fit_network(split: Split[Applications], plan: NetworkPlan, run: Run) -> AdmissionModel:
    """Train small networks; stop, choose and calibrate on split.validation."""
    train, validation = _cases(split)
    learned, history = network.fit(train, validation, plan, run)
    return _told(finished(learned, split, history), run)


def fitting(
    learn: Learn, *, moves: bool = True
) -> Callable[[Split[Applications], Any, Run], AdmissionModel]:
    """How an algorithm that learns in one step is fitted, calibrated and told of.

    moves: whether its odds move more than a regression's when a part of the students is left out.
    """

    def fit(split: Split[Applications], plan: Any, run: Run) -> AdmissionModel:
        started = time.monotonic()
        train, validation = _cases(split)
        if run.cancel is not None and run.cancel():
            raise RefusedError("the training was stopped; train it again")
        learned = learn(train, validation, plan, run)
        losses = [_loss(learned.logits(x), y) for x, y in (train, validation)]
        seconds = round(time.monotonic() - started, 2)
        epoch = {
            "epoch": 1, "train_loss": losses[0], "validation_loss": losses[1], "seconds": seconds
        }  # fmt: skip
        if run.progress is not None:
            run.progress("train", 1, 1)
        without = [
            learn((train[0][rows], train[1][rows]), validation, plan, run)
            for rows in (_parts(split.train.who) if moves and not run.trial else ())
            if np.ptp(train[1][rows]) > 0
        ]
        return _told(finished(learned, split, [epoch], without), run)

    return fit


def _parts(who: NDArray[np.str_]) -> list[NDArray[np.int64]]:
    """The rows that stay when each of PARTS of the students is left out."""
    part = np.unique(who, return_inverse=True)[1] % PARTS
    return [np.flatnonzero(part != at) for at in range(PARTS)]


def _cases(split: Split[Applications]) -> tuple[Cases, Cases]:
    """Training and validation; a number that training never knows is 0 in both."""
    few = min(len(split.train), len(split.validation))
    if few < FEWEST or np.ptp(split.train.admitted) == 0 or np.ptp(split.validation.admitted) == 0:
        raise RefusedError(
            "too few decided applications to learn from: some must be admitted and some not, and "
            f"each of the parts needs {FEWEST} or more; bring more years of applications.csv"
        )
    usual = Usual.fit(split.train.x)
    train, validation = (
        (usual.filled(each.x), each.admitted) for each in (split.train, split.validation)
    )
    return train, validation


def _loss(logits: Array, came: Array) -> float:
    return float(np.mean(np.logaddexp(0.0, logits) - came * logits))


def _told(model: AdmissionModel, run: Run) -> AdmissionModel:
    run.tell(*model.history)
    return model


def _record(plan: Any, space: Any, grid: plans.Grid, fit: Any) -> Algorithm:
    return Algorithm(
        plan=plan,
        space=space,
        grid=grid,
        fit=fit,
        save=AdmissionModel.save,
        open=open_version,
    )


ALGORITHMS: Mapping[str, Algorithm] = {
    "logistic_regression": _record(
        LogisticPlan, plans.logistic, plans.LOGISTIC_GRID, fitting(logistic, moves=False)
    ),
    "xgboost": _record(XgboostPlan, plans.xgboost, plans.XGBOOST_GRID, fitting(xgboost)),
    "gradient_boosting": _record(
        BoostingPlan, plans.boosting, plans.BOOSTING_GRID, fitting(boosting)
    ),
    "random_forest": _record(ForestPlan, plans.forest, plans.FOREST_GRID, fitting(forest)),
    "gaussian_process": _record(
        ProcessPlan, plans.process, plans.PROCESS_GRID, fitting(gaussian_process)
    ),
    "neural_network": _record(NetworkPlan, plans.network, plans.NETWORK_GRID, fit_network),
}
