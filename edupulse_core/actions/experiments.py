"""Try a challenger beside the champion: start, promote, stop."""

from datetime import UTC, datetime
from uuid import uuid4

from edupulse_core.actions import versions
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import experiments as rules
from edupulse_core.lifecycle import gate, registry, tracking
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.store import experiments
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, SHADOW, STOPPED, Experiment

ROLES = versions.ROLES


def start_experiment(
    actor: Actor,
    settings: Settings,
    family: str,
    challenger: str,
    *,
    champion: str | None = None,
    mode: str = SHADOW,
    share: float | None = None,
    override_reason: str = "",
    progress: Progress | None = None,
) -> Experiment:
    """Let a challenger answer beside the version that serves, from the next night on.

    mode: shadow, where nobody sees its answers, or ab, where a share of the students are shown
    them. Those must pass the gate first, unless a reason is given. Raises InputError for what
    cannot be tried, RefusedError where the gate refuses or another experiment is running.
    """
    actor.require(*ROLES)
    name = shelf.check_name(family)
    made = _planned(actor, settings, name, challenger, champion, mode, share)
    details = {"champion": made.champion, "challenger": challenger, "mode": mode}
    with trail.act(
        settings, actor, trail.START_EXPERIMENT, made.experiment_id, details=details
    ) as act:
        registry.checked_version(settings, name, challenger)
        rules.settle(settings, name, actor.name)
        if mode == AB:
            verdict = gate.judge(settings, name, challenger, progress=progress)
            override_reason = override_reason.strip()
            if verdict.objections and not (override_reason and verdict.can_be_overridden):
                act.details |= {"objections": [each.as_json() for each in verdict.objections]}
                verdict.check("is not shown to anyone")
            if verdict.objections:
                act.details |= {"override_reason": override_reason}
        experiments.start(open_store(settings), made)
    tracking.note_aliases(settings, name)
    return made


def promote(
    actor: Actor,
    settings: Settings,
    experiment_id: str,
    *,
    reason: str,
    override_reason: str = "",
    progress: Progress | None = None,
) -> versions.Activated:
    """Let the challenger serve, if the gate lets it pass, and end the experiment.

    Raises RefusedError where the gate refuses, or the experiment has ended.
    """
    actor.require(*ROLES)
    found = _going_on(settings, experiment_id, reason)
    return versions.activate_version(
        actor,
        settings,
        found.family,
        found.challenger,
        reason=reason,
        override_reason=override_reason,
        progress=progress,
    )


def stop_experiment(actor: Actor, settings: Settings, experiment_id: str, *, reason: str) -> None:
    """End an experiment; the champion stays. Raises RefusedError if it has ended."""
    actor.require(*ROLES)
    found = _going_on(settings, experiment_id, reason)
    with trail.act(
        settings, actor, trail.END_EXPERIMENT, found.experiment_id, details={"reason": reason}
    ):
        rules.end(settings, found, STOPPED, actor.name, reason)
    tracking.note_aliases(settings, found.family)


def _planned(
    actor: Actor,
    settings: Settings,
    name: str,
    challenger: str,
    champion: str | None,
    mode: str,
    share: float | None,
) -> Experiment:
    """The experiment that is asked for, if it can be."""
    serving = registry.active_version(settings, name).name
    if not shelf.family_named(name).nightly:
        title = shelf.family_named(name).title
        raise InputError(f"{title} answers on demand only: there is no night to compare")
    if mode not in (SHADOW, AB):
        raise InputError(f"no mode {mode!r}; there are {SHADOW} and {AB}")
    if champion not in (None, serving):
        raise InputError(f"the champion must be the version that serves, {serving}")
    if challenger == serving:
        raise InputError(f"{challenger} serves already: choose another version as challenger")
    registry.version_folder(settings, name, challenger)
    part = rules.SHARE if share is None else share
    if mode == AB and not 0 < part < 1:
        raise InputError("the share of students must be between 0 and 1")
    return Experiment(
        experiment_id=uuid4().hex[:12],  # short enough to type
        family=name,
        champion=serving,
        challenger=challenger,
        mode=mode,
        share=part if mode == AB else 0.0,
        started_at=datetime.now(UTC),
        started_by=actor.name,
    )


def _going_on(settings: Settings, experiment_id: str, reason: str) -> Experiment:
    if not reason.strip():
        raise InputError("say why: a reason is needed (--reason on the command line)")
    found = experiments.read(open_store(settings), experiment_id)
    if not found.is_running:
        raise RefusedError(f"experiment {experiment_id} has ended: it was {found.outcome}")
    return found
