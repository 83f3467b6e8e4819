"""Every risk score anyone could have been shown: a re-score adds a run, nothing is overwritten."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import func, insert, select

from edupulse_core.store import runs as store_runs
from edupulse_core.store.database import Store
from edupulse_core.store.runs import NIGHT, RunRecord
from edupulse_core.store.tables import predictions, runs

SCHEMA = pa.schema(
    [
        ("student_id", pa.string()),
        ("risk_score", pa.float64()),  # 0..1; null: not enough data
        ("tier", pa.string()),
        ("p_low", pa.float64()),
        ("p_medium", pa.float64()),
        ("p_high", pa.float64()),
        ("p_critical", pa.float64()),
        ("factors", pa.string()),  # JSON list of {feature, value, norm, direction, ...}
    ]
)


def write_run(store: Store, run: RunRecord, rows: pa.Table | Iterable[Mapping[str, Any]]) -> int:
    """Keep a run and all its rows, or nothing; returns its number.

    rows: a table or dicts with the names of SCHEMA; missing names are null, factors may be a list.
    """
    values = [_row(given) for given in (rows.to_pylist() if isinstance(rows, pa.Table) else rows)]
    with store.writing() as connection:
        run_id = store_runs.add(connection, run, len(values))
        for value in values:
            value["run_id"] = run_id
        if values:
            connection.execute(insert(predictions), values)
    return run_id


def run_rows(store: Store, run_id: int) -> pa.Table:
    """A run's rows as they were written, by student; columns as in SCHEMA."""
    query = select(*(predictions.c[name] for name in SCHEMA.names))
    query = query.where(predictions.c.run_id == run_id).order_by(predictions.c.student_id)
    with store.reading() as connection:
        store_runs.check(connection, run_id)
        rows = connection.execute(query).all()
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def level_ranges(store: Store, run_id: int) -> list[tuple[str, float, float]]:
    """Each level in a run, with its lowest and highest score."""
    score = predictions.c.risk_score
    query = select(predictions.c.tier, func.min(score), func.max(score))
    query = query.where(predictions.c.run_id == run_id, predictions.c.tier.is_not(None))
    with store.reading() as connection:
        rows = connection.execute(query.group_by(predictions.c.tier))
        return [(level, low, high) for level, low, high in rows]


def has_factors(store: Store, run_id: int) -> bool:
    """Whether any student of a run has a factor."""
    query = select(predictions.c.student_id).where(predictions.c.run_id == run_id)
    with store.reading() as connection:
        found = connection.execute(query.where(predictions.c.factors != "[]").limit(1))
        return found.first() is not None


def student_history(
    store: Store,
    student_id: str,
    *,
    purposes: Collection[str] = (NIGHT,),
    as_of: date | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """What was ever said of one student, the newest first: run and prediction in one dict.

    as_of: only what was said as of that week.
    """
    query = (
        select(runs, *(predictions.c[name] for name in SCHEMA.names))
        .join(predictions, predictions.c.run_id == runs.c.run_id)
        .where(predictions.c.student_id == student_id, runs.c.purpose.in_(purposes))
        .order_by(runs.c.run_id.desc())
        .limit(limit)
    )
    if as_of is not None:
        query = query.where(runs.c.as_of == as_of)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def newest(
    store: Store,
    student_ids: Collection[str],
    *,
    as_of: date,
    version: str,
    purposes: Collection[str],
    warehouse: str | None = None,
    undone: Collection[str] = (),
) -> dict[str, dict[str, Any]]:
    """The newest prediction of each student for a week by a version: run and prediction in one.

    Students without one are left out.  warehouse, undone: as for `runs.latest_run`.
    """
    query = (
        select(runs, *(predictions.c[name] for name in SCHEMA.names))
        .join(predictions, predictions.c.run_id == runs.c.run_id)
        .where(
            predictions.c.student_id.in_(student_ids),
            runs.c.as_of == as_of,
            runs.c.version == version,
            runs.c.purpose.in_(purposes),
            runs.c.warehouse_version.not_in(undone),
        )
        .order_by(runs.c.run_id)
    )
    if warehouse is not None:
        query = query.where(runs.c.warehouse_version == warehouse)
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return {row["student_id"]: row for row in rows}


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: given.get(name) for name in SCHEMA.names}
    factors = row["factors"]
    row["factors"] = factors if isinstance(factors, str) else json.dumps(factors or [])
    return row
