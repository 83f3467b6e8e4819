"""A fresh store for each test: SQLite in a file, and PostgreSQL on a private server."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from edupulse_core.store.database import Store, open_address


def _programs() -> Path | None:
    """The newest PostgreSQL's folder of programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: no initdb")
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="edupulse-pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    as_user = {"user": user, "extra_groups": []} if user else {}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "edupulse", "-A", "trust", "-E", "UTF8", "-N"],
        check=True,
        **as_user,
        **quiet,
    )
    settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *settings, "-c", "fsync=off"], **as_user, **quiet
    )
    try:
        _wait(folder, server)
        yield str(folder)
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user="edupulse", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no store is yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return store_on(request.getfixturevalue("postgresql_server"))


def store_on(folder: str) -> str:
    """The address of a new, empty database."""
    name = f"store_{uuid4().hex}"
    with psycopg.connect(
        host=folder, user="edupulse", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(
            psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name))
        )
    return f"postgresql://edupulse@/{name}?host={folder}"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = open_address(address)
    yield opened
    opened.engine.dispose()
