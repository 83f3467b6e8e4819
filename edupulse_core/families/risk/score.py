"""A whole district's scores for one week, with at most five reasons for each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.families.risk import NAME, explain, marks, pictures
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.learned import NETWORK
from edupulse_core.families.risk.serve import Engine
from edupulse_core.families.risk.tiers import TIERS, tiers_of
from edupulse_core.features import sequences
from edupulse_core.features.catalogue import NAMES
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.progress import Progress
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.snapshots import Snapshot

PARTITION = 8192  # students held at once
DRAWN = 512  # students whose heatmaps are held at once
FEWEST = 10  # known values of a school's week; a median of fewer could tell one student's

_ROSTER = sql.load("families/risk/roster")
_NORMS = sql.load("families/risk/norms")
_HANDED_IN = sql.load("families/risk/handed_in")


@dataclass(frozen=True)
class ScoreRun:
    """One scoring of the district, as it was written to the store."""

    run_id: int
    as_of: date  # the Sunday that ends the scored week
    version: str
    rows: pa.Table  # as `store.predictions.SCHEMA`, by student_id; and "version" if several score

    def as_json(self) -> dict[str, Any]:
        """What `edupulse score --json` prints."""
        tiers = self.rows["tier"].to_pylist()
        return {
            "run_id": self.run_id,
            "as_of": self.as_of.isoformat(),
            "model_version": self.version,
            "students": len(tiers),
            "scored": len(tiers) - tiers.count(None),
            "tiers": {tier: tiers.count(tier) for tier in TIERS},
            "not_enough_data": tiers.count(None),
        }

    def write(self, out: Path) -> None:
        """Write the scores. Raises InputError when the name ends in neither .csv nor .parquet."""
        from edupulse_core.families.risk.score_file import write_scores  # which imports this module

        write_scores(self, out)


def score(
    settings: Settings,
    engine: Engine,
    snapshot: Snapshot,
    *,
    as_of: date | None = None,
    purpose: str = runs.NIGHT,
    progress: Progress | None = None,
) -> ScoreRun:
    """Score every student enrolled in the as-of week, and keep the run in the store.

    as_of: the last day known; the data's end unless given. The week before is scored too, so that
    pages can show a change. It is not scored again if a run of that week exists whose data were not
    undone: the change is then measured against what people saw. Raises MissingError when there is
    no such week.
    """
    store, undone = open_store(settings), snapshots.undone(settings)
    with snapshots.connect(settings, snapshot, features=True) as con:
        weeks = newest_weeks(con, as_of)
        rows = [score_week(settings, engine, con, weeks[0], progress=progress)]
        if len(weeks) > 1 and not runs.latest_run(
            store,
            NAME,
            purpose=purpose,
            as_of=sunday(weeks[1]),
            version=engine.version,
            undone=undone,
        ):
            rows.append(score_week(settings, engine, con, weeks[1], explained=False))
    for week, table in reversed(list(zip(weeks, rows, strict=False))):  # the newest is written last
        run_id = _write(store, engine, snapshot, week, table, purpose)
    return ScoreRun(run_id, sunday(weeks[0]), engine.version, rows[0])


def draw(
    settings: Settings, engine: Engine, snapshot: Snapshot, *, progress: Progress | None = None
) -> int:
    """Work out the heatmaps of the newest week's scores, and keep them; returns how many.

    Does nothing where there are no scores, or where all their heatmaps are there already.
    """
    if engine.trained.algorithm != NETWORK:  # the others are worked out when somebody looks
        return 0
    store, version = open_store(settings), engine.version
    with snapshots.connect(settings, snapshot, features=True) as con:
        week = newest_weeks(con, None)[0]
        run = runs.latest_run(
            store, NAME, as_of=sunday(week), version=version, warehouse=snapshot.version
        )
        if run is None or run.run_id is None:
            return 0
        rows = predictions.run_rows(store, run.run_id).select(["student_id", "risk_score"])
        scores = {
            name: value
            for name, value in zip(*(column.to_pylist() for column in rows), strict=True)
            if value is not None
        }
        path = pictures.file_of(snapshot, version)
        if all(pictures.read(path, *scored) is not None for scored in scores.items()):
            return 0
        given = {"week_start": week, "student_ids": list(scores)}
        roster = con.sql(_ROSTER, params=given).to_arrow_table()
        norms = school_norms(con, week, engine.trained.features)
        size = engine.trained.length, len(engine.trained.features)
        with pictures.writing(path, list(scores), *size) as add:
            for start in range(0, len(roster), DRAWN):
                part = roster.slice(start, DRAWN)
                ends = part.select(["student_id", "week_start"])
                found = sequences.windows(con, ends, features=engine.trained.features)
                typical = np.stack([norms[school] for school in part["school_id"].to_pylist()])
                names = part["student_id"].to_pylist()
                made = explain.draw(engine.folder, found.values, found.observed, typical)
                add(names, np.array([scores[name] for name in names]), made)
                if progress is not None:
                    progress("heatmaps", start + len(part), len(roster))
    return len(roster)


def _write(
    store: Store,
    engine: Engine,
    snapshot: Snapshot,
    week_start: date,
    rows: pa.Table,
    purpose: str,
) -> int:
    run = runs.RunRecord(
        version=engine.version,
        as_of=sunday(week_start),
        warehouse_version=snapshot.version,
        form=engine.form,
        family=NAME,
        purpose=purpose,
    )
    return predictions.write_run(store, run, rows)


def score_week(
    settings: Settings,
    engine: Engine,
    con: duckdb.DuckDBPyConnection,
    week_start: date,
    *,
    students: Sequence[str] | None = None,
    norms: Mapping[str, NDArray[np.float64]] | None = None,
    explained: bool = True,
    progress: Progress | None = None,
) -> pa.Table:
    """The rows of one week's run, by student_id, with the columns of `store.predictions.SCHEMA`.

    students: who is scored, if enrolled that week; everyone unless given.  norms: of `school_norms`
    for the week, where they are known already.
    """
    given = {"week_start": week_start, "student_ids": students and list(students)}
    roster: pa.Table = con.sql(_ROSTER, params=given).to_arrow_table()
    if norms is None or not explained:
        norms = school_norms(con, week_start, engine.trained.features) if explained else {}
    handed = handed_in(con, week_start, students) if explained else {}
    parts = []
    for start in range(0, len(roster), PARTITION):
        part = roster.slice(start, PARTITION)
        parts.append(_score_part(settings, engine, con, part, norms, handed))
        if progress is not None:
            progress("score", min(start + PARTITION, len(roster)), len(roster))
    return pa.concat_tables(parts) if parts else predictions.SCHEMA.empty_table()


def school_norms(
    con: duckdb.DuckDBPyConnection, week_start: date, features: Sequence[str] = NAMES
) -> dict[str, NDArray[np.float64]]:
    """Each school's typical week: medians (F,), NaN if fewer than FEWEST values are known."""
    given = {"week_start": week_start, "fewest": FEWEST}
    table: pa.Table = con.sql(_NORMS, params=given).to_arrow_table()
    columns = [np.asarray(table[name].to_numpy(), np.float64) for name in features]
    return dict(zip(table["school_id"].to_pylist(), np.stack(columns, axis=1), strict=True))


