"""Jobs: how far each is, its log, and the end of one that nobody wants any more."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import jobs as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Skip, bearer
from edupulse_core.api.problems import BadRequestError, documented
from edupulse_core.errors import RefusedError
from edupulse_core.queries import jobs as rows
from edupulse_core.store.jobs import Job

router = APIRouter(prefix=f"{MODELS}/jobs", tags=["jobs"], dependencies=[bearer])
MAKING = ("train", "tune", "update")  # kinds that make a version
SCORES = ("score_auc_any", "auc_roc")  # the AUC, as families call it
Status = Literal["pending", "running", "completed", "failed", "cancelled"]


class JobState(BaseModel):
    """One job."""

    job_id: str
    kind: str
    family: str | None
    status: Status
    config: dict[str, Any] = Field(description="What was asked.")
    progress_percentage: float
    current_step: str
    algorithms_completed: list[str]
    trained_models: list[str]
    best_model_id: str | None
    best_score: float | None
    started_at: datetime | None
    completed_at: datetime | None
    estimated_time_remaining_seconds: float | None
    error_message: str | None
    warnings: list[str]
    cpu_usage_percent: float | None
    memory_usage_mb: float | None
    logs: list[str]
    created_at: datetime
    created_by: str
    retries: int


class JobList(BaseModel):
    """Some jobs, the newest first, and how many there are in all."""

    jobs: list[JobState]
    total: int


class Ended(BaseModel):
    """A job that was cancelled."""

    success: bool
    message: str
    job_id: str


@router.get("", responses=documented())
def list_jobs(
    settings: Home,
    who: Keeper,
    status: Status | None = None,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobList:
    """The jobs, the newest first."""
    counts = rows.counts(settings)
    total = sum(counts.values()) if status is None else counts.get(status, 0)
    return JobList(
        jobs=[state_of(each) for each in rows.jobs(settings, status, skip, limit)], total=total
    )


@router.get("/{job_id}", responses=documented(404))
def show_job(job_id: Name, settings: Home, who: Keeper) -> JobState:
    """One job."""
    return state_of(rows.job(settings, job_id))


@router.delete("/{job_id}", responses=documented(400, 404))
def cancel_job(job_id: Name, settings: Home, who: Keeper) -> Ended:
    """Cancel a job; a running one stops within seconds."""
    try:
        acts.cancel(who, settings, job_id)
    except RefusedError as error:  # it has ended, and nothing of it can be stopped
        raise BadRequestError(str(error)) from None
    return Ended(success=True, message="The job is cancelled.", job_id=job_id)


@router.post("/{job_id}/retry", responses=documented(404, 409))
def retry_job(job_id: Name, settings: Home, who: Keeper) -> JobState:
    """Run a failed or cancelled job again."""
    acts.retry(who, settings, job_id)
    return state_of(rows.job(settings, job_id))


def state_of(job: Job) -> JobState:
    """A job as clients read it."""
    result = job.result or {}
    ranking = result.get("table", ())  # of all algorithms that were trained and compared
    made = [each["version"] for each in ranking]
    if not made and job.kind in MAKING and "version" in result:
        made = [result["version"]]
    return JobState(
        job_id=job.job_id,
        kind=job.kind,
        family=job.family,
        status=job.status,  # type: ignore[arg-type]
        config=job.config.get(acts.REQUEST, job.config),
        progress_percentage=round(job.progress, 1),
        current_step=job.step,
        algorithms_completed=_algorithms(result),
        trained_models=made,
        best_model_id=result.get("version") if made else None,
        best_score=_score(result),
        started_at=job.started_at,
        completed_at=job.completed_at,
        estimated_time_remaining_seconds=_left(job),
        error_message=job.error,
        warnings=list(job.warnings),
        cpu_usage_percent=job.cpu_percent,
        memory_usage_mb=job.memory_mb,
        logs=job.log.splitlines(),
        created_at=job.created_at,
        created_by=job.created_by,
        retries=max(0, job.attempts - 1),
    )


def _algorithms(result: dict[str, Any]) -> list[str]:
    if "table" in result:
        return [each["algorithm"] for each in result["table"]]
    return [result["algorithm"]] if "algorithm" in result else []


def _score(result: dict[str, Any]) -> float | None:
    """The AUC of the best version that a job made."""
    for each in result.get("table", ()):
        if each["version"] == result.get("version"):
            return _auc(each["metrics"])
    return _auc(result)


def _auc(figures: dict[str, Any]) -> float | None:
    return next((figures[name] for name in SCORES if name in figures), None)


def _left(job: Job) -> float | None:
    """Seconds until the end, if the rest goes as fast as what is done; None where that is open."""
    if job.status != "running" or job.started_at is None or not 1 <= job.progress < 100:
        return None
    spent = (datetime.now(UTC) - job.started_at).total_seconds()
    return round(spent * (100 - job.progress) / job.progress, 1)
