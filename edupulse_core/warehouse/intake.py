"""Take in a bundle's files: load, check, settle which rows count, merge with what stood."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import Problem, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import rules, snapshots
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.oneroster import Manifest
from edupulse_core.warehouse.reading import stage
from edupulse_core.warehouse.settling import Counts, settle
from edupulse_core.warehouse.sources import FILES, LEARNING, SourceFile

DATED = (  # files of which a bulk one replaces stretches of time
    "withdrawals",
    "calendar",
    "lineItems",
    "results",
    "attendance",
    "incidents",
)
SIGHTINGS = ("attendance", "incidents")  # records of somebody who was there
_NEEDS_DAYS = next(file for file in FILES if file.name == "attendance")
DUPLICATES = {
    "calendar": "date|duplicate org and date",
    "withdrawals": "date|duplicate student and date",
    "caseloads": "studentSourcedId|duplicate counselor and student",
    "incidents": "sourcedId|duplicate sourcedId and student",
    "interactions": "answeredAt|duplicate student, item and time",
    "ratings": "usedAt|duplicate student, resource and time",
    "learners": "studentSourcedId|duplicate student",
}
_STAYS = {  # what a learning file that the bundle lacks leaves as it was
    "skills": "insert into fresh.skills from earlier.skills",
    "items": "insert into fresh.items from earlier.items",
    "interactions": "insert into fresh.interactions from earlier.interactions",
    "resources": "insert into fresh.resources from earlier.resources",
    "ratings": "insert into fresh.ratings from earlier.ratings",
    "study_sessions": "insert into fresh.study_sessions from earlier.study_sessions",
    "learners": "insert into fresh.learners from earlier.learners",
    "programs": "insert into fresh.programs from earlier.programs",
    "applications": "insert into fresh.applications from earlier.applications",
}
_SET = {
    "version": "set variable version = $value",
    "today": "set variable today = $value",
    "time_zone": "set variable time_zone = $value",
    "max_score_ratio": "set variable max_score_ratio = $value",
    "file": "set variable file = $value",
    "duplicate": "set variable duplicate = $value",
    "is_delta": "set variable is_delta = $value",
    "is_present": "set variable is_present = $value",
    "not_school": "set variable not_school = $value::varchar[]",
}

_checked: dict[str, pa.Schema] = {}  # file → the columns that its check makes, once it was missing


@dataclass(frozen=True)
class Bundle:
    """What is imported: the files by name, the manifest, and where they came from."""

    name: str
    texts: dict[str, TextFile]
    manifest: Manifest
    fingerprint: str
    at: datetime  # UTC
    sequence: int  # its number among this home's imports
    problems: tuple[Problem, ...] = ()  # what is wrong with files that cannot be read
    broken: frozenset[str] = frozenset()  # names of these files

    @property
    def version(self) -> str:
        """The import's id, and the warehouse's once it is published."""
        return snapshots.version_of(self.sequence, self.at, self.fingerprint)

    def rejected(self, work: Path) -> Path:
        """The file into which `fill` writes the rejected rows."""
        return work / f"{self.version}.parquet"

    def text(self, name: str) -> TextFile | None:
        """A file of the bundle; None if it is missing or the manifest says it is absent."""
        return None if self.manifest.way(name) == "absent" else self.texts.get(name)


@dataclass
class Filled:
    """What `fill` did; the warehouse is not published yet."""

    files: dict[str, Counts] = field(default_factory=dict)  # only those in the bundle
    rejects: Counter[str] = field(default_factory=Counter)  # reason → rows
    students: int = 0
    weeks: int = 0
    notes: list[str] = field(default_factory=list)


def tell(con: duckdb.DuckDBPyConnection, name: str, value: str | float | date | list[str]) -> None:
    """Set a variable that the statements read."""
    con.execute(_SET[name], {"value": value})


def install_rules(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the tables of the district's rules for the warehouse as it stands now."""
    con.execute("set search_path = 'fresh.main,staging.main'")
    rules.install(con, settings)
    con.execute("use staging")


def take_in(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    work: Path,
    progress: Progress,
    filled: Filled,
) -> list[RefusedError]:
    """Take in one file after another; returns a refusal for each with too many rejected rows.

    Its other rows go on to the files after it. A file that cannot be read stops the import, and
    rows that point into it are not judged: at the end, one error tells all problems. SIGHTINGS
    are all looked at before the first of them is merged: together they show which students came
    back after a withdrawal, and so on which days they were enrolled.
    """
    problems, broken = list(bundle.problems), set(bundle.broken)
    gates: list[RefusedError] = []
    has_learning = any(bundle.text(file.name) for file in LEARNING)
    for is_sighting, group in groupby(FILES, lambda file: file.name in SIGHTINGS):
        looked: dict[SourceFile, int] = {}
        files = list(group)
        for file in files:
            if file.name == "lineItems":  # what follows needs the spans of enrollment and the rules
                if not broken & {*_NEEDS_DAYS.points_to, "manifest"}:
                    sql.run(con, "warehouse/sql/spans")
                install_rules(con, settings)
            if file is LEARNING[0] and has_learning:
                sql.run(con, "warehouse/sql/learning")
            if file in LEARNING and not (bundle.text(file.name) or file.name in broken):
                con.execute(_STAYS[file.name])
                continue
            is_judged = file.name not in broken and not broken & {*file.points_to, "manifest"}
            try:
                n_broken = _look(con, bundle, file, work, progress, is_judged=is_judged)
            except SourceError as error:
                problems += error.problems
                is_judged = False
            if not is_judged:
                broken.add(file.name)
                continue
            looked[file] = n_broken
            if not is_sighting:
                gates += _take(con, settings, bundle, file, n_broken, progress, filled)
        if is_sighting and looked:
            _see_who_came_back(con, [file for file in files if file not in looked], work)
            for file, n_broken in looked.items():
                _judge_enrollment(con, bundle, file)
                gates += _take(con, settings, bundle, file, n_broken, progress, filled)
    if has_learning:
        sql.run(con, "warehouse/sql/learning_gone")
    if problems:
        raise SourceError.of([*problems, *(each for gate in gates for each in gate.problems)])
    return gates


