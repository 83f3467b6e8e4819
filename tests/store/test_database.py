"""Opening the store: made once, migrated once, whoever comes first."""

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from edupulse_core.config import load_settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.store import audit, database
from edupulse_core.store.database import HEAD, Store, open_address, open_store
from edupulse_core.store.tables import audit as audit_table
from edupulse_core.store.tables import metadata


def open_and_write(address: str, start: "threading.Barrier", errors: "list[str]") -> None:
    start.wait()
    try:
        store = open_address(address)
        for number in range(20):
            audit.record(store, actor="w", role="r", action="a", details={"n": number})
        store.engine.dispose()
    except Exception as error:
        errors.append(repr(error))


@pytest.mark.slow
def test_processes_that_open_a_new_store_at_once_neither_collide_nor_lose_a_line(
    address: str,
) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        start, errors = manager.Barrier(4), manager.list()
        writers = [
            context.Process(target=open_and_write, args=(address, start, errors)) for _ in range(4)
        ]

        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        assert list(errors) == []
    store = open_address(address)
    assert len(audit.entries(store)) == 80
    store.engine.dispose()


def test_opening_waits_for_another_that_holds_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    release = threading.Timer(0.3, other.rollback)
    release.start()

    store = open_address(f"sqlite:///{path}")

    release.join()
    other.close()
    with store.reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
    store.engine.dispose()


def test_a_new_file_that_stays_held_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(ConfigError, match=r"store\.db cannot be opened: database is locked"):
            open_address(f"sqlite:///{path}")


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        differences = compare_metadata(context, metadata)

    assert differences == []


def test_opening_again_changes_nothing(store: Store, address: str) -> None:
    audit.record(store, actor="a", role="r", action="x")

    again = open_address(address)

    assert len(audit.entries(again)) == 1
    with again.reading() as connection:
        assert connection.execute(text("select version_num from alembic_version")).all() == [
            (HEAD,)
        ]
    again.engine.dispose()


def test_a_store_of_a_newer_program_is_refused(store: Store, address: str) -> None:
    with store.writing() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(RefusedError, match="newer EduPulse"):
        open_address(address)


def test_a_process_opens_a_home_once(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    assert open_store(settings) is open_store(settings)
    assert (tmp_path / "data" / "store.db").exists()


@pytest.mark.parametrize(
    "address", ["not an address", "nosuch://x/y", "mysql://x/y", "sqlite+nosuch:///x"]
)
def test_an_address_that_makes_no_sense_is_named(address: str) -> None:
    with pytest.raises(ConfigError, match="database_url"):
        open_address(address)


def test_a_store_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(ConfigError, match="cannot be opened") as caught:
        open_address("postgresql://edupulse:secret@127.0.0.1:1/none")

    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("certainly not a database, but long enough to be looked at as one" * 20)

    with pytest.raises(ConfigError, match="cannot be opened"):
        open_address(f"sqlite:///{path}")


def test_readers_go_on_while_a_writer_holds_the_lock(tmp_path: Path) -> None:
    store = open_address(f"sqlite:///{tmp_path / 'store.db'}")
    audit.record(store, actor="a", role="r", action="x")

    with store.writing() as connection:
        connection.execute(text("select 1"))

        assert len(audit.entries(store)) == 1
    store.engine.dispose()


def test_the_sqlite_store_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_address(f"sqlite:///{path}").engine.dispose()

    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    row = {"at": None, "actor": "a", "role": "r", "action": "x", "details": {}}

    with pytest.raises(DBAPIError), store.writing() as connection:
        connection.execute(insert(audit_table), row)

    assert audit.entries(store) == []


def test_threads_share_a_store(store: Store) -> None:
    errors: list[Exception] = []

    def write_and_read() -> None:
        try:
            for _ in range(25):
                audit.record(store, actor="a", role="r", action="x")
                audit.entries(store, limit=5)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write_and_read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(audit.entries(store)) == 150
