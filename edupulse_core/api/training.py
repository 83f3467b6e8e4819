"""Train, tune and evaluate: each is a job, whose progress `/jobs` tells."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from edupulse_core.actions import jobs as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import BadRequestError, documented
from edupulse_core.families import shelf
from edupulse_core.people.actor import Actor
from edupulse_core.queries import models

router = APIRouter(prefix=MODELS, tags=["model training"], dependencies=[bearer])
NOT_YET = (
    "The family {family!r} cannot be trained here yet: it comes with the sister models. "
    "Send family: {known}."
)
MINUTES = 30  # a guess of how long a training takes, before any is known
AlgorithmName = Literal[
    "random_forest",
    "xgboost",
    "gradient_boosting",
    "logistic_regression",
    "neural_network",
    "blend",
]


def _speakable(value: Any) -> Any:
    """Refuse text in which half a letter stands: no database keeps it."""
    try:
        _check_text(value)
    except UnicodeEncodeError:
        raise ValueError("holds text that is no Unicode") from None
    return value


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("must not hold the character NUL")
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_text(key)
            _check_text(each)
    elif isinstance(value, list):
        for each in value:
            _check_text(each)


Values = Annotated[dict[str, Any], AfterValidator(_speakable)]


class TrainRequest(BaseModel):
    """What is to be trained, and how."""

    family: Name = "admission"
    algorithms: list[AlgorithmName] = Field(default_factory=list, max_length=10)
    min_samples: int = Field(1000, ge=100, le=10**9)
    test_size: float = Field(0.2, ge=0.1, le=0.3, allow_inf_nan=False)
    validation_size: float = Field(0.1, ge=0.1, le=0.3, allow_inf_nan=False)
    random_state: int = Field(42, ge=0, le=2**32 - 1)
    scale_features: bool = True
    hyperparameter_tuning: Literal["none", "grid_search", "random_search", "bayesian"] = "none"
    tuning_iterations: int = Field(50, ge=1, le=200)
    cross_validation_folds: int = Field(5, ge=3, le=10)
    target_metric: Text = Field("auc_roc", max_length=50)
    early_stopping_rounds: int | None = Field(None, ge=1, le=10_000)
    max_training_time_minutes: int | None = Field(None, ge=1, le=10_000)
    n_jobs: int = Field(-1, ge=-1, le=256)
    version_tag: Text | None = Field(None, max_length=100)
    notes: Text | None = Field(None, max_length=2000)
    hyperparameters: Values = Field(default_factory=dict)


class TrainAnswer(BaseModel):
    """The job that was begun."""

    success: bool
    message: str
    job_id: str
    status: str
    estimated_time_minutes: float


class EvaluateAnswer(BaseModel):
    """The evaluation that was begun."""

    success: bool
    message: str
    task_id: str
    model_id: str


@router.post("/train", status_code=202, responses=documented(400, 413))
def train(asked: TrainRequest, settings: Home, who: Keeper) -> TrainAnswer:
    """Train a version, as a job."""
    if asked.family not in shelf.SHELF:
        known = ", ".join(shelf.SHELF)
        said = NOT_YET.format(family=asked.family, known=known)
        raise BadRequestError(
            said, issues=[said], recommendations=[f"Send family: {known}."], report={}
        )
    job_id = _submit(who, settings, asked)
    return TrainAnswer(
        success=True,
        message=f"The training is queued; GET /api/v1/model-training/jobs/{job_id} follows it.",
        job_id=job_id,
        status="pending",
        estimated_time_minutes=MINUTES,
    )


def _submit(who: Actor, settings: Home, asked: TrainRequest) -> str:
    request = asked.model_dump(mode="json", exclude_unset=True)
    return acts.submit(who, settings, "train", {acts.REQUEST: request}, family=asked.family)


@router.post("/evaluate/{model_id}", status_code=202, responses=documented(404))
def evaluate(
    model_id: Name,
    settings: Home,
    who: Keeper,
    generate_plots: Annotated[bool, Query(description="Accepted; plots are always there.")] = True,
) -> EvaluateAnswer:
    """Evaluate a version on weeks that it has not seen, as a job."""
    found = models.version(settings, model_id)
    config = {"version": found.name}
    task_id = acts.submit(who, settings, "evaluate", config, family=found.family)
    return EvaluateAnswer(
        success=True,
        message=f"The evaluation is queued; GET /api/v1/model-training/jobs/{task_id} follows it.",
        task_id=task_id,
        model_id=found.name,
    )
