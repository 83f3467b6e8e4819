"""Which model version served from when on, and who decided it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import activations


@dataclass(frozen=True)
class Activation:
    """One version taking over from another."""

    activation_id: int
    at: datetime
    family: str
    version: str
    previous: str | None
    actor: str


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


def activation_history(store: Store, family: str) -> list[Activation]:
    """Every activation of the family, the newest first."""
    query = select(activations).where(activations.c.family == family)
    query = query.order_by(activations.c.activation_id.desc())
    with store.reading() as connection:
        return [Activation(**row) for row in connection.execute(query).mappings()]
