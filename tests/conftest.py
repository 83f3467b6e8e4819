"""What tests of several rooms share: a small demo district that was really imported and scored."""

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR

STUDENTS = 150


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small demo district: imported, featured and scored. Only ever read."""
    from edupulse_core.actions.demo import setup_demo  # slow to import

    settings = load_settings(home=tmp_path_factory.mktemp("demo"))
    setup_demo(OPERATOR, settings, students=STUDENTS)
    return settings
