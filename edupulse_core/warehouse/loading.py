"""Fill a new warehouse, file by file: load a file, check its rows, merge it with earlier data."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from edupulse_core import sql, words
from edupulse_core.config import Settings
from edupulse_core.errors import Problem, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import quality, rejects, rules, silence, snapshots
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.oneroster import FILES, Manifest, SourceFile
from edupulse_core.warehouse.reading import stage
from edupulse_core.warehouse.settling import Counts, settle

DATED = (  # files whose rows belong to a school year; all come after `classes` in FILES
    "enrollments",
    "withdrawals",
    "calendar",
    "lineItems",
    "results",
    "attendance",
    "incidents",
)
CUT_OFF = 0.8  # a bulk file with less than this share of the rows it replaces may be cut off
FEWEST_GONE = 10  # rows; fewer are not worth a note
DUPLICATES = {
    "calendar": "date|duplicate org and date",
    "withdrawals": "date|duplicate student and date",
    "caseloads": "studentSourcedId|duplicate counselor and student",
}
_NEEDS_DAYS = next(file for file in FILES if file.name == "attendance")
_SET = {
    "version": "set variable version = $value",
    "today": "set variable today = $value",
    "max_score_ratio": "set variable max_score_ratio = $value",
    "file": "set variable file = $value",
    "duplicate": "set variable duplicate = $value",
    "is_delta": "set variable is_delta = $value",
    "is_present": "set variable is_present = $value",
    "not_school": "set variable not_school = $value::varchar[]",
}


@dataclass(frozen=True)
class Bundle:
    """What is imported: the files by name, the manifest, and where they came from."""

    name: str
    texts: dict[str, TextFile]
    manifest: Manifest
    fingerprint: str
    at: datetime  # UTC
    problems: tuple[Problem, ...] = ()  # what is wrong with files that cannot be read
    broken: frozenset[str] = frozenset()  # names of these files

    @property
    def version(self) -> str:
        """The import's id, and the warehouse's once it is published."""
        return snapshots.version_of(self.at, self.fingerprint)

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


def check_same_tables(earlier: snapshots.Snapshot) -> None:
    """Raise RefusedError if the earlier warehouse has other tables, InputError if it is damaged."""
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as fresh")
        con.execute("use fresh")
        sql.run(con, "warehouse/sql/schema")
        snapshots.attach(con, earlier.path)
        differences = sql.run(con, "warehouse/sql/differences")
    if differences:
        raise RefusedError(
            f"the warehouse was written by another version of EduPulse (it differs in "
            f"{differences[0][0]}): move {earlier.path.parent} away, import everything again with "
            "`edupulse ingest`, then run `edupulse score`",
            gate="another version",
        )


def fill(
    settings: Settings,
    bundle: Bundle,
    earlier: snapshots.Snapshot | None,
    target: Path,
    work: Path,
    progress: Progress,
) -> Filled:
    """Build the warehouse file `target` from a bundle and the warehouse before it.

    Writes the rejected rows to `bundle.rejected(work)`. Raises SourceError for broken files, with
    whatever a gate says of the others; RefusedError for too many rejected rows or for a demo
    imported over a different demo.
    """
    filled = Filled()
    with duckdb.connect(str(work / "staging.duckdb")) as con:
        _open(con, settings, bundle.manifest, earlier, target, work)
        rejected = bundle.rejected(work)
        try:
            _import_files(con, settings, bundle, work, progress, filled)
        except RefusedError as refusal:
            rejects.write(con, rejected, bundle=bundle.name, refusal=str(refusal))
            raise
        if bundle.manifest.is_demo:
            _check_same_demo(con, bundle, filled)
        rejects.write(con, rejected, bundle=bundle.name, refusal="")
        _derive(con, settings, bundle, filled)
        con.execute("checkpoint fresh")
        con.execute("detach fresh")
    return filled


def _import_files(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    work: Path,
    progress: Progress,
    filled: Filled,
) -> None:
    """Import file by file; at the end, raise one error for everything that is wrong.

    A file that cannot be read stops the import, and rows that point into it are not judged. A file
    with too many rejected rows does too, but its other rows go on to the files after it.
    """
    problems, broken = list(bundle.problems), set(bundle.broken)
    gates: list[RefusedError] = []
    for file in FILES:
        is_judged = not broken & {*file.points_to, "manifest"}
        if file.name == "lineItems":  # the files from here on need the school days and the rules
            if not broken & {*_NEEDS_DAYS.points_to, "manifest"}:
                sql.run(con, "warehouse/sql/days")
            _install_rules(con, settings)
        try:
            if is_judged and file.name not in broken:
                _import_file(con, settings, bundle, file, work, progress, filled)
            else:
                _look_at(con, bundle, file, work)
                broken.add(file.name)
        except SourceError as error:
            problems += error.problems
            broken.add(file.name)
        except RefusedError as refusal:
            gates.append(refusal)
    if problems:
        raise SourceError.of([*problems, *(each for gate in gates for each in gate.problems)])
    if gates:
        raise _refused(gates)


def _look_at(con: duckdb.DuckDBPyConnection, bundle: Bundle, file: SourceFile, work: Path) -> None:
    """Raise SourceError if a file cannot be read to its end; its rows are not judged."""
    _set(con, "file", file.name)
    stage(con, file, bundle.text(file.name), work)


def _refused(gates: list[RefusedError]) -> RefusedError:
    """One refusal for every file with too many rejected rows."""
    problems = [problem for gate in gates for problem in gate.problems]
    return RefusedError(
        "\n".join(f"{problem}; nothing was imported" for problem in problems),
        gate=gates[0].gate,
        counts=gates[0].counts if len(gates) == 1 else {"files": [gate.counts for gate in gates]},
        problems=problems,
    )


def _install_rules(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the tables of the district's rules for the warehouse as it stands now."""
    con.execute("set search_path = 'fresh.main,staging.main'")
    rules.install(con, settings)
    con.execute("use staging")


