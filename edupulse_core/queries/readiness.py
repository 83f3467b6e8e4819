"""Whether questions can be answered now, and what stands in the store, for whoever watches."""

from collections.abc import Callable
from functools import lru_cache

import duckdb
from sqlalchemy import Table, func, select

from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError, MissingError
from edupulse_core.families.risk import NAME
from edupulse_core.lifecycle import registry
from edupulse_core.queries.jobs import is_stuck
from edupulse_core.store import queue
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import alerts, jobs
from edupulse_core.warehouse import snapshots


def checks(settings: Settings) -> dict[str, bool]:
    """What answers need, each by itself: database, warehouse, model and queue."""
    return {
        "database": _works(_read_store, settings),
        "warehouse": _works(snapshots.current, settings),
        "model": _works(_read_model, settings),
        "queue": _works(_ask_queue, settings),
    }


def is_demo(settings: Settings) -> bool:
    """Whether the data are those of a fictional district; asks the files only, never a database."""
    try:
        return _is_demo(settings, snapshots.current(settings))
    except (EduPulseError, duckdb.Error, OSError):
        return False


@lru_cache(maxsize=4)
def _is_demo(settings: Settings, snapshot: snapshots.Snapshot) -> bool:
    with snapshots.connect(settings, snapshot) as con:
        return any(row[0] for row in con.execute("select is_demo from imports").fetchall())


def jobs_by_status(settings: Settings) -> dict[str, int]:
    """How many jobs there are of each status."""
    return _counted(settings, jobs, "status")


def open_alerts(settings: Settings) -> dict[str, int]:
    """How many alerts of each severity nobody has closed."""
    return _counted(settings, alerts, "severity")


def _works(check: Callable[[Settings], object], settings: Settings) -> bool:
    try:
        check(settings)
    except (EduPulseError, duckdb.Error, OSError):
        return False
    return True


def _read_store(settings: Settings) -> None:
    with open_store(settings).reading() as connection:
        connection.exec_driver_sql("select 1")


def _ask_queue(settings: Settings) -> None:
    """Raise MissingError where jobs cannot be handed on, or wait though no worker takes them."""
    if not queue.is_up(settings) or is_stuck(settings):
        raise MissingError("no worker takes jobs from the queue")


def _read_model(settings: Settings) -> None:
    registry.active_version(settings, NAME)


def _counted(settings: Settings, table: Table, name: str) -> dict[str, int]:
    query = select(table.c[name], func.count()).group_by(table.c[name])
    if "closed_at" in table.c:
        query = query.where(table.c.closed_at.is_(None))
    with open_store(settings).reading() as connection:
        return {str(key): int(n) for key, n in connection.execute(query)}
