"""The risk family's record: how the command line, the registry and tuning see it."""

from typing import Any

from edupulse_core.families.family import Family
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.training import evaluation
from edupulse_core.training.loop import LoopOptions


def search_space(trial: Any) -> RiskPlan:
    """One trial's choices; trial suggests as Optuna's does."""
    network = RiskConfig(dropout=trial.suggest_float("dropout", 0.1, 0.5))
    loop = LoopOptions(
        learning_rate=trial.suggest_float("learning_rate", 3e-4, 3e-3, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True),
        batch=trial.suggest_categorical("batch", [32, 128, 256]),
    )
    return RiskPlan(network, loop, class_weight=trial.suggest_float("class_weight", 0.0, 1.0))


RISK = Family(
    name="risk",
    config=RiskPlan,
    examples=risk_examples.read,
    fit=risk_fit.fit,
    predict=risk_fit.predict,
    metrics=evaluation.metrics,
    save=checkpoint.save,
    load=checkpoint.load,
    search_space=search_space,
)
