"""Train again for a reason: look at the triggers, and propose what was trained."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edupulse_core.actions import jobs as tasks
from edupulse_core.actions.experiments import start_experiment
from edupulse_core.actions.models import train_version
from edupulse_core.actions.versions import activate_version
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, ModelError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Cancel, Progress
from edupulse_core.store import districts, jobs, triggers
from edupulse_core.store.database import open_store
from edupulse_core.store.triggers import TriggerCheck

SCHEDULE = Actor("schedule", "operator")  # who acts where the clock does
ON_SCHEDULE = "on_schedule"  # in the details of a check


def check_triggers(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    now: datetime | None = None,
    slot: datetime | None = None,
) -> list[TriggerCheck]:
    """Look at every reason to train a family again, and keep what was seen.

    slot: the Sunday that the schedule looks for. Then a training is asked for if any reason holds,
    unless one waits or runs already, or a version was trained so lately that people should decide
    about it first. Of several machines on one store, one keeps its rows and asks; the others find
    that these are there, and return nothing.
    """
    from edupulse_core.lifecycle import triggers as reasons

    actor.require(*tasks.ROLES)
    name, at = shelf.check_name(family), now or datetime.now(UTC)
    found = reasons.check(settings, name, at)  # what fails here the schedule tries each minute
    fired = [each.name for each in found if each.fired]
    job_id = None
    if slot is not None and fired and not _trains(settings, name):
        job_id = None if reasons.rests(settings, name, at) else jobs.new_id()
    about = {ON_SCHEDULE: slot is not None}
    kept = [
        replace(
            each,
            job_id=job_id if each.fired else None,
            details=each.details | about,
            slot=slot,
        )
        for each in found
    ]
    if not triggers.add(open_store(settings), kept):
        return []
    with trail.act(
        settings, actor, trail.CHECK_TRIGGERS, name, details={"fired": fired, "job": job_id}
    ):
        if job_id is not None:
            _ask(actor, settings, name, job_id, fired)
    return kept


def _ask(actor: Actor, settings: Settings, name: str, job_id: str, reasons: list[str]) -> None:
    """Ask for a training with an id that the rows of a look hold already."""
    config = {"propose": True, "reasons": reasons}
    tasks.submit(actor, settings, "train", config, family=name, job_id=job_id)


def _ask_again(actor: Actor, settings: Settings, name: str, now: datetime) -> None:
    """Ask for the training that a Sunday's rows hold, if whoever wrote them ended before it did.

    For a day: a job that ended long ago may have been deleted.
    """
    store = open_store(settings)
    newest = triggers.listed(store, name, limit=20)
    looked = [each for each in newest if each.slot and now - each.at < timedelta(days=1)]
    fired = [each.name for each in looked if each.fired]
    for job_id in {each.job_id for each in looked if each.job_id}:
        if not jobs.exists(store, job_id):
            _ask(actor, settings, name, job_id, fired)


def run_due(actor: Actor, settings: Settings, now: datetime | None = None) -> list[TriggerCheck]:
    """Do what the weekly schedule asks for by now; nothing if it was done. A worker calls this.

    Families that were never trained, and all before the first import, are left out.
    """
    from edupulse_core.lifecycle import schedule

    at = now or datetime.now(UTC)
    if not settings.retraining.is_scheduled:
        return []
    found: list[TriggerCheck] = []
    for name in shelf.SHELF:
        last = _last_look(settings, name)
        if last is None:
            continue
        with suppress(MissingError, RefusedError, ModelError):  # the other families get their look
            if schedule.is_due(at, last, settings.time_zone):
                slot = schedule.last_slot(at, settings.time_zone)
                found += check_triggers(actor, settings, name, now=at, slot=slot)
            else:
                _ask_again(actor, settings, name, at)
    return found


def retrain(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    progress: Progress | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Train a version and propose it; returns its metrics and what became of it.

    It serves at once only where the settings say so and the gate lets it pass. Else it is the
    challenger, which scores each night beside the champion.  how: as in `train_version`; the
    champion's algorithm unless another is asked for.
    """
    asked = {"algorithm": _algorithm(settings, family), **how}
    made = train_version(actor, settings, family, progress=progress, **asked)
    return made | propose(actor, settings, family, str(made["version"]), progress=progress)


