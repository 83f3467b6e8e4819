"""The family's algorithms, each as a record: how it learns, and how it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from edupulse_core.families.family import Algorithm, Run, Split
from edupulse_core.families.study_time import ensemble, linear, model, trees
from edupulse_core.families.study_time.ensemble import ATTENTION, LSTM, NETWORK, NetworkPlan
from edupulse_core.families.study_time.linear import RIDGE, RidgePlan
from edupulse_core.families.study_time.model import StudyModel
from edupulse_core.families.study_time.network import Kind
from edupulse_core.families.study_time.trees import BOOSTED_RIDGE, BOOSTING, ON_RIDGE, BoostingPlan


def _network(kind: Kind) -> Algorithm:
    return Algorithm(
        plan=NetworkPlan,
        plans={"augmented": lambda: NetworkPlan(augment=0.2)},
        space=ensemble.space,
        grid=ensemble.GRID,
        fit=partial(ensemble.fit, kind),
        save=model.put,
        open=partial(ensemble.open_version, kind),
        update=ensemble.lightly,
    )


def _trees(name: str, plan: Callable[[], BoostingPlan]) -> Algorithm:
    return Algorithm(
        plan=plan,
        space=trees.space,
        grid=trees.GRID,
        fit=partial(trees.fit, name),
        save=model.put,
        open=partial(trees.open_version, name),
    )


ALGORITHMS: Mapping[str, Algorithm] = {
    BOOSTED_RIDGE: _trees(BOOSTED_RIDGE, lambda: ON_RIDGE),
    RIDGE: Algorithm(
        plan=RidgePlan,
        space=linear.space,
        grid=linear.GRID,
        fit=linear.fit,
        save=model.put,
        open=linear.open_version,
    ),
    BOOSTING: _trees(BOOSTING, BoostingPlan),
    NETWORK: _network("network"),
    LSTM: _network("lstm"),
    ATTENTION: _network("attention"),
}


def again(of: StudyModel, split: Split[Any], run: Run) -> StudyModel:
    """A model trained anew, in the same way, on another split.

    A version that was opened from its folder is trained with the algorithm's own plan, a network
    in the version's size.
    """
    how = ALGORITHMS[of.algorithm]
    plan = of.plan or how.plan()
    if isinstance(of.learned, ensemble.Ensemble):
        plan = replace(plan, network=of.learned.config)
    made: StudyModel = how.fit(split, plan, run)
    return made
