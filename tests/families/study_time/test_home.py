"""In a home: trained, evaluated, activated, tuned and asked, through what is above every family."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from edupulse_core.actions import models, tuning, versions
from edupulse_core.actions.study_time import expect_hours, plan_week
from edupulse_core.actions.watching import monitor
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.families.study_time.examples import Question
from edupulse_core.families.study_time.measured import StudyEvaluation
from edupulse_core.lifecycle import evaluations, quality, registry, retraining, triggers
from edupulse_core.lifecycle.tuning import Search
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from tests import people
from tests.families.study_time.home import study_home, with_longer_sessions

FAMILY = "study_time"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    yield study_home(tmp_path_factory.mktemp("study"), students=120)


@pytest.fixture(scope="module")
def version(home: Settings) -> str:
    made = models.train_version(OPERATOR, home, FAMILY)
    versions.activate_version(OPERATOR, home, FAMILY, made["version"])
    return str(made["version"])


def test_the_sessions_are_good_enough_to_learn_from(home: Settings) -> None:
    found = retraining.checked(home, FAMILY)

    assert isinstance(found, quality.Quality) and not found.errors
    assert found.rows == 1203


def test_an_evaluation_is_typed_and_has_goals_importance_and_folds(
    home: Settings, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap.explainers", None)  # slow to import

    found, page = models.evaluate_version(OPERATOR, home, FAMILY)

    assert evaluations.kept(home, FAMILY, version, StudyEvaluation) == found
    assert isinstance(found, StudyEvaluation) and len(found.aims) == 2
    assert found.importance is not None and found.crossed is not None
    assert {"boosting", "last_session", "median"} <= {*found.test.table}
    assert page is not None and "Study time model" in page.read_text(encoding="utf-8")


def test_a_student_is_asked_about_one_skill(home: Settings, version: str) -> None:
    (found,) = expect_hours(person(people.counselor), home, "ana", Question(skills=("k01",)))

    assert (found.student, found.skill, found.version) == ("Ana Alvarez", "Skill 1", version)
    assert 0 < found.low < found.hours < found.high <= 24
    assert found.sessions_before == 3
    assert trail.entries(home, action=trail.ASK, subject="ana")[0].details["family"] == FAMILY


def test_without_a_skill_it_is_what_the_student_worked_on_lately(
    home: Settings, version: str
) -> None:
    found = expect_hours(OPERATOR, home, "ana", Question())

    assert [each.skill_id for each in found] == ["k01", "k02"]


def test_nothing_after_the_day_asked_for_counts(home: Settings, version: str) -> None:
    early = expect_hours(OPERATOR, home, "ana", Question(skills=("k01",)), as_of=date(2026, 10, 25))

    assert early[0].sessions_before == 1


def test_a_student_of_others_is_as_one_who_does_not_exist(home: Settings, version: str) -> None:
    said = []
    for student in ("dee", "nobody"):
        with pytest.raises(AccessError) as refused:
            expect_hours(person(people.teacher_north), home, student, Question(skills=("k01",)))
        said.append(str(refused.value))
    with pytest.raises(MissingError, match="no student 'nobody'"):
        expect_hours(OPERATOR, home, "nobody", Question(skills=("k01",)))

    assert said[0] == said[1]


def test_an_unknown_skill_is_a_sentence(home: Settings, version: str) -> None:
    with pytest.raises(MissingError, match="there is no skill 'k99'"):
        expect_hours(OPERATOR, home, "ana", Question(skills=("k99",)))


def test_a_week_is_planned_from_the_next_skills(home: Settings, version: str) -> None:
    found = plan_week(OPERATOR, home, "ana", ["k04", "k01", "k02"], 8.0)

    assert {each.skill_id for each in (*found.sessions, *found.later)} == {"k04", "k01", "k02"}
    assert found.high <= 8.0 or found.may_run_over
    newest = runs.latest_run(open_store(home), FAMILY, purpose=runs.SHOWN)
    again = plan_week(OPERATOR, home, "ana", ["k01", "k02"], 5.0)
    assert runs.latest_run(open_store(home), FAMILY, purpose=runs.SHOWN) == newest
    assert {each.skill_id for each in (*again.sessions, *again.later)} == {"k01", "k02"}
    for _ in range(2):  # worked out once for skills that were not on the page yet
        plan_week(OPERATOR, home, "ana", ["k05"], 5.0)
    added = runs.latest_run(open_store(home), FAMILY, purpose=runs.SHOWN)
    assert newest and added and added.run_id == (newest.run_id or 0) + 1
    with pytest.raises(InputError, match="hours of a week"):
        plan_week(OPERATOR, home, "ana", ["k04"], 0)


def test_fifty_new_sessions_are_a_reason_to_train_again(home: Settings, version: str) -> None:
    (found,) = [
        each
        for each in triggers.check(home, FAMILY, datetime.now(UTC))
        if each.name == "new_labels"
    ]

    assert found.threshold == 50


def test_it_is_tuned_like_any_other(home: Settings, version: str) -> None:
    wanted = Search(method="grid", trials=2)

    study, _ = tuning.tune_family(OPERATOR, home, FAMILY, wanted, algorithm="ridge", train=False)

    assert len(study.trials) == 2 and study.best is not None


def test_the_last_thirty_days_are_watched_from_ten_sessions_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home, now = study_home(tmp_path_factory.mktemp("lately")), datetime.now(UTC)
    made = models.train_version(OPERATOR, home, FAMILY)
    before = monitor(OPERATOR, home, now=now)

    with_longer_sessions(home, 12)
    (night,) = monitor(OPERATOR, home, now=now)

    found = {each.name: each for each in night.figures}
    assert before == []  # too few sessions
    assert 12 <= found["mae"].details["rows"] <= 15 and (found["mae"].value or 0) > 5
    assert [each.kind for each in night.alerts] == ["performance"]
    (error,) = [each for each in triggers.check(home, FAMILY, now) if each.name == "error"]
    assert error.fired and (error.value or 0) > 1.2
    (registry.version_folder(home, FAMILY, made["version"]) / "margins.json").write_text("{}")
    assert monitor(OPERATOR, home, now=now) == []  # a damaged version does not end the watch
