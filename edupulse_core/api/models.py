"""Versions of models: what each is and how it did, and which one serves."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import versions as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Skip, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.config import FIRST_FAMILY
from edupulse_core.errors import InputError
from edupulse_core.queries import jobs, models
from edupulse_core.queries.models import Version

router = APIRouter(prefix=MODELS, tags=["models"], dependencies=[bearer])


class Model(BaseModel):
    """One version of a family."""

    model_id: str
    version: str
    family: str
    algorithm: str
    training_date: datetime | None
    training_samples: int | None
    training_config: dict[str, Any]
    metrics: dict[str, Any]
    feature_importance: dict[str, float] | None
    hyperparameters: dict[str, Any]
    is_active: bool
    is_deprecated: bool
    parent_model_id: str | None
    created_by: str | None
    version_tag: str | None
    notes: str | None


class ModelList(BaseModel):
    """Some versions, the newest first, and how many there are in all."""

    models: list[Model]
    total: int


class Choice(BaseModel):
    """Why a version shall serve."""

    reason: Text = Field("", max_length=2000)
    override_reason: Text = Field(
        "", max_length=2000, description="Why it shall serve though the gate refuses it."
    )


NO_CHOICE = Choice(reason="", override_reason="")  # for a client that sends no body


class Why(BaseModel):
    """Why a version shall no longer serve."""

    reason: Text = Field(min_length=1, max_length=2000)


class Activated(Model):
    """The version that serves now, and what the gate said."""

    gate: dict[str, Any] | None = None


class CompareRequest(BaseModel):
    """Which versions to compare."""

    model_ids: list[Name] = Field(min_length=2, max_length=5)
    metrics: list[Text] = Field(default_factory=list, max_length=50)


class CompareAnswer(BaseModel):
    """Versions side by side."""

    models: list[Model]
    metric_comparison: dict[str, dict[str, float | None]]
    statistical_significance: dict[str, Any]
    best_model_id: str | None
    best_metric: str | None


class ModelMetrics(BaseModel):
    """How well a version did on held-out cases; null where it is not known or hidden."""

    model_id: str
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1_score: float | None
    auc_roc: float | None
    confusion_matrix: list[list[int]] | None
    classification_report: dict[str, dict[str, float]] | None
    cv_scores: list[float] | None
    cv_mean: float | None
    cv_std: float | None
    training_time_seconds: float | None
    family_metrics: dict[str, Any]


class Weighed(BaseModel):
    """What a version weighs."""

    feature: str
    importance: float
    rank: int


class Counts(BaseModel):
    """How many jobs there are."""

    running: int
    pending: int
    completed: int
    failed: int


class ModelCounts(BaseModel):
    """How many versions there are, and which one serves."""

    total: int
    active: int
    active_model_id: str | None


class Status(BaseModel):
    """How things stand."""

    status: str
    models: ModelCounts
    jobs: Counts
    latest_model: Model | None


@router.get("/models", responses=documented(404))
def list_models(
    settings: Home,
    who: Keeper,
    family: Annotated[Text | None, Query(max_length=100)] = None,
    active_only: bool = False,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ModelList:
    """The versions, the newest first."""
    found = [one for one in models.versions(settings, family) if one.is_active or not active_only]
    some = found[skip : skip + limit]
    return ModelList(models=[model_of(one) for one in some], total=len(found))


@router.get("/models/{model_id}", responses=documented(404))
def show_model(model_id: Name, settings: Home, who: Keeper) -> Model:
    """One version."""
    found = models.version(settings, model_id)
    return model_of(found, models.importance(settings, found))


@router.get("/metrics/{model_id}", responses=documented(404))
def show_metrics(model_id: Name, settings: Home, who: Keeper) -> ModelMetrics:
    """How well a version did on held-out cases."""
    found = models.version(settings, model_id)
    return ModelMetrics(
        model_id=found.name, **models.classified(settings, found), family_metrics=found.headline
    )


@router.get("/feature-importance/{model_id}", responses=documented(404))
def show_importance(
    model_id: Name,
    settings: Home,
    who: Keeper,
    top: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[Weighed]:
    """What a version weighs, by its evaluation here."""
    found = models.version(settings, model_id)
    models.evaluation(settings, found)  # says so where it was never evaluated
    return weighed(models.importance(settings, found), top)


@router.post("/compare", responses=documented(404, 409, 413))
def compare(asked: CompareRequest, settings: Home, who: Keeper) -> CompareAnswer:
    """Compare versions of one family: as they were saved, and on the same cases."""
    found = [models.version(settings, name) for name in dict.fromkeys(asked.model_ids)]
    if len(found) < 2 or len({one.family for one in found}) > 1:
        raise InputError("model_ids: name at least two different versions of one family")
    names = asked.metrics or list(found[0].headline)
    table = {name: {one.name: one.headline.get(name) for one in found} for name in names}
    first, *others = found
    paired = {f"{first.name} and {one.name}": _paired(settings, first, one) for one in others}
    metric = next((name for name in names if None not in table[name].values()), None)
    best = models.best(found, metric) if metric else None
    return CompareAnswer(
        models=[model_of(one) for one in found],
        metric_comparison=table,
        statistical_significance=paired,
        best_model_id=best,
        best_metric=metric,
    )


def weighed(sizes: dict[str, float] | None, top: int = 100) -> list[Weighed]:
    """The largest sizes, in order."""
    some = list((sizes or {}).items())[:top]
    return [
        Weighed(feature=name, importance=size, rank=place)
        for place, (name, size) in enumerate(some, 1)
    ]


def _paired(settings: Home, a: Version, b: Version) -> dict[str, Any]:
    said = acts.compare_versions(settings, a.family, a.name, b.name)
    return {name: said[name] for name in ("paired", "moves", "not_compared")}


@router.post("/activate/{model_id}", responses=documented(404, 409, 413))
def activate(model_id: Name, settings: Home, who: Keeper, asked: Choice = NO_CHOICE) -> Activated:
    """Let a version serve, if the gate lets it pass."""
    found = models.version(settings, model_id)
    done = acts.activate_version(
        who,
        settings,
        found.family,
        found.name,
        reason=asked.reason,
        override_reason=asked.override_reason,
    )
    now = model_of(models.version(settings, done.serving))
    return Activated(**now.model_dump(), gate=done.verdict.as_json())


@router.post("/deactivate/{model_id}", responses=documented(404, 409, 413))
def deactivate(model_id: Name, asked: Why, settings: Home, who: Keeper) -> Model:
    """Stop serving a version: the one before it serves again."""
    found = models.version(settings, model_id)
    serving = acts.deactivate_version(who, settings, found.family, found.name, reason=asked.reason)
    return model_of(models.version(settings, serving))


@router.post("/rollback", responses=documented(404, 409, 413))
def roll_back(
    asked: Why,
    settings: Home,
    who: Keeper,
    family: Annotated[Text, Query(max_length=100)] = FIRST_FAMILY,
) -> Model:
    """Go back to the version that served before."""
    serving = acts.roll_back(who, settings, family, reason=asked.reason)
    return model_of(models.version(settings, serving))


@router.get("/status", responses=documented())
def status(settings: Home, who: Keeper) -> Status:
    """How things stand: versions, jobs, and the newest version."""
    found = models.versions(settings)
    active = [one.name for one in found if one.is_active]
    counts = jobs.counts(settings)
    return Status(
        status="operational" if active else "no model",
        models=ModelCounts(
            total=len(found), active=len(active), active_model_id=active[0] if active else None
        ),
        jobs=Counts(**{name: counts[name] for name in Counts.model_fields}),
        latest_model=model_of(found[0]) if found else None,
    )


def model_of(found: Version, importance: dict[str, float] | None = None) -> Model:
    """A version as clients read it."""
    about = found.about
    made = found.metrics.get("made", {})  # versions of before have none
    return Model(
        model_id=found.name,
        version=about.version,
        family=found.family,
        algorithm=about.algorithm or models.first_algorithm(found.family),
        training_date=datetime.fromisoformat(about.created_at) if about.created_at else None,
        training_samples=found.training.get("rows"),
        training_config=dict(found.training),
        metrics=dict(found.headline),
        feature_importance=importance,
        hyperparameters=dict(found.plan),
        is_active=found.is_active,
        is_deprecated=found.has_served,
        parent_model_id=made.get("parent") or None,
        created_by=made.get("created_by") or None,
        version_tag=made.get("version_tag") or None,
        notes=made.get("notes") or None,
    )
