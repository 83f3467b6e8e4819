"""Whether the scores on screen may be called current; if not, why, in plain sentences."""

from datetime import date
from pathlib import Path

from edupulse_core import words
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, ModelError
from edupulse_core.families.version import check as check_folder
from edupulse_core.store import runs
from edupulse_core.store.database import Store
from edupulse_core.warehouse.snapshots import Snapshot


def check(
    settings: Settings,
    store: Store,
    snapshot: Snapshot,
    family: str,
    folder: Path,
    *,
    data_end: date,
    today: date | None = None,
) -> list[str]:
    """What is wrong with the scores, in sentences; empty if they are whole and current.

    folder: the active version's.  data_end: the Sunday of the latest week with data. If there is
    any sentence, pages show the records and no score.
    """
    problems = []
    try:
        version = check_folder(folder).version
    except ModelError as error:
        return [unusable(error)]
    run = newest_run(store, family, snapshot, data_end) or runs.latest_run(store, family)
    if run is None:
        problems.append("No scores yet. Run `edupulse score`.")
    else:
        problems += _outdated(run, version, snapshot, data_end)
    late = ((today or settings.today) - data_end).days // 7
    if late > settings.stale_weeks:
        problems.append(
            f"The latest data are from {words.day(data_end)}, {late} weeks ago. Import this week's."
        )
    return problems


def unusable(error: InputError) -> str:
    """The sentence about a model that is missing or damaged."""
    return f"The model cannot be used: {error}."


def newest_run(
    store: Store, family: str, snapshot: Snapshot, data_end: date
) -> runs.RunRecord | None:
    """The newest run of a week; after an undo, the one made from this same warehouse."""
    run = runs.latest_run(store, family, as_of=data_end, warehouse=snapshot.version)
    return run or runs.latest_run(store, family, as_of=data_end)


def _outdated(run: runs.RunRecord, version: str, snapshot: Snapshot, data_end: date) -> list[str]:
    """Why a run is older than the data or the model; empty if it is not."""
    problems = []
    if run.version != version:
        problems.append(
            f"The scores come from model {run.version}, but {version} is active. "
            "Run `edupulse score`."
        )
    if run.warehouse_version > snapshot.version:  # versions sort by time
        problems.append("An import was undone since the last scores. Run `edupulse score`.")
    elif run.as_of != data_end:
        problems.append(
            f"The scores are as of {words.day(run.as_of)}, but the data go up to "
            f"{words.day(data_end)}. Run `edupulse score`."
        )
    elif run.warehouse_version != snapshot.version:
        problems.append("New data were imported after the last scores. Run `edupulse score`.")
    return problems
