"""Long tasks that run in the background: ask for one, cancel it, run it again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
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
    takes: frozenset[str] = frozenset()  # what its config may say
    needs: frozenset[str] = frozenset()  # and must
    has_family: bool = True
    roles: tuple[str, ...] = ROLES  # who may ask, as in the action itself


TRAINING = frozenset(
    {"algorithm", "plan", "hyperparameters", "seed", "version_tag", "notes"}
    | {"folds", "metric", "minutes", "test_size", "validation_size"}
)  # as `actions.models.train_version` takes them
KINDS: Mapping[str, Kind] = {  # `jobs/kinds.py` does each of them
    "score": Kind(100, frozenset({"as_of"}), has_family=False),
    "import": Kind(
        90,
        frozenset({"path", "replace"}),
        needs=frozenset({"path"}),
        has_family=False,
        roles=("steward",),
    ),
    "report": Kind(60, frozenset({"version"})),
    "evaluate": Kind(50, frozenset({"version"})),
    "train": Kind(30, TRAINING | {"propose", "reasons"}),
    "update": Kind(30, frozenset({"propose"})),
    "tune": Kind(
        20,
        frozenset(
            {"method", "trials", "folds", "workers", "seed", "name", "algorithm", "train"}
            | {"metric", "minutes", "version_tag", "notes"}
        ),
    ),
}


def submit(
    actor: Actor,
    settings: Settings,
    kind: str,
    config: Mapping[str, Any] | None = None,
    *,
    family: str | None = None,
    priority: int | None = None,
) -> str:
    """Ask for a job; returns its id. A worker runs it as the actor who asked.

    config: what JSON can hold.  priority: a higher one goes first; the kind's own unless given.
    Raises InputError for an unknown kind, family or setting.
    """
    actor.require(*ROLES)
    asked = dict(config or {})
    _check(kind, asked, family)
    actor.require(*KINDS[kind].roles)
    job = Job(
        job_id=uuid4().hex[:12],  # short enough to type
        kind=kind,
        family=family,
        config=asked,
        priority=KINDS[kind].priority if priority is None else priority,
        created_by=actor.name,
        role=actor.role,
    )
    jobs.add(open_store(settings), job)
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
    if missing := sorted(rules.needs - config.keys()):
        raise InputError(f"a job of kind {kind!r} needs the setting {missing[0]!r}")
    try:
        json.dumps(config, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"a job's settings must be plain JSON: {error}") from None
