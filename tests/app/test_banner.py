"""What a page says when there is nothing to show."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import REPOSITORY


def test_a_home_without_data_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))

    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=60).run()

    assert [title.value for title in app.title] == ["EduPulse"]
    assert app.error[0].value.startswith(("Nothing was imported yet", "Only the demo"))
    assert app.error[0].value.endswith(".")
