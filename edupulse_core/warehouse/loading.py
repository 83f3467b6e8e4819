"""Fill a new warehouse, file by file: load a file, check its rows, merge it with earlier data."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from edupulse_core import sql, words
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import intake, learning, losses, quality, rejects, silence, snapshots
from edupulse_core.warehouse.intake import Bundle, Filled
from edupulse_core.warehouse.oneroster import Manifest
from edupulse_core.warehouse.settling import Counts
from edupulse_core.warehouse.sources import FILES, LEARNING


def check_same_tables(earlier: snapshots.Snapshot) -> None:
    """Raise RefusedError if the earlier warehouse has other tables, InputError if it is damaged."""
    with duckdb.connect() as con:
        snapshots.attach(con, earlier.path)
        differences = _columns() ^ {*sql.run(con, "warehouse/sql/columns")}
    if differences:
        table, column, _ = min(differences)
        raise RefusedError(
            f"the warehouse was written by another version of EduPulse (it differs in "
            f"{table}.{column}): move {earlier.path.parent} away, import everything again with "
            "`edupulse ingest`, then run `edupulse score`",
            gate="another version",
        )


@cache
def _columns() -> frozenset[tuple[str, str, str]]:
    """Every table's columns, with their types."""
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as warehouse")
        con.execute("use warehouse")
        sql.run(con, "warehouse/sql/schema")
        return frozenset(sql.run(con, "warehouse/sql/columns"))


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

    Writes the rejected rows to `bundle.rejected(work)`. Raises SourceError for broken files, with
    whatever a gate says of the others; RefusedError for too many rejected rows, for too much that
    would be lost unless `replace`, or for a demo imported over a different demo.
    """
    filled = Filled()
    with duckdb.connect(str(work / "staging.duckdb")) as con:
        _open(con, settings, bundle.manifest, earlier, target, work)
        rejected = bundle.rejected(work)
        try:
            gates = intake.take_in(con, settings, bundle, work, progress, filled)
            is_judged = earlier is not None and not replace
            loss = losses.refusal(con, bundle.name) if is_judged else None
            if gates or loss:
                raise _refused(gates, loss)
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


def _refused(gates: list[RefusedError], loss: RefusedError | None) -> RefusedError:
    """One refusal for every file with too many rejected rows, and for what would be lost."""
    if loss is not None and not gates:
        return loss
    problems = [problem for gate in gates for problem in gate.problems]
    said = [f"{problem}; nothing was imported" for problem in problems]
    counts = gates[0].counts if len(gates) == 1 else {"files": [gate.counts for gate in gates]}
    if loss is not None:
        said.insert(0, str(loss))
    return RefusedError(
        "\n".join(said),
        gate=gates[0].gate,
        counts={**counts, **(loss.counts if loss else {})},
        problems=[*problems, *(loss.problems if loss else ())],
    )


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
    con.execute("begin")  # else each table waits for the disk
    sql.run(con, "warehouse/sql/schema")
    con.execute("commit")
    if earlier is None:
        con.execute("attach ':memory:' as earlier")
        con.execute("copy from database fresh to earlier (schema)")
    else:
        con.execute("attach $path as earlier (read_only)", {"path": str(earlier.path)})
    con.execute("use staging")
    intake.tell(con, "version", manifest.version)
    intake.tell(con, "today", settings.today)
    intake.tell(con, "time_zone", settings.time_zone)
    intake.tell(con, "max_score_ratio", settings.imports.max_score_ratio)
    intake.tell(con, "not_school", list(settings.not_school))
    sql.run(con, "warehouse/sql/rules")
    sql.run(con, "warehouse/sql/start")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    return con.execute(query).fetchall()[0][0]


def _derive(
    con: duckdb.DuckDBPyConnection, settings: Settings, bundle: Bundle, filled: Filled
) -> None:
    """Fill the tables that need all files, and record the import."""
    names = ("attendance", "incidents", "withdrawals", "lineItems", "results")
    kinds = [*names, *(file.name for file in LEARNING)]
    _note_presence(con, kinds, [name for name in kinds if bundle.text(name) is not None])
    has_gradebook = sql.run(con, "warehouse/sql/has_gradebook")[0][0]
    _note_presence(con, ["grades"], ["grades"] if has_gradebook else [])
    sql.run(con, "warehouse/sql/data_end")
    con.execute("set search_path = 'fresh.main,staging.main'")
    sql.run(con, "warehouse/sql/lettered")  # the rules stand since line items, the results do now
    silence.find(con, settings.today, settings.attendance)
    con.execute("use staging")
    filled.students, filled.weeks = sql.run(con, "warehouse/sql/weeks")[0]
    came = {file.name: filled.files.get(file.name) for file in FILES}
    counted = [counts or Counts(0, 0, 0) for counts in came.values()]
    sql.run(
        con,
        "warehouse/sql/import_files",
        {
            "names": list(came),
            "present": [counts is not None for counts in came.values()],
            "read": [counts.read for counts in counted],
            "imported": [counts.imported for counts in counted],
            "rejected": [counts.rejected for counts in counted],
        },
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
    filled.notes += [
        f"{file}.csv: {n:,} value{'s' if n > 1 else ''} of {column} could not be understood and "
        f"count{'s' if n == 1 else ''} as {meaning}."
        for file, column, n, meaning in con.execute("from doubts order by all").fetchall()
    ]
    for name in ("notes", "suggestions"):
        filled.notes += [row[0] for row in sql.run(con, f"warehouse/sql/{name}")]
    filled.notes += _unsent(con)
    filled.notes += _silent_marks(con, settings)
    if any(bundle.text(file.name) for file in LEARNING):
        filled.notes += learning.notes(con)


def _unsent(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each kind of record that a school is known not to send."""
    known = {
        name
        for (name,) in con.execute("select name from fresh.has_records where present").fetchall()
    }
    return [
        f"{school} {silence.UNSENT[kind].words}"
        for school, kind in sql.run(con, "warehouse/sql/unsent")
        if silence.UNSENT[kind].needs in known
    ]


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


def _note_presence(con: duckdb.DuckDBPyConnection, names: list[str], here: list[str]) -> None:
    sql.run(con, "warehouse/sql/has_records", {"names": names, "here": here})
