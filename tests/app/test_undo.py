"""Undoing an import from the data page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.people import trail
from edupulse_core.warehouse import snapshots
from tests.app.conftest import OpenApp
from tests.queries.conftest import VERSION, build_home, publish

pytestmark = pytest.mark.slow

NEXT, THIRD = "20261117T060000000000-next", "20261118T060000000000-third"


@pytest.fixture
def imported_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = build_home(tmp_path)
    publish(settings, NEXT, more="update imports set imported_at = '2026-11-17 06:00:07'")
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    return settings


@pytest.fixture
def page(imported_twice: Settings) -> AppTest:
    """The data page as the steward sees it, ticked and ready to undo the import."""
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "stan"
    app.run()
    app.switch_page("views/data.py").run()
    return app.checkbox(key=f"undo_sure_{NEXT}").check().run()


def test_the_steward_undoes_the_import_that_is_shown(
    page: AppTest, imported_twice: Settings
) -> None:
    moment = "Nov 17, 2026, 06:00:07 UTC"
    assert page.checkbox(key=f"undo_sure_{NEXT}").label == f"Undo the import of {moment}"

    page.button(key=f"undo_{NEXT}").click().run()

    assert not page.exception and not page.error
    told = f"The import of {moment} was undone."
    assert told in [each.value for each in page.success]
    assert snapshots.current(imported_twice).version == VERSION
    assert trail.entries(imported_twice, action="undo_import")[0].subject == NEXT

    page.run()

    assert told not in [each.value for each in page.success]


def test_a_click_meant_for_an_earlier_import_undoes_nothing(
    page: AppTest, imported_twice: Settings
) -> None:
    publish(imported_twice, THIRD)

    page.button(key=f"undo_{NEXT}").click().run()

    assert snapshots.current(imported_twice).version == THIRD
    assert page.checkbox(key=f"undo_sure_{THIRD}").value is False
    assert "was undone" not in " ".join(each.value for each in page.success)


def test_the_steward_cannot_undo_the_only_import(open_app: OpenApp) -> None:
    app = open_app("steward", "data")

    assert "no earlier import" in " ".join(caption.value for caption in app.caption)
    assert "Undo" not in [button.label for button in app.button]
