"""Which model version served from when on, and who decided it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import activations


@dataclass(frozen=True)
class Activation:
    """One switch to a version."""

    at: datetime  # UTC
    family: str
    version: str
    previous: str | None
    actor: str
    reason: str | None = None
    override_reason: str | None = None  # why it serves though the gate refused it


def note_activation(store: Store, made: Activation) -> None:
    """Remember a switch."""
    with store.writing() as connection:
        connection.execute(insert(activations), asdict(made))


def is_noted(store: Store, made: Activation) -> bool:
    """Whether a switch has its row: of that family, at that moment."""
    query = select(activations.c.activation_id).where(
        activations.c.family == made.family, activations.c.at == made.at
    )
    with store.reading() as connection:
        return connection.execute(query.limit(1)).first() is not None


def of_family(store: Store, family: str) -> list[Activation]:
    """Every switch of a family, the oldest first."""
    columns = [activations.c[name] for name in Activation.__dataclass_fields__]
    query = select(*columns).where(activations.c.family == family)
    with store.reading() as connection:
        found = connection.execute(query.order_by(activations.c.activation_id)).mappings()
        return [Activation(**row) for row in found]
