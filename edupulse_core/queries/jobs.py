"""Jobs, as the command line, the API and the pages show them."""

from datetime import UTC, datetime, timedelta
from statistics import median

from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.store import jobs as rows
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job

PATIENCE = timedelta(minutes=1)  # for a worker to take a job
RECENT = 5  # completed jobs of a kind, which say how long the next one takes
MANY = 200  # completed jobs of all kinds, among which these are sought


def job(settings: Settings, job_id: str) -> Job:
    """One job. Raises MissingError where there is none."""
    return rows.read(open_store(settings), job_id)


def jobs(
    settings: Settings, status: str | None = None, skip: int = 0, limit: int | None = 50
) -> list[Job]:
    """Jobs, the newest first. Raises InputError for an unknown status."""
    known = (rows.PENDING, rows.RUNNING, *rows.ENDED)
    if status is not None and status not in known:
        raise InputError(f"no job has the status {status!r}; there are {', '.join(known)}")
    return rows.newest(open_store(settings), status, skip=skip, limit=limit)


def is_stuck(settings: Settings) -> bool:
    """Whether jobs wait though none runs: then no worker seems to be there."""
    store, now = open_store(settings), datetime.now(UTC)
    if rows.counts(store)[rows.RUNNING]:
        return False
    return any(
        now - max(job.created_at, job.not_before or job.created_at) > PATIENCE
        for job in rows.due(store, now)
    )


def is_training(settings: Settings, family: str) -> bool:
    """Whether a version of a family is being trained, or waits for it."""
    return rows.training(open_store(settings), family) is not None


def usual_minutes(settings: Settings, kind: str, family: str | None) -> float | None:
    """About how long a job of a kind takes, from the last ones that were completed; None: none."""
    done = [
        (each.completed_at - each.started_at).total_seconds() / 60
        for each in rows.newest(open_store(settings), rows.COMPLETED, limit=MANY)
        if (each.kind, each.family) == (kind, family) and each.completed_at and each.started_at
    ]
    return round(max(0.1, median(done[:RECENT])), 1) if done else None


def counts(settings: Settings) -> dict[str, int]:
    """How many jobs there are in each status."""
    return rows.counts(open_store(settings))