def _look(
    con: duckdb.DuckDBPyConnection,
    bundle: Bundle,
    file: SourceFile,
    work: Path,
    progress: Progress,
    *,
    is_judged: bool,
) -> int:
    """Load a file and, if `is_judged`, check its rows; returns how many cannot be split.

    Raises SourceError if the file cannot be read to its end.
    """
    text = bundle.text(file.name)
    _name(con, bundle, file)
    if text and is_judged:
        progress(file.name, 0, text.n_lines - 1)
    n_broken = stage(con, file, text, work)
    if is_judged:
        _check(con, file, is_missing=text is None)
        if text and file.name in DATED and not _is_delta(bundle, file):
            sql.run(con, "warehouse/sql/covered")
        if file.name in SIGHTINGS:
            sql.run(con, f"warehouse/sql/{file.name}.apart")
    return n_broken


def _check(con: duckdb.DuckDBPyConnection, file: SourceFile, *, is_missing: bool) -> None:
    """Fill the table `checked` from `raw`.

    A missing file has no rows, but to plan its check takes as long as for one with rows: most of a
    small delta's import. So each process plans it once, and then only makes the empty table.
    """
    columns = _checked.get(file.name)
    if is_missing and columns is not None:
        con.register("template", columns.empty_table())
        sql.run(con, "warehouse/sql/checked_nothing")
        return
    sql.run(con, f"warehouse/sql/{file.name}.check")
    if is_missing:
        _checked[file.name] = con.sql("from checked").to_arrow_table().schema


def _name(con: duckdb.DuckDBPyConnection, bundle: Bundle, file: SourceFile) -> None:
    """Tell the statements which file they read, and how."""
    tell(con, "file", file.name)
    tell(con, "is_delta", _is_delta(bundle, file))
    tell(con, "is_present", bundle.text(file.name) is not None)


def _is_delta(bundle: Bundle, file: SourceFile) -> bool:
    """Whether a file holds changes only, as those of LEARNING always do."""
    return file in LEARNING or bundle.manifest.way(file.name) == "delta"


def _see_who_came_back(
    con: duckdb.DuckDBPyConnection, unread: list[SourceFile], work: Path
) -> None:
    """Find the days on which each student was enrolled.  unread: SIGHTINGS that are not judged."""
    for file in unread:
        stage(con, file, None, work)
        _check(con, file, is_missing=True)
        sql.run(con, f"warehouse/sql/{file.name}.apart")
    for step in ("returns", "student_days"):
        sql.run(con, f"warehouse/sql/{step}")


def _judge_enrollment(con: duckdb.DuckDBPyConnection, bundle: Bundle, file: SourceFile) -> None:
    """Check the last rule of a file whose rows were kept apart."""
    _name(con, bundle, file)
    sql.run(con, f"warehouse/sql/{file.name}.enrolled")


def _sort_out(
    con: duckdb.DuckDBPyConnection, file: SourceFile, *, is_missing: bool
) -> tuple[int, int]:
    """Decide which rows of `checked` count; returns how many there are, and how many are rejected.

    A file with problems is not looked at for more.
    """
    n_rows = n_problems = 0
    if not is_missing:
        query = "select count(*), count(problem) from checked"
        n_rows, n_problems = con.execute(query).fetchall()[0]
    if not n_rows or (not n_problems and sql.run(con, "warehouse/sql/is_clean")[0][0]):
        sql.run(con, "warehouse/sql/settle_clean")
        return n_rows, 0
    tell(con, "duplicate", DUPLICATES.get(file.name, "sourcedId|duplicate sourcedId"))
    n_rejected = sql.run(con, "warehouse/sql/settle")[0][0]
    if n_rejected:
        sql.run(con, "warehouse/sql/refuse")
    return n_rows, n_rejected


def _take(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    file: SourceFile,
    n_broken: int,
    progress: Progress,
    filled: Filled,
) -> list[RefusedError]:
    """Decide which checked rows count and merge them; returns a refusal if too many do not."""
    text = bundle.text(file.name)
    gates: list[RefusedError] = []
    n_rows, n_rejected = _sort_out(con, file, is_missing=text is None)
    if text:
        limit = settings.imports.max_reject_rate
        settled = settle(con, text, n_broken, n_rows, n_rejected, limit)
        filled.files[file.name] = settled.counts
        filled.rejects += settled.reasons
        gates += [settled.refusal] if settled.refusal else []
        progress(file.name, (text.n_lines - 1) // 2, text.n_lines - 1)
    sql.run(con, f"warehouse/sql/{file.name}.merge")
    if text:
        progress(file.name, text.n_lines - 1, text.n_lines - 1)
    con.execute("drop table checked")
    return gates
