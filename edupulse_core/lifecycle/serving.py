"""Predictions of a family's active version, every night or on request."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection
from pydantic import BaseModel

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError, InputError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Family, Scored
from edupulse_core.families.shelf import SHELF, family_named
from edupulse_core.features import build
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.lifecycle import experiments, registry
from edupulse_core.lifecycle.retraining import algorithm_of
from edupulse_core.people import access
from edupulse_core.progress import Progress
from edupulse_core.store import estimates, runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import exports, snapshots
from edupulse_core.warehouse.snapshots import Snapshot

_STUDENTS = "select student_id from student_weeks where week_start = $monday"


@dataclass(frozen=True)
class Answered:
    """A run of predictions, as it was written to the store's estimates."""

    run_id: int  # 0 if nothing was answered, so that a page has nothing to keep
    family: str
    version: str
    as_of: date
    rows: pa.Table  # as ANSWERS
    is_new: bool = True  # else it was stored before

    def as_json(self) -> dict[str, Any]:
        """The run, and how many students it covers."""
        return {
            "run_id": self.run_id,
            "family": self.family,
            "as_of": self.as_of.isoformat(),
            "model_version": self.version,
            "students": len(set(self.rows["subject"].to_pylist())),
        }

    def write(self, out: Path) -> None:
        """Write a file. Raises InputError when the name ends in neither .csv nor .parquet."""
        exports.write_table(self.rows.schema, self.rows.to_batches(), out)


