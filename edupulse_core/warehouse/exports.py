"""Tables written as files; text that a spreadsheet would run as a formula is made harmless."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute, parquet
from pyarrow import csv as arrow_csv

from edupulse_core import files
from edupulse_core.errors import InputError

_SIGNS = "=+@＝＋－＠-"  # the last four are the full-width forms and the plain minus
_BLANKS = "[\\s\xa0\u200b\u3000\ufeff]*"
_BREAKS = "\t\r\n\v\f\x85\u2028\u2029"
_STARTS = f"^(?:{_BLANKS}[;{_SIGNS}]|[{_BREAKS}])"
_WITHIN = f'([;{_BREAKS}]{_BLANKS}"?{_BLANKS})([{_SIGNS}])'  # where some programs begin a new cell
_QUOTED = r"\1'\2"
_RISKY = re.compile(f"{_STARTS}|{_WITHIN}")


def neutralize(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Text that does so only after a line break or a semicolon gets one there too.
    """
    return f"'{re.sub(_WITHIN, _QUOTED, text)}" if _RISKY.search(text) else text


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV. Text that looks like a formula is made harmless; None becomes an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([neutralize(name) for name in columns])
    for row in rows:
        writer.writerow([neutralize(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def write_table(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: Path) -> int:
    """Write batches to a .csv or .parquet file as they come; returns the number of rows.

    Numbers keep full precision. The file appears once it is whole. Raises InputError for any other
    ending.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(f"{out}: the name must end in .csv or .parquet")
    rows, options = 0, arrow_csv.WriteOptions(quoting_style="needed")
    with (
        files.replacing(out) as half,
        parquet.ParquetWriter(half, schema)
        if out.suffix == ".parquet"
        else arrow_csv.CSVWriter(half, schema, write_options=options) as writer,
    ):
        for batch in batches:
            table = pa.Table.from_batches([batch], schema)
            writer.write_table(_harmless(table) if out.suffix == ".csv" else table)
            rows += len(batch)
    return rows


def _harmless(table: pa.Table) -> pa.Table:
    """The table with every text column made harmless."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table[field.name]
            risky = compute.match_substring_regex(column, _RISKY.pattern)
            within = compute.replace_substring_regex(column, _WITHIN, _QUOTED)
            marked = compute.binary_join_element_wise("'", within, "")
            table = table.set_column(index, field, compute.if_else(risky, marked, column))
    return table
