"""The life of a version of mastery: checked, trained, tested, compared and watched as any other."""

from datetime import UTC, datetime

import pytest

from edupulse_core import cli
from edupulse_core.config import Settings
from edupulse_core.families.tracing.family import TRACING
from edupulse_core.lifecycle import recent, registry
from tests.families.tracing.home import home_with_mastery


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_mastery(tmp_path_factory.mktemp("life"))


def test_the_command_line_works_it_as_it_does_any_other(
    home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    said = {}

    for words in (
        ["check", "tracing"],
        ["train", "tracing", "--algorithm", "bkt", "--set", "rounds=3"],
        ["evaluate", "tracing"],
        ["versions", "tracing"],
    ):
        cli.app(words, standalone_mode=False)
        said[words[0]] = capsys.readouterr().out
    first, second = (folder.name for folder in registry.versions(home, "tracing"))
    cli.app(["compare", "tracing", first, second], standalone_mode=False)

    assert "Nothing speaks against training" in said["check"]
    assert "auc" in said["train"] and "coverage" in said["evaluate"]
    assert "history_lr" in said["versions"] and "bkt" in said["versions"]
    assert "log_loss" in capsys.readouterr().out


def test_the_newest_answers_are_watched_once_they_are_later_than_what_it_learned(
    home: Settings,
) -> None:
    assert TRACING.recent is not None

    found = recent.watch(home, "tracing", TRACING.recent, now=datetime(2026, 11, 16, tzinfo=UTC))

    assert found is None  # it has learned from the last answer there is
