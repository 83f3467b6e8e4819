"""`edupulse hours`: the hours of a session, in words and as JSON."""

import json
from pathlib import Path

import pytest

from edupulse_core.actions import models
from edupulse_core.errors import MissingError
from edupulse_core.people.actor import OPERATOR
from tests.cli.conftest import Edupulse
from tests.families.study_time.home import study_home


@pytest.fixture(scope="module")
def studying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = study_home(tmp_path_factory.mktemp("study-cli"))
    models.train_version(OPERATOR, home, "study_time")
    return home.home


@pytest.fixture(autouse=True)
def here(studying: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(studying))


def test_hours_are_told_with_an_interval(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("hours", "ana", "k01", "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["student_id"], found["skill"]) == ("ana", "Skill 1")
    assert found["interval"][0] < found["hours"] < found["interval"][1]
    assert found["sessions_before"] == 3


def test_hours_are_told_in_words(edupulse: Edupulse, capsys: pytest.CaptureFixture[str]) -> None:
    assert edupulse("hours", "ana", "k01") == 0

    said = capsys.readouterr().out
    assert said.startswith("Skill 1 (k01) for ana, as of ") and "by 3 earlier sessions" in said


def test_an_unknown_skill_or_student_is_one_sentence(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("hours", "ana", "nothing") == MissingError.exit_code
    said = capsys.readouterr().err
    assert said.startswith("edupulse: there is no skill 'nothing'") and said.count("\n") == 1
    assert edupulse("hours", "nobody", "k01") != 0
    assert capsys.readouterr().err.count("\n") == 1


def test_skills_are_listed_and_one_is_asked_for_by_its_title(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("skills") == 0
    told = capsys.readouterr().out
    assert "k01" in told and "Skill 1" in told
    assert edupulse("skills", "--json") == 0
    first = json.loads(capsys.readouterr().out)["skills"][0]
    assert edupulse("hours", "ana", first["title"].upper(), "--json") == 0
    assert json.loads(capsys.readouterr().out)["skill_id"] == first["skill_id"]


def test_an_unknown_subject_is_answered_with_those_that_there_are(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("skills", "--subject", "dance") == MissingError.exit_code
    assert "no skill is in 'dance'; there are: " in capsys.readouterr().err
