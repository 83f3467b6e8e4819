"""Gradient boosting of log hours, kept as plain arrays that need no scikit-learn to answer.

By itself, or on top of the ridge regression, whose errors the trees then predict.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.study_time import linear, model
from edupulse_core.families.study_time.encoding import Encoded, Encoding, log_hours
from edupulse_core.families.study_time.examples import Array, StudyExamples
from edupulse_core.families.study_time.linear import Ridge
from edupulse_core.families.study_time.model import Learned, StudyModel

BOOSTING, BOOSTED_RIDGE = "boosting", "boosted_ridge"
FILE = "trees.safetensors"
FIELDS = ("feature", "limit", "left", "right", "value", "is_leaf")


@dataclass(frozen=True)
class BoostingPlan:
    """How the trees are grown."""

    rounds: int = 200
    learning_rate: float = 0.05
    leaves: int = 15  # of a tree, at most
    rows_a_leaf: int = 20  # at least
    l2: float = 1.0

    def __post_init__(self) -> None:
        if min(self.rounds, self.rows_a_leaf) < 1 or self.leaves < 2 or self.learning_rate <= 0:
            raise ConfigError(
                "training: rounds, rows_a_leaf and learning_rate must be positive, leaves 2 or more"
            )


@dataclass(frozen=True)
class Trees:
    """T trees of at most M nodes each; the first node is the root."""

    arrays: dict[str, NDArray[Any]]  # as FIELDS, (T, M) each
    start: float
    spread: float
    ridge: Ridge | None = None  # what the trees correct; None: nothing
    steps: int = 0

    def predict(self, cases: Encoded) -> tuple[Array, Array]:
        """See `Learned.predict`."""
        x, tree = cases.flat, self.arrays
        total, rows = np.full(len(x), self.start), np.arange(len(x))
        if self.ridge is not None:
            total += self.ridge.predict(cases)[0]
        for at in range(len(tree["value"])):
            node = np.zeros(len(x), np.int64)
            for _ in range(tree["value"].shape[1]):
                is_leaf = tree["is_leaf"][at][node]
                if is_leaf.all():
                    break
                goes_left = x[rows, tree["feature"][at][node]] <= tree["limit"][at][node]
                following = np.where(goes_left, tree["left"][at][node], tree["right"][at][node])
                node = np.where(is_leaf, node, following)
            total += tree["value"][at][node]
        return total, np.full(len(x), self.spread)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        more = {"start": np.array([self.start]), "spread": np.array([self.spread])}
        save_file({**self.arrays, **more}, folder / FILE)
        if self.ridge is not None:
            self.ridge.put(folder)


def fit(name: str, split: Split[StudyExamples], plan: BoostingPlan, run: Run) -> StudyModel:
    """Grow trees on split.train; calibrate on split.validation.  name: of the algorithm."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    y = [log_hours(part.target()) for part in (split.train, split.validation)]

    def learn(
        read: Encoding, train: Encoded, validation: Encoded
    ) -> tuple[Learned, list[dict[str, float]]]:
        ridge = linear.learn(train, y[0]) if name == BOOSTED_RIDGE else None
        aim = y[0] - ridge.predict(train)[0] if ridge else y[0]
        grown = HistGradientBoostingRegressor(
            loss="absolute_error",
            max_iter=plan.rounds,
            learning_rate=plan.learning_rate,
            max_leaf_nodes=plan.leaves,
            min_samples_leaf=plan.rows_a_leaf,
            l2_regularization=plan.l2,
            early_stopping=False,
            random_state=run.seed,
        ).fit(train.flat, aim)
        start = float(np.ravel(grown._baseline_prediction)[0])
        bare = Trees(arrays_of(grown), start, 1.0, ridge)
        off = np.abs(y[0] - bare.predict(train)[0])
        made = replace(bare, spread=max(float(np.median(off) / 0.6745), 1e-6))
        return made, [model.losses(made, (train, y[0]), (validation, y[1]))]

    return model.fitted(name, split, plan, run, 0, learn)


ON_RIDGE = BoostingPlan(rounds=120, leaves=7, rows_a_leaf=30)  # there is less left to learn


def space(trial: Any) -> BoostingPlan:
    """One trial's choices."""
    return BoostingPlan(
        rounds=trial.suggest_int("rounds", 50, 400),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        leaves=trial.suggest_int("leaves", 4, 31),
        rows_a_leaf=trial.suggest_int("rows_a_leaf", 5, 60),
    )


GRID = {
    "rounds": (100, 200, 400),
    "learning_rate": (0.03, 0.05, 0.1),
    "leaves": (7, 15, 31),
    "rows_a_leaf": (10, 20, 40),
}


def open_version(name: str, folder: Path, form: str) -> StudyModel:
    """Read a saved model. Raises ModelError if its file is damaged."""
    try:
        held = load_file(folder / FILE)
        arrays = {name: held[name] for name in FIELDS}
        ridge = linear.read(folder) if name == BOOSTED_RIDGE else None
        trees = Trees(arrays, float(held["start"][0]), float(held["spread"][0]), ridge)
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelError(f"version {folder.name} is damaged: {FILE}: {error}") from None
    return model.opened(name, folder, trees)


def arrays_of(grown: Any) -> dict[str, NDArray[Any]]:
    """The trees of scikit-learn's model, each padded with leaves to the same length."""
    trees = [each[0].nodes for each in grown._predictors]
    size = max(map(len, trees))
    names = {
        "feature": ("feature_idx", np.int64),
        "limit": ("num_threshold", np.float64),
        "left": ("left", np.int64),
        "right": ("right", np.int64),
        "value": ("value", np.float64),
        "is_leaf": ("is_leaf", np.bool_),
    }
    made = {}
    for name, (field, kind) in names.items():
        full: NDArray[Any] = np.zeros((len(trees), size), kind)
        for at, tree in enumerate(trees):
            full[at, : len(tree)] = tree[field]
        made[name] = full
    return made
