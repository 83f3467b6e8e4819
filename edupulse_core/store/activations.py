"""Which model version served from when on, and who decided it."""

from datetime import UTC, datetime

from sqlalchemy import insert

from edupulse_core.store.database import Store
from edupulse_core.store.tables import activations


def note_activation(
    store: Store, *, family: str, version: str, previous: str | None, actor: str
) -> None:
    """Remember that this version serves from now on."""
    row = {
        "at": datetime.now(UTC),
        "family": family,
        "version": version,
        "previous": previous,
        "actor": actor,
    }
    with store.writing() as connection:
        connection.execute(insert(activations), row)
