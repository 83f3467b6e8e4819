"""The reasons to train a family again: new outcomes, age, error, drift. Each look is kept."""

from datetime import date, datetime, timedelta
from pathlib import Path

from duckdb import DuckDBPyConnection

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Family, Recent
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import drift, evaluations, periods, recent, registry
from edupulse_core.lifecycle.live import ERROR_RATIO
from edupulse_core.lifecycle.retraining import whose
from edupulse_core.store import districts, watched
from edupulse_core.store.database import open_store
from edupulse_core.store.triggers import TriggerCheck
from edupulse_core.warehouse import snapshots

MONTHS = 3.0  # since the last training
MONTH = timedelta(days=365.25 / 12)
ERROR_WEEKS = 8  # an error that was measured longer ago says nothing of today
DRIFT_WEEKS = 3  # of the last DRIFT_OF with drift in the whole district: then it is confirmed
DRIFT_OF = 4
REST = timedelta(days=28)  # after a training, so that people can decide about its version first
CHUNK = 10  # weeks whose outcomes are counted at once


def check(settings: Settings, name: str, now: datetime) -> list[TriggerCheck]:
    """Look at every reason to train a family again; nothing is written.

    Where no version serves, because the first ones learned nothing, the newest one stands for it.
    Raises MissingError before the first import, and where none was ever trained.
    """
    family = family_named(name)
    newest = newest_version(settings, name)
    serves = registry.has_version(settings, name)
    active = registry.active_version(settings, name) if serves else newest
    values = {
        "new_labels": _new_labels(settings, family, newest),
        "age": ((now - trained_at(newest)) / MONTH, MONTHS),
        "error": _error(settings, name, active.name, now.date()),
        "drift": (_drift(settings, name, active.name), float(DRIFT_WEEKS)),
    }
    details = {"version": newest.name, "active": active.name if serves else None}
    return [
        TriggerCheck(
            family=name,
            name=each,
            value=None if value is None else float(value),
            threshold=threshold,
            at=now,
            fired=value is not None and value >= threshold,
            details=details,
        )
        for each, (value, threshold) in values.items()
    ]


def rests(settings: Settings, name: str, now: datetime) -> bool:
    """Whether a version was trained here so lately that people should decide about it first."""
    newest = newest_version(settings, name)
    return newest.is_relative_to(settings.home / "models" / name) and (
        now - trained_at(newest) < REST
    )


def newest_version(settings: Settings, name: str) -> Path:
    """The folder of the version that was trained last. Raises MissingError without any."""
    found = registry.versions(settings, name)
    return max(found, key=trained_at) if found else registry.chosen_version(settings, name)


def trained_at(folder: Path) -> datetime:
    """When a version was trained."""
    return datetime.fromisoformat(folders.header(folder).created_at)


def last_learned(con: DuckDBPyConnection, folder: Path) -> date:
    """The last day of the outcomes that a version was trained or tested on here; else date.min."""
    metrics = registry.metrics_of(folder)
    if whose(con).district not in [each.district for each in evaluations.tested_on(metrics)]:
        return date.min
    weeks = metrics.get("test", {}).get("weeks") or [folders.header(folder).data_range[1]]
    return date.fromisoformat(weeks[-1])


def _new_labels(settings: Settings, family: Family, folder: Path) -> tuple[float, float]:
    """How many outcomes came since a version was trained, and how many it takes.

    As in a training, only outcomes count that were known by the end of the last period.
    """
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot)
    rows = int(registry.metrics_of(folder).get("training", {}).get("rows", 0))
    with snapshots.connect(settings, snapshot, features=True) as con:
        periods.hide_later(con, settings.outcomes, periods.last_end(build.as_of(con)))
        new = _new(con, settings, family, folder)
    return new, max(float(family.least_new), family.new_share * rows)


def _new(con: DuckDBPyConnection, settings: Settings, family: Family, folder: Path) -> int:
    """How many outcomes a version has not learned.

    Of one from elsewhere, those that were not known yet when it began to serve here.
    """
    since = last_learned(con, folder)
    if since > date.min:
        return _count(con, settings, family, since)
    began = _began(settings, family.name, folder)
    if family.watching is None:
        return _count(con, settings, family, began)
    known = _count(con, settings, family, since)
    periods.hide_later(con, settings.outcomes, began)
    return max(0, known - _count(con, settings, family, since))


def _began(settings: Settings, name: str, folder: Path) -> date:
    """The day a version first served here: its activation, or the first import."""
    switched = (each.at for each in registry.history(settings, name) if each.version == folder.name)
    at = next(switched, None) or districts.first_seen(open_store(settings))
    return at.date() if at is not None else date.min


def _count(con: DuckDBPyConnection, settings: Settings, family: Family, since: date) -> int:
    """How many cases after a day have an outcome."""
    if family.watching is None:
        try:
            days = family.read(con, settings.all_rules).day.astype("datetime64[D]")
        except (InputError, RefusedError):  # nothing to learn from yet
            return 0
        return int((days > days.dtype.type(since)).sum())
    found = con.execute("select distinct week_start from student_weeks order by 1").fetchall()
    weeks = [row[0] for row in found if row[0] > since]
    parts = (weeks[at : at + CHUNK] for at in range(0, len(weeks), CHUNK))
    return sum(len(family.watching.came(con, settings.all_rules, part)) for part in parts)


def _error(settings: Settings, name: str, version: str, today: date) -> tuple[float | None, float]:
    """How many times worse than usual the newest figure is, and from where on that is a reason.

    The first is None where either figure is unknown.
    """
    lately = family_named(name).recent
    how = lately or Recent(ratio=ERROR_RATIO)
    reference = drift.kept(settings, name, version)
    measured = reference.baseline.get(how.figure) if reference else None
    usual = measured.value if measured else None
    if usual is None and lately is not None:
        usual = recent.baseline(settings, name, version)
    known = watched.figures(
        open_store(settings), name, name=how.figure, version=version,
        since=today - timedelta(weeks=ERROR_WEEKS),
    )  # fmt: skip
    now = known[0].value if known else None
    if now is None or not usual:
        return None, how.ratio
    return how.times_worse(now, usual), how.limit(usual, known[0].details.get("error", 0.0))


def _drift(settings: Settings, name: str, version: str) -> int | None:
    """In how many of the last weeks an input of the whole district drifted; None: never watched."""
    known = watched.figures(
        open_store(settings), name, name="drift", version=version, subject=drift.WHOLE
    )
    return sum(bool(each.value) for each in known[:DRIFT_OF]) if known else None
