"""Train, tune and evaluate: each is a job, whose progress `/jobs` tells."""

import math
import os
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edupulse_core.actions import jobs as acts
from edupulse_core.actions.models import check_training
from edupulse_core.actions.quality import check_data
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import BadRequestError, documented
from edupulse_core.config import FIRST_FAMILY, Settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle.findings import bring_more, issues, recommendations
from edupulse_core.lifecycle.quality import FEWEST, Quality
from edupulse_core.people.actor import Actor
from edupulse_core.queries import jobs, models

router = APIRouter(prefix=MODELS, tags=["model training"], dependencies=[bearer])
NO_FAMILY = "There is no family {family!r}. Send one of these: {known}."
MINUTES = 30  # a guess of how long a training takes, before any is known
DEEPEST = 8  # lists in lists
LARGEST = 2**53
PLAN_FIELDS: dict[str, tuple[str, ...]] = {  # of a request → of a plan, where it has such a field
    "scale_features": ("scale_features",),
    "early_stopping_rounds": ("early_stopping_rounds", "loop.patience"),
    "n_jobs": ("n_jobs",),
}
METHODS = {"grid_search": "grid", "random_search": "random", "bayesian": "tpe"}
AlgorithmName = Literal[
    "random_forest",
    "xgboost",
    "gradient_boosting",
    "logistic_regression",
    "neural_network",
    "gaussian_process",
    "blend",
]


