"""What is loaded in the background once the first page stands."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from app import warm
from edupulse_core.inference import explain
from tests.app.conftest import OpenApp

SOON = warm.soon  # the real one: the tests' pages have none
SLOW = """
import sys
from app import warm
assert not {"torch", "captum"} & sys.modules.keys()
warm.AFTER = 0
warm.soon().join()
print(*sorted({"torch", "captum", "plotly"} & sys.modules.keys()))
"""


@pytest.fixture
def fresh() -> Iterator[None]:
    """As if the process had just begun."""
    SOON.cache_clear()
    yield
    SOON.cache_clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(warm, "soon", lambda: found.append("asked"))
    return found


def test_it_loads_once_in_the_background(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(warm, "AFTER", 0)
    monkeypatch.setattr(explain, "warm", lambda folder: loaded.append(folder.name))

    first, second = SOON(), SOON()
    first.join()

    assert first is second and first.daemon and first is not threading.current_thread()
    assert len(loaded) == 1


def test_without_a_model_it_stays_quiet(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "AFTER", 0)
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", "gone")

    SOON().join()  # an error in a thread would fail the test


def test_torch_waits_until_then() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SLOW], capture_output=True, text=True, check=True, timeout=120
    )

    assert said.stdout.split() == ["captum", "plotly", "torch"]


def test_a_page_with_students_asks_for_it(asked: list[str], open_app: OpenApp) -> None:
    open_app("counselor", "help")

    assert asked


def test_a_page_without_students_does_not(asked: list[str], open_app: OpenApp) -> None:
    open_app("steward", "data")

    assert not asked
