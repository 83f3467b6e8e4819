"""Open the store: SQLite in the home by default, PostgreSQL by URL; migrated on the way in."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
)

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, RefusedError

HEAD = "0009"  # the newest migration
BUSY_MILLISECONDS = 60_000  # a writer waits this long for another
BUSY_PAUSE = 0.02  # s between tries where SQLite itself does not wait
MIGRATION_LOCK = 7_316_042  # of PostgreSQL: one process migrates at a time
_REFUSED = tuple(
    f"SQLITE_{why}" for why in ("READONLY", "CANTOPEN", "PERM", "FULL", "IOERR", "BUSY", "LOCKED")
)
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

_opened: dict[tuple[int, str], "Store"] = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class Store:
    """An open store; share it between threads."""

    engine: Engine
    inode: tuple[int, int] | None = None  # of SQLite's file when it was opened

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; never waits for a writer on SQLite.

        Raises ConfigError when the store cannot be read.
        """
        self._check_same()
        with (
            self._in_words("cannot be read"),
            self.engine.execution_options(begin="deferred").begin() as connection,
        ):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that takes SQLite's write lock at once, so it can't fail half-way.

        Raises ConfigError when the store, or a file that SQLite keeps beside it, cannot be written.
        """
        self._check_same()
        with self._in_words("cannot be written"), self.engine.begin() as connection:
            yield connection

    def _check_same(self) -> None:
        """Raise ConfigError where SQLite's file was deleted or replaced since it was opened."""
        if self.inode is not None and _inode(self.engine.url) != self.inode:
            raise ConfigError(
                f"{self.engine.url.database} was deleted or replaced while this program was "
                "using it: if it is gone, restore it from a backup; then start again"
            )

    @contextmanager
    def _in_words(self, problem: str) -> Iterator[None]:
        """Turn an error of the disk or the database server into one sentence."""
        try:
            yield
        except DatabaseError as error:
            kind = getattr(error.orig, "sqlite_errorname", "")
            where = self.engine.url.render_as_string(hide_password=True)
            if kind.startswith(_DAMAGED):
                raise ConfigError(f"{where} is damaged: restore it from a backup") from None
            is_server = not kind and isinstance(error, OperationalError)
            if not is_server and not kind.startswith(_REFUSED):
                raise
            said = str(error.orig).strip().splitlines()[0]
            raise ConfigError(f"{self.engine.url.database} {problem}: {said}") from None


def open_store(settings: Settings) -> Store:
    """Open the home's store once per process, made or migrated where needed.

    Raises ConfigError when the address or the home cannot be used, RefusedError when the store is
    newer.
    """
    key = (os.getpid(), settings.store_url)  # a fork must not share connections
    with _opening:
        if key not in _opened:
            if not settings.database_url:
                settings.make_home()
            _opened[key] = open_address(settings.store_url)
        return _opened[key]


def open_address(address: str) -> Store:
    """Open and migrate the store at a SQLAlchemy address."""
    try:
        engine = _engine(make_url(address))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(f"database_url: not an address that can be used: {error}") from None
    try:
        with ExitStack() as undo:
            undo.callback(engine.dispose)  # a store that cannot be used keeps no connection
            _migrate(engine)
            undo.pop_all()
    except (DBAPIError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        safe = engine.url.render_as_string(hide_password=True)
        raise ConfigError(f"the store at {safe} cannot be opened: {reason}") from None
    return Store(engine, _inode(engine.url))


def _inode(url: URL) -> tuple[int, int] | None:
    """The inode of a SQLite file; None if there is no file, as with a database server."""
    try:
        found = os.stat(url.database or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    raise ArgumentError(f"{url.get_backend_name()!r} is neither sqlite nor postgresql")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    waiting = {"timeout": BUSY_MILLISECONDS / 1000}
    engine = create_engine(url, connect_args=waiting, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to _begin_sqlite
    connection.execute("pragma foreign_keys = on")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("begin") == "deferred":
        connection.exec_driver_sql("begin")
    else:
        connection.exec_driver_sql("begin immediate")


def _migrate(engine: Engine) -> None:
    if _version(engine) == HEAD:
        return
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)
    with engine.begin() as connection:  # the lock: a second process waits here, then finds it done
        if engine.dialect.name == "postgresql":
            connection.execute(
                text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
        _upgrade(connection)


def _version(engine: Engine) -> str | None:
    with engine.execution_options(begin="deferred").begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


def _use_write_ahead_log(engine: Engine) -> None:
    """Change the file for good; SQLite gives up at once where another holds it, so we wait."""
    until = time.monotonic() + BUSY_MILLISECONDS / 1000
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        while True:
            try:
                cursor.execute("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
            time.sleep(BUSY_PAUSE)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # slow to import, and only needed the first time
    from alembic.config import Config
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except (CommandError, ResolutionError) as error:
        raise RefusedError(f"the store was written by a newer EduPulse: {error}") from None
