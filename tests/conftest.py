"""What tests of several rooms share: a scored demo district, and what `--quick` leaves out.

`docs/develop.md` says how to keep a test fast.
"""

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from edupulse_core import files
from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR

HERE = Path(__file__).parent
STUDENTS = 150
SLOW_ROOMS = ("benchmarks", "browser")
QUICKEST = {  # family → an algorithm that a test can wait for
    "tracing": "pfa",
    "path": "greedy",
    "recommend": "popularity",
    "study_time": "ridge",
    "difficulty": "ngram_ridge",
}
SLOW = {"demo_home", "learned_home", "postgresql", "exported"}  # fixtures, or parameters of one
BUILDING = ("actions", "app", "cli", "features", "jobs", "queries", "warehouse")  # cost much
MEMORY = Path("/dev/shm")
ROOM = 6 << 30  # bytes that the files of a whole run may take

if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    # An import waits for the disk some hundred times; files in memory are there at once. It is set
    # here as processes that tests start read it too, and pytest makes its folder soon after.
    os.environ.setdefault("TMPDIR", str(MEMORY))
    tempfile.tempdir = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="run what takes least and says most")


def is_slow(item: pytest.Item) -> bool:
    """Whether a test takes long, by its room or by what it asks for.

    Other files say `pytestmark = pytest.mark.slow` themselves.
    """
    if item.get_closest_marker("slow") or item.path.relative_to(HERE).parts[0] in SLOW_ROOMS:
        return True
    asked = {*getattr(item, "fixturenames", ())}
    if hasattr(item, "callspec"):
        asked |= {one for one in item.callspec.params.values() if isinstance(one, str)}
    return not SLOW.isdisjoint(asked)


def needs_demo(item: pytest.Item) -> bool:
    """Whether a test asks for the demo district."""
    return "demo_home" in getattr(item, "fixturenames", ())


def quick_ones(items: list[pytest.Item]) -> list[pytest.Item]:
    """What `--quick` runs: of a test its first example, and nothing that is slow.

    In rooms where nearly every test builds a district, the first two tests of a file.
    """
    names: set[str] = set()
    chosen: Counter[Path] = Counter()
    quick = []
    for item in items:
        name = item.nodeid.partition("[")[0]
        is_building = item.path.relative_to(HERE).parts[0] in BUILDING
        if is_slow(item) or name in names or (is_building and chosen[item.path] == 2):
            continue
        names.add(name)
        chosen[item.path] += 1
        quick.append(item)
    return quick


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow and put its files first, so that none is all that is left at the end.

    One of the files that need the demo district begins; the others come after those that don't, so
    that no process waits while another builds it.
    """
    if config.option.quick:
        quick = quick_ones(items)
        chosen = {id(item) for item in quick}
        config.hook.pytest_deselected(items=[one for one in items if id(one) not in chosen])
        items[:] = quick
    slow = [item for item in items if is_slow(item)]
    for item in slow:
        item.add_marker("slow")
    first = {item.path for item in slow}
    demo = list(dict.fromkeys(item.path for item in items if needs_demo(item)))
    items.sort(
        key=lambda item: (item.path not in first, item.path not in demo[:1], item.path in demo)
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Give each process whole files, and one of them all that is done in a browser.

    So one server, one home and one browser serve all of those tests.
    """
    if config.getoption("dist") != "loadfile":
        return None

    class Rooms(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            room = "tests/browser"
            return room if nodeid.startswith(f"{room}/") else str(super()._split_scope(nodeid))

    return Rooms(config, log)


def pytest_collection_finish() -> None:
    """Spare the collector what was imported and collected: it stays to the end.

    What tests make is let go by counts of references, so it need not look often either.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small demo district: imported, featured and scored. Only ever read.

    The first process of a run that asks for it builds it; each has a copy of its own.
    """
    return _copied(tmp_path_factory, _demo(tmp_path_factory))


@pytest.fixture(scope="session")
def learned_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same, where each of the families that the Learning tab asks has a quick version."""

    def build(half: Path) -> None:
        from edupulse_core.actions.models import train_version  # slow to import

        shutil.copytree(_demo(tmp_path_factory), half, dirs_exist_ok=True)
        settings = load_settings(home=half)
        for family, algorithm in QUICKEST.items():
            train_version(OPERATOR, settings, family, algorithm=algorithm)

    return _copied(tmp_path_factory, _once(tmp_path_factory, "learned", build))


def _demo(factory: pytest.TempPathFactory) -> Path:
    def build(half: Path) -> None:
        from edupulse_core.actions.demo import setup_demo  # slow to import

        setup_demo(OPERATOR, load_settings(home=half), students=STUDENTS, train=False)

    return _once(factory, "demo", build)


def _once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """The folder that the first process of a run that asks for it builds."""
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    built = run / f"{name}-built"
    with FileLock(f"{built}.lock"):
        if not built.exists():
            with files.new_folder(built) as half:
                build(half)
    return built


def _copied(factory: pytest.TempPathFactory, built: Path) -> Settings:
    home = factory.mktemp("copied") / "home"
    shutil.copytree(built, home)
    return load_settings(home=home)