def handed_in(
    con: duckdb.DuckDBPyConnection, week_start: date, students: Sequence[str] | None = None
) -> dict[str, int]:
    """How many pieces of work each student, or some of them, handed in over the four weeks."""
    given = {"week_start": week_start, "student_ids": students and list(students)}
    return dict(con.execute(_HANDED_IN, given).fetchall())


def _score_part(
    settings: Settings,
    engine: Engine,
    con: duckdb.DuckDBPyConnection,
    roster: pa.Table,
    norms: Mapping[str, NDArray[np.float64]],
    handed: dict[str, int],
) -> pa.Table:
    """Score some students; those with too little history get no score."""
    enough = roster["known_weeks"].to_numpy() >= settings.outcomes.min_history_weeks
    scored = roster.filter(pa.array(enough))
    ends = scored.select(["student_id", "week_start"])
    found = sequences.windows(con, ends, features=engine.trained.features)
    predicted = engine.predict(found.values, found.observed)
    columns = {
        "risk_score": predicted.score,
        "tier": tiers_of(settings, predicted.score),
        "factors": ["[]"] * len(scored),
    }
    if norms and len(scored):
        told = _told(settings, engine, con, found, scored, norms, handed)
        columns["factors"] = [json.dumps([factor.as_json() for factor in some]) for some in told]
    if engine.trained.fits(settings.outcomes):  # else they would be of other levels
        columns |= {f"p_{tier}": predicted.probabilities[:, i] for i, tier in enumerate(TIERS)}
    else:
        columns |= {f"p_{tier}": [None] * len(scored) for tier in TIERS}
    where = np.full(len(roster), -1)
    where[enough] = np.arange(len(scored))
    takes = pa.array(where, mask=~enough)
    arrays = {
        field.name: pa.array(columns[field.name], field.type).take(takes)
        for field in predictions.SCHEMA
        if field.name in columns
    }
    arrays["factors"] = arrays["factors"].fill_null("[]")
    arrays["student_id"] = roster["student_id"]
    return pa.table([arrays[name] for name in predictions.SCHEMA.names], predictions.SCHEMA)


def _told(
    settings: Settings,
    engine: Engine,
    con: duckdb.DuckDBPyConnection,
    found: sequences.Windows,
    scored: pa.Table,
    norms: Mapping[str, NDArray[np.float64]],
    handed: dict[str, int],
) -> list[list[Factor]]:
    """At most five factors for each student."""
    typical = np.stack([norms[school] for school in scored["school_id"].to_pylist()])
    pieces = np.array([handed[student_id] for student_id in found.student_ids.to_pylist()])
    week_start, names = scored["week_start"][0].as_py(), scored["student_id"].to_pylist()
    ages = marks.ages(con, week_start, names, settings)
    return explain.reasons(engine.folder, found.values, found.observed, typical, pieces, ages)
