"""Small tables that a person gives: CSV, or cells copied from a spreadsheet. No row is lost."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from edupulse_core.errors import InputError

LARGEST = 1_000_000  # letters
NO_QUOTES = "put an answer that holds a comma or a quotation mark in quotation marks"


@dataclass(frozen=True)
class Row:
    """One row below the header, or why it cannot be read."""

    number: int  # as a spreadsheet counts; the header is 1
    cells: dict[str, str]
    problem: str = ""


def read(text: str, columns: Sequence[str], name: str) -> list[Row]:
    """The rows of a table that has these columns, and maybe more. Empty rows are passed over.

    name: what the table is called in an error.
    Raises InputError where the table as a whole cannot be read.
    """
    if len(text) > LARGEST:
        raise InputError(f"{name} is larger than {LARGEST:,} letters: give it in parts")
    if "\0" in text:
        raise InputError(f"{name} is not a table of text")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: list[Row] = []
    head: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if not head:
                head = _checked(cells, columns, name)
            elif any(cell.strip() for cell in cells):
                found.append(_row(number, head, cells))
    except csv.Error:
        raise InputError(
            f"{name}, row {number + 1}: a quotation mark is missing or too many; {NO_QUOTES}"
        ) from None
    if not head:
        raise InputError(f"{name} is empty; its first row must be {','.join(columns)}")
    return found


def _delimiter(text: str) -> str:
    """A tab, a semicolon or a comma: what the first row uses."""
    first = text.lstrip().partition("\n")[0]
    return next((mark for mark in "\t;" if mark in first), ",")


def _checked(cells: Sequence[str], columns: Sequence[str], name: str) -> list[str]:
    head = [cell.strip().strip("\ufeff").lower() for cell in cells]
    if lacking := [column for column in columns if column not in head]:
        raise InputError(
            f"{name} has no column {', '.join(lacking)}; its first row must be {','.join(columns)}"
        )
    if twice := sorted({column for column in columns if head.count(column) > 1}):
        raise InputError(f"{name} has the column {', '.join(twice)} twice")
    return head


def _row(number: int, head: Sequence[str], cells: Sequence[str]) -> Row:
    found = {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
    if any(cell.strip() for cell in cells[len(head) :]):
        found[head[-1]] = ",".join(cells[len(head) - 1 :]).strip()  # so that it can be told whole
        return Row(number, found, f"{len(cells)} cells under {len(head)} columns; {NO_QUOTES}")
    return Row(number, dict.fromkeys(head, "") | found)
