"""What the data page says of feeds that stopped."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import ui
from edupulse_core.config import REPOSITORY
from edupulse_core.queries import data
from tests.queries.conftest import build_home
from tests.queries.test_learning import RECORDS


@pytest.mark.parametrize(("last", "is_told"), [("2026-10-16", True), ("2026-10-19", False)])
def test_a_school_whose_marks_stopped_is_named(
    last: str, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_home(
        tmp_path,
        more=f"update results set score_date = '{last}' where score_date is not null;"
        "update has_records set present = true;"
        "update import_files set present = true",
    )
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "stan"
    app.run()

    app.switch_page("views/data.py").run()

    said = " ".join(each.value for each in app.markdown)
    told = "**North Middle School** has sent no grades since Oct 16, 2026, 20 school days ago"
    assert (told in said) == is_told
    assert ("▲ **1** school" in said) == is_told
    assert ("Nothing is missing" in said) != is_told


@pytest.mark.parametrize("sees", [False, True])
def test_rejected_rows_are_shown_with_their_values_to_who_may_see_them(
    sees: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_home(tmp_path)
    monkeypatch.setattr(data, "sees_lines", lambda viewer: sees)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "stan"
    app.run()
    app.switch_page("views/data.py").run()

    offered = [each for each in app.button if each.label == "Show the first rows"]
    if sees:
        offered[0].click().run()

    assert not app.exception
    assert len(offered) == sees
    assert ("attendance, row 7" in " ".join(each.value for each in app.get("html"))) == sees


def test_learning_records_say_what_stands_and_hide_how_few_they_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_home(
        tmp_path,
        more=RECORDS + "insert into has_records values ('interactions', true), ('skills', true)",
    )
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "stan"
    app.run()

    app.switch_page("views/data.py").run()

    assert not app.exception
    (table,) = (each.value for each in app.get("html") if "Newest record" in each.value)
    assert "Nov 16, 2026" in table and ui.HIDDEN in table
    told = [each.value for each in app.markdown if "never came" in each.value]
    assert len(told) == 7 and not any("skills**" in each for each in told)
