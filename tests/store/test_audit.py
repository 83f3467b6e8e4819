"""The audit trail: complete, in order, and nobody can change it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from edupulse_core.store import audit
from edupulse_core.store.database import Store

GUARDED = ["audit", "runs", "predictions", "estimates", "district_imports", "activations"]


def fill(store: Store) -> None:
    """One row in every table."""
    with store.writing() as connection:
        connection.execute(
            text("insert into audit values (1, '2026-11-16', 'a', 'r', 'x', null, '{}')")
        )
        connection.execute(
            text(
                "insert into runs values "
                "(1, 'v', '2026-11-15', '2026-11-16', 'w', 'onnx', 1, 'risk', 'night')"
            )
        )
        connection.execute(
            text("insert into predictions values (1, 's', .5, 'high', 0, 0, 1, 0, '[]')")
        )
        connection.execute(
            text("insert into estimates values (1, 's', '', 1, .5, .4, .6, 'some', '{}')")
        )
        connection.execute(
            text("insert into district_imports values (1, '2026-11-16', 'd', :yes)"), {"yes": True}
        )
        connection.execute(
            text(
                "insert into activations values "
                "(1, '2026-11-16', 'risk', 'v', null, 'a', null, null)"
            )
        )


def test_a_line_says_who_did_what_to_whom_when(store: Store) -> None:
    before = datetime.now(UTC)

    audit.record(
        store,
        actor="tom@north.example",
        role="teacher",
        action="view_student",
        subject="STU1",
        details={"page": "student", "school": "Ñandú"},
    )

    (entry,) = audit.entries(store)
    assert (entry.actor, entry.role, entry.action) == (
        "tom@north.example",
        "teacher",
        "view_student",
    )
    assert entry.subject == "STU1"
    assert entry.details == {"page": "student", "school": "Ñandú"}
    assert before <= entry.at <= before + timedelta(minutes=1)


def test_the_newest_lines_come_first_and_can_be_narrowed(store: Store) -> None:
    for actor, action, subject in [("a", "view", "s1"), ("b", "view", "s2"), ("a", "export", "s1")]:
        audit.record(store, actor=actor, role="r", action=action, subject=subject)

    assert [entry.action for entry in audit.entries(store)] == ["export", "view", "view"]
    assert [entry.subject for entry in audit.entries(store, actor="a")] == ["s1", "s1"]
    assert [entry.actor for entry in audit.entries(store, action="view")] == ["b", "a"]
    assert [entry.actor for entry in audit.entries(store, subject="s2")] == ["b"]
    assert len(audit.entries(store, limit=2)) == 2


@pytest.mark.parametrize("table", GUARDED)
def test_nothing_written_can_be_deleted(store: Store, table: str) -> None:
    fill(store)

    with pytest.raises(DBAPIError, match="append-only"), store.writing() as connection:
        connection.execute(text(f"delete from {table}"))


@pytest.mark.parametrize(
    "change",
    [
        "update audit set actor = 'someone else'",
        "update runs set version = 'other'",
        "update predictions set risk_score = 0",
        "update estimates set value = 0",
        "update district_imports set is_demo = not is_demo",
        "update activations set version = 'other'",
    ],
)
def test_nothing_written_can_be_changed(store: Store, change: str) -> None:
    fill(store)

    with pytest.raises(DBAPIError, match="append-only"), store.writing() as connection:
        connection.execute(text(change))


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_postgresql_does_not_empty_the_trail_either(store: Store) -> None:
    fill(store)

    with pytest.raises(DBAPIError, match="append-only"), store.writing() as connection:
        connection.execute(text("truncate audit"))


def test_of_a_subject_longer_than_its_column_the_beginning_is_kept(store: Store) -> None:
    audit.record(store, actor="a", role="teacher", action="view", subject="x" * 300)

    (entry,) = audit.entries(store)
    assert entry.subject == "x" * 255
