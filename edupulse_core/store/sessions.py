"""Who is signed in: one row for each sign-in; a session that has ended never opens again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from edupulse_core.store import audit
from edupulse_core.store.database import Store
from edupulse_core.store.tables import sessions


@dataclass(frozen=True)
class Session:
    """One sign-in."""

    session_id: str
    actor: str
    role: str
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    ended_why: str | None


def find(store: Store, session_id: str) -> Session | None:
    """The session with this id, open or ended."""
    query = select(sessions).where(sessions.c.session_id == session_id)
    with store.reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Session(**row)


def begin(
    store: Store,
    session_id: str,
    *,
    actor: str,
    role: str,
    at: datetime,
    ended: str | None = None,
    line: audit.Line | None = None,
) -> bool:
    """Add a session; False if it already exists, as when two tabs open at once.

    ended: why the session is over from the start, so that this sign-in never opens.
    line: what the audit says of it, written with it or not at all.
    """
    row = {
        "session_id": session_id,
        "actor": audit.fitting(actor, audit.LONGEST),
        "role": audit.fitting(role, audit.LONGEST_ROLE),
        "created_at": at,
        "seen_at": at,
        "ended_at": at if ended else None,
        "ended_why": ended,
    }
    try:
        with store.writing() as connection:
            connection.execute(insert(sessions), row)
            if line is not None:
                audit.add(connection, **line)
    except IntegrityError:
        return False
    return True


def see(store: Store, session_id: str, at: datetime) -> None:
    """Note that an open session was used."""
    change = update(sessions).where(
        sessions.c.session_id == session_id, sessions.c.ended_at.is_(None)
    )
    with store.writing() as connection:
        connection.execute(change.values(seen_at=at))


def end(
    store: Store, session_id: str, *, why: str, at: datetime, line: audit.Line | None = None
) -> bool:
    """End a session for good; False if it had ended, or there is none.

    line: what the audit says of it, written with it or not at all.
    """
    change = update(sessions).where(
        sessions.c.session_id == session_id, sessions.c.ended_at.is_(None)
    )
    with store.writing() as connection:
        done = bool(connection.execute(change.values(ended_at=at, ended_why=why)).rowcount)
        if done and line is not None:
            audit.add(connection, **line)
    return done