def update_version(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    propose_it: bool = False,
    retrained: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> dict[str, Any]:
    """Let the version that serves learn lightly from what came since; returns the new version.

    It is a version like any other: the one that serves stays until this one passes the gate.
    retrained: train one from the start too.  "compared" has them side by side on the newest weeks.
    Raises RefusedError where there is nothing new to learn from.
    """
    from edupulse_core.lifecycle import drift, registry, updating

    actor.require(*tasks.ROLES)
    name = shelf.check_name(family)
    champion = registry.active_version(settings, name).name
    with trail.act(settings, actor, trail.UPDATE, f"{name} {champion}") as act:
        made = updating.update(settings, name, by=actor.name, progress=progress, cancel=cancel)
        versions = [champion, str(made["version"])]
        folder = registry.version_folder(settings, name, versions[1])
        drift.learn_ahead(settings, name, folder, progress=progress)
        act.subjects = [f"{name} {versions[1]}"]
        act.details = {key: made[key] for key in ("updated_from", "new", "verdicts")}
    if retrained:
        anew = train_version(
            actor, settings, name, algorithm=made["algorithm"], progress=progress, cancel=cancel
        )
        versions.append(str(anew["version"]))
    made["compared"] = updating.side_by_side(settings, name, versions, progress=progress)
    if propose_it:
        made |= propose(actor, settings, name, versions[1], reason="updated", progress=progress)
    return made


def _algorithm(settings: Settings, family: str) -> str:
    """How the version that serves has learned; empty for the family's first algorithm, or none."""
    from edupulse_core.families import version
    from edupulse_core.lifecycle import registry

    try:
        return version.header(registry.chosen_version(settings, shelf.check_name(family))).algorithm
    except MissingError:
        return ""


def propose(
    actor: Actor,
    settings: Settings,
    family: str,
    version: str,
    *,
    reason: str = "trained on schedule",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Activate a version where the settings say so; else it challenges the one that serves.

    A challenger answers every night beside the champion, and nobody sees its answers. Returns
    "serving", "experiment" where one began, and "reasons" why not more was done.
    """
    from edupulse_core.lifecycle import registry

    name, reasons, begun = shelf.check_name(family), list[str](), None
    try:
        if settings.retraining.activate:
            done = activate_version(
                actor, settings, name, version, reason=reason, progress=progress
            )
            return {"serving": done.serving, "experiment": None, "reasons": []}
    except RefusedError as refusal:
        reasons += refusal.reasons or [str(refusal)]
    try:
        begun = start_experiment(actor, settings, name, version, progress=progress).experiment_id
    except (InputError, RefusedError) as refusal:  # another one is running, or there is no night
        reasons.append(str(refusal))
    serves = registry.has_version(settings, name)
    serving = registry.chosen_version(settings, name).name if serves else None
    return {"serving": serving, "experiment": begun, "reasons": reasons}


def _trains(settings: Settings, name: str) -> bool:
    """Whether a training of a family waits or runs."""
    store = open_store(settings)
    waiting = (jobs.newest(store, status) for status in (jobs.PENDING, jobs.RUNNING))
    return any(
        job.kind in ("train", "update") and job.family == name for some in waiting for job in some
    )


def _last_look(settings: Settings, name: str) -> datetime | None:
    """When the schedule last looked at a family; before that, when the first data came in."""
    store = open_store(settings)
    known = triggers.listed(store, name, limit=4000)  # of many years
    looked = (each.at for each in known if each.details.get(ON_SCHEDULE))
    return next(looked, None) or districts.first_seen(store)
