"""Acts that have begun but have no audit line yet; the line replaces them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from edupulse_core.store import audit
from edupulse_core.store.database import Store
from edupulse_core.store.tables import intents

_PLACE, _AIM = "_place", "_aim"  # among the details of a row; no line shows them


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
    place: str = ""  # the machine and the home where the act runs
    aim: str | None = None  # the version that the act was about to publish
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def begin(store: Store, intent: Intent) -> None:
    """Write down that an act begins."""
    row = asdict(intent)
    row |= {
        "details": {**intent.details, _PLACE: row.pop("place"), _AIM: row.pop("aim")},
        "actor": audit.fitting(intent.actor, audit.LONGEST),
        "role": audit.fitting(intent.role, audit.LONGEST_ROLE),
    }
    with store.writing() as connection:
        connection.execute(insert(intents), row)


def aim(store: Store, intent: Intent, version: str) -> None:
    """Write down what an act is about to publish."""
    details = {**intent.details, _PLACE: intent.place, _AIM: version}
    change = update(intents).where(intents.c.intent_id == intent.intent_id)
    with store.writing() as connection:
        connection.execute(change.values(details=details))


def unended(store: Store) -> list[Intent]:
    """The acts without a line, the oldest first."""
    with store.reading() as connection:
        rows = connection.execute(select(intents).order_by(intents.c.at)).mappings()
        return [_of(dict(row)) for row in rows]


def _of(row: dict[str, Any]) -> Intent:
    details = dict(row["details"])
    place, aim = details.pop(_PLACE, ""), details.pop(_AIM, None)
    return Intent(**{**row, "details": details}, place=place, aim=aim)


def end(
    store: Store,
    intent: Intent,
    *,
    action: str,
    subjects: Sequence[str],
    details: Mapping[str, Any],
    is_own: bool = False,
) -> None:
    """Replace an act's intent with its audit lines, unless another process already did.

    action: what the lines call it, which for an act that failed is another word.
    is_own: the process that ran the act writes its lines even then, because the other one took it
    for dead.
    """
    gone = delete(intents).where(intents.c.intent_id == intent.intent_id)
    with store.writing() as connection:
        if not connection.execute(gone).rowcount and not is_own:
            return
        for subject in subjects:
            audit.add(
                connection,
                actor=intent.actor,
                role=intent.role,
                action=action,
                subject=subject,
                details=details,
            )
