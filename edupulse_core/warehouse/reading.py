"""Load one text file into DuckDB. Every row keeps its number, and none is lost."""

import csv
import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.errors import SourceError
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.oneroster import Manifest, SourceFile, check_header, needed_columns

_LONGEST = 2**18  # characters of one row; DuckDB takes 2 MB, and quotes may double
_SEPARATORS = "\r\n"
_BATCH = 10_000  # rejected rows held at once


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be split into the file's columns."""

    row_number: int
    reason: str


def stage(
    con: duckdb.DuckDBPyConnection,
    file: SourceFile,
    text: TextFile | None,
    manifest: Manifest,
    work: Path,
) -> list[BadRow]:
    """Fill the table `raw` with the file's known columns as text; returns the broken rows.

    Without a file, `raw` stays empty. Raises SourceError if the header is not usable.
    """
    sql.run(con, "warehouse/sql/template", {"name": f"template_{file.name}"})
    if text is None:
        sql.run(con, "warehouse/sql/raw_of_nothing")
        return []
    known = {row[0] for row in con.execute("describe template").fetchall()} - {"row_number"}
    header = read_header(text)
    check_header(header, needed_columns(file, manifest.version), text.file)
    for name in known:
        if header.count(name) > 1:
            raise SourceError("column appears more than once", file=text.file, row=1, column=name)
    columns = {
        name if name in known else f"unknown {at}": "varchar" for at, name in enumerate(header)
    }
    if _read_straight(con, text, columns):
        return []
    return _read_row_by_row(con, text, columns, work / f"{file.name}.rows.csv")


def read_header(text: TextFile) -> list[str]:
    """The column names in a file's first line."""
    with _open(text.path) as lines:
        try:
            return next(csv.reader(lines, strict=True), [])
        except csv.Error as error:
            raise SourceError(f"no header: {error}", file=text.file, row=1) from None


def raw_lines(text: TextFile, wanted: Iterable[int]) -> Iterator[pa.RecordBatch]:
    """Yield rows exactly as the file has them, in batches of row_number and raw.

    wanted: row numbers, ascending.
    """
    numbers = iter(wanted)
    next_one = next(numbers, None)
    taken: list[tuple[int, str]] = []
    for number, _, raw in _records(text):
        if next_one is None:
            break
        if number == next_one:
            taken.append((number, raw))
            next_one = next(numbers, None)
        if len(taken) == _BATCH:
            yield _batch(taken)
            taken.clear()
    if taken:
        yield _batch(taken)


def _batch(lines: list[tuple[int, str]]) -> pa.RecordBatch:
    numbers, raws = zip(*lines, strict=True)
    return pa.record_batch(
        {"row_number": pa.array(numbers, pa.int64()), "raw": pa.array(raws, pa.string())}
    )


def _read_straight(con: duckdb.DuckDBPyConnection, text: TextFile, columns: dict[str, str]) -> bool:
    """Let DuckDB read the whole file. False if any line is not one good row."""
    if not text.is_regular:
        return False
    try:
        _load(con, text.path, columns)
    except duckdb.Error:  # a row that is too short or long, or quoted wrongly
        return False
    return _count(con) + 1 == text.n_lines


def _load(con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str]) -> None:
    only_this = glob.escape(str(path))  # DuckDB takes a path for a pattern
    sql.run(con, "warehouse/sql/raw", {"path": only_this, "columns": columns})


def _count(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("select count(*) from raw").fetchall()[0][0])


def _read_row_by_row(
    con: duckdb.DuckDBPyConnection, text: TextFile, columns: dict[str, str], rewritten: Path
) -> list[BadRow]:
    """Separate good rows from broken ones, and let DuckDB read the good ones."""
    bad: list[BadRow] = []
    good = 0
    with open(rewritten, "w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        write.writerow(["row_number", *columns])
        for number, row, raw in _records(text):
            reason = _broken(row, raw, len(columns))
            if reason:
                bad.append(BadRow(number, reason))
            elif row is not None and number > 1:
                good += 1
                write.writerow([number, *row])
    _load(con, rewritten, {"row_number": "varchar", **columns})
    if _count(con) != good:
        raise SourceError(f"{good} rows were found, but {_count(con)} were read", file=text.file)
    return bad


def _broken(row: list[str] | None, raw: str, n_columns: int) -> str:
    if row is None:
        return "quotation marks do not match"
    if len(raw) > _LONGEST:
        return "row too long"
    return "" if len(row) == n_columns else "wrong number of fields"


def _records(text: TextFile) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield each row's number (the header is 1), fields (None if it can't be split) and raw text.

    Empty lines at the end of the file are not rows. Raises SourceError for a quotation mark that
    is never closed.
    """
    with _open(text.path) as lines:
        taken: list[str] = []
        reader = csv.reader(_taking(lines, taken), strict=True)
        number = 0
        empty: list[int] = []
        while True:
            number += 1
            try:
                row: list[str] | None = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise SourceError(
                        "a quotation mark is opened and never closed", file=text.file, row=number
                    ) from None
                row = None
            raw = "".join(taken).rstrip(_SEPARATORS)
            taken.clear()
            if not raw:
                empty.append(number)
                continue
            yield from ((at, [], "") for at in empty)
            empty.clear()
            yield number, row, raw


def _taking(lines: TextIO, taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _open(path: Path) -> TextIO:
    return open(path, encoding="utf-8-sig", newline="")
