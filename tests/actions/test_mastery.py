"""Being told a student's mastery: by command and as the page reads it."""

import json
from datetime import date

import pytest

from edupulse_core import cli
from edupulse_core.actions.mastery import show_mastery
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.mastery import ORDER
from tests import people
from tests.families.tracing.home import home_with_mastery
from tests.queries.conftest import build_home

COUNSELOR = person(people.counselor)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_mastery(tmp_path_factory.mktemp("mastery"))


def test_skills_come_by_level_and_subject_with_their_evidence(home: Settings) -> None:
    found = show_mastery(COUNSELOR, home, "ana")

    assert found.as_of == date(2026, 11, 15) and list(found.by_subject) == ["Math"]
    places = [ORDER.index(each.label) for each in found.skills]
    assert places == sorted(places) and len(places) == 4
    seen = {each.skill_id: each for each in found.skills if each.answers}
    assert set(seen) == {"divide"} and found.n_seen == 1
    assert (seen["divide"].title, seen["divide"].answers, seen["divide"].right) == ("Divide", 6, 5)
    assert seen["divide"].days_since == 8


def test_a_day_in_the_past_knows_nothing_of_later_answers(home: Settings) -> None:
    found = show_mastery(COUNSELOR, home, "ana", as_of=date(2026, 11, 1))

    assert found.as_of == date(2026, 11, 1) and found.n_seen == 0


def test_each_look_is_in_the_audit(home: Settings) -> None:
    before = len(trail.entries(home, action=trail.ASK, subject="dee"))

    for _ in range(2):
        show_mastery(OPERATOR, home, "dee")

    show_mastery(OPERATOR, home, "dee", is_page=True)  # who opens the page is noted there

    noted = trail.entries(home, action=trail.ASK, subject="dee")
    assert len(noted) == before + 2 and noted[0].details["family"] == "tracing"


def test_nobody_is_told_of_a_student_out_of_reach(home: Settings) -> None:
    with pytest.raises(AccessError):
        show_mastery(person(people.teacher_north), home, "dee")
    with pytest.raises(MissingError, match="there is no student 'nobody'"):
        show_mastery(OPERATOR, home, "nobody")


def test_without_skills_it_says_what_to_bring(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = build_home(tmp_path_factory.mktemp("empty"))

    with pytest.raises(MissingError, match=r"bring skills\.csv"):
        show_mastery(OPERATOR, empty, "ana")


def test_the_command_prints_a_table_or_one_json_object(
    home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    cli.app(["mastery", "ana"], standalone_mode=False)
    told = capsys.readouterr().out
    cli.app(["mastery", "ana", "--json"], standalone_mode=False)
    value = json.loads(capsys.readouterr().out)

    assert "5 of 6" in told and "No answers yet" in told
    assert value["student_id"] == "ana" and len(value["skills"]) == 4
    first = value["skills"][0]
    assert first["low"] <= first["mastery"] <= first["high"]
