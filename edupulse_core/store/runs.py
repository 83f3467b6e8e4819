"""Runs: each time a family answered, with which model, of which week, from which data, what for."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from edupulse_core.errors import MissingError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import runs

NIGHT = "night"  # of everybody, shown on the pages until the next one
SHADOW = "shadow"  # of everybody, by the challenger of an experiment
ASKED = "asked"  # one question that somebody asked; the pages do not change
SHOWN = "shown"  # of one student, or of all texts: shown again until something changes


def shown_about(topic: str) -> str:
    """The purpose of what is shown about a topic, such as a goal; without one, SHOWN itself."""
    if not topic:
        return SHOWN
    return f"{SHOWN}:{hashlib.sha256(topic.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class RunRecord:
    """One time that a family answered."""

    version: str
    as_of: date
    warehouse_version: str
    form: str = ""
    run_id: int | None = None  # given by the store
    scored_at: datetime | None = None  # UTC; now, unless given
    n_students: int = 0  # counted by the store
    family: str = field(kw_only=True)
    purpose: str = field(default=NIGHT, kw_only=True)


def add(connection: Connection, run: RunRecord, n_students: int) -> int:
    """Write a run's own row, in the transaction that writes its answers; returns its number."""
    row = {
        "family": run.family,
        "purpose": run.purpose,
        "version": run.version,
        "as_of": run.as_of,
        "scored_at": run.scored_at or datetime.now(UTC),
        "warehouse_version": run.warehouse_version,
        "form": run.form,
        "n_students": n_students,
    }
    made = connection.execute(insert(runs).returning(runs.c.run_id), row)
    return int(made.scalar_one())


def check(connection: Connection, run_id: int) -> None:
    """Raise MissingError when there is no such run."""
    if connection.execute(select(runs.c.run_id).where(runs.c.run_id == run_id)).first() is None:
        raise MissingError(f"no scoring run {run_id}")


def read(store: Store, run_id: int) -> RunRecord | None:
    """A run by its number; None where there is none."""
    found = _runs(store, select(runs).where(runs.c.run_id == run_id))
    return found[0] if found else None


def latest_run(
    store: Store,
    family: str,
    *,
    purpose: str = NIGHT,
    as_of: date | None = None,
    version: str | None = None,
    warehouse: str | None = None,
    undone: Collection[str] = (),
) -> RunRecord | None:
    """A family's newest run for a purpose, of that week, model and data when given; else None.

    warehouse: the data's version.  undone: versions of the data whose runs do not count.
    """
    query = _newest_first(family, purpose, undone).limit(1)
    if as_of is not None:
        query = query.where(runs.c.as_of == as_of)
    if version is not None:
        query = query.where(runs.c.version == version)
    if warehouse is not None:
        query = query.where(runs.c.warehouse_version == warehouse)
    found = _runs(store, query)
    return found[0] if found else None


def run_before(store: Store, run: RunRecord, *, undone: Collection[str] = ()) -> RunRecord | None:
    """The same model's newest run of an earlier week, to say what changed since; None without one.

    It is what was shown at that time, so it is of the data of that time, unless an undo took those
    back.  undone: the versions of the data that were taken back.
    """
    query = _newest_first(run.family, run.purpose, undone).limit(1)
    found = _runs(store, query.where(runs.c.as_of < run.as_of, runs.c.version == run.version))
    return found[0] if found else None


def weekly(
    store: Store,
    family: str,
    *,
    purpose: str = NIGHT,
    version: str | None = None,
    undone: Collection[str] = (),
) -> list[RunRecord]:
    """The last night's run of each week, the newest week first; of one model when given.

    undone: the versions of the data that were taken back.
    """
    newest: dict[date, RunRecord] = {}
    for run in _runs(store, _newest_first(family, purpose, undone)):
        if version in (None, run.version):
            newest.setdefault(run.as_of, run)
    return list(newest.values())


def _newest_first(family: str, purpose: str, undone: Collection[str]) -> Select[Any]:
    query = select(runs).where(runs.c.family == family, runs.c.purpose == purpose)
    query = query.where(runs.c.warehouse_version.not_in(undone))
    return query.order_by(runs.c.as_of.desc(), runs.c.run_id.desc())


def _runs(store: Store, query: Select[Any]) -> list[RunRecord]:
    with store.reading() as connection:
        return [_record(row) for row in connection.execute(query)]


def _record(row: Row[Any]) -> RunRecord:
    return RunRecord(**row._mapping)
