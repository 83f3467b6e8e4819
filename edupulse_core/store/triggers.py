"""Each time a reason to train again was looked at: a row for each reason, never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from edupulse_core.store.database import Store
from edupulse_core.store.tables import trigger_checks


@dataclass(frozen=True)
class TriggerCheck:
    """What one reason to train again came to."""

    family: str
    name: str  # new_labels, age, error, drift
    value: float | None  # None: not known
    threshold: float
    at: datetime
    fired: bool = False
    job_id: str | None = None  # the training that it began
    details: dict[str, Any] = field(default_factory=dict)
    slot: datetime | None = None  # the Sunday that it was for; None: somebody asked


def add(store: Store, checks: Sequence[TriggerCheck]) -> bool:
    """Keep some checks; False, and none is kept, if another worker has kept those of their slot."""
    try:
        with store.writing() as connection:
            connection.execute(insert(trigger_checks), [asdict(each) for each in checks])
    except IntegrityError:
        return False
    return True


def listed(store: Store, family: str, *, limit: int = 100) -> list[TriggerCheck]:
    """A family's checks, the newest first."""
    query = select(trigger_checks).where(trigger_checks.c.family == family)
    query = query.order_by(trigger_checks.c.check_id.desc()).limit(limit)
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        row.pop("check_id")
    return [TriggerCheck(**row) for row in rows]
