"""How each algorithm of the risk family is trained by default, and what may be tuned."""

from dataclasses import dataclass, field, replace
from typing import Any

from edupulse_core.errors import ConfigError
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.learned import BOOSTING, LOGISTIC, NETWORK
from edupulse_core.families.risk.linear import LogisticPlan
from edupulse_core.families.risk.network import WINNER, RiskConfig
from edupulse_core.families.risk.trees import BoostingPlan
from edupulse_core.training.loop import LoopOptions

HOME_PLAN = RiskPlan(network=WINNER, loop=LoopOptions(batch=128, epochs=100, average=0.99))
REFERENCE = RiskPlan(RiskConfig(hidden=42, layers=2, dropout=0.3, dropout_heads=0.3))
"""The network as it was first designed: 42 units a branch and direction, dropout everywhere."""

LOW_RATE = 1e-4  # of an update
PASSES = 5  # of an update, at most; the best by the validation loss is kept
BRANCHES = 3  # attendance, grades, discipline; a tuner counts the units of all three together
GRID: dict[str, tuple[Any, ...]] = {  # what `network_space` suggests, 243 points in all
    "units": (64, 128, 256),  # of one direction, in all three branches together
    "layers": (1, 2, 3),
    "heads": (2, 4, 8),
    "dropout": (0.2, 0.3, 0.4),
    "learning_rate": (1e-4, 1e-3, 1e-2),
}


@dataclass(frozen=True)
class BlendPlan:
    """Which algorithms are blended, and how each is trained."""

    members: tuple[str, ...] = (NETWORK, BOOSTING, LOGISTIC)
    network: RiskPlan = HOME_PLAN
    gradient_boosting: BoostingPlan = field(default_factory=BoostingPlan)
    logistic_regression: LogisticPlan = field(default_factory=LogisticPlan)

    def __post_init__(self) -> None:
        known = (NETWORK, BOOSTING, LOGISTIC)
        if len(set(self.members)) < 2 or not {*self.members} <= {*known}:
            raise ConfigError(f"training: members must be two or more of {', '.join(known)}")

    def of(self, member: str) -> Any:
        """The plan of a member."""
        return getattr(self, member)


def lightly(plan: RiskPlan) -> RiskPlan:
    """How a trained network goes on learning: a few passes at a low rate."""
    loop = replace(plan.loop, learning_rate=LOW_RATE, epochs=PASSES, patience=PASSES, average=0.0)
    return replace(plan, loop=loop)


def network_space(trial: Any) -> RiskPlan:
    """One trial's choices for the network; trial suggests as Optuna's does."""
    units = trial.suggest_int("units", 64, 256)
    layers = trial.suggest_int("layers", 1, 3)
    heads = trial.suggest_categorical("heads", list(GRID["heads"]))
    network = replace(
        HOME_PLAN.network,
        hidden=units // BRANCHES,
        projection=2 * units // heads * heads,  # twice as wide; the heads share it evenly
        layers=layers,
        heads=heads,
        dropout=trial.suggest_float("dropout", 0.1, 0.5),
    )
    rate = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    return replace(HOME_PLAN, network=network, loop=replace(HOME_PLAN.loop, learning_rate=rate))


def boosting_space(trial: Any) -> BoostingPlan:
    """One trial's choices for the trees."""
    return BoostingPlan(
        rounds=trial.suggest_int("rounds", 50, 400),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        leaves=trial.suggest_int("leaves", 4, 31),
        rows_a_leaf=trial.suggest_int("rows_a_leaf", 10, 200),
        columns=trial.suggest_float("columns", 0.1, 1.0),
    )


def logistic_space(trial: Any) -> LogisticPlan:
    """One trial's choice for the logistic regression."""
    return LogisticPlan(c=trial.suggest_float("c", 1e-3, 10.0, log=True))


def blend_space(trial: Any) -> BlendPlan:
    """One trial's choices for a blend: its trees and its logistic regression."""
    return BlendPlan(
        gradient_boosting=boosting_space(trial), logistic_regression=logistic_space(trial)
    )
