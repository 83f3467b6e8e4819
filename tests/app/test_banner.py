"""What a page says when there is nothing to show."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import banner, ui
from edupulse_core.config import REPOSITORY
from edupulse_core.errors import EduPulseError


def test_a_home_without_data_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))

    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120).run()

    assert [title.value for title in app.title] == ["EduPulse"]
    (said,) = [error.value for error in app.error]
    assert said.startswith(ui.plain("Without sign-in, only the demo district opens. Configure"))


def test_an_error_shows_what_people_wrote_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(banner.st, "error", said.append)

    def draw() -> None:
        raise EduPulseError("there is no class *Art* [1](http://a.example)")

    banner.explained(draw)

    assert said == [ui.plain("There is no class *Art* [1](http://a.example).")]
    assert "*Art*" not in said[0] and "[1](" not in said[0]
