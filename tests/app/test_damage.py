"""What a page says of a damaged file, and what the log says of an error."""

import logging
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from app import trouble
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.features import build
from edupulse_core.queries import at_risk, district
from edupulse_core.warehouse import snapshots
from tests.queries.conftest import build_home, publish

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = build_home(tmp_path)
    publish(settings, "20261117T060000000000-next")
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    snapshot = snapshots.current(settings)
    snapshot.features_path.unlink()
    build.ensure(settings, snapshot)
    return settings


def page() -> AppTest:
    """The at-risk list of the counselor."""
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "cora"
    return app.run()


def damage(path: Path) -> None:
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)


def test_a_page_names_a_damaged_warehouse_and_the_remedy(home: Settings) -> None:
    damage(snapshots.current(home).path)

    app = page()

    (said,) = app.error
    assert "is damaged" in said.value and "edupulse undo" in said.value.replace("\\", "")


def test_features_that_cannot_be_read_are_built_again_and_the_page_is_drawn(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page()
    damage(snapshots.current(home).features_path)
    counts, failed = at_risk.counts, []

    def unreadable(*given: Any) -> Any:
        if not failed:
            failed.append(True)
            raise duckdb.IOException("Corrupt database file")
        return counts(*given)

    monkeypatch.setattr(at_risk, "counts", unreadable)

    app = page()

    assert failed and not app.error
    assert "At-risk list" in [title.value for title in app.title]
    district.forget()


def test_the_log_holds_no_word_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    try:
        {}["STU-17 Ana Alvarez"]
    except KeyError as error:
        try:
            raise ValueError("ana@north.example") from error
        except ValueError as second:
            with caplog.at_level(logging.ERROR):
                shown = trouble.report(second)

    (record,) = caplog.records
    said = record.getMessage()
    assert shown.split()[-1] in said and "ValueError" in said and "KeyError" in said
    assert "test_damage.py" in said and record.exc_info is None
    assert not any(word in said for word in ("STU-17", "Alvarez", "ana@north"))
