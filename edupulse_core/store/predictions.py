"""Every score anyone could have been shown: a re-score adds a run, nothing is overwritten."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Row, Select, insert, select

from edupulse_core.errors import MissingError
from edupulse_core.store.database import Store
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


@dataclass(frozen=True)
class RunRecord:
    """One scoring of the district: which model, which week, which data, when."""

    version: str
    as_of: date
    warehouse_version: str
    form: str = ""
    run_id: int | None = None  # given by the store
    scored_at: datetime | None = None  # UTC; now, unless given
    n_students: int = 0  # counted by the store


def write_run(store: Store, run: RunRecord, rows: pa.Table | Iterable[Mapping[str, Any]]) -> int:
    """Keep a run and all its rows, or nothing; returns its number.

    rows: a table or dicts with the names of SCHEMA; missing names are null, factors may be a list.
    """
    values = [_row(given) for given in (rows.to_pylist() if isinstance(rows, pa.Table) else rows)]
    header = {
        "version": run.version,
        "as_of": run.as_of,
        "scored_at": run.scored_at or datetime.now(UTC),
        "warehouse_version": run.warehouse_version,
        "form": run.form,
        "n_students": len(values),
    }
    with store.writing() as connection:
        made = connection.execute(insert(runs).returning(runs.c.run_id), header)
        run_id = int(made.scalar_one())
        for value in values:
            value["run_id"] = run_id
        if values:
            connection.execute(insert(predictions), values)
    return run_id


def latest_run(
    store: Store,
    *,
    as_of: date | None = None,
    version: str | None = None,
    warehouse: str | None = None,
    undone: Collection[str] = (),
) -> RunRecord | None:
    """The newest run, of that week, model and warehouse version when given; None without one.

    undone: warehouse versions whose runs do not count.
    """
    query = select(runs).order_by(runs.c.as_of.desc(), runs.c.run_id.desc()).limit(1)
    if as_of is not None:
        query = query.where(runs.c.as_of == as_of)
    if version is not None:
        query = query.where(runs.c.version == version)
    if warehouse is not None:
        query = query.where(runs.c.warehouse_version == warehouse)
    query = query.where(runs.c.warehouse_version.not_in(undone))
    found = _runs(store, query)
    return found[0] if found else None


def run_before(store: Store, run: RunRecord, *, undone: Collection[str] = ()) -> RunRecord | None:
    """The same model's newest run of an earlier week, to say what changed since; None without one.

    It is what was shown then, so of the data of then, but for those that were taken back.
    undone: the versions of these.
    """
    query = select(runs).where(runs.c.as_of < run.as_of, runs.c.version == run.version)
    query = query.where(runs.c.warehouse_version.not_in(undone))
    found = _runs(store, query.order_by(runs.c.as_of.desc(), runs.c.run_id.desc()).limit(1))
    return found[0] if found else None


def run_history(store: Store, *, limit: int = 100) -> list[RunRecord]:
    """All runs, the newest written first."""
    return _runs(store, select(runs).order_by(runs.c.run_id.desc()).limit(limit))


def run_rows(store: Store, run_id: int) -> pa.Table:
    """A run's rows as they were written, by student; columns as in SCHEMA."""
    query = select(*(predictions.c[name] for name in SCHEMA.names))
    query = query.where(predictions.c.run_id == run_id).order_by(predictions.c.student_id)
    with store.reading() as connection:
        if connection.execute(select(runs.c.run_id).where(runs.c.run_id == run_id)).first() is None:
            raise MissingError(f"no scoring run {run_id}")
        rows = connection.execute(query).all()
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def has_factors(store: Store, run_id: int) -> bool:
    """Whether any student of a run has a factor."""
    query = select(predictions.c.student_id).where(predictions.c.run_id == run_id)
    with store.reading() as connection:
        found = connection.execute(query.where(predictions.c.factors != "[]").limit(1))
        return found.first() is not None


def student_history(
    store: Store, student_id: str, *, as_of: date | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """What was ever said of one student, the newest first: run and prediction in one dict.

    as_of: only what was said as of that week.
    """
    query = (
        select(runs, *(predictions.c[name] for name in SCHEMA.names))
        .join(predictions, predictions.c.run_id == runs.c.run_id)
        .where(predictions.c.student_id == student_id)
        .order_by(runs.c.run_id.desc())
        .limit(limit)
    )
    if as_of is not None:
        query = query.where(runs.c.as_of == as_of)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: given.get(name) for name in SCHEMA.names}
    factors = row["factors"]
    row["factors"] = factors if isinstance(factors, str) else json.dumps(factors or [])
    return row


def _runs(store: Store, query: Select[Any]) -> list[RunRecord]:
    with store.reading() as connection:
        return [_record(row) for row in connection.execute(query)]


def _record(row: Row[Any]) -> RunRecord:
    return RunRecord(**row._mapping)
