"""A home with a fixed day of import, and a way to import a bundle written by hand."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.errors import EduPulseError, SourceError
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import Summary, ingest
from tests import bundles

Import = Callable[..., Summary]
Rows = Callable[[str], list[tuple[Any, ...]]]
Refuse = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY)


@pytest.fixture
def lenient(tmp_path: Path) -> Settings:
    """Any share of rejected rows passes."""
    rules = {"max_reject_rate": 1.0}
    return Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, imports=rules)


@pytest.fixture(scope="session")
def standing_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the small school was imported; copy it, never change it."""
    folder = tmp_path_factory.mktemp("standing")
    settings = Settings(home=folder / "home", import_day=bundles.IMPORT_DAY)
    ingest(settings, bundles.write(folder / "bundle", bundles.small()))
    return settings.home


@pytest.fixture
def standing(settings: Settings, standing_home: Path) -> Settings:
    """The small school's warehouse stands."""
    shutil.copytree(standing_home, settings.home)
    return settings


@pytest.fixture(scope="session")
def dying() -> Iterator[subprocess.Popen[str]]:
    """A process that imports bundles in forks of its own, which die at a given step."""
    command = [sys.executable, "-m", "tests.warehouse.dying"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def killed_import(dying: subprocess.Popen[str]) -> Callable[..., None]:
    """Import a bundle and die at the n-th call of a function, such as "os.replace"."""

    def killed(at: str, call: int, home: Path, bundle: Path) -> None:
        print(json.dumps([at, call, str(home), str(bundle)]), file=dying.stdin, flush=True)
        assert int(dying.stdout.readline()) == -signal.SIGKILL

    return killed


@pytest.fixture(scope="session")
def importing(tmp_path_factory: pytest.TempPathFactory) -> Import:
    """Import a bundle. Into an empty home each is imported only once; later homes are copies."""
    made: dict[str, tuple[Path, Summary]] = {}

    def importing(settings: Settings, bundle: Path, **more: Any) -> Summary:
        if settings.home.exists() or more:
            return ingest(settings, bundle, **more)
        files = [(path.name, path.read_bytes()) for path in sorted(bundle.iterdir())]
        asked = repr((settings.model_dump(exclude={"home"}), bundle.name, files))
        if asked not in made:
            summary = ingest(settings, bundle)
            copy = tmp_path_factory.mktemp("imported") / "home"
            made[asked] = Path(shutil.copytree(settings.home, copy)), summary
            return summary
        home, summary = made[asked]
        shutil.copytree(home, settings.home)
        return deepcopy(summary)

    return importing


@pytest.fixture
def bring(lenient: Settings, importing: Import, tmp_path: Path) -> Import:
    """Write the files given as a bundle and import it, however many rows are refused."""
    n = iter(range(1000))

    def bring(files: bundles.Files, **more: Any) -> Summary:
        return importing(lenient, bundles.write(tmp_path / f"bundle-{next(n)}", files, **more))

    return bring


@pytest.fixture
def rows(lenient: Settings) -> Iterator[Rows]:
    """Ask the warehouse that stands now; it is opened once, which takes longer than to ask it."""
    opened: dict[str, DuckDBPyConnection] = {}

    def rows(query: str) -> list[tuple[Any, ...]]:
        snapshot = snapshots.current(lenient)
        if snapshot.version not in opened:
            opened[snapshot.version] = snapshots.connect(lenient, snapshot)
        return opened[snapshot.version].execute(query).fetchall()

    yield rows
    for con in opened.values():
        con.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small school as a bundle, to spoil."""
    return bundles.write(tmp_path / "bundle", bundles.small())


@pytest.fixture
def refuse(standing: Settings) -> Refuse:
    """Import over a standing warehouse; return the sentence, and see that nothing changed."""

    def look() -> set[str]:
        return {path.name for path in snapshots.folder(standing).iterdir()} - {"rejects"}

    before = look()

    def refuse(path: Path, error: type[EduPulseError] = SourceError) -> str:
        with pytest.raises(error) as caught:
            ingest(standing, path)
        assert look() == before
        return str(caught.value)

    return refuse
