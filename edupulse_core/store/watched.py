"""What monitoring measured: a row for each number, never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import watched


@dataclass(frozen=True)
class Figure:
    """One number that monitoring measured."""

    name: str
    value: float | None
    subject: str = ""  # an input, a level or a school; empty: the whole
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched(Figure):
    """A figure as it was kept."""

    at: datetime = field(kw_only=True)
    as_of: date = field(kw_only=True)
    family: str = field(kw_only=True)
    version: str = field(kw_only=True)


def add(
    connection: Connection,
    figures: Sequence[Figure],
    *,
    at: datetime,
    as_of: date,
    family: str,
    version: str,
) -> None:
    """Keep what was measured as of a day, in a transaction that writes more."""
    same = {"at": at, "as_of": as_of, "family": family, "version": version}
    if figures:
        connection.execute(insert(watched), [asdict(each) | same for each in figures])


def figures(
    store: Store,
    family: str,
    *,
    name: str | None = None,
    version: str | None = None,
    subject: str | None = None,
    since: date | None = None,
) -> list[Watched]:
    """What was measured, the newest first; of several nights with one as-of day, the last.

    since: as of this day or later.
    """
    query = select(watched).where(watched.c.family == family)
    if name is not None:
        query = query.where(watched.c.name == name)
    if version is not None:
        query = query.where(watched.c.version == version)
    if subject is not None:
        query = query.where(watched.c.subject == subject)
    if since is not None:
        query = query.where(watched.c.as_of >= since)
    query = query.order_by(watched.c.as_of.desc(), watched.c.watched_id.desc())
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    newest: dict[tuple[Any, ...], Watched] = {}
    for row in rows:
        row.pop("watched_id")
        key = tuple(row[part] for part in ("as_of", "version", "name", "subject"))
        newest.setdefault(key, Watched(**row))
    return list(newest.values())
