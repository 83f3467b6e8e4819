"""Write the features of every student and week to a file for the district."""

from pathlib import Path

import duckdb

from edupulse_core.config import Settings
from edupulse_core.warehouse import exports, snapshots

BATCH = 100_000  # student-weeks held at once

_FEATURES = "select * from built.features order by student_id, week_start"
_WITH_LABELS = """
select features.*, flag_a, flag_b, flag_c, severity, tier
from built.features
left join built.outcomes using (student_id, week_start)
order by student_id, week_start
"""


def export(settings: Settings, built: Path, out: Path, *, labels: bool = False) -> int:
    """Write a features file to a .csv or .parquet; returns the number of student-weeks.

    Unknown values are empty. Raises InputError for any other ending.
    """
    with duckdb.connect() as con:
        snapshots.limit(con, settings)
        con.execute("attach $path as built (read_only)", {"path": str(built)})
        rows = con.sql(_WITH_LABELS if labels else _FEATURES).to_arrow_reader(BATCH)
        return exports.write_table(rows.schema, rows, out)
