"""Load one text file into DuckDB. Every row keeps its number, and none is lost."""

import csv
import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.errors import SourceError
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.oneroster import match_columns
from edupulse_core.warehouse.records import LONGEST_FIELD, Row, rows
from edupulse_core.warehouse.sources import SourceFile

_LONGEST = 2**18  # characters of one row that DuckDB is given; quotes may double
_BUFFER = 2**25  # bytes that DuckDB reads at once
_BATCH = 10_000  # rejected rows held at once


def stage(
    con: duckdb.DuckDBPyConnection, file: SourceFile, text: TextFile | None, work: Path
) -> int:
    """Fill the table `raw` with the file's known columns as text; returns how many rows are broken.

    Broken rows, which cannot be split into the file's columns, go to `refused`. Without a file,
    `raw` stays empty. Raises SourceError for a row or field that is too long.
    """
    names = ("row_number", *file.columns)
    con.register("template", pa.schema([(name, pa.string()) for name in names]).empty_table())
    if text is None:
        sql.run(con, "warehouse/sql/raw_of_nothing")
        return 0
    means = match_columns(text.header, file)
    columns = {name or f"unknown {at}": "varchar" for at, name in enumerate(means)}
    if _read_straight(con, text, columns):
        return 0
    return _read_row_by_row(con, text, columns, work / f"{file.name}.rows.csv")


def raw_lines(text: TextFile, wanted: Iterable[int]) -> Iterator[pa.RecordBatch]:
    """Yield rows exactly as the file has them, in batches of row_number and raw.

    wanted: row numbers, ascending.
    """
    numbers = iter(wanted)
    next_one = next(numbers, None)
    taken: list[tuple[int, str]] = []
    for row in rows(text.path, text.file):
        if next_one is None:
            break
        if row.number == next_one:
            taken.append((row.number, row.raw))
            next_one = next(numbers, None)
        if len(taken) == _BATCH:
            yield _batch(taken, "raw")
            taken.clear()
    if taken:
        yield _batch(taken, "raw")


def _batch(lines: list[tuple[int, str]], name: str) -> pa.RecordBatch:
    numbers, texts = zip(*lines, strict=True)
    return pa.record_batch(
        {"row_number": pa.array(numbers, pa.int64()), name: pa.array(texts, pa.string())}
    )


def _read_straight(con: duckdb.DuckDBPyConnection, text: TextFile, columns: dict[str, str]) -> bool:
    """Let DuckDB read the whole file. False if any line is not one good row of short fields."""
    if not text.is_regular:
        return False
    try:
        n_rows = _load(con, text.path, columns, longest=LONGEST_FIELD)
    except duckdb.Error:  # a row that is too short or long, or quoted wrongly
        return False
    return n_rows + 1 == text.n_lines


def _load(
    con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str], *, longest: int
) -> int:
    """Fill the table `raw` from a file; returns how many rows it has."""
    only_this = glob.escape(str(path))  # DuckDB takes a path for a pattern
    given = {"path": only_this, "columns": columns, "longest": longest, "buffer": _BUFFER}
    return int(sql.run(con, "warehouse/sql/raw", given)[0][0])


def _read_row_by_row(
    con: duckdb.DuckDBPyConnection, text: TextFile, columns: dict[str, str], rewritten: Path
) -> int:
    """Separate good rows from broken ones, and let DuckDB read the good ones."""
    bad: list[tuple[int, str]] = []
    n_good = n_bad = 0
    with open(rewritten, "w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        write.writerow(["row_number", *columns])
        for row in rows(text.path, text.file, columns=text.header):
            if row.number == 1:
                continue
            if reason := _broken(row, len(columns)):
                bad.append((row.number, reason))
                n_bad += 1
            else:
                write.writerow([row.number, *(row.fields or ())])
                n_good += 1
            if len(bad) == _BATCH:
                _refuse(con, bad)
    _refuse(con, bad)
    columns = {"row_number": "varchar", **columns}
    n_read = _load(con, rewritten, columns, longest=4 * _LONGEST)
    if n_read != n_good:
        raise SourceError(f"{n_good} rows were found, but {n_read} were read", file=text.file)
    return n_bad


def _refuse(con: duckdb.DuckDBPyConnection, bad: list[tuple[int, str]]) -> None:
    """Move broken rows to the rejected ones."""
    if bad:
        con.register("broken_rows", _batch(bad, "reason"))
        sql.run(con, "warehouse/sql/broken")
        con.unregister("broken_rows")
        bad.clear()


def _broken(row: Row, n_columns: int) -> str:
    if row.fields is None:
        return "quotation marks do not match"
    if len(row.raw) > _LONGEST:
        return "row too long"
    return "" if len(row.fields) == n_columns else "wrong number of fields"
