"""What stands in a table of the store, for tests of what was written."""

from typing import Any

from sqlalchemy import Row, Table, select

from edupulse_core.store.database import Store


def newest_first(store: Store, table: Table) -> list[Row[Any]]:
    """Every row, the one that was written last first."""
    (key,) = table.primary_key.columns
    with store.reading() as connection:
        return list(connection.execute(select(table).order_by(key.desc())))
