"""Build and export the features."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.features import build as features
from edupulse_core.features import export
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.warehouse import snapshots


@dataclass(frozen=True)
class Built:
    """The file that holds every student-week's features."""

    path: Path
    ended_on: date | None  # the Sunday of their last week; None: the data's own


def build_features(
    actor: Actor,
    settings: Settings,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Built:
    """Build the features if they are not built yet; for an earlier day, always build them.

    Raises MissingError for a day before the end of the first week.
    """
    actor.require()
    snapshot = snapshots.current(settings)
    whole = features.ensure(settings, snapshot, progress=progress)
    if as_of is None:
        return Built(whole, None)
    with snapshots.connect(settings, snapshot, features=True) as con:
        ended_on = sunday(newest_weeks(con, as_of)[0])
    path = features.build(settings, snapshot, as_of=as_of, progress=progress)
    return Built(path, ended_on)


def mend(settings: Settings) -> bool:
    """After a file could not be read, delete damaged features, so that they are built again.

    Returns whether there were any. Raises InputError, with the remedy, for a damaged warehouse.
    """
    files.look_again()
    snapshot = snapshots.current(settings)
    snapshots.connect(settings, snapshot).close()
    path = snapshot.features_path
    if not path.exists() or files.is_whole(path):
        return False
    path.unlink(missing_ok=True)
    return True


def export_features(
    actor: Actor, settings: Settings, built: Built, out: Path, *, labels: bool = False
) -> int:
    """Write every student's features to a file; returns the number of rows."""
    actor.require()
    details = {"file": out.name}
    with trail.act(settings, actor, trail.EXPORT, "features", details=details) as act:
        rows = export.export(settings, built.path, out, labels=labels)
        act.details["rows"] = rows
    return rows
