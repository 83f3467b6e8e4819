"""Jobs: one row for each long task, which says how far it is. The row is the truth.

A claim names its worker, and every later change asks that the job is still that worker's, so a
worker that was given up can change nothing any more.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from edupulse_core.errors import MissingError
from edupulse_core.store import audit
from edupulse_core.store.database import Store
from edupulse_core.store.tables import UtcTime, jobs

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"
ENDED = (COMPLETED, FAILED, CANCELLED)
MAKING = ("train", "tune", "update")  # kinds that make a version


@dataclass(frozen=True)
class Job:
    """A long task: what was asked, by whom, and how far it is."""

    job_id: str
    kind: str
    config: dict[str, Any]
    created_by: str
    role: str
    family: str | None = None
    status: str = PENDING
    priority: int = 0
    progress: float = 0.0  # percent
    step: str = ""
    result: dict[str, Any] | None = None
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    log: str = ""
    attempts: int = 0
    cancel_asked_at: datetime | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    not_before: datetime | None = None
    started_at: datetime | None = None
    beat_at: datetime | None = None
    completed_at: datetime | None = None
    worker: str | None = None
    cpu_percent: float | None = None
    memory_mb: float | None = None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in ENDED

    def as_json(self) -> dict[str, Any]:
        """Every column, moments as ISO 8601."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def new_id() -> str:
    """An id that no job has yet, short enough to type."""
    return uuid4().hex[:12]


def add(store: Store, job: Job) -> bool:
    """Write a new job; False if there is one of its id."""
    row = {
        **asdict(job),
        "created_by": audit.fitting(job.created_by, audit.LONGEST),
        "role": audit.fitting(job.role, audit.LONGEST_ROLE),
    }
    try:
        with store.writing() as connection:
            connection.execute(insert(jobs), row)
    except IntegrityError:
        if not exists(store, job.job_id):
            raise
        return False
    return True


def read(store: Store, job_id: str) -> Job:
    """One job. Raises MissingError where there is none."""
    is_id = job_id.isalnum()  # PostgreSQL refuses to compare some other signs
    found = _jobs(store, select(jobs).where(jobs.c.job_id == job_id)) if is_id else []
    if not found:
        raise MissingError(f"there is no job {job_id!r}; `edupulse jobs` lists them")
    return found[0]


def exists(store: Store, job_id: str) -> bool:
    """Whether there is a job of an id."""
    return bool(_jobs(store, select(jobs).where(jobs.c.job_id == job_id)))


def newest(
    store: Store, status: str | None = None, *, skip: int = 0, limit: int | None = None
) -> list[Job]:
    """Jobs, the newest first."""
    query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.job_id)
    if status is not None:
        query = query.where(jobs.c.status == status)
    return _jobs(store, query.offset(skip).limit(limit))


def counts(store: Store) -> dict[str, int]:
    """How many jobs there are in each status."""
    query = select(jobs.c.status, func.count()).group_by(jobs.c.status)
    with store.reading() as connection:
        found = {status: n for status, n in connection.execute(query)}
    return {status: found.get(status, 0) for status in (PENDING, RUNNING, *ENDED)}


def training(store: Store, family: str) -> Job | None:
    """A job that makes a version of a family: one that runs, else one that waits; None if none."""
    open_ones = (*newest(store, RUNNING), *newest(store, PENDING))
    made = (each for each in open_ones if each.kind in MAKING and each.family == family)
    return next(made, None)


def due(store: Store, now: datetime) -> list[Job]:
    """The pending jobs that may begin now, in the order in which they should."""
    query = select(jobs).where(jobs.c.status == PENDING, _may_begin(now))
    return _jobs(store, query.order_by(jobs.c.priority.desc(), jobs.c.created_at))


def silent(store: Store, since: datetime) -> list[Job]:
    """The running jobs whose workers were not heard from since then."""
    return _jobs(store, select(jobs).where(jobs.c.status == RUNNING, jobs.c.beat_at < since))


def claim(store: Store, job_id: str, worker: str, now: datetime) -> Job | None:
    """Make a pending job this worker's; None if it isn't pending, or may not begin yet."""
    mine = (
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.status == PENDING, _may_begin(now))
        .values(
            status=RUNNING,
            worker=worker,
            attempts=jobs.c.attempts + 1,
            started_at=func.coalesce(jobs.c.started_at, literal(now, UtcTime())),
            beat_at=now,
            not_before=None,
            error=None,
        )
    )
    with store.writing() as connection:
        taken = connection.execute(mine).rowcount
    return read(store, job_id) if taken else None


def change(store: Store, job: Job, values: Mapping[str, Any]) -> bool:
    """Change a job that this worker runs; False if it is no longer this worker's."""
    with store.writing() as connection:
        return bool(connection.execute(update(jobs).where(*_mine(job)).values(values)).rowcount)


def beat(store: Store, job: Job, values: Mapping[str, Any], now: datetime) -> bool | None:
    """Say that a job is still being done, and how far it is.

    Returns whether somebody asked to cancel it; None if it is no longer this worker's.
    """
    said = update(jobs).where(*_mine(job)).values(**values, beat_at=now)
    with store.writing() as connection:
        found = connection.execute(said.returning(jobs.c.cancel_asked_at)).first()
    return None if found is None else found.cancel_asked_at is not None


def cancel(store: Store, job_id: str, now: datetime, silent_since: datetime) -> bool:
    """Cancel a pending job, or ask the worker of a running one to stop; False if it has ended.

    silent_since: a worker that was not heard from since then is gone, so nobody need be asked.
    """
    at_once = (jobs.c.status == PENDING) | (jobs.c.beat_at < silent_since)
    asked = (
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.status.in_((PENDING, RUNNING)))
        .values(
            status=case((at_once, CANCELLED), else_=jobs.c.status),
            completed_at=case((at_once, literal(now, UtcTime())), else_=jobs.c.completed_at),
            cancel_asked_at=now,
        )
    )
    with store.writing() as connection:
        return bool(connection.execute(asked).rowcount)


def renew(store: Store, job_id: str) -> bool:
    """Make a failed or cancelled job pending again, as new; False if it is neither."""
    again = (
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.status.in_((FAILED, CANCELLED)))
        .values(
            status=PENDING,
            progress=0.0,
            step="",
            error=None,
            attempts=0,
            cancel_asked_at=None,
            not_before=None,
            started_at=None,
            completed_at=None,
            worker=None,
        )
    )
    with store.writing() as connection:
        return bool(connection.execute(again).rowcount)


def forget(store: Store, before: datetime) -> list[str]:
    """Delete the jobs that ended before a moment; returns their ids."""
    old = (jobs.c.status.in_(ENDED), jobs.c.completed_at < before)
    with store.reading() as connection:
        found = list(connection.execute(select(jobs.c.job_id).where(*old)).scalars())
    if found:
        with store.writing() as connection:
            connection.execute(delete(jobs).where(*old))
    return found


def _mine(job: Job) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.job_id == job.job_id, jobs.c.status == RUNNING, jobs.c.worker == job.worker


def _may_begin(now: datetime) -> ColumnElement[bool]:
    return jobs.c.not_before.is_(None) | (jobs.c.not_before <= now)


def _jobs(store: Store, query: Select[Any]) -> list[Job]:
    with store.reading() as connection:
        return [Job(**row) for row in connection.execute(query).mappings()]
