"""Split a text file into rows, in bounded memory no matter what the file holds."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from edupulse_core.errors import SourceError

MOST_COLUMNS = 1_000
LONGEST_FIELD = 2**16  # bytes
LONGEST_ROW = 2**21  # characters; nothing longer is ever held in memory
_LINE_ENDS = "\r\n"
_EMPTY = ("\n", "\r\n", "\r")
csv.field_size_limit(2**31 - 1)  # of every reader of this process; LONGEST_ROW is the limit here


class Row(NamedTuple):
    """One row of a file; the header is row 1."""

    number: int
    fields: list[str] | None  # None: its quotation marks do not match
    raw: str  # without the line end


def rows(
    path: Path, file: str, *, columns: Sequence[str] = (), strict: bool = True
) -> Iterator[Row]:
    """Yield the rows of a file. A line without a character is no row, but takes a number.

    file: what people call it.  columns: names for messages; without them, a column is a number.
    strict: whether stray quotation marks are mistakes.
    Raises SourceError for a field or row that is too long, or a quotation mark never closed.
    """
    with _open(path) as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, strict=strict)
        while True:
            try:
                fields: list[str] | None = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise SourceError(
                        "a quotation mark is opened and never closed", file=file, row=lines.number
                    ) from None
                fields = None
            except _TooLong:
                raise _too_long(lines.take(), file, lines.number) from None
            raw = lines.take()
            if fields and len(raw) * 4 > LONGEST_FIELD:
                _check_fields(fields, file, lines.number, columns)
            yield Row(lines.number, fields, raw)


def header(path: Path, file: str) -> Row | None:
    """A file's first line; None if it is empty. Raises SourceError for too many columns."""
    first = next(rows(path, file), None)
    if first is None or first.number > 1:
        return None
    if first.fields and len(first.fields) > MOST_COLUMNS:
        raise _too_many(file, f"{len(first.fields):,}")
    return first


class _TooLong(Exception):
    """A row is longer than LONGEST_ROW."""


class _Lines(Iterator[str]):
    """The lines of a stream; keeps those of the current row, and stops when they are too long."""

    def __init__(self, stream: TextIO) -> None:
        self.number = 0  # of the row at hand
        self._stream = stream
        self._taken: list[str] = []
        self._size = 0

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_ROW - self._size + 1)
        if not self._taken:  # a new row begins
            self.number += 1
            while line in _EMPTY:
                self.number += 1
                line = self._stream.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > LONGEST_ROW:
            raise _TooLong
        return line

    def take(self) -> str:
        """The text of the row that was just read."""
        raw = "".join(self._taken).rstrip(_LINE_ENDS)
        self._taken, self._size = [], 0
        return raw


def _too_long(raw: str, file: str, number: int) -> SourceError:
    if number == 1 and raw.count(",") >= MOST_COLUMNS:
        return _too_many(file, f"over {MOST_COLUMNS:,}")
    said = f"longer than {LONGEST_ROW // 2**20} MB"
    if '"' in raw:
        said += "; is a quotation mark opened and never closed?"
    return SourceError(said, file=file, row=number)


def _too_many(file: str, found: str) -> SourceError:
    return SourceError(f"{found} columns found; a file may have {MOST_COLUMNS:,}", file=file, row=1)


def _check_fields(fields: list[str], file: str, number: int, columns: Sequence[str]) -> None:
    for at, field in enumerate(fields):
        if len(field.encode(errors="surrogateescape")) > LONGEST_FIELD:
            raise SourceError(
                f"a field is longer than {LONGEST_FIELD // 2**10} KB",
                file=file,
                row=number,
                column=columns[at] if number > 1 and at < len(columns) else str(at + 1),
            )


def _open(path: Path) -> TextIO:
    """The text of a file; bytes that are not UTF-8 become lone surrogates."""
    return open(path, encoding="utf-8-sig", errors="surrogateescape", newline="")
