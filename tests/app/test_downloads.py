"""Files that are made long after their page was drawn."""

from pathlib import Path

import pytest

from app import ui
from edupulse_core.actions.students import export_list
from edupulse_core.errors import AccessError
from edupulse_core.people.actor import person
from edupulse_core.queries.at_risk import Filters
from tests import people
from tests.queries.conftest import build_home

GRANT = """
[[grants]]
user = "cora@north.example"
role = "counselor"
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a home that grants Cora her role."""
    build_home(tmp_path, is_demo=False)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    (tmp_path / "edupulse.toml").write_text(GRANT)
    return tmp_path / "edupulse.toml"


def test_a_file_is_made_for_whoever_may_still_have_it(rules: Path) -> None:
    asking, now = ui.at_download(people.counselor, "list")

    assert asking == people.counselor
    assert b"Ana Alvarez" in export_list(person(asking), now, Filters())


def test_a_grant_that_is_gone_since_the_page_was_drawn_gives_no_file(rules: Path) -> None:
    rules.write_text("")

    with pytest.raises(AccessError):
        ui.at_download(people.counselor, "list")
