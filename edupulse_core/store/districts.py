"""Which districts this store has ever seen: a demo and real people never share one."""

from datetime import UTC, datetime

from sqlalchemy import func, insert, select

from edupulse_core.errors import RefusedError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import district_imports


def note_import(store: Store, district: str, is_demo: bool) -> None:
    """Remember that this district's data came in."""
    row = {"at": datetime.now(UTC), "district": district, "is_demo": is_demo}
    with store.writing() as connection:
        connection.execute(insert(district_imports), row)


def only_demo(store: Store) -> bool:
    """Whether something came in, and all of it was the demo district."""
    real = func.count().filter(district_imports.c.is_demo.is_(False))
    with store.reading() as connection:
        seen, others = connection.execute(select(func.count(), real)).one()
    return bool(seen) and not others


def refuse_demo_over_real(store: Store) -> None:
    """Raise RefusedError when a demo would be built over a store that knows a real district."""
    query = select(district_imports.c.district).where(district_imports.c.is_demo.is_(False))
    with store.reading() as connection:
        real = connection.execute(query.limit(1)).scalar()
    if real is not None:
        raise RefusedError(
            f"this home holds the data of {real!r}; a demo district is never built over it "
            "(give the demo a home of its own with EDUPULSE_HOME)"
        )
