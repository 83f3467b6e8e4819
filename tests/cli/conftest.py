"""`edupulse ...`, run as an operator runs it."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edupulse_core import cli
from edupulse_core.cli import terminal
from edupulse_core.config import Settings, load_settings
from edupulse_core.store import audit
from edupulse_core.store.database import open_store

Edupulse = Callable[..., int]
Audited = Callable[[Path, str], list[audit.Entry]]


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo's home that a test may change."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home.home, folder, ignore=shutil.ignore_patterns("*.log", "training"))
    monkeypatch.setenv("EDUPULSE_HOME", str(folder))
    return folder


@pytest.fixture
def edupulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edupulse]:
    """Run `edupulse ...`; returns its exit code."""
    monkeypatch.setattr(terminal, "EVERY", math.inf)  # a busy machine adds no lines
    monkeypatch.setattr(terminal, "SILENT", math.inf)
    before = os.umask(0o022)  # what it sets for its own process ends with the test

    def run(*words: str | Path) -> int:
        monkeypatch.setattr("sys.argv", ["edupulse", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
            raise SystemExit(0)
        return int(stopped.value.code or 0)

    yield run
    os.umask(before)


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def audited() -> Audited:
    """The lines of a home's audit trail about an action, newest first."""

    def entries(home: Path, action: str) -> list[audit.Entry]:
        return audit.entries(open_store(load_settings(home=home)), action=action)

    return entries
