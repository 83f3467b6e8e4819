"""Learn from what came since: verdicts are kept, and a new version is made, as a job."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from edupulse_core.actions import jobs as acts
from edupulse_core.actions import verdicts
from edupulse_core.actions.verdicts import Correction
from edupulse_core.api.caller import V1, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.config import Settings
from edupulse_core.families.risk import NAME
from edupulse_core.queries import jobs
from edupulse_core.store.jobs import Job

router = APIRouter(prefix=f"{V1}/train", tags=["model training"], dependencies=[bearer])
MINUTES = 30  # a guess of how long an update takes, before any is known
FULL = ("full", "retrain_full")
IMPORTED = "Outcomes come with the district's import; those sent here were not taken."


class Feedback(BaseModel):
    """What staff say about a prediction after the fact."""

    prediction_id: Annotated[Text, Field(pattern=r"^[0-9]{1,15}:[\s\S]{1,255}$")]
    actual_outcome: Literal["true_positive", "false_positive", "true_negative", "false_negative"]
    educator_notes: Text = Field("", max_length=2000)


class UpdateRequest(BaseModel):
    """What is known now that was not known before."""

    student_outcomes: list[dict[str, Any]] = Field(
        default_factory=list, max_length=1000, description="Not taken: they come with the import."
    )
    feedback_corrections: list[Feedback] = Field(default_factory=list, max_length=1000)
    update_mode: Literal["incremental", "full", "retrain_full"] = "incremental"


class UpdateAnswer(BaseModel):
    """The update that was begun."""

    update_id: str
    status: str
    estimated_completion: datetime
    corrections_kept: int
    message: str | None = None


class UpdateState(BaseModel):
    """How far an update is."""

    update_id: str
    status: str
    progress: float
    estimated_completion: datetime | None


@router.post("/update", status_code=202, responses=documented(404, 409, 413))
def update(asked: UpdateRequest, settings: Home, who: Keeper) -> UpdateAnswer:
    """Keep verdicts, and make a new version from what came since, as a job."""
    given = [
        Correction(one.prediction_id, one.actual_outcome, one.educator_notes)
        for one in asked.feedback_corrections
    ]
    kept = verdicts.give(who, settings, NAME, given) if given else []
    kind = "train" if asked.update_mode in FULL else "update"
    update_id = acts.submit(who, settings, kind, family=NAME)
    return UpdateAnswer(
        update_id=update_id,
        status="queued",
        estimated_completion=datetime.now(UTC) + _usual(settings, kind),
        corrections_kept=len(kept),
        message=IMPORTED if asked.student_outcomes else None,
    )


@router.get("/status/{update_id}", responses=documented(404))
def status(update_id: Name, settings: Home, who: Keeper) -> UpdateState:
    """How far an update is."""
    job = jobs.job(settings, update_id)
    return UpdateState(
        update_id=job.job_id,
        status="queued" if job.status == "pending" else job.status,
        progress=round(job.progress, 1),
        estimated_completion=_end(settings, job),
    )


def _usual(settings: Settings, kind: str) -> timedelta:
    """How long such a job takes, as the last ones did."""
    return timedelta(minutes=jobs.usual_minutes(settings, kind, NAME) or MINUTES)


def _end(settings: Settings, job: Job) -> datetime | None:
    """When it ended, or will have if the rest goes as fast as what is done."""
    if job.is_ended:
        return job.completed_at
    if job.started_at is None or job.progress < 1:
        return (job.started_at or datetime.now(UTC)) + _usual(settings, job.kind)
    spent = datetime.now(UTC) - job.started_at
    return job.started_at + spent * (100 / job.progress)
