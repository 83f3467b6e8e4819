"""A run's scores as a file for the district, with the columns of the contract."""

import json
from pathlib import Path

import pyarrow as pa

from edupulse_core.families.risk.factors import COUNT
from edupulse_core.families.risk.score import ScoreRun
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.warehouse import exports


def scores_table(run: ScoreRun) -> pa.Table:
    """The file's columns, by student and week, in full precision."""
    rows = run.rows.sort_by("student_id")
    features = [[each["feature"] for each in json.loads(some.as_py())] for some in rows["factors"]]
    one_version = pa.array([run.version] * len(rows), pa.string())
    columns = {
        "student_id": rows["student_id"],
        "as_of": pa.array([run.as_of] * len(rows), pa.date32()),
        "risk_score": rows["risk_score"],
        "tier": rows["tier"],
        **{f"p_{tier}": rows[f"p_{tier}"] for tier in TIERS},
        "model_version": rows["version"] if "version" in rows.column_names else one_version,
    }
    for n in range(COUNT):
        names = [some[n] if n < len(some) else None for some in features]
        columns[f"factor_{n + 1}"] = pa.array(names, pa.string())
    return pa.table(columns)


def write_scores(run: ScoreRun, out: Path) -> None:
    """Write the scores. Raises InputError when the name ends in neither .csv nor .parquet."""
    table = scores_table(run)
    exports.write_table(table.schema, table.to_batches(), out)
