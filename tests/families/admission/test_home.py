"""Admission in a home: trained, evaluated, activated, and asked at every door."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from edupulse_core import api, cli
from edupulse_core.actions import admission, models, versions
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, RefusedError
from edupulse_core.families.admission.examples import INPUTS
from edupulse_core.families.admission.measured import AdmissionEvaluation
from edupulse_core.jobs.kinds import KINDS, Work
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries import jobs
from tests import people
from tests.api.conftest import bearing, token
from tests.families.admission.applicants import home_with_applicants

AT = "/api/v1/admission"
MODELS = "/api/v1/model-training"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_applicants(tmp_path_factory.mktemp("admission"))


@pytest.fixture(scope="module")
def trained(home: Settings) -> dict[str, Any]:
    made = models.train_version(OPERATOR, home, "admission")
    versions.activate_version(OPERATOR, home, "admission", made["version"])
    return made


def test_an_evaluation_tells_all_that_was_measured(home: Settings, trained: dict[str, Any]) -> None:
    found, _ = models.evaluate_version(OPERATOR, home, "admission")

    assert isinstance(found, AdmissionEvaluation)
    assert found.auc_roc == pytest.approx(trained["auc_roc"])
    assert found.groups == ["race", "sex"] and set(found.gaps) == {"race", "sex"}
    assert found.importance and found.curve and found.bins and found.by_tier
    assert found.test.table["model"].auc_roc > found.test.table["admit_rate"].auc_roc


def test_the_command_lists_every_program_and_says_what_odds_are_not(
    home: Settings,
    trained: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    monkeypatch.setenv("EDUPULSE_IMPORT_DAY", "2026-11-16")

    cli.app(["admission", "ana", "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    cli.app(["admission", "ana"], standalone_mode=False)
    shown = capsys.readouterr()

    assert said["model_version"] == trained["version"] and len(said["programs"]) == 12
    assert {one["program_id"] for one in said["programs"] if one["has_applied"]} == {"P03", "P07"}
    kinds = {one["program_id"]: one["kind"] for one in said["programs"]}
    assert all(kinds[each] == kind for kind, some in said["balanced"].items() for each in some)
    assert said["balanced"].keys() == {"reach", "match", "likely"}
    assert len(trail.entries(home, action=trail.ASK, subject="ana")) == 2  # the stored one too
    assert "Never use them" in shown.err and "P03" in shown.out


def test_what_she_said_last_counts_and_what_she_left_out_stays(
    home: Settings, trained: dict[str, Any]
) -> None:
    found = admission.college_outlook(OPERATOR, home, "ana")

    scores = {one["now"] for each in found.programs for one in each.changes}
    assert {3.2, 1300.0} <= scores and 1250.0 not in scores


def test_a_student_who_never_applied_has_no_odds_and_others_are_out_of_reach(
    home: Settings, trained: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="has not applied"):
        admission.college_outlook(OPERATOR, home, "ben")
    with pytest.raises(AccessError):
        admission.college_outlook(person(people.teacher_north), home, "dee")


def test_twelve_numbers_are_answered_by_http_and_noted(
    home: Settings, trained: dict[str, Any]
) -> None:
    strong = {"gpa": 3.9, "test_score": 1550, "admit_rate": 0.8, "minimum_gpa": 2.5}
    weak = {**strong, "gpa": 2.2, "test_score": 800}
    with TestClient(api.app(home), headers=bearing(token(home))) as client:
        one = client.post(f"{AT}/predict", json=strong).json()
        both = client.post(f"{AT}/predict/batch", json={"applications": [weak, strong]}).json()
        named = client.post(f"{AT}/predict", json={**strong, "sex": "female"})
        wrong = client.post(f"{AT}/predict", json={**strong, "statement": 9})
        much = client.post(f"{AT}/predict/batch", json={"applications": [weak, {"gpa": 4000}]})
        scale = client.post(f"{AT}/predict", json={**strong, "gpa": 34}).json()
        nobody = client.post(f"{AT}/predict", json={"admit_rate": 0.8})

    assert one["interval"]["low"] < one["probability"] < one["interval"]["high"]
    assert len(one["importance"]) == 12 and one["importance"][0]["rank"] == 1
    low, high = (each["probability"] for each in both["predictions"])
    assert low < high == one["probability"]
    assert {each.status_code for each in (named, wrong, much, nobody)} == {422}
    assert wrong.json()["detail"] == "statement must be 1 to 5, found 9"
    assert much.json()["detail"] == "applications.1: gpa must be 0 to 200, found 4000"
    assert scale["warning"].startswith("Far from past applications (GPA")
    assert one["warning"].startswith("Odds are")
    assert "send at least one of gpa, test_score" in nobody.json()["detail"]
    noted = trail.entries(home, action=trail.ASK)
    assert any(each.details.get("rows") == 2 for each in noted)


def test_what_clients_of_the_reference_send_is_obeyed(home: Settings) -> None:
    asked = {
        "algorithms": ["xgboost", "logistic_regression"],
        "min_samples": 300,
        "test_size": 0.25,
        "validation_size": 0.2,
        "cross_validation_folds": 3,
        "target_metric": "f1_score",
        "early_stopping_rounds": 5,
        "scale_features": False,
        "max_training_time_minutes": 20,
        "hyperparameters": {"rounds": 30},
    }
    with TestClient(api.app(home), headers=bearing(token(home, "steward"))) as client:
        begun = client.post(f"{MODELS}/train", json=asked).json()
        made = work(home, begun["job_id"])
        figures = client.get(f"{MODELS}/metrics/{made['version']}").json()
        model = client.get(f"{MODELS}/models/{made['version']}").json()

    assert "Without effect" not in begun["message"]
    assert {each["algorithm"] for each in made["table"]} == {"xgboost", "logistic_regression"}
    assert len(figures["cv_scores"]) == 3
    assert figures["cv_mean"] == pytest.approx(np.mean(figures["cv_scores"]), abs=1e-5)
    assert all(0 < figures[name] < 1 for name in ("accuracy", "precision", "recall", "f1_score"))
    assert figures["auc_roc"] > 0.7 and figures["training_time_seconds"] is not None
    plan = model["hyperparameters"]
    assert plan.get("early_stopping_rounds", 5) == 5 and plan.get("scale_features", False) is False
    tested = made["rows"] / (made["rows"] + model["training_samples"])
    assert 45 < made["students"] < 65 and 0.2 < tested < 0.4  # a quarter of 220, by checksum


def test_a_search_over_several_algorithms_makes_a_version_of_each(home: Settings) -> None:
    asked = {
        "algorithms": ["xgboost", "logistic_regression"],
        "min_samples": 300,
        "hyperparameter_tuning": "random_search",
        "tuning_iterations": 2,
        "cross_validation_folds": 3,
        "target_metric": "f1_score",
        "version_tag": "spring",
    }
    with TestClient(api.app(home), headers=bearing(token(home, "steward"))) as client:
        begun = client.post(f"{MODELS}/train", json=asked).json()
        made = work(home, begun["job_id"])
        model = client.get(f"{MODELS}/models/{made['version']}").json()

    assert begun["estimated_time_minutes"] < 30  # as long as the version before took
    by_algorithm = {each["algorithm"]: each["version"] for each in made["table"]}
    assert len(by_algorithm) == 2 and made["version"] in by_algorithm.values()
    assert model["version_tag"] == "spring"
    assert registry.metrics_of(home.home / "models" / "admission" / made["version"])[
        "cv_metric"
    ] == ("f1_score")


def test_a_grid_that_is_smaller_than_asked_is_searched_whole(home: Settings) -> None:
    asked = {"min_samples": 300, "hyperparameter_tuning": "grid_search", "n_jobs": 1}
    asked |= {"algorithms": ["gaussian_process"], "tuning_iterations": 50}
    with TestClient(api.app(home), headers=bearing(token(home, "steward"))) as client:
        made = work(home, client.post(f"{MODELS}/train", json=asked).json()["job_id"])

    assert made["trials"] == 5


def test_an_unknown_metric_and_too_little_time_are_told(home: Settings) -> None:
    with pytest.raises(InputError, match="no metric 'magic'"):
        models.train_version(OPERATOR, home, "admission", metric="magic", folds=3)
    with pytest.raises(RefusedError, match="took longer than"):
        models.train_version(OPERATOR, home, "admission", minutes=1e-9)


def test_pictures_and_results_of_an_evaluation_can_be_had(
    home: Settings, trained: dict[str, Any]
) -> None:
    models.evaluate_version(OPERATOR, home, "admission", trained["version"])
    with TestClient(api.app(home), headers=bearing(token(home, "steward"))) as client:
        found = client.get(f"{MODELS}/evaluate/{trained['version']}/results").json()
        pictures = [client.get(found[name]) for name in found if name.endswith("_plot")]

    assert found["calibration_bins"] and set(found["performance_by_category"]) == {
        "admitted",
        "denied",
    }
    assert {each["feature"] for each in found["feature_importance"]} == set(INPUTS)
    assert len(pictures) == 4
    assert all(each.content.startswith(b"\x89PNG") for each in pictures)


def work(home: Settings, job_id: str) -> dict[str, Any]:
    """Do a job as its process does it."""
    job = jobs.job(home, job_id)
    asked = Work(OPERATOR, home, "admission", job.config, lambda *_: None, lambda: False, print)
    return dict(KINDS[job.kind](asked))


def test_without_a_version_the_api_says_there_is_none(tmp_path: Path) -> None:
    bare = home_with_applicants(tmp_path)
    with TestClient(api.app(bare), headers=bearing(token(bare))) as client:
        assert client.post(f"{AT}/predict", json={}).status_code == 404
