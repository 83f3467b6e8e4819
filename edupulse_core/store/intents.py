"""Acts that have begun but have no audit line yet; the line replaces them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from edupulse_core.store import audit
from edupulse_core.store.database import Store
from edupulse_core.store.tables import intents


@dataclass(frozen=True)
class Intent:
    """An act that somebody has begun."""

    intent_id: str
    actor: str
    role: str
    action: str
    subjects: list[str]  # each gets a line
    details: dict[str, Any] = field(default_factory=dict)
    pointer: str | None = None  # the file whose version changes when the act takes effect
    before: str | None = None  # that version when the act began
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def begin(store: Store, intent: Intent) -> None:
    """Write down that an act begins."""
    row = {
        **asdict(intent),
        "actor": audit.fitting(intent.actor, audit.LONGEST),
        "role": audit.fitting(intent.role, audit.LONGEST_ROLE),
    }
    with store.writing() as connection:
        connection.execute(insert(intents), row)


def unended(store: Store) -> list[Intent]:
    """The acts without a line, the oldest first."""
    with store.reading() as connection:
        rows = connection.execute(select(intents).order_by(intents.c.at)).mappings()
        return [Intent(**row) for row in rows]


def end(
    store: Store,
    intent: Intent,
    *,
    action: str,
    subjects: Sequence[str],
    details: Mapping[str, Any],
) -> bool:
    """Replace an act's intent with its audit lines; False if another process already did.

    action: what the lines call it, which for an act that failed is another word.
    """
    gone = delete(intents).where(intents.c.intent_id == intent.intent_id)
    with store.writing() as connection:
        if not connection.execute(gone).rowcount:
            return False
        for subject in subjects:
            audit.add(
                connection,
                actor=intent.actor,
                role=intent.role,
                action=action,
                subject=subject,
                details=details,
            )
    return True