def _check_same_demo(con: duckdb.DuckDBPyConnection, bundle: Bundle, filled: Filled) -> None:
    """Raise RefusedError if most of the known IDs now belong to someone else.

    Demo districts number their people the same way, so importing one over another would mix them.
    """
    stood, renamed = sql.run(con, "warehouse/sql/renamed")[0]
    came = filled.files["users"].imported if "users" in filled.files else 0
    if 2 * renamed > min(stood, came):
        raise RefusedError(
            f"{bundle.name} is a different fictional district from the one in this home "
            f"({renamed:,} of its people have the sourcedId of someone else here): give it a "
            "home of its own with EDUPULSE_HOME",
            gate="another demo",
        )


def _open(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: Manifest,
    earlier: snapshots.Snapshot | None,
    target: Path,
    work: Path,
) -> None:
    """Attach the new warehouse as `fresh` and the previous one as `earlier`."""
    snapshots.limit(con, settings)
    con.execute("set temp_directory = $path", {"path": str(work / "spill")})
    con.execute("attach $path as fresh", {"path": str(target)})
    con.execute("use fresh")
    sql.run(con, "warehouse/sql/schema")
    if earlier is None:
        con.execute("attach ':memory:' as earlier")
        con.execute("use earlier")
        sql.run(con, "warehouse/sql/schema")
    else:
        con.execute("attach $path as earlier (read_only)", {"path": str(earlier.path)})
    con.execute("use staging")
    _set(con, "version", manifest.version)
    _set(con, "today", settings.today)
    _set(con, "max_score_ratio", settings.imports.max_score_ratio)
    _set(con, "not_school", list(settings.not_school))
    sql.run(con, "warehouse/sql/rules")
    sql.run(con, "warehouse/sql/start")


def _set(con: duckdb.DuckDBPyConnection, name: str, value: str | float | date | list[str]) -> None:
    con.execute(_SET[name], {"value": value})


