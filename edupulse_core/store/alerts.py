"""What monitoring found, until a person closes it: one open alert for each cause."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from edupulse_core.errors import MissingError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import alerts

REST = timedelta(days=28)  # a closed cause is not raised again for so long


@dataclass(frozen=True)
class Alert:
    """Something that a person should look at."""

    family: str
    version: str | None
    kind: str
    severity: str  # info, warning, critical
    school: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(kw_only=True)
    alert_id: str = ""  # given by the store
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None

    @property
    def status(self) -> str:
        """open, acknowledged or closed."""
        if self.closed_at is not None:
            return "closed"
        return "acknowledged" if self.acknowledged_at is not None else "open"


def add(connection: Connection, alert: Alert) -> Alert | None:
    """Raise an alert, unless one of the same cause is open or was closed less than REST ago.

    The cause is the family, version, kind and school.
    """
    query = select(alerts).where(
        *(
            alerts.c[name] == getattr(alert, name)
            for name in ("family", "version", "kind", "school")
        )
    )
    newest = connection.execute(query.order_by(alerts.c.at.desc()).limit(1)).first()
    if newest is not None and (newest.closed_at is None or alert.at - newest.closed_at < REST):
        return None
    row = asdict(alert) | {"alert_id": uuid4().hex}
    connection.execute(insert(alerts), row)
    return Alert(**row)


def alert(store: Store, alert_id: str) -> Alert:
    """One alert. Raises MissingError where there is none."""
    with store.reading() as connection:
        row = connection.execute(select(alerts).where(alerts.c.alert_id == alert_id)).first()
    if row is None:
        raise MissingError(f"no alert {alert_id!r}")
    return Alert(**row._mapping)


def listed(store: Store, family: str | None = None, *, is_open: bool | None = None) -> list[Alert]:
    """The alerts, the newest first.  is_open: only those nobody closed; false: only closed ones."""
    query = select(alerts).order_by(alerts.c.at.desc(), alerts.c.alert_id)
    if family is not None:
        query = query.where(alerts.c.family == family)
    if is_open is not None:
        closed = alerts.c.closed_at
        query = query.where(closed.is_(None) if is_open else closed.is_not(None))
    with store.reading() as connection:
        return [Alert(**row._mapping) for row in connection.execute(query)]


def answer(
    store: Store, alert_id: str, step: str, *, actor: str, note: str | None, at: datetime
) -> bool:
    """Acknowledge or close an alert; False where someone already did.

    step: "acknowledged" or "closed".
    """
    values: dict[str, Any] = {f"{step}_at": at, f"{step}_by": actor}
    if note:
        values["note"] = note
    query = update(alerts).where(
        alerts.c.alert_id == alert_id,
        alerts.c.closed_at.is_(None),
        alerts.c[f"{step}_at"].is_(None),
    )
    with store.writing() as connection:
        return bool(connection.execute(query.values(values)).rowcount)
