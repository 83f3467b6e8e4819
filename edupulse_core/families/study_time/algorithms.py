"""The family's algorithms, each as a record: how it learns, and how it is kept."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from edupulse_core.families.family import Algorithm, Run, Split
from edupulse_core.families.study_time import ensemble, linear, model, trees
from edupulse_core.families.study_time.ensemble import ATTENTION, LSTM, NETWORK, NetworkPlan
from edupulse_core.families.study_time.linear import RIDGE, RidgePlan
from edupulse_core.families.study_time.model import StudyModel
from edupulse_core.families.study_time.network import Kind
from edupulse_core.families.study_time.trees import BOOSTING, BoostingPlan


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


ALGORITHMS: Mapping[str, Algorithm] = {
    RIDGE: Algorithm(
        plan=RidgePlan,
        space=linear.space,
        grid=linear.GRID,
        fit=linear.fit,
        save=model.put,
        open=linear.open_version,
    ),
    BOOSTING: Algorithm(
        plan=BoostingPlan,
        space=trees.space,
        grid=trees.GRID,
        fit=trees.fit,
        save=model.put,
        open=trees.open_version,
    ),
    NETWORK: _network("network"),
    LSTM: _network("lstm"),
    ATTENTION: _network("attention"),
}


def again(of: StudyModel, split: Split[Any], run: Run) -> StudyModel:
    """A model trained anew, in the same way, on another split.

    A version that was opened from its folder is trained with the algorithm's own plan.
    """
    how = ALGORITHMS[of.algorithm]
    made: StudyModel = how.fit(split, of.plan or how.plan(), run)
    return made


def opened(folder: Path, algorithm: str) -> StudyModel:
    """A saved model, by its algorithm."""
    made: StudyModel = ALGORITHMS[algorithm].open(folder, "")
    return made