def _import_file(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    file: SourceFile,
    work: Path,
    progress: Progress,
    filled: Filled,
) -> None:
    text = bundle.text(file.name)
    _set(con, "file", file.name)
    _set(con, "duplicate", DUPLICATES.get(file.name, "sourcedId|duplicate sourcedId"))
    _set(con, "is_delta", bundle.manifest.way(file.name) == "delta")
    _set(con, "is_present", text is not None)
    total = text.n_lines - 1 if text else 0
    refusal = None
    if text:
        progress(file.name, 0, total)
    n_broken = stage(con, file, text, work)
    sql.run(con, f"warehouse/sql/{file.name}.check")
    if sql.run(con, "warehouse/sql/settle")[0][0]:
        sql.run(con, "warehouse/sql/refuse")
    if text:
        settled = settle(con, text, n_broken, settings.imports.max_reject_rate)
        filled.files[file.name] = settled.counts
        filled.rejects += settled.reasons
        refusal = settled.refusal
        if file.name in DATED:
            filled.notes += _shrunk(con, text.file)
        progress(file.name, total // 2, total)
    sql.run(con, f"warehouse/sql/{file.name}.merge")
    if text:
        progress(file.name, total, total)
    con.execute("drop table checked")
    if refusal:
        raise refusal


def _shrunk(con: duckdb.DuckDBPyConnection, file: str) -> list[str]:
    """A sentence for each school year for which a bulk file has far fewer rows than before."""
    given = {"share": CUT_OFF, "fewest": FEWEST_GONE}
    return [
        f"{file} has {brought:,} rows for {stretch}; before, there were {stood:,}. Is it cut off?"
        for stretch, brought, stood in sql.run(con, "warehouse/sql/shrunk", given)
    ]


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    return con.execute(query).fetchall()[0][0]


def _derive(
    con: duckdb.DuckDBPyConnection, settings: Settings, bundle: Bundle, filled: Filled
) -> None:
    """Fill the tables that need all files, and record the import."""
    for name in ("attendance", "incidents", "withdrawals", "lineItems", "results"):
        _note_presence(con, name, bundle.text(name) is not None)
    _note_presence(con, "grades", sql.run(con, "warehouse/sql/has_gradebook")[0][0])
    sql.run(con, "warehouse/sql/data_end")
    _install_rules(con, settings)
    con.execute("set search_path = 'fresh.main,staging.main'")
    silence.find(con, settings.today, settings.attendance)
    con.execute("use staging")
    filled.students, filled.weeks = sql.run(con, "warehouse/sql/weeks")[0]
    for file in FILES:
        counts = filled.files.get(file.name)
        values = counts.as_dict() if counts else Counts(0, 0, 0).as_dict()
        con.execute(
            "insert into fresh.import_files values ($file, $present, $read, $imported, $rejected)",
            {"file": file.name, "present": counts is not None, **values},
        )
    sql.run(
        con,
        "warehouse/sql/imports",
        {
            "imported_at": bundle.at.replace(tzinfo=None),
            "today": settings.today,
            "bundle": bundle.name,
            "fingerprint": bundle.fingerprint,
            "is_demo": bundle.manifest.is_demo,
            "system": bundle.manifest.system,
            "students": filled.students,
            "weeks": filled.weeks,
        },
    )
    filled.notes += [
        f"{text.file} was not read: manifest.csv says it is absent."
        for name, text in bundle.texts.items()
        if bundle.text(name) is None
    ]
    filled.notes += [
        f"{file}.csv: {n:,} value{'s' if n > 1 else ''} of {column} could not be understood and "
        f"count{'s' if n == 1 else ''} as {meaning}."
        for file, column, n, meaning in con.execute("from doubts order by all").fetchall()
    ]
    for name in ("notes", "suggestions"):
        filled.notes += [row[0] for row in sql.run(con, f"warehouse/sql/{name}")]
    filled.notes += _silent_marks(con, settings)


def _silent_marks(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """A sentence for each school that stopped sending grades."""
    end: date | None = _one(con, "select last_day from data_end")
    if end is None:
        return []
    con.execute("use fresh")
    found = quality.silent_marks(con, min(end, settings.today))
    con.execute("use staging")
    return [
        f"{each.school} has sent no grades since {words.day(each.last_mark)} ({each.n_days} school "
        "days); grades shown for that time are older."
        for each in found
    ]


def _note_presence(con: duckdb.DuckDBPyConnection, name: str, is_here: bool) -> None:
    sql.run(con, "warehouse/sql/has_records", {"name": name, "is_here": is_here})
