"""The answers of every family but risk: a new run adds rows, nothing is overwritten."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa
from sqlalchemy import insert, select

from edupulse_core.store import runs as store_runs
from edupulse_core.store.database import Store
from edupulse_core.store.runs import RunRecord
from edupulse_core.store.tables import estimates, runs

SCHEMA = pa.schema(
    [
        ("subject", pa.string()),  # a student; a text where the family answers about texts
        ("object", pa.string()),  # a skill, a program; empty where the answer is of the student
        ("rank", pa.int64()),  # 1 is the best of the subject's objects
        ("value", pa.float64()),
        ("low", pa.float64()),  # the range that the value may lie in
        ("high", pa.float64()),
        ("label", pa.string()),
        ("details", pa.string()),  # JSON object
    ]
)


def write_run(store: Store, run: RunRecord, rows: pa.Table | Iterable[Mapping[str, Any]]) -> int:
    """Keep a run and all its rows, or nothing; returns its number.

    rows: a table or dicts with the names of SCHEMA; missing names are null, a missing object is
    empty, details may be a dict.
    """
    values = [_row(given) for given in (rows.to_pylist() if isinstance(rows, pa.Table) else rows)]
    with store.writing() as connection:
        run_id = store_runs.add(connection, run, len({value["subject"] for value in values}))
        for value in values:
            value["run_id"] = run_id
        if values:
            connection.execute(insert(estimates), values)
    return run_id


def run_rows(store: Store, run_id: int, subjects: Collection[str] | None = None) -> pa.Table:
    """A run's rows as they were written, by subject, rank and object; of some subjects, or all."""
    query = select(*(estimates.c[name] for name in SCHEMA.names))
    query = query.where(estimates.c.run_id == run_id)
    if subjects is not None:
        query = query.where(estimates.c.subject.in_(subjects))
    query = query.order_by(estimates.c.subject, estimates.c.rank, estimates.c.object)
    with store.reading() as connection:
        store_runs.check(connection, run_id)
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def shown(store: Store, run: RunRecord, subject: str) -> tuple[int, pa.Table] | None:
    """The newest run like this one that answered about a subject, and its rows; else None.

    run: its family, version, week, warehouse and purpose must be the same.
    """
    query = select(runs.c.run_id).join(estimates, estimates.c.run_id == runs.c.run_id)
    query = query.where(
        runs.c.family == run.family,
        runs.c.version == run.version,
        runs.c.as_of == run.as_of,
        runs.c.warehouse_version == run.warehouse_version,
        runs.c.purpose == run.purpose,
        estimates.c.subject == subject,
    )
    with store.reading() as connection:
        found = connection.execute(query.order_by(runs.c.run_id.desc()).limit(1)).scalar()
    return None if found is None else (found, run_rows(store, found, [subject]))


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: given.get(name) for name in SCHEMA.names}
    details = row["details"]
    row["details"] = details if isinstance(details, str) else json.dumps(details or {})
    row["object"] = row["object"] or ""
    return row
