"""Being told which skills come next: by command and as the page reads it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from edupulse_core import cli
from edupulse_core.actions import paths
from edupulse_core.actions.mastery import Known, show_mastery
from edupulse_core.actions.models import evaluate_version
from edupulse_core.actions.paths import ask_path, show_path
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.mastery import Mastery, SkillMastery
from edupulse_core.queries.next_skills import goals
from tests import people
from tests.families.path.home import home_with_paths, serve
from tests.queries.conftest import build_home

COUNSELOR = person(people.counselor)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_paths(tmp_path_factory.mktemp("paths"))


def test_the_steps_come_in_order_with_names_and_reasons(home: Settings) -> None:
    found = ask_path(COUNSELOR, home, "ana", length=3)

    assert [each.rank for each in found.steps] == [1, 2, 3]
    assert all(each.title and each.sentence for each in found.steps)
    assert found.as_of == date(2026, 11, 15) and not found.note


def test_a_goal_comes_last_after_what_leads_to_it(home: Settings) -> None:
    found = ask_path(OPERATOR, home, "ana", goal="divide")

    assert [each.skill_id for each in found.steps][-1] == "divide"
    assert [each.reason for each in found.steps][-1] == "goal"
    with pytest.raises(InputError, match="'flying'"):
        ask_path(OPERATOR, home, "ana", goal="flying")


def test_a_page_shows_the_same_path_until_something_changes(home: Settings) -> None:
    for goal in ("", "divide"):
        show_path(COUNSELOR, home, "ana", goal=goal)
    before = len(trail.entries(home, action=trail.ASK, subject="ana"))

    plain, divide = (show_path(COUNSELOR, home, "ana", goal=goal) for goal in ("", "divide"))

    assert divide.steps[-1].skill_id == "divide" and plain.goal is None
    assert len(trail.entries(home, action=trail.ASK, subject="ana")) == before  # nothing was asked


@pytest.mark.parametrize(
    ("chance", "label", "is_done"),
    [
        (0.9, "mastered", True),
        (0.7, "mastered", True),  # a model that says so from a lower chance on
        (0.9, "nearly", False),  # one that says so later
        (0.9, "not seen", False),  # without an answer it is only a guess
    ],
)
def test_a_path_begins_with_what_the_mastery_map_calls_mastered(
    home: Settings, monkeypatch: pytest.MonkeyPatch, chance: float, label: str, is_done: bool
) -> None:
    skills = {each.skill_id for each in ask_path(OPERATOR, home, "ana").steps}
    mastered, unseen = (frozenset(skills if label == x else ()) for x in ("mastered", "not seen"))
    known = Known(dict.fromkeys(skills, chance), mastered, unseen)
    monkeypatch.setattr(paths, "known_mastery", lambda *_: known)

    found = ask_path(OPERATOR, home, "ana").steps

    assert {each.skill_id for each in found} == (set() if is_done else skills)
    assert {each.mastery for each in found} <= {chance}  # as the model for it says


def test_a_mastered_skill_is_no_goal() -> None:
    skills = (("add", 0.9, "mastered"), ("words", 0.85, "nearly"), ("divide", 0.85, "not seen"))
    known = Mastery("ana", date(2026, 11, 15), "v", tuple(_skill(*each) for each in skills))

    assert goals(known) == {"divide": "Divide"}


def _skill(name: str, chance: float, label: str) -> SkillMastery:
    return SkillMastery(name, name.title(), None, chance, 0.0, 1.0, label, 4, 2, 3)


def test_mastery_is_what_the_model_for_it_says_where_one_serves(
    home: Settings, tmp_path: Path
) -> None:
    shutil.copytree(home.home, tmp_path / "home")
    both = load_settings(home=tmp_path / "home", grants=people.GRANTS)
    before = show_path(OPERATOR, both, "ana").steps[0]
    serve(both, "tracing", "pfa")

    known = {each.skill_id: each.mastery for each in show_mastery(OPERATOR, both, "ana").skills}
    step = ask_path(OPERATOR, both, "ana", length=1).steps[0]

    assert step.mastery == pytest.approx(known[step.skill_id], abs=1e-6)
    assert step.mastery != before.mastery
    shown = show_path(OPERATOR, both, "ana")
    assert shown.steps[0].mastery == step.mastery  # not what was stored before
    assert show_path(OPERATOR, both, "ana") == shown


def test_each_answer_is_in_the_audit(home: Settings) -> None:
    before = len(trail.entries(home, action=trail.ASK, subject="dee"))

    ask_path(OPERATOR, home, "dee")

    noted = trail.entries(home, action=trail.ASK, subject="dee")
    assert len(noted) == before + 1 and noted[0].details["family"] == "path"


def test_nobody_is_told_of_a_student_out_of_reach(home: Settings) -> None:
    with pytest.raises(AccessError):
        ask_path(person(people.teacher_north), home, "dee")
    with pytest.raises(MissingError, match="there is no student 'nobody'"):
        ask_path(OPERATOR, home, "nobody")


def test_without_skills_it_says_what_to_bring(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"bring skills\.csv"):
        ask_path(OPERATOR, build_home(tmp_path), "ana")


def test_it_is_evaluated_beside_simpler_ways(home: Settings) -> None:
    found, _ = evaluate_version(OPERATOR, home, "path")

    said = found.model_dump()
    assert [each["way"] for each in said["test"]["beside"]] == ["model", "greedy", "random"]
    assert 0 < said["gain"] < 1


def test_the_command_prints_a_table_or_one_json_object(
    home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    cli.app(["path", "ana", "--length", "2"], standalone_mode=False)
    told = capsys.readouterr().out
    cli.app(["path", "ana", "--goal", "divide", "--json"], standalone_mode=False)
    value = json.loads(capsys.readouterr().out)

    assert "Nov 15, 2026" in told and "Chance now" in told
    assert (value["student_id"], value["goal"]) == ("ana", "divide")
    assert set(value["steps"][0]) >= {"rank", "skill_id", "title", "mastery", "reason", "sentence"}
