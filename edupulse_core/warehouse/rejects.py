"""Rejected rows, in one file for each import, even for imports that were refused."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import parquet

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.warehouse import snapshots

_ROWS = """
select file, row_number, sourced_id, column_name, reason, found, raw
from fresh.rejects
order by file, row_number
"""
_BATCH = 50_000  # rows held at once
_EXAMPLES = """
select file, row_number, column_name, reason
from read_parquet($path)
qualify row_number() over (partition by file, reason order by row_number) <= $each
order by file, row_number
"""


class Place(NamedTuple):
    """Where a rejected row is and why it was rejected; quotes nothing from the file."""

    file: str  # the name without its ending
    row: int
    column: str | None  # None if it is about the whole row
    reason: str


@dataclass(frozen=True)
class Import:
    """One import that rejected rows."""

    import_id: str  # begins with its number; for a published import, the warehouse's version
    at: datetime  # UTC
    bundle: str
    outcome: str  # "imported", "refused" or, after an undo or a crash, "does not stand"
    refusal: str  # why the whole import was refused; empty when it was not
    n_rows: int

    def as_json(self) -> dict[str, Any]:
        """What `edupulse rejects --json` prints for an import."""
        return {
            "import": self.import_id,
            "at": self.at.isoformat(timespec="seconds"),
            "bundle": self.bundle,
            "outcome": self.outcome,
            "refusal": self.refusal,
            "rows": self.n_rows,
        }


def write(con: duckdb.DuckDBPyConnection, path: Path, *, bundle: str, refusal: str) -> None:
    """Write the rejected rows of the current import, if there are any."""
    reader = con.sql(_ROWS).to_arrow_reader(_BATCH)
    schema = reader.schema.with_metadata({"bundle": bundle, "refusal": refusal})
    writer = None
    for batch in reader:
        writer = writer or parquet.ParquetWriter(path, schema, compression="zstd")
        writer.write_batch(batch)
    if writer is not None:
        writer.close()


def examples(path: Path, *, each: int = 3) -> list[Place]:
    """The first few rejected rows for each file and reason, from the file that `write` wrote."""
    if not path.exists():
        return []
    with duckdb.connect() as con:
        rows = con.execute(_EXAMPLES, {"path": str(path), "each": each}).fetchall()
    return [Place(*row) for row in rows]


def keep(settings: Settings, path: Path) -> bool:
    """Save the file that `write` wrote under the import's ID; False if it wrote none."""
    if not path.exists():
        return False
    folder = snapshots.rejects_folder(settings)
    folder.mkdir(exist_ok=True)
    files.place(path, folder / path.name)
    return True


def prune(settings: Settings) -> None:
    """Delete rejected rows that the settings no longer keep: too many imports, or too old."""
    rules = settings.imports
    oldest = datetime.now(UTC) - timedelta(days=rules.keep_rejects_days)
    for n, path in enumerate(_files(settings)):
        if n >= rules.keep_rejects or snapshots.moment_of(path.stem) < oldest:
            path.unlink(missing_ok=True)


def imports(settings: Settings) -> list[Import]:
    """The imports that still have rejected rows, newest first."""
    standing = _standing(settings)
    found = []
    for path in _files(settings):
        with suppress(FileNotFoundError):  # an import removes old ones meanwhile
            found.append(_describe(path, standing))
    return found


def rows(settings: Settings, import_id: str | None = None) -> parquet.ParquetFile:
    """The rejected rows of an import, as `rejects` in the warehouse has them.

    import_id: by default, the latest import that has any.
    Raises MissingError if no rows of that import are kept.
    """
    for path in _files(settings):
        if import_id in (None, path.stem):
            with suppress(FileNotFoundError):  # an import removes old ones meanwhile
                return parquet.ParquetFile(path)
    of_what = f"of an import {import_id!r}" if import_id else "of any import"
    raise MissingError(f"no rejected rows {of_what} are kept; `edupulse rejects` lists the imports")


def read(settings: Settings, import_id: str) -> pa.Table:
    """The rejected rows of an import as a table; columns that older imports lacked are null."""
    with rows(settings, import_id) as file:
        found = file.read()
    if "sourced_id" not in found.column_names:
        found = found.append_column("sourced_id", pa.nulls(len(found), pa.string()))
    return found


def _files(settings: Settings) -> list[Path]:
    """Newest first."""
    found = snapshots.rejects_folder(settings).glob("*.parquet")
    return sorted(found, key=lambda path: (snapshots.sequence_of(path.stem), path), reverse=True)


def _standing(settings: Settings) -> set[str]:
    """The imports that the current warehouse is made of."""
    try:
        con = snapshots.connect(settings)
    except MissingError:
        return set()
    with con:
        done = con.execute("select sequence, imported_at, fingerprint from imports").fetchall()
    return {snapshots.version_of(*each) for each in done}


def _describe(path: Path, standing: set[str]) -> Import:
    with parquet.ParquetFile(path) as file:
        told, n_rows = file.schema_arrow.metadata, file.metadata.num_rows
    refusal = told[b"refusal"].decode()
    outcome = "imported" if path.stem in standing else "does not stand"
    return Import(
        import_id=path.stem,
        at=snapshots.moment_of(path.stem),
        bundle=told[b"bundle"].decode(),
        outcome="refused" if refusal else outcome,
        refusal=refusal,
        n_rows=n_rows,
    )
