"""Long tasks that run in the background: ask for one, cancel it, run it again."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError, what_is_wrong
from edupulse_core.families import shelf
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.store import jobs, queue
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job

ROLES = ("steward", "district")
REQUEST = "request"  # of any job's config: what a client sent, kept to be shown again


@dataclass(frozen=True)
class Kind:
    """What a kind of job may be asked, and how soon it runs."""

    priority: int  # a higher one goes first: the night's work before a training
    takes: Mapping[str, Any] = field(default_factory=dict)  # what its config may say: name → type
    needs: frozenset[str] = frozenset()  # and must
    has_family: bool = True
    roles: tuple[str, ...] = ROLES  # who may ask, as in the action itself


SAID: Mapping[str, Any] = {"version_tag": str, "notes": str}  # a person's own words
TRAINING: Mapping[str, Any] = {  # as `actions.models.train_version` takes them
    **SAID,
    "algorithm": str,
    "plan": str,
    "hyperparameters": dict[str, Any],
    "seed": int,
    "folds": int,
    "metric": str,
    "minutes": float,
    "test_size": float,
    "validation_size": float,
}
TUNING: Mapping[str, Any] = {  # as `lifecycle.tuning.Search`, and whether to train the best
    **SAID,
    "method": str,
    "trials": int,
    "folds": int,
    "workers": int,
    "seed": int,
    "name": str,
    "algorithm": str,
    "train": bool,
    "metric": str,
    "minutes": float,
}
KINDS: Mapping[str, Kind] = {  # `jobs/kinds.py` does each of them
    "score": Kind(100, {"as_of": str}, has_family=False),
    "import": Kind(
        90,
        {"path": str, "replace": bool},
        needs=frozenset({"path"}),
        has_family=False,
        roles=("steward",),
    ),
    "report": Kind(60, {"version": str}),
    "evaluate": Kind(50, {"version": str}),
    "train": Kind(30, {**TRAINING, "propose": bool, "reasons": list[str]}),
    "update": Kind(30, {"propose": bool}),
    "tune": Kind(20, TUNING),
}


def submit(
    actor: Actor,
    settings: Settings,
    kind: str,
    config: Mapping[str, Any] | None = None,
    *,
    family: str | None = None,
    priority: int | None = None,
    job_id: str = "",
) -> str:
    """Ask for a job; returns its id. A worker runs it as the actor who asked.

    config: what JSON can hold.  priority: a higher one goes first; the kind's own unless given.
    job_id: from `store.jobs.new_id`, where it had to be known before; a new one unless given. If
    there is such a job already, somebody else asked for it meanwhile, and nothing is done.
    Raises InputError for an unknown kind, family or setting.
    """
    actor.require(*ROLES)
    asked = dict(config or {})
    _check(kind, asked, family)
    actor.require(*KINDS[kind].roles)
    job = Job(
        job_id=job_id or jobs.new_id(),
        kind=kind,
        family=family,
        config=asked,
        priority=KINDS[kind].priority if priority is None else priority,
        created_by=actor.name,
        role=actor.role,
    )
    if not jobs.add(open_store(settings), job):
        return job.job_id
    trail.note(settings, actor, trail.SUBMIT_JOB, job.job_id, {"kind": kind, "family": family})
    queue.put(settings, job.job_id, job.priority)
    return job.job_id


def cancel(actor: Actor, settings: Settings, job_id: str) -> None:
    """Cancel a job: at once if it waits; a running one stops within seconds.

    Raises RefusedError if it has ended.
    """
    actor.require(*ROLES)
    store = open_store(settings)
    job, now = jobs.read(store, job_id), datetime.now(UTC)
    silent_since = now - timedelta(seconds=settings.jobs.silent_seconds)
    if not jobs.cancel(store, job_id, now, silent_since):
        raise RefusedError(f"job {job_id} has already ended: it is {job.status}")
    trail.note(settings, actor, trail.CANCEL_JOB, job_id, {"kind": job.kind})


def retry(actor: Actor, settings: Settings, job_id: str) -> None:
    """Run a failed or cancelled job again; a training goes on from where it stopped.

    Raises RefusedError for any other job.
    """
    actor.require(*ROLES)
    store = open_store(settings)
    job = jobs.read(store, job_id)
    if not jobs.renew(store, job_id):
        raise RefusedError(
            f"job {job_id} is {jobs.read(store, job_id).status}: "
            "only a failed or cancelled one can be run again"
        )
    trail.note(settings, actor, trail.RETRY_JOB, job_id, {"kind": job.kind})
    queue.put(settings, job_id, job.priority)


def tidy(actor: Actor, settings: Settings, now: datetime | None = None) -> int:
    """Delete jobs that ended long ago, and checkpoints of trainings that nobody went on with.

    Returns how many jobs. A worker calls this.
    """
    actor.require(*ROLES)
    first = (now or datetime.now(UTC)) - timedelta(days=settings.jobs.keep_days)
    for left in (settings.data / "training").glob("*.checkpoint"):
        with suppress(FileNotFoundError):  # another worker was faster
            if left.stat().st_mtime < first.timestamp():
                left.unlink()
    gone = jobs.forget(open_store(settings), first)
    if gone:
        details = {"jobs": len(gone), "before": first.date().isoformat()}
        trail.note(settings, actor, trail.FORGET_JOBS, "jobs", details)
    return len(gone)


def _check(kind: str, config: Mapping[str, Any], family: str | None) -> None:
    if kind not in KINDS:
        raise InputError(f"there is no kind of job {kind!r}; there are {', '.join(KINDS)}")
    rules = KINDS[kind]
    if rules.has_family != (family is not None):
        needs = "needs" if rules.has_family else "takes no"
        raise InputError(f"a job of kind {kind!r} {needs} family of models")
    if family is not None:
        shelf.check_name(family)
    if unknown := sorted(config.keys() - rules.takes - {REQUEST}):
        raise InputError(f"a job of kind {kind!r} has no setting {unknown[0]!r}")
    for name, wanted in rules.takes.items():
        _check_type(name, wanted, config.get(name))
    if missing := sorted(rules.needs - config.keys()):
        raise InputError(f"a job of kind {kind!r} needs the setting {missing[0]!r}")
    try:
        json.dumps(config, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"a job's settings must be plain JSON: {error}") from None


def _check_type(name: str, wanted: Any, value: Any) -> None:
    """Refuse a setting of another type now: its job could only crash, again and again."""
    if value is None:
        return
    try:
        TypeAdapter(wanted).validate_python(value, strict=True)
    except ValidationError as error:
        raise InputError(f"{name}: {what_is_wrong(error.errors()[0])}") from None
