"""A run's scores as a file for the district, with the columns of the contract."""

import json
from pathlib import Path

import pyarrow as pa
from pyarrow import compute, csv, parquet

from edupulse_core.errors import InputError
from edupulse_core.inference.factors import COUNT
from edupulse_core.inference.score import ScoreRun
from edupulse_core.inference.tiers import TIERS

FORMULA = "^[=+@\\t\\r-]"  # a spreadsheet would run a cell that starts so


def scores_table(run: ScoreRun) -> pa.Table:
    """The file's columns, by student and week, full precision."""
    rows = run.rows.sort_by("student_id")
    features = [[each["feature"] for each in json.loads(some.as_py())] for some in rows["factors"]]
    columns = {
        "student_id": rows["student_id"],
        "as_of": pa.array([run.as_of] * len(rows), pa.date32()),
        "risk_score": rows["risk_score"],
        "tier": rows["tier"],
        **{f"p_{tier}": rows[f"p_{tier}"] for tier in TIERS},
        "model_version": pa.array([run.version] * len(rows), pa.string()),
    }
    for n in range(COUNT):
        names = [some[n] if n < len(some) else None for some in features]
        columns[f"factor_{n + 1}"] = pa.array(names, pa.string())
    return pa.table(columns)


def write_scores(run: ScoreRun, out: Path) -> None:
    """Write the scores. Raises InputError when the name ends in neither .csv nor .parquet."""
    table = scores_table(run)
    if out.suffix == ".parquet":
        parquet.write_table(table, out)
    elif out.suffix == ".csv":
        csv.write_csv(_harmless(table), out, csv.WriteOptions(quoting_style="needed"))
    else:
        raise InputError(f"{out}: the name must end in .csv or .parquet")


def _harmless(table: pa.Table) -> pa.Table:
    """Put an apostrophe before every text that a spreadsheet would run."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table[field.name]
            risky = compute.match_substring_regex(column, FORMULA)
            marked = compute.binary_join_element_wise("'", column, "")
            table = table.set_column(index, field, compute.if_else(risky, marked, column))
    return table
