"""What is loaded in the background once the first page stands."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import warm
from edupulse_core.families.risk import explain
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
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the process had just begun."""
    monkeypatch.setattr(warm, "_asked", threading.Lock())
    monkeypatch.setattr(warm, "AFTER", 0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(warm, "soon", lambda: found.append("asked"))
    return found


def test_it_loads_once_in_the_background(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(explain, "warm", lambda folder: loaded.append(folder.name))

    with ThreadPoolExecutor(8) as people:
        (first,) = filter(None, people.map(lambda _: SOON(), range(8)))
    first.join()

    assert first.daemon and first is not threading.current_thread()
    assert len(loaded) == 1


def test_without_a_model_it_stays_quiet(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", "gone")

    timer = SOON()
    assert timer is not None
    timer.join()  # an error in a thread would fail the test


def test_what_cannot_be_loaded_is_one_warning(
    fresh: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(warm, "load_settings", gone)
    timer = SOON()
    assert timer is not None
    timer.join()

    (said,) = caplog.records
    assert said.levelname == "WARNING" and said.exc_info is None
    assert "OSError" in said.getMessage() and "\n" not in said.getMessage()


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