def _plain(value: Any, depth: int = 0) -> Any:
    """Refuse what no database keeps, or no plan could mean."""
    if depth > DEEPEST:
        raise ValueError("is nested too deep")
    if isinstance(value, str):
        if "\0" in value or not value.isprintable():
            raise ValueError("must hold printable text only")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must hold finite numbers only")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("holds a number that is too large")
    elif isinstance(value, dict):
        for key, each in value.items():
            _plain(key, depth + 1)
            _plain(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _plain(each, depth + 1)
    return value


Values = Annotated[dict[str, Any], AfterValidator(_plain)]


class TrainRequest(BaseModel):
    """What is to be trained, and how. An unknown field is refused: nothing else is trained."""

    model_config = ConfigDict(extra="forbid")

    family: Name = "admission"
    algorithms: list[AlgorithmName] = Field(default_factory=list, max_length=10)
    min_samples: int = Field(1000, ge=FEWEST, le=10**9)
    test_size: float = Field(
        0.2,
        ge=0.1,
        le=0.3,
        allow_inf_nan=False,
        description="Share of the students; at least those whom every version is tested on.",
    )
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
    hyperparameters: Values = Field(
        default_factory=dict, description="Fields of the algorithm's plan, such as network.hidden."
    )
    plan: Text = Field("", max_length=100, description="A plan by name, such as reference.")


class TrainAnswer(BaseModel):
    """The job that was begun."""

    success: bool
    message: str
    job_id: str
    status: str
    estimated_time_minutes: float


class QualityRequest(BaseModel):
    """Whose data to check."""

    family: Name = FIRST_FAMILY
    min_samples: int = Field(FEWEST, ge=1, le=10**9)


class QualityAnswer(BaseModel):
    """Whether the data are good enough to train on."""

    passes: bool
    issues: list[str]
    recommendations: list[str]
    report: dict[str, Any] = Field(
        description="Rows, students (or what `whose` names), and for every input and the outcome "
        "its known share, mean, spread, quartiles and histogram, beside those of the last training."
    )


class TuneRequest(BaseModel):
    """How to search for hyperparameters."""

    family: Name = FIRST_FAMILY
    algorithm: Text = Field("", max_length=100)
    method: Literal["grid", "random", "tpe"] = "tpe"
    trials: int = Field(20, ge=1, le=1000)
    folds: int = Field(3, ge=3, le=10)
    workers: int = Field(1, ge=1, le=64)
    seed: int = Field(0, ge=0, le=2**32 - 1)
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$", max_length=60)] = ""


class EvaluateAnswer(BaseModel):
    """The evaluation that was begun."""

    success: bool
    message: str
    task_id: str
    model_id: str


@router.post("/train", status_code=202, responses=documented(400, 413))
def train(asked: TrainRequest, settings: Home, who: Keeper) -> TrainAnswer:
    """Train versions, as a job, or search for hyperparameters first."""
    _check_family(asked.family)
    algorithm = _algorithm(asked)
    check_training(
        settings,
        asked.family,
        algorithm=algorithm,
        plan=asked.plan,
        hyperparameters=asked.hyperparameters,
    )
    _check_data(who, settings, asked)
    job_id = _submit(who, settings, asked, algorithm)
    minutes = models.usual_minutes(settings, asked.family, algorithm, _trainings(asked))
    if minutes is None:  # one of the algorithms is new here
        minutes = jobs.usual_minutes(settings, "train", asked.family)
    return _begun(job_id, "training", _unused(asked), minutes)


@router.post("/tune", status_code=202, responses=documented(400, 413))
def tune(asked: TuneRequest, settings: Home, who: Keeper) -> TrainAnswer:
    """Search for hyperparameters and train a version with the best, as a job."""
    _check_family(asked.family)
    config = asked.model_dump(exclude={"family"}, exclude_defaults=True)
    job_id = acts.submit(who, settings, "tune", config, family=asked.family)
    minutes = jobs.usual_minutes(settings, "tune", asked.family)
    return _begun(job_id, "search", minutes=minutes)


@router.post("/data-quality", responses=documented(400, 409, 413))
def data_quality(asked: QualityRequest, settings: Home, who: Keeper) -> QualityAnswer:
    """Check whether the data are good enough to train on."""
    _check_family(asked.family)
    found = check_data(who, settings, asked.family, fewest=asked.min_samples)
    return QualityAnswer(passes=not found.errors, **_told(found))


def _trainings(asked: TrainRequest) -> int:
    """How often each algorithm is trained."""
    folds = asked.cross_validation_folds
    if asked.hyperparameter_tuning != "none":
        return folds * asked.tuning_iterations + 2
    return 1 + int(_given(asked, "")["folds"])


def _check_family(family: str) -> None:
    if family not in shelf.SHELF:
        known = ", ".join(shelf.SHELF)
        said = NO_FAMILY.format(family=family, known=known)
        advice = [f"Send one of these: {known}."]
        raise BadRequestError(said, issues=[said], recommendations=advice, report={})


def _check_data(who: Actor, settings: Settings, asked: TrainRequest) -> None:
    """Raise BadRequestError where the data are not good enough."""
    try:
        found = check_data(who, settings, asked.family, fewest=asked.min_samples)
    except (MissingError, RefusedError) as error:
        more = bring_more(shelf.family_named(asked.family))
        raise BadRequestError(
            str(error), issues=[str(error)], recommendations=[more], report={}
        ) from None
    if found.errors:
        told = _told(found)
        if FEWEST <= found.rows < asked.min_samples:
            told["recommendations"].insert(
                0, f"Send `min_samples` of {FEWEST} to {found.rows} to train on what there is."
            )
        raise BadRequestError("The data are not good enough to train on.", **told)


def _told(found: Quality) -> dict[str, Any]:
    """What speaks against training, what to do, and every number.

    "whose" says what "students" counts, such as texts.
    """
    family = shelf.family_named(found.family)
    return {
        "issues": issues(found, family),
        "recommendations": recommendations(found, family),
        "report": found.model_dump(mode="json") | {"whose": family.whose},
    }


def _submit(who: Actor, settings: Settings, asked: TrainRequest, algorithm: str) -> str:
    request = asked.model_dump(mode="json", exclude_unset=True)
    config: dict[str, Any] = {acts.REQUEST: request}
    is_search = asked.hyperparameter_tuning != "none"
    config |= {name: value for name, value in _given(asked, algorithm).items() if value}
    return acts.submit(who, settings, "tune" if is_search else "train", config, family=asked.family)


def _given(asked: TrainRequest, algorithm: str) -> dict[str, Any]:
    """What was sent and is obeyed, as the jobs take it."""
    sent = asked.model_fields_set - set(_unused(asked))
    is_default = asked.family == TrainRequest.model_fields["family"].default
    given = {
        "algorithm": algorithm,
        "version_tag": asked.version_tag,
        "notes": asked.notes,
        "metric": asked.target_metric if "target_metric" in sent else "",
        "minutes": asked.max_training_time_minutes,
    }
    if asked.hyperparameter_tuning != "none":
        workers = (os.cpu_count() or 1) if asked.n_jobs < 1 else asked.n_jobs
        asking = (METHODS[asked.hyperparameter_tuning], given["metric"])
        numbers = (asked.cross_validation_folds, asked.random_state)
        return given | {
            # another way to search is another study: one that goes on must be the same
            "name": "-".join(str(each) for each in (*asking, *numbers) if each != ""),
            "method": METHODS[asked.hyperparameter_tuning],
            "trials": asked.tuning_iterations,
            "folds": asked.cross_validation_folds,
            "seed": asked.random_state,
            "workers": workers if "n_jobs" in sent else 0,
        }
    more = _plan_fields(asked)
    return given | {
        "plan": asked.plan,
        "hyperparameters": {**more, **asked.hyperparameters},
        "seed": asked.random_state if is_default or "random_state" in sent else 0,
        # clients who name no family count on it; a network of weeks is trained five times slower
        "folds": asked.cross_validation_folds
        if is_default or "cross_validation_folds" in sent
        else 0,
        "test_size": asked.test_size if "test_size" in sent else 0,
        "validation_size": asked.validation_size if "validation_size" in sent else 0,
    }


def _plan_fields(asked: TrainRequest) -> dict[str, Any]:
    """Fields of the request that are fields of a plan that is trained, under the plan's names."""
    keys = models.plan_keys(asked.family, _algorithm(asked))
    return {
        own: getattr(asked, name)
        for name, owns in PLAN_FIELDS.items()
        if name in asked.model_fields_set and getattr(asked, name) is not None
        for own in owns
        if own in keys
    }


def _algorithm(asked: TrainRequest) -> str:
    """The family's own names of what is asked for, by commas."""
    known = models.algorithms(asked.family)
    names = [  # clients know one network by one name
        known[0] if name == "neural_network" and name not in known else name
        for name in asked.algorithms
    ]
    unknown = [name for name in names if name not in known]
    if unknown:
        told = ", ".join(dict.fromkeys(["neural_network", *known]))
        raise InputError(f"{asked.family} has no algorithm {unknown[0]!r}; there are: {told}")
    return ",".join(dict.fromkeys(names))


def _unused(asked: TrainRequest) -> list[str]:
    """What was sent and changes nothing here."""
    is_search = asked.hyperparameter_tuning != "none"
    none: set[str] = set()
    if asked.target_metric not in models.metrics(asked.family):
        none.add("target_metric")
    if is_search:
        none |= {"plan", "hyperparameters", "test_size", "validation_size", *PLAN_FIELDS}
        none -= {"n_jobs"}  # so many trials run at once
    else:
        none |= {"tuning_iterations"}
        fields = _plan_fields(asked)
        none |= {name for name, owns in PLAN_FIELDS.items() if not fields.keys() & set(owns)}
        if not models.can_resplit(asked.family):
            none |= {"test_size", "validation_size"}
    return [name for name in type(asked).model_fields if name in none & asked.model_fields_set]


def _begun(
    job_id: str, what: str, unused: Sequence[str] = (), minutes: float | None = None
) -> TrainAnswer:
    told = f"The {what} is queued; GET {MODELS}/jobs/{job_id} follows it."
    if unused:
        told += f" Without effect here: {', '.join(unused)}."
    return TrainAnswer(
        success=True,
        message=told,
        job_id=job_id,
        status="pending",
        estimated_time_minutes=MINUTES if minutes is None else minutes,
    )


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
        message=f"The evaluation is queued; GET {MODELS}/jobs/{task_id} follows it.",
        task_id=task_id,
        model_id=found.name,
    )
