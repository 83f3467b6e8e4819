"""Levels of texts: by command, of what nobody has labeled, and noted in the trail."""

import json
from pathlib import Path

import pytest

from edupulse_core import cli
from edupulse_core.actions import difficulty, models, versions
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.difficulty import NAME
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests import people
from tests.families.difficulty import planted
from tests.queries.conftest import build_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = build_home(tmp_path_factory.mktemp("levels"), more=planted.resources(200))
    made = models.train_version(OPERATOR, settings, NAME)
    versions.activate_version(OPERATOR, settings, NAME, made["version"])
    return settings


def test_texts_without_a_level_get_one_and_the_record_stays(home: Settings) -> None:
    first = difficulty.levels(OPERATOR, home)
    again = difficulty.levels(person(people.teacher_north), home)

    assert sorted(first) == ["resource u0", "resource u1", "resource u2"] and again == first
    assert all(one.low <= one.level <= one.high for one in first.values())
    assert all(0.2 < one.confidence <= 1 for one in first.values())
    assert len(trail.entries(home, action=trail.ASK, subject=NAME)) == 1  # the second is stored
    with snapshots.connect(home) as con:
        assert con.execute(
            "select count(*) from resources where difficulty is null"
        ).fetchall() == [(3,)]


def test_a_text_that_somebody_asks_about_leaves_a_line_and_changes_no_page(home: Settings) -> None:
    shown = runs.latest_run(open_store(home), NAME, purpose=runs.SHOWN)

    found = difficulty.level_of(person(people.teacher_north), home, "The cat sat. A dog ran.")

    (noted,) = trail.entries(home, action=trail.ASK, actor=people.teacher_north.sign_in)
    assert noted.subject == NAME and found.version in str(
        runs.latest_run(open_store(home), NAME, purpose=runs.ASKED)
    )
    assert runs.latest_run(open_store(home), NAME, purpose=runs.SHOWN) == shown


def test_a_text_without_words_is_refused(home: Settings) -> None:
    with pytest.raises(InputError, match="no words"):
        difficulty.level_of(OPERATOR, home, "12 + 3 = 15")


def test_without_a_version_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        difficulty.levels(OPERATOR, build_home(tmp_path))


def test_the_command_tells_the_level_of_a_file(
    home: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    file = tmp_path / "text.txt"
    file.write_text("The cat sat. A dog ran to the ball.", encoding="utf-8")

    cli.app(["difficulty", str(file), "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    cli.app(["difficulty", str(file)], standalone_mode=False)
    shown = capsys.readouterr().out

    assert said["difficulty"] in range(1, 6) and list(said["probabilities"]) == list("12345")
    assert f"Perhaps level {said['difficulty']} of 5" in shown
    assert said["note"] == "Too short to be sure: 9 words." and said["note"] in shown


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "No such file"), (b"\xff\xfe\x00", "not a text file"), (b"123", "no words")],
)
def test_a_file_that_is_no_text_is_refused_in_one_sentence(
    home: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    problem: str,
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    file = tmp_path / "text.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InputError, match=problem):
        cli.app(["difficulty", str(file)], standalone_mode=False)
