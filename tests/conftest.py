"""What tests of several rooms share: a small scored demo district, and which tests are slow."""

import gc
from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR

HERE = Path(__file__).parent
STUDENTS = 150
SLOW_ROOMS = ("benchmarks", "browser")
SLOW = {"demo_home", "postgresql"}  # fixtures, or parameters of one


def is_slow(item: pytest.Item) -> bool:
    """Whether `python -m tests --quick` leaves a test out.

    It does so by the test's room or what it asks for; other files say `pytestmark` themselves.
    """
    if item.get_closest_marker("slow") or item.path.relative_to(HERE).parts[0] in SLOW_ROOMS:
        return True
    asked = {*getattr(item, "fixturenames", ())}
    if hasattr(item, "callspec"):
        asked |= {one for one in item.callspec.params.values() if isinstance(one, str)}
    return not SLOW.isdisjoint(asked)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and put its files first, so that none is all that is left at the end."""
    slow = [item for item in items if is_slow(item)]
    for item in slow:
        item.add_marker("slow")
    first = {item.path for item in slow}
    items.sort(key=lambda item: item.path not in first)


def pytest_collection_finish() -> None:
    """Spare the collector what was imported and collected: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small demo district: imported, featured and scored. Only ever read."""
    from edupulse_core.actions.demo import setup_demo  # slow to import

    settings = load_settings(home=tmp_path_factory.mktemp("demo"))
    setup_demo(OPERATOR, settings, students=STUDENTS)
    return settings
