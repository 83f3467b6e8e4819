"""The life of a version of mastery: checked, trained, tested, compared and watched as any other."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edupulse_core import cli
from edupulse_core.actions.models import evaluate_version
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.tracing.family import TRACING
from edupulse_core.lifecycle import recent, registry
from edupulse_core.people.actor import OPERATOR
from edupulse_core.warehouse import snapshots
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
    assert "AUC" in said["train"] and "Share within" in said["evaluate"]
    assert "history_lr" in said["versions"] and "bkt" in said["versions"]
    assert "Log loss" in capsys.readouterr().out


def test_with_a_demos_truth_the_masteries_are_compared_too(home: Settings, tmp_path: Path) -> None:
    with snapshots.connect(home) as con:
        asked = con.execute(
            "select distinct student_id, skill_id, 0.3 + 0.1 * (hash(student_id, skill_id) % 5) "
            "from interactions, skills"
        ).fetchall()
    rows = [f"{who},{skill},{chance}" for who, skill, chance in asked]
    (tmp_path / "mastery.csv").write_text("\n".join(["student_id,skill_id,p_correct", *rows]))

    found, _ = evaluate_version(OPERATOR, home, "tracing", truth=tmp_path)

    planted = found.model_dump()["planted"]
    assert {each["skills"] for each in planted} <= {"with answers", "without answers"}
    assert sum(each["rows"] for each in planted) == 4 * found.students
    assert all(0 <= each["in_range"] <= 1 for each in planted)
    with pytest.raises(MissingError, match=r"has no mastery\.csv"):
        evaluate_version(OPERATOR, home, "tracing", truth=tmp_path / "none")


def test_the_newest_answers_are_watched_once_they_are_later_than_what_it_learned(
    home: Settings,
) -> None:
    assert TRACING.recent is not None

    found = recent.watch(home, "tracing", TRACING.recent, now=datetime(2026, 11, 16, tzinfo=UTC))

    assert found is None  # it has learned from the last answer there is
