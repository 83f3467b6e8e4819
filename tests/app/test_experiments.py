"""While two models are compared, every page with a list or a score says so in one line."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import open_district
from edupulse_core.store import experiments, predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, Experiment
from edupulse_core.store.runs import RunRecord
from tests.app.conftest import OpenApp, students_of

LINE = "Two models are being compared: 50% of students"


@pytest.fixture
def tested(
    demo_home: Settings, open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The demo in an A/B test, whose challenger says what the champion says."""
    shutil.copytree(demo_home.home, tmp_path / "home")
    home = load_settings(home=tmp_path / "home")
    store = open_store(home)
    shown = runs.latest_run(store, "risk")
    assert shown is not None and shown.run_id is not None
    began = datetime.now(UTC) - timedelta(minutes=1)
    made = Experiment("e1", "risk", shown.version, "challenger", AB, 0.5, began, "operator")
    experiments.start(store, made)
    night = RunRecord(
        "challenger", shown.as_of, shown.warehouse_version, family="risk", purpose=runs.SHADOW
    )
    predictions.write_run(store, night, predictions.run_rows(store, shown.run_id))
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    return home


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("counselor", "at_risk"),
        ("teacher", "my_classes"),
        ("principal", "school"),
    ],
)
def test_no_list_is_made_of_two_models_without_the_line(
    tested: Settings, open_app: OpenApp, role: str, page: str
) -> None:
    app = open_app(role, page)

    assert [info.value for info in app.info if info.value.startswith(LINE)]


def test_a_students_page_says_so_too(
    tested: Settings, open_app: OpenApp, staff: dict[str, Viewer]
) -> None:
    student = students_of(staff["counselor"], open_district(tested))[0]

    app = open_app("counselor", "student", id=student)

    assert [info.value for info in app.info if info.value.startswith(LINE)]


def test_without_a_test_nobody_reads_of_one(open_app: OpenApp) -> None:
    app = open_app("counselor", "at_risk")

    assert not [info.value for info in app.info if "compared" in info.value]
