"""Build the features of one snapshot in SQL, a chunk of students at a time."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from edupulse_core import files, sql
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.features import built
from edupulse_core.progress import Progress
from edupulse_core.warehouse import rules, snapshots
from edupulse_core.warehouse.loading import check_same_tables
from edupulse_core.warehouse.snapshots import Snapshot

CHUNK = 5_000  # students held at once

_RULES = ("warehouse/sql/rules", "warehouse/sql/school_rules", "warehouse/sql/lettered")
_START = tuple(f"features/sql/{name}" for name in ("macros", "tables", "district"))
_STEPS = tuple(
    f"features/sql/{name}"
    for name in ("student_weeks", "attendance", "grades", "discipline", "outcomes", "output")
)


def build(
    settings: Settings,
    snapshot: Snapshot,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Path:
    """Build the features of a snapshot; returns their file.

    as_of: the last day that may have rows, in a file of its own; by default, the data's end.
    progress: called with "features", students done, and students in all.
    Raises RefusedError for a warehouse that another version of EduPulse wrote.
    """
    path = snapshot.features_path
    if as_of is not None:
        path = path.with_name(f"{snapshot.version}.features-{as_of:%Y%m%d}.duckdb")
    try:
        with files.replacing(path) as half:
            with _connect(settings, snapshot, half) as con:
                write(con, settings, last_day=as_of, progress=progress)
            files.seal(half, path)
    except (duckdb.BinderException, duckdb.CatalogException):
        check_same_tables(snapshot)  # after an upgrade, the reason is a warehouse of before
        raise
    return path


def write(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    last_day: date | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the features of the warehouse that `con` reads into its empty database `features`."""
    known = dict(con.execute("select name, present from has_records").fetchall())
    values: dict[str, Any] = {
        **_rules(settings),
        "as_of": last_day,
        "has_attendance": bool(known.get("attendance")),
        "has_grades": bool(known.get("grades")),
        "has_incidents": bool(known.get("incidents")),
    }
    sql.run(con, _RULES[0])
    rules.install(con, settings)
    for name in _START:
        sql.run(con, name, values)
    ids = con.sql("select student_id from students order by student_no").to_arrow_table()[0]
    for start in range(0, len(ids), CHUNK):
        end = min(start + CHUNK, len(ids))
        chunk = {
            "first": start + 1,
            "last": end,
            "first_id": ids[start].as_py(),
            "last_id": ids[end - 1].as_py(),
        }
        for name in _STEPS:
            sql.run(con, name, values | chunk)
        if progress is not None:
            progress("features", end, len(ids))
    for step in built.steps():
        sql.run_text(con, step, values)
    con.execute(
        "insert into features.made_by values ($made_by)", {"made_by": fingerprint(settings)}
    )


def ensure(settings: Settings, snapshot: Snapshot, *, progress: Progress | None = None) -> Path:
    """Build a snapshot's features unless they exist, whole, and were made by the current rules."""
    path = snapshot.features_path
    if (
        path.exists()
        and files.is_whole(path)
        and _made_by(path, files.stamp(path)) == fingerprint(settings)
    ):
        return path
    return build(settings, snapshot, progress=progress)


def fingerprint(settings: Settings) -> str:
    """A hash of what the features depend on besides the warehouse: the thresholds and the SQL."""
    given = json.dumps([_rules(settings), settings.all_rules.as_json()], sort_keys=True)
    texts = [sql.load(name) for name in (*_RULES, *_START, *_STEPS)] + built.steps()
    return hashlib.sha256("\n".join([given, *texts]).encode()).hexdigest()


@lru_cache(maxsize=64)
def _made_by(path: Path, stamp: tuple[int, ...]) -> str:
    """The fingerprint in a features file, read once; empty if it has none or is damaged."""
    with duckdb.connect() as con:
        try:
            con.execute("attach $path as features (read_only)", {"path": str(path)})
            return str(con.execute("select fingerprint from features.made_by").fetchall()[0][0])
        except (duckdb.Error, IndexError):
            return ""


def as_of(con: duckdb.DuckDBPyConnection) -> date:
    """The Sunday of the latest week with features. Raises MissingError if there is none."""
    found = con.execute("select max(week_start) + 6 from student_weeks").fetchall()[0][0]
    if found is None:
        raise MissingError("no week of school has ended yet: there are no features")
    return date.fromisoformat(str(found)[:10])


@contextmanager
def _connect(
    settings: Settings, snapshot: Snapshot, path: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    try:
        snapshots.limit(con, settings)
        con.execute("set temp_directory = $folder", {"folder": f"{path}.spill"})
        snapshots.attach(con, snapshot.path)
        con.execute("attach $path as features", {"path": str(path)})
        con.execute("set search_path = 'memory.main,warehouse.main'")
        yield con
    finally:
        con.close()


def _rules(settings: Settings) -> dict[str, Any]:
    """Every threshold that the features and labels use, by its name in the SQL."""
    attendance, grades = settings.attendance, settings.grades
    outcomes = settings.outcomes
    return {
        "chronic_rate": attendance.chronic_rate,
        "min_days_enrolled": attendance.min_days_enrolled,
        "minutes_a_day": attendance.minutes_a_day,
        "classes_a_day": attendance.classes_a_day,
        "has_school_minutes": any(block.minutes_a_day for block in settings.rules),
        "late_days": grades.late_days,
        "repeat_days": settings.discipline.repeat_days,
        "never_weeks": settings.discipline.never_weeks,
        "horizon_weeks": outcomes.horizon_weeks,
        "incidents": outcomes.incidents,
        "outcome_days": outcomes.min_days_enrolled,
        "weight_a": outcomes.weight_a,
        "weight_b": outcomes.weight_b,
        "weight_c": outcomes.weight_c,
        "tier_medium": outcomes.tiers[0],
        "tier_high": outcomes.tiers[1],
        "tier_critical": outcomes.tiers[2],
    }
