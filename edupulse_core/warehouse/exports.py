"""Tables as files for people: text that a spreadsheet would run as a formula is made harmless."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
from pyarrow import compute, csv, parquet

from edupulse_core.errors import InputError

_FORMULA = "^[=+@\\t\\r-]"
_AS_NEEDED = csv.WriteOptions(quoting_style="needed")


def neutralise(text: str) -> str:
    """The text, behind an apostrophe when a spreadsheet would run it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def csv_bytes(table: pa.Table) -> bytes:
    """A table as UTF-8 CSV with a header, its texts neutralised."""
    sink = pa.BufferOutputStream()
    csv.write_csv(_harmless(table), sink, _AS_NEEDED)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def write_table(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: Path) -> int:
    """Write batches to a .csv or .parquet file as they come; returns the number of rows.

    Raises InputError when the name ends in neither.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(f"{out}: the name must end in .csv or .parquet")
    rows = 0
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        with (
            parquet.ParquetWriter(unfinished, schema)
            if out.suffix == ".parquet"
            else csv.CSVWriter(unfinished, schema, write_options=_AS_NEEDED)
        ) as writer:
            for batch in batches:
                table = pa.Table.from_batches([batch], schema)
                writer.write_table(_harmless(table) if out.suffix == ".csv" else table)
                rows += len(batch)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _harmless(table: pa.Table) -> pa.Table:
    """Every text column, neutralised."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table[field.name]
            risky = compute.match_substring_regex(column, _FORMULA)
            marked = compute.binary_join_element_wise("'", column, "")
            table = table.set_column(index, field, compute.if_else(risky, marked, column))
    return table
