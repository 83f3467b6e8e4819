"""How each algorithm learns, what a search may try, and the values of a grid."""

from dataclasses import dataclass, field
from typing import Any

from edupulse_core.errors import ConfigError
from edupulse_core.training.loop import LoopOptions

Grid = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class LogisticPlan:
    """Regression on the numbers; with squares, and their products by two, too."""

    c: float = 1.0  # the inverse of how strongly weights are held small
    squares: bool = False
    scale_features: bool = True

    def __post_init__(self) -> None:
        _above_zero(c=self.c)


@dataclass(frozen=True)
class ForestPlan:
    """Trees that each learn from other cases and other numbers."""

    trees: int = 300
    rows_a_leaf: int = 8  # at least
    columns: float = 0.5  # share that each split may choose from
    n_jobs: int = 1

    def __post_init__(self) -> None:
        _above_zero(trees=self.trees, rows_a_leaf=self.rows_a_leaf)
        _shares(columns=self.columns)


@dataclass(frozen=True)
class BoostingPlan:
    """Trees that each mend what those before them got wrong."""

    rounds: int = 120
    learning_rate: float = 0.05
    leaves: int = 6
    rows_a_leaf: int = 20
    l2: float = 1.0
    columns: float = 0.7
    monotone: bool = True  # better grades never lower the chance
    early_stopping_rounds: int = 0  # 0: never early

    def __post_init__(self) -> None:
        _above_zero(
            rounds=self.rounds,
            learning_rate=self.learning_rate,
            rows_a_leaf=self.rows_a_leaf,
            leaves=self.leaves - 1,
        )
        _shares(columns=self.columns)


@dataclass(frozen=True)
class XgboostPlan:
    """As boosting, by another library: trees of a set depth, each on some of the cases."""

    rounds: int = 150
    learning_rate: float = 0.05
    depth: int = 2
    least_weight: float = 4.0  # of the cases in a leaf
    l2: float = 3.0
    rows: float = 0.7  # share of the cases that each tree sees
    columns: float = 0.7
    monotone: bool = True
    early_stopping_rounds: int = 0
    n_jobs: int = 1

    def __post_init__(self) -> None:
        _above_zero(rounds=self.rounds, learning_rate=self.learning_rate, depth=self.depth)
        _shares(columns=self.columns, rows=self.rows)


@dataclass(frozen=True)
class NetworkPlan:
    """A small network, several times, each from other first weights."""

    hidden: int = 32  # of the first layer; the second has half
    dropout: float = 0.2
    networks: int = 3
    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            epochs=120, batch=64, learning_rate=3e-3, weight_decay=1e-3, patience=15
        )
    )

    def __post_init__(self) -> None:
        _above_zero(hidden=self.hidden - 1, networks=self.networks)
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"training: dropout must be in [0, 1), found {self.dropout}")


@dataclass(frozen=True)
class ProcessPlan:
    """A line, and what is smooth around it."""

    length: float = 0.0  # spreads apart until two cases say little of each other; 0: the likeliest
    most: int = 1500  # cases that are learned from: twice as many take eight times as long

    def __post_init__(self) -> None:
        _above_zero(most=self.most)
        if self.length < 0:
            raise ConfigError("training: length must not be negative")


PROCESS_GRID: Grid = {"length": (1.0, 1.5, 2.0, 3.0, 5.0)}
LOGISTIC_GRID: Grid = {"c": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), "squares": (False, True)}
FOREST_GRID: Grid = {
    "trees": (200, 400),
    "rows_a_leaf": (3, 5, 8, 12, 20, 30),
    "columns": (0.25, 0.5, 0.75, 1.0),
}
BOOSTING_GRID: Grid = {
    "rounds": (60, 120, 240),
    "learning_rate": (0.03, 0.05, 0.1),
    "leaves": (3, 4, 6, 10),
    "rows_a_leaf": (10, 20, 40),
}
XGBOOST_GRID: Grid = {
    "rounds": (80, 150, 300),
    "learning_rate": (0.03, 0.05, 0.1),
    "depth": (1, 2, 3, 4),
    "l2": (1.0, 3.0, 10.0),
}
NETWORK_GRID: Grid = {
    "hidden": (16, 32, 64),
    "dropout": (0.1, 0.2, 0.3),
    "learning_rate": (0.001, 0.003, 0.01),
    "weight_decay": (0.0001, 0.001, 0.01),
}


def logistic(trial: Any) -> LogisticPlan:
    """A point of the space of regressions."""
    return LogisticPlan(
        c=trial.suggest_float("c", 0.01, 10.0, log=True),
        squares=trial.suggest_categorical("squares", [False, True]),
    )


def process(trial: Any) -> ProcessPlan:
    """A point of the space of Gaussian processes."""
    return ProcessPlan(length=trial.suggest_float("length", 0.7, 8.0, log=True))


def forest(trial: Any) -> ForestPlan:
    """A point of the space of forests."""
    return ForestPlan(
        trees=trial.suggest_int("trees", 100, 500),
        rows_a_leaf=trial.suggest_int("rows_a_leaf", 2, 40, log=True),
        columns=trial.suggest_float("columns", 0.2, 1.0),
    )


def boosting(trial: Any) -> BoostingPlan:
    """A point of the space of boosted trees."""
    return BoostingPlan(
        rounds=trial.suggest_int("rounds", 40, 300),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        leaves=trial.suggest_int("leaves", 3, 16),
        rows_a_leaf=trial.suggest_int("rows_a_leaf", 5, 60, log=True),
    )


def xgboost(trial: Any) -> XgboostPlan:
    """A point of the space of XGBoost's trees."""
    return XgboostPlan(
        rounds=trial.suggest_int("rounds", 50, 400),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        depth=trial.suggest_int("depth", 1, 5),
        l2=trial.suggest_float("l2", 0.3, 20.0, log=True),
    )


def network(trial: Any) -> NetworkPlan:
    """A point of the space of networks."""
    return NetworkPlan(
        hidden=trial.suggest_int("hidden", 8, 64, log=True),
        dropout=trial.suggest_float("dropout", 0.0, 0.4),
        loop=LoopOptions(
            epochs=120,
            batch=64,
            learning_rate=trial.suggest_float("learning_rate", 1e-3, 1e-2, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1e-2, log=True),
            patience=15,
        ),
    )


def _above_zero(**values: float) -> None:
    for name, value in values.items():
        if value <= 0:
            raise ConfigError(f"training: {name} must be larger")


def _shares(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value <= 1:
            raise ConfigError(f"training: {name} must be in (0, 1], found {value}")
