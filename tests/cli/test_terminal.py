"""What every command says while it works."""

import time

import pytest

from edupulse_core.cli import terminal


def test_long_work_tells_how_far_it_is_where_no_terminal_shows_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "EVERY", 0.0)

    with terminal.progress() as report:
        report("train", 1_500, 3_000)

    said = capsys.readouterr()
    assert said.err == "edupulse: train: 1,500 of 3,000\n" and said.out == ""


def test_a_step_without_news_is_told_of_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "SILENT", 0.01)
    said, until = "", time.monotonic() + 60  # a busy machine is slow, and only a failure waits

    with terminal.progress() as report:
        report("train", 1, 3)
        while "seconds so far" not in said and time.monotonic() < until:
            said += capsys.readouterr().err

    assert "edupulse: train: 1 of 3, " in said and "seconds so far" in said


def test_what_is_soon_done_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress() as report:
        report("train", 1, 2)

    assert capsys.readouterr().err == ""
