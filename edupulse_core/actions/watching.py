"""Watch how the models do, and answer what that found."""

from contextlib import suppress
from datetime import UTC, datetime

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, ModelError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle.monitoring import Night
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.store import alerts, runs
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store

STEWARDS = ("steward", "district")  # who answers for the models


def monitor(
    actor: Actor,
    settings: Settings,
    *,
    now: datetime | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> list[Night]:
    """Measure the newest night of every family that has one; raise alerts where something is wrong.

    A family that is watched by its newest cases is measured on these, if a version of it serves.

    seconds: how long the nightly family's predictions took, if known.
    """
    from edupulse_core.lifecycle import monitoring, recent, registry

    actor.require(*STEWARDS)
    store = open_store(settings)
    watched = [name for name in shelf.SHELF if runs.latest_run(store, name) is not None]
    lately = [name for name in shelf.SHELF if registry.versions(settings, name)]
    with trail.act(settings, actor, trail.MONITOR, *watched) as act:
        found = [
            monitoring.watch(settings, name, now=now, seconds=seconds, progress=progress)
            for name in watched
        ]
        for name in lately:
            how = shelf.family_named(name).recent
            seen = None
            with suppress(MissingError, ModelError):  # gone or damaged, as whoever asks it is told
                seen = recent.watch(settings, name, how, now=now) if how else None
            found += [seen] if seen else []
        act.details = {"alerts": sum(len(night.alerts) for night in found)}
    return found


def acknowledge_alert(actor: Actor, settings: Settings, alert_id: str, *, note: str = "") -> Alert:
    """Say that somebody looks at an alert; it stays open.

    Raises RefusedError where that was said already, or the alert is closed.
    """
    return _answer(actor, settings, alert_id, "acknowledged", note)


def close_alert(actor: Actor, settings: Settings, alert_id: str, *, note: str) -> Alert:
    """Close an alert, with a note of what was found.

    Raises InputError without a note, RefusedError for an alert that is closed.
    """
    if not note.strip():
        raise InputError("say in the note what was found or done, so that the alert can be closed")
    return _answer(actor, settings, alert_id, "closed", note)


def _answer(actor: Actor, settings: Settings, alert_id: str, step: str, note: str) -> Alert:
    actor.require(*STEWARDS)
    store = open_store(settings)
    alert = alerts.alert(store, alert_id)
    word = trail.CLOSE_ALERT if step == "closed" else trail.ACKNOWLEDGE_ALERT
    details = {"kind": alert.kind, "family": alert.family, "note": note}
    with trail.act(settings, actor, word, alert_id, details=details):
        if not alerts.answer(
            store, alert_id, step, actor=actor.name, note=note.strip(), at=datetime.now(UTC)
        ):
            now = alerts.alert(store, alert_id)
            who = now.closed_by if now.closed_at else now.acknowledged_by
            raise RefusedError(f"alert {alert_id} is {now.status} already, by {who}")
    return alerts.alert(store, alert_id)
