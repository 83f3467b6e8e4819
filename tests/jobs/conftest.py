"""Homes whose jobs take no time, and workers that run them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.store import jobs, queue
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job
from tests.store.conftest import postgresql_server, store_on  # noqa: F401

CHILD = (sys.executable, "-m", "tests.jobs.child")
QUICK = """
[jobs]
retry_seconds = 0
cancel_seconds = 0.3
silent_seconds = 1.0
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "edupulse.toml").write_text(QUICK)
    return load_settings(home=tmp_path)


def ask(settings: Settings, kind: str, *, priority: int = 0, **config: object) -> str:
    """Write a job of a test's own kind, as an action would."""
    job = Job(uuid4().hex, kind, dict(config), "ada@north", "steward", priority=priority)
    jobs.add(open_store(settings), job)
    queue.put(settings, job.job_id, priority)
    return job.job_id


def read(settings: Settings, job_id: str) -> Job:
    return jobs.read(open_store(settings), job_id)


def until(happened: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a state."""
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it did not happen"
        time.sleep(0.02)


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    with running("tests.jobs.worker", str(settings.home)) as process:
        yield process


@contextmanager
def running(module: str, *words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module of ours as a process, killed at the end.  more: of its environment."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | more
    with subprocess.Popen([sys.executable, "-m", module, *words], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def redis_server() -> Iterator[str]:
    """The address of a private Redis."""
    program = shutil.which("redis-server")
    assert program, "Redis is not installed here; `.ci/run` installs it"
    folder = Path(tempfile.mkdtemp(prefix="edupulse-redis-"))  # a socket's path is short
    socket = folder / "redis.sock"
    words = [program, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    with subprocess.Popen([*words, "--save", ""], stdout=subprocess.DEVNULL) as server:
        try:
            until(socket.exists)
            yield f"unix://{socket}"
        finally:
            server.terminate()
    shutil.rmtree(folder, ignore_errors=True)
