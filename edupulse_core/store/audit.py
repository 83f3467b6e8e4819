"""Who saw or did what, when: written once, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import Connection, insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import audit

LONGEST = 255  # letters of an actor or a subject
LONGEST_ROLE = 100


@dataclass(frozen=True)
class Entry:
    """One line of the audit trail."""

    entry_id: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str | None
    details: dict[str, Any] = field(default_factory=dict)


class Line(TypedDict):
    """What a line says; action is a verb and its object, such as `view_student`."""

    actor: str
    role: str
    action: str
    subject: NotRequired[str | None]
    details: NotRequired[Mapping[str, Any] | None]


def record(store: Store, **line: Unpack[Line]) -> None:
    """Add one line.

    A subject longer than 255 letters, such as an invented address, is cut.
    """
    with store.writing() as connection:
        add(connection, **line)


def record_all(store: Store, subjects: Iterable[str], **line: Unpack[Line]) -> None:
    """Add a line for each subject, or none of them."""
    rows = [_row({**line, "subject": subject}) for subject in subjects]
    if rows:
        with store.writing() as connection:
            connection.execute(insert(audit), rows)


def add(connection: Connection, **line: Unpack[Line]) -> None:
    """Add one line, as `record`, in a transaction that writes more."""
    connection.execute(insert(audit), _row(line))


def _row(line: Line) -> dict[str, Any]:
    subject = line.get("subject")
    return {
        "at": datetime.now(UTC),
        "actor": fitting(line["actor"], LONGEST),
        "role": fitting(line["role"], LONGEST_ROLE),
        "action": line["action"],
        "subject": subject and fitting(subject, LONGEST),
        "details": dict(line.get("details") or {}),
    }


def fitting(text: str, longest: int) -> str:
    """A text that any database accepts: without NUL, and cut to its column's length."""
    return text.replace("\0", "")[:longest]


def entries(
    store: Store,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    limit: int = 1000,
) -> list[Entry]:
    """The newest lines first, narrowed to what is given."""
    query = select(audit).order_by(audit.c.entry_id.desc()).limit(limit)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if action is not None:
        query = query.where(audit.c.action == action)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    with store.reading() as connection:
        return [Entry(**row) for row in connection.execute(query).mappings()]
