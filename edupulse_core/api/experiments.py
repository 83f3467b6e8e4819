"""Experiments: a challenger beside the version that serves."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import experiments as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.queries import experiments, models
from edupulse_core.queries.experiments import Described

router = APIRouter(prefix=f"{MODELS}/experiments", tags=["experiments"], dependencies=[bearer])


class ExperimentState(BaseModel):
    """An experiment and its comparison."""

    experiment_id: str
    family: str
    champion: str
    challenger: str
    mode: str
    split: float = Field(description="The share of students to whom the challenger is shown.")
    status: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None
    comparison: dict[str, Any]
    sentence: str


class ExperimentList(BaseModel):
    """Experiments, the newest first."""

    experiments: list[ExperimentState]
    total: int


class Begin(BaseModel):
    """Which version is tried beside the one that serves."""

    challenger: Name
    champion: Name | None = Field(None, description="The version that serves.")
    split: float | None = Field(None, gt=0, lt=1, allow_inf_nan=False)
    mode: Literal["shadow", "ab"] = "shadow"
    override_reason: Text = Field("", max_length=2000)


class End(BaseModel):
    """Why an experiment ends."""

    reason: Text = Field(min_length=1, max_length=2000)
    override_reason: Text = Field("", max_length=2000)


@router.get("", responses=documented(404))
def list_experiments(
    settings: Home,
    who: Keeper,
    family: Annotated[Text | None, Query(max_length=100)] = None,
) -> ExperimentList:
    """The experiments, the newest first, each with its comparison."""
    found = [_state(one) for one in experiments.experiments(settings, family)]
    return ExperimentList(experiments=found, total=len(found))


@router.post("", status_code=201, responses=documented(404, 409, 413))
def begin(asked: Begin, settings: Home, who: Keeper) -> ExperimentState:
    """Let a challenger answer beside the version that serves, from the next night on."""
    challenger = models.version(settings, asked.challenger)
    made = acts.start_experiment(
        who,
        settings,
        challenger.family,
        challenger.name,
        champion=asked.champion,
        mode=asked.mode,
        share=asked.split,
        override_reason=asked.override_reason,
    )
    return _state(experiments.describe(settings, made))


@router.post("/{experiment_id}/promote", responses=documented(404, 409, 413))
def promote(experiment_id: Name, asked: End, settings: Home, who: Keeper) -> ExperimentState:
    """Let the challenger serve from now on, if the gate lets it pass."""
    acts.promote(
        who,
        settings,
        experiment_id,
        reason=asked.reason,
        override_reason=asked.override_reason,
    )
    return _state(experiments.experiment(settings, experiment_id))


@router.post("/{experiment_id}/stop", responses=documented(404, 409, 413))
def stop(experiment_id: Name, asked: End, settings: Home, who: Keeper) -> ExperimentState:
    """End an experiment; the champion stays."""
    acts.stop_experiment(who, settings, experiment_id, reason=asked.reason)
    return _state(experiments.experiment(settings, experiment_id))


def _state(one: Described) -> ExperimentState:
    return ExperimentState.model_validate(one.as_json() | {"sentence": one.sentence})
