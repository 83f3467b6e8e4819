"""Which districts this store has ever seen: a demo and real people never share one."""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import district_imports


def note_import(store: Store, district: str, is_demo: bool) -> None:
    """Remember that this district's data came in."""
    row = {"at": datetime.now(UTC), "district": district, "is_demo": is_demo}
    with store.writing() as connection:
        connection.execute(insert(district_imports), row)


def any_demo(store: Store) -> bool:
    """Whether a demo district ever came in."""
    return _seen(store, is_demo=True)


def any_real(store: Store) -> bool:
    """Whether a real district ever came in."""
    return _seen(store, is_demo=False)


def only_demo(store: Store) -> bool:
    """Whether something came in, and all of it was the demo district."""
    return any_demo(store) and not any_real(store)


def _seen(store: Store, *, is_demo: bool) -> bool:
    query = select(district_imports.c.import_id).where(district_imports.c.is_demo.is_(is_demo))
    with store.reading() as connection:
        return connection.execute(query.limit(1)).first() is not None


def first_seen(store: Store) -> datetime | None:
    """When this store saw its first district; None before any."""
    with store.reading() as connection:
        found: datetime | None = connection.execute(
            select(district_imports.c.at).order_by(district_imports.c.at).limit(1)
        ).scalar()
    return found
