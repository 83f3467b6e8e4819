"""Fill a new warehouse, file by file: load a file, check its rows, merge it with earlier data."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from edupulse_core import sql, words
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import losses, quality, rejects, snapshots
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.oneroster import FILES, Manifest, SourceFile
from edupulse_core.warehouse.reading import BadRow, raw_lines, stage

DELETED = "tobedeleted"
DATED = (  # files of which a bulk one replaces stretches of time
    "withdrawals",
    "calendar",
    "lineItems",
    "results",
    "attendance",
    "incidents",
)
SIGHTINGS = ("attendance", "incidents")  # records of somebody who was there
CUT_OFF = 0.8  # a bulk file with less than this share of the rows it replaces may be cut off
FEWEST_GONE = 10  # rows; fewer are not worth a note
DUPLICATES = {
    "calendar": "date|duplicate org and date",
    "withdrawals": "date|duplicate student and date",
    "caseloads": "studentSourcedId|duplicate counselor and student",
    "incidents": "sourcedId|duplicate sourcedId and student",
}
_SET = {
    "version": "set variable version = $value",
    "today": "set variable today = $value",
    "max_score_ratio": "set variable max_score_ratio = $value",
    "silent_days": "set variable silent_days = $value",
    "file": "set variable file = $value",
    "duplicate": "set variable duplicate = $value",
    "is_delta": "set variable is_delta = $value",
    "is_present": "set variable is_present = $value",
}


@dataclass(frozen=True)
class Bundle:
    """What is imported: the files by name, the manifest, and where they came from."""

    name: str
    texts: dict[str, TextFile]
    manifest: Manifest
    fingerprint: str
    at: datetime  # UTC
    sequence: int  # its number among this home's imports

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


@dataclass(frozen=True)
class Counts:
    """How many rows a file had, and how many of them were imported or rejected."""

    read: int
    imported: int
    rejected: int

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"read": self.read, "imported": self.imported, "rejected": self.rejected}


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
    *,
    replace: bool = False,
) -> Filled:
    """Build the warehouse file `target` from a bundle and the warehouse before it.

    Writes the rejected rows to `bundle.rejected(work)`. Raises SourceError for a broken file,
    and RefusedError for too many rejected rows, for too much that would be lost unless `replace`,
    or for a demo imported over a different demo.
    """
    filled = Filled()
    with duckdb.connect(str(work / "staging.duckdb")) as con:
        _open(con, settings, bundle.manifest, earlier, target, work)
        rejected = bundle.rejected(work)
        try:
            _import_files(con, settings, bundle, work, progress, filled)
            if earlier is not None and not replace:
                losses.check(con)
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
    _set(con, "silent_days", settings.attendance.silent_days)
    sql.run(con, "warehouse/sql/start")


def _set(con: duckdb.DuckDBPyConnection, name: str, value: str | float | date) -> None:
    con.execute(_SET[name], {"value": value})


def _import_files(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    work: Path,
    progress: Progress,
    filled: Filled,
) -> None:
    """Check and merge file after file.

    SIGHTINGS are all looked at before the first of them is merged: together they show which
    students came back after a withdrawal, and so on which days they were enrolled.
    """
    broken: dict[str, list[BadRow]] = {}
    for file in FILES:
        if file.name == SIGHTINGS[0]:
            sql.run(con, "warehouse/sql/spans")
            for each in FILES:
                if each.name in SIGHTINGS:
                    broken[each.name] = _look(con, bundle, each, work, progress)
                    con.execute(f"alter table checked rename to seen_{each.name}")
            sql.run(con, "warehouse/sql/returns")
            sql.run(con, "warehouse/sql/student_days")
        if file.name in SIGHTINGS:
            _name_file(con, bundle, file)
            sql.run(con, f"warehouse/sql/{file.name}.enrolled")
        else:
            broken[file.name] = _look(con, bundle, file, work, progress)
        _take(con, settings, bundle, file, broken[file.name], progress, filled)


def _name_file(con: duckdb.DuckDBPyConnection, bundle: Bundle, file: SourceFile) -> None:
    """Tell the statements which file they read, and how."""
    _set(con, "file", file.name)
    _set(con, "duplicate", DUPLICATES.get(file.name, "sourcedId|duplicate sourcedId"))
    _set(con, "is_delta", bundle.manifest.way(file.name) == "delta")
    _set(con, "is_present", bundle.text(file.name) is not None)


def _look(
    con: duckdb.DuckDBPyConnection,
    bundle: Bundle,
    file: SourceFile,
    work: Path,
    progress: Progress,
) -> list[BadRow]:
    """Load a file and check its rows into `checked`; returns those that cannot be split."""
    text = bundle.text(file.name)
    _name_file(con, bundle, file)
    if text:
        progress(file.name, 0, text.n_lines - 1)
    broken = stage(con, file, text, bundle.manifest, work)
    sql.run(con, f"warehouse/sql/{file.name}.check")
    if file.name in DATED:
        sql.run(con, "warehouse/sql/covered")
    return broken


def _take(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    bundle: Bundle,
    file: SourceFile,
    broken: list[BadRow],
    progress: Progress,
    filled: Filled,
) -> None:
    """Settle which of the checked rows count, and merge them with what stood."""
    text = bundle.text(file.name)
    sql.run(con, "warehouse/sql/settle")
    if text:
        filled.files[file.name] = _settle(con, settings, text, broken, filled)
        if file.name in DATED:
            filled.notes += _shrunk(con, text.file)
        progress(file.name, (text.n_lines - 1) // 2, text.n_lines - 1)
    sql.run(con, f"warehouse/sql/{file.name}.merge")
    if text:
        progress(file.name, text.n_lines - 1, text.n_lines - 1)
    con.execute("drop table checked")


def _settle(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    text: TextFile,
    broken: list[BadRow],
    filled: Filled,
) -> Counts:
    """Save the rejected rows with their lines; refuse the import if there are too many."""
    read = len(broken) + _one(con, "select count(*) from checked")
    imported = _one(con, "select count(*) from taken")
    if broken:
        con.register("broken_rows", pa.Table.from_pylist([asdict(row) for row in broken]))
        sql.run(con, "warehouse/sql/broken")
        con.unregister("broken_rows")
    reasons = Counter(dict(sql.run(con, "warehouse/sql/refused_reasons")))
    _keep_lines(con, text)
    counts = Counts(read, imported, reasons.total())
    _check_gate(text.file, counts, reasons, settings.imports.max_reject_rate)
    filled.rejects += reasons
    return counts


def _shrunk(con: duckdb.DuckDBPyConnection, file: str) -> list[str]:
    """A sentence for each school year for which a bulk file has far fewer rows than before."""
    given = {"share": CUT_OFF, "fewest": FEWEST_GONE}
    return [
        f"{file} has {brought:,} rows for {stretch}; before, there were {stood:,}. Is it cut off?"
        for stretch, brought, stood in sql.run(con, "warehouse/sql/shrunk", given)
    ]


def _keep_lines(con: duckdb.DuckDBPyConnection, text: TextFile) -> None:
    """Read the lines of the rejected rows from the file and save them with the reasons."""
    wanted = sql.table(con, "warehouse/sql/refused_numbers")["row_number"].to_numpy()
    for batch in raw_lines(text, wanted) if len(wanted) else ():
        con.register("raw_lines", batch)
        sql.run(con, "warehouse/sql/rejects")
        con.unregister("raw_lines")


def _check_gate(file: str, counts: Counts, reasons: Counter[str], limit: float) -> None:
    """Raise RefusedError above the limit. Rows marked `tobedeleted` don't count."""
    deleted = reasons[DELETED]
    rejected, read = counts.rejected - deleted, counts.read - deleted
    if rejected > Decimal(str(limit)) * read:
        why = ", ".join(f"{n:,} {reason}" for reason, n in reasons.most_common())
        raise RefusedError(
            f"{file}: {rejected:,} of {read:,} rows rejected, more than {100 * limit:.3g}%; "
            f"nothing was imported ({why})",
            gate="rejected rows",
            counts={"file": file, **counts.as_dict(), "rejects": dict(reasons.most_common())},
        )


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
    sql.run(con, "warehouse/sql/silence")
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
            "sequence": bundle.sequence,
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
    filled.notes += [row[0] for row in sql.run(con, "warehouse/sql/notes")]
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
