"""Sessions in the store, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from edupulse_core.store import audit, sessions
from edupulse_core.store.database import Store

THEN = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATER = THEN + timedelta(minutes=5)


def begin(store: Store, session_id: str = "s") -> bool:
    return sessions.begin(store, session_id, actor="tom", role="teacher", at=THEN)


def test_a_session_is_begun_once(store: Store) -> None:
    assert sessions.find(store, "s") is None

    assert begin(store) is True
    assert begin(store) is False
    found = sessions.find(store, "s")
    assert found is not None
    assert (found.actor, found.created_at, found.seen_at) == ("tom", THEN, THEN)


def test_an_ended_session_stays_as_it_is(store: Store) -> None:
    begin(store)

    assert sessions.end(store, "s", why="idle", at=LATER) is True
    assert sessions.end(store, "s", why="sign_out", at=LATER) is False
    sessions.see(store, "s", LATER)
    found = sessions.find(store, "s")
    assert found is not None
    assert (found.ended_why, found.ended_at, found.seen_at) == ("idle", LATER, THEN)


def test_only_the_session_that_is_named_changes(store: Store) -> None:
    begin(store, "one")
    begin(store, "other")

    sessions.see(store, "one", LATER)
    sessions.end(store, "one", why="idle", at=LATER)

    other = sessions.find(store, "other")
    assert other is not None and (other.seen_at, other.ended_at) == (THEN, None)
    assert sessions.end(store, "nobody", why="idle", at=LATER) is False


def test_the_name_of_somebody_is_cut_to_what_every_database_takes(store: Store) -> None:
    sessions.begin(store, "s", actor="a\0b" + "t" * 300, role="teacher", at=THEN)

    found = sessions.find(store, "s")
    assert found is not None and found.actor == "ab" + "t" * 253


def test_a_session_whose_line_cannot_be_written_neither_begins_nor_ends(store: Store) -> None:
    line = audit.Line(actor="tom", role="teacher", action="x", details={"no JSON": object()})

    with pytest.raises((StatementError, TypeError)):
        sessions.begin(store, "s", actor="tom", role="teacher", at=THEN, line=line)
    assert sessions.find(store, "s") is None

    begin(store)
    with pytest.raises((StatementError, TypeError)):
        sessions.end(store, "s", why="idle", at=LATER, line=line)
    found = sessions.find(store, "s")
    assert found is not None and found.ended_at is None