def night(
    settings: Settings,
    name: str,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Predict for every student enrolled in the as-of week; returns what is shown.

    Where an experiment goes on, its challenger predicts too. In an A/B test, the rows that are
    returned are each student's from the model that the experiment gives them.
    as_of: the last day known; the data's end unless given.
    """
    family = family_named(name)
    folder, snapshot = registry.active_version(settings, name), snapshots.current(settings)
    build.ensure(settings, snapshot, progress=progress)
    champion = _night(settings, family, folder, snapshot, as_of, runs.NIGHT, progress)
    experiment = experiments.running(settings, name)
    if experiment is None:
        return champion
    try:
        other = registry.checked_version(settings, name, experiment.challenger)
        challenger = _night(settings, family, other, snapshot, as_of, runs.SHADOW, progress)
    except InputError:  # damaged or gone: the experiment shows a night without it
        return champion
    if experiment.mode != AB:
        return champion
    rows = experiments.shown(experiment, champion.rows, challenger.rows)
    both: Any = champion  # a frozen dataclass of the family
    mixed: Scored = replace(both, rows=rows)
    return mixed


def _night(
    settings: Settings,
    family: Family,
    folder: Path,
    snapshot: Snapshot,
    as_of: date | None,
    purpose: str,
    progress: Progress | None,
) -> Scored:
    """Predict for everybody with one version."""
    if family.night is not None:
        return family.night(
            settings, folder, snapshot, as_of=as_of, purpose=purpose, progress=progress
        )
    with _reading(settings, snapshot) as con:
        end = sunday(newest_weeks(con, as_of)[0])
        given = {"monday": end - timedelta(days=6)}
        students = [row[0] for row in con.execute(_STUDENTS, given).fetchall()]
    return _answer(settings, family, folder, snapshot, students, end, family.question(), purpose)


def ask(
    settings: Settings,
    name: str,
    students: Collection[str],
    question: BaseModel | None = None,
    *,
    as_of: date | None = None,
    purpose: str = runs.ASKED,
) -> Answered:
    """Predict for some students on request, with the active version; no page changes.

    question: of the family's own type; without it, the family's question with its defaults.
    """
    family = family_named(name)
    folder, snapshot = registry.active_version(settings, name), snapshots.current(settings)
    build.ensure(settings, snapshot)
    with _reading(settings, snapshot) as con:
        end = sunday(newest_weeks(con, as_of)[0])
    asked = question or family.question()
    return _answer(settings, family, folder, snapshot, students, end, asked, purpose)


def shown(
    settings: Settings,
    name: str,
    student_id: str,
    question: BaseModel | None = None,
    *,
    as_of: date | None = None,
    after: int = 0,
    topic: str = "",
) -> Answered:
    """What a page shows of one student: the answer that is stored for this week, or a new one.

    A new version, new data or another week makes a new one.
    question: of a new one; always the same from the same data. Its defaults unless given.
    after: a run that the question comes from; what was stored before it answers another one.
    topic: sets the question apart from others about the same student, such as a goal.
    """
    family, folder = family_named(name), registry.chosen_version(settings, name)
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot)
    end = _end(settings, snapshot, as_of)
    purpose = runs.shown_about(topic)
    like = RunRecord(folder.name, end, snapshot.version, family=name, purpose=purpose)
    stored = estimates.shown(open_store(settings), like, student_id)
    if stored is not None and stored[0] > after:
        return Answered(stored[0], name, folder.name, end, stored[1], is_new=False)
    whole = registry.active_version(settings, name)
    asked = question or family.question()
    return _answer(settings, family, whole, snapshot, [student_id], end, asked, purpose)


def _end(settings: Settings, snapshot: Snapshot, as_of: date | None) -> date:
    """The Sunday of the newest week with features that ends by a day."""
    return _end_of(settings, snapshot, as_of, files.stamp(snapshot.features_path))


@lru_cache(maxsize=64)
def _end_of(
    settings: Settings, snapshot: Snapshot, as_of: date | None, stamp: tuple[int, ...]
) -> date:
    """The same, read once for each features file."""
    with _reading(settings, snapshot) as con:
        return sunday(newest_weeks(con, as_of)[0])


def _reading(settings: Settings, snapshot: Snapshot) -> DuckDBPyConnection:
    """A cursor of the kept connection: opening one takes as long as an answer does."""
    stamps = files.stamp(snapshot.path), files.stamp(snapshot.features_path)
    return access.cursor(_connected(settings, snapshot, stamps))


@lru_cache(maxsize=2)
def _connected(
    settings: Settings, snapshot: Snapshot, stamps: tuple[tuple[int, ...], ...]
) -> DuckDBPyConnection:
    """The connection to a snapshot, anew where its files have changed."""
    return snapshots.connect(settings, snapshot, features=True)


def forget() -> None:
    """Open the snapshot anew at the next question: it has turned out to be damaged."""
    _connected.cache_clear()


def shown_to_all(settings: Settings, name: str) -> Answered:
    """What pages show of a family whose answers are about no student, as `shown`."""
    family, folder = family_named(name), registry.chosen_version(settings, name)
    snapshot, store = snapshots.current(settings), open_store(settings)
    build.ensure(settings, snapshot)
    end = _end(settings, snapshot, None)
    stored = runs.latest_run(
        store,
        name,
        purpose=runs.SHOWN,
        as_of=end,
        version=folder.name,
        warehouse=snapshot.version,
    )
    if stored is not None and stored.run_id is not None:
        rows = estimates.run_rows(store, stored.run_id)
        return Answered(stored.run_id, name, folder.name, end, rows, is_new=False)
    whole = registry.active_version(settings, name)
    return _answer(settings, family, whole, snapshot, [], end, family.question(), runs.SHOWN)


def _answer(
    settings: Settings,
    family: Family,
    folder: Path,
    snapshot: Snapshot,
    students: Collection[str],
    day: date,
    question: BaseModel,
    purpose: str,
) -> Answered:
    """Predict with a version, and keep the predictions."""
    about = folders.check(folder)
    how = algorithm_of(family, about)
    form = how.forms[-1]
    model = _opened(family.name, about.algorithm, folder, about.created_at, form)
    with _reading(settings, snapshot) as con:
        examples = family.ask(con, settings.all_rules, students, day, question)
    rows = family.predict(model, examples, settings.all_rules)
    run = RunRecord(about.version, day, snapshot.version, form, family=family.name, purpose=purpose)
    is_kept = len(rows) or not purpose.startswith(runs.SHOWN)
    run_id = estimates.write_run(open_store(settings), run, rows) if is_kept else 0
    return Answered(run_id, family.name, about.version, day, rows)


def warm(settings: Settings) -> None:
    """Open the models that answer when somebody asks, so that the first to ask need not wait."""
    for name in SHELF:
        family = family_named(name)
        with suppress(EduPulseError):  # who asks it is told what is wrong
            if not family.nightly:
                folder = registry.active_version(settings, name)
                about = folders.check(folder)
                form = algorithm_of(family, about).forms[-1]
                _opened(name, about.algorithm, folder, about.created_at, form)


@lru_cache(maxsize=8)
def _opened(family: str, algorithm: str, folder: Path, created_at: str, form: str) -> Any:
    """A version's model, kept open: a version's folder never changes once it is made."""
    known = family_named(family).algorithms
    return folders.opened(known[algorithm or next(iter(known))].open, folder, form)
