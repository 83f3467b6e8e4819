"""What tests of several rooms share: a small scored demo district, and which tests are slow."""

from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR

HERE = Path(__file__).parent
STUDENTS = 150
SLOW_ROOMS = ("benchmarks", "browser")
SLOW_FILES = (  # they train, run whole programs, write whole districts or kill imports halfway
    "cli/test_stopping.py",
    "cli/test_models.py",
    "demo/test_demo.py",
    "lifecycle/test_shipped_figures.py",
    "lifecycle/test_training.py",
    "warehouse/test_rejects.py",
    "warehouse/test_snapshots.py",
)
SLOW_FIXTURES = {"demo_home"}


def is_slow(item: pytest.Item) -> bool:
    """Whether `python -m tests --quick` leaves a test out."""
    place = item.path.relative_to(HERE)
    if place.parts[0] in SLOW_ROOMS or place.as_posix() in SLOW_FILES:
        return True
    return not SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and put it first, so that no worker is left alone with it at the end."""
    for item in items:
        if is_slow(item):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small demo district: imported, featured and scored. Only ever read."""
    from edupulse_core.actions.demo import setup_demo  # slow to import

    settings = load_settings(home=tmp_path_factory.mktemp("demo"))
    setup_demo(OPERATOR, settings, students=STUDENTS)
    return settings
