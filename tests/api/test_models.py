"""The life of a model by HTTP: jobs, versions, evaluations and their pictures, alerts."""

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from edupulse_core.config import Settings
from edupulse_core.lifecycle import evaluations
from edupulse_core.people import trail
from edupulse_core.store import alerts, jobs, triggers
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store
from edupulse_core.store.triggers import TriggerCheck
from tests import evaluation_report as reports

Headers = dict[str, str]
AT = "/api/v1/model-training"
ACTIVE = "risk-4"


@pytest.fixture(scope="module")
def evaluated(home: Settings) -> Settings:
    """The home, in which the shipped version was evaluated."""
    report = reports.evaluation(version=ACTIVE, evaluated_on={"district": "Two Schools"})
    evaluations.keep(home, "risk", report)
    return home


def test_a_job_can_be_read_listed_and_cancelled_once(server: TestClient, steward: Headers) -> None:
    job_id = server.post(f"{AT}/evaluate/{ACTIVE}", headers=steward).json()["task_id"]
    waiting = server.get(f"{AT}/jobs/{job_id}", headers=steward).json()
    listed = server.get(f"{AT}/jobs?status=pending&limit=1", headers=steward).json()
    cancelled = server.delete(f"{AT}/jobs/{job_id}", headers=steward)
    again = server.delete(f"{AT}/jobs/{job_id}", headers=steward)

    assert (waiting["status"], waiting["config"]) == ("pending", {"version": ACTIVE})
    assert waiting["created_by"].startswith("token a steward")
    assert listed["jobs"][0]["job_id"] == job_id and listed["total"] == 1
    assert cancelled.json()["success"] is True
    assert again.status_code == 400
    assert server.get(f"{AT}/jobs/none", headers=steward).status_code == 404


def test_what_a_training_made_is_told_with_its_job(
    server: TestClient, steward: Headers, home: Settings
) -> None:
    done = jobs.Job(
        job_id="done",
        kind="train",
        config={},
        created_by="a",
        role="steward",
        status="completed",
        progress=100,
        result={"version": "v9", "score_auc_any": 0.9},
        log="one\ntwo",
        attempts=2,
        completed_at=datetime.now(UTC),
    )
    jobs.add(open_store(home), done)

    said = server.get(f"{AT}/jobs/done", headers=steward).json()

    assert (said["trained_models"], said["best_model_id"], said["best_score"]) == (
        ["v9"],
        "v9",
        0.9,
    )
    assert (said["logs"], said["retries"]) == (["one", "two"], 1)


def test_of_all_algorithms_the_best_is_named(
    server: TestClient, steward: Headers, home: Settings
) -> None:
    ranking = {
        "best": "blend",
        "version": "v2",
        "table": [
            {"algorithm": "gru", "version": "v1", "metrics": {"score_auc_any": 0.8}},
            {"algorithm": "blend", "version": "v2", "metrics": {"score_auc_any": 0.9}},
        ],
    }
    done = jobs.Job("all", "train", {}, "a", "steward", status="completed", result=ranking)
    jobs.add(open_store(home), done)

    said = server.get(f"{AT}/jobs/all", headers=steward).json()

    assert (said["algorithms_completed"], said["trained_models"]) == (
        ["gru", "blend"],
        ["v1", "v2"],
    )
    assert (said["best_model_id"], said["best_score"]) == ("v2", 0.9)


def test_the_versions_are_listed_with_the_one_that_serves(
    server: TestClient, steward: Headers
) -> None:
    listed = server.get(f"{AT}/models?active_only=true", headers=steward).json()
    status = server.get(f"{AT}/status", headers=steward).json()

    assert (listed["total"], listed["models"][0]["model_id"]) == (1, ACTIVE)
    assert listed["models"][0]["training_samples"] > 1000
    assert status["models"]["active_model_id"] == ACTIVE
    assert set(status) == {"status", "models", "jobs", "latest_model"}
    assert server.get(f"{AT}/models?family=other", headers=steward).status_code == 404
    assert server.get(f"{AT}/models/none", headers=steward).status_code == 404


def test_the_metrics_of_a_version_have_the_names_that_clients_know(
    server: TestClient, steward: Headers, evaluated: Settings
) -> None:
    said = server.get(f"{AT}/metrics/{ACTIVE}", headers=steward).json()

    assert said["confusion_matrix"] == [[91, 12, 0], [23, 34, 15], [0, 16, 27], [0, 0, 18]]
    assert (said["precision"], said["recall"], said["f1_score"]) == (0.8, 0.88, 0.84)
    assert said["auc_roc"] == said["family_metrics"]["score_auc_any"]
    assert said["cv_scores"] is None


def test_an_evaluation_is_told_with_the_addresses_of_its_pictures(
    server: TestClient, steward: Headers, evaluated: Settings
) -> None:
    said = server.get(f"{AT}/evaluate/{ACTIVE}/results", headers=steward).json()
    pictures = [said[name] for name in said if name.endswith("_plot")]

    assert len(pictures) == 4
    assert said["calibration_score"] == 0.5 and len(said["calibration_bins"]) == 10
    assert said["feature_importance"][0] == {"feature": "marks", "importance": 0.4, "rank": 1}
    for address in pictures:
        answer = server.get(address, headers=steward)
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    assert trail.entries(evaluated, action=trail.EXPORT, subject="evaluation")


def test_what_a_version_weighs_is_ranked(
    server: TestClient, steward: Headers, evaluated: Settings
) -> None:
    said = server.get(f"{AT}/feature-importance/{ACTIVE}?top=1", headers=steward).json()

    assert said == [{"feature": "marks", "importance": 0.4, "rank": 1}]


def test_an_evaluation_is_queued(server: TestClient, steward: Headers) -> None:
    answer = server.post(f"{AT}/evaluate/{ACTIVE}?generate_plots=true", headers=steward)

    assert answer.status_code == 202
    assert answer.json()["model_id"] == ACTIVE
    assert server.get(f"{AT}/jobs/{answer.json()['task_id']}", headers=steward).status_code == 200


def test_a_version_that_serves_already_may_be_activated_and_nothing_is_before_it(
    server: TestClient, steward: Headers
) -> None:
    activated = server.post(f"{AT}/activate/{ACTIVE}", json={"reason": "x"}, headers=steward)
    bare = server.post(f"{AT}/activate/{ACTIVE}", headers=steward)
    back = server.post(f"{AT}/rollback?family=risk", json={"reason": "x"}, headers=steward)
    off = server.post(f"{AT}/deactivate/{ACTIVE}", json={"reason": "x"}, headers=steward)

    assert (activated.status_code, activated.json()["model_id"]) == (200, ACTIVE)
    assert activated.json()["gate"]["passes"] is True
    assert (bare.status_code, bare.json()["model_id"]) == (200, ACTIVE)
    assert back.status_code == off.status_code == 409
    assert back.json()["reasons"]


def test_a_comparison_needs_two_versions(server: TestClient, steward: Headers) -> None:
    for names in ([ACTIVE], [ACTIVE, ACTIVE]):
        answer = server.post(f"{AT}/compare", json={"model_ids": names}, headers=steward)
        assert answer.status_code == 422
    missing = server.post(f"{AT}/compare", json={"model_ids": [ACTIVE, "none"]}, headers=steward)
    assert missing.status_code == 404


def test_an_experiment_needs_another_version_and_ends_once(
    server: TestClient, steward: Headers
) -> None:
    path = f"{AT}/experiments"
    assert server.get(path, headers=steward).json() == {"experiments": [], "total": 0}
    same = server.post(path, json={"challenger": ACTIVE}, headers=steward)
    none = server.post(path, json={"challenger": "none"}, headers=steward)
    ended = server.post(f"{path}/none/stop", json={"reason": "x"}, headers=steward)

    assert (same.status_code, none.status_code, ended.status_code) == (422, 404, 404)


def test_the_looks_at_the_reasons_to_train_again_are_told(
    server: TestClient, steward: Headers, home: Settings
) -> None:
    look = TriggerCheck("risk", "age", 100.0, 90.0, datetime.now(UTC), fired=True, job_id="j")
    triggers.add(open_store(home), [look])

    said = server.get(f"{AT}/triggers?family=risk", headers=steward).json()

    assert (said["total"], said["triggers"][0]["fired"]) == (1, True)
    assert said["triggers"][0]["threshold"] == 90.0


def test_an_alert_is_read_acknowledged_and_closed_once(
    server: TestClient, steward: Headers, home: Settings
) -> None:
    raised = Alert(
        family="risk",
        version=ACTIVE,
        kind="volume",
        severity="warning",
        details={"students": 10, "usual": 100.0},
        at=datetime.now(UTC),
    )
    with open_store(home).writing() as connection:
        alert = alerts.add(connection, raised)
    assert alert is not None
    path = f"{AT}/alerts/{alert.alert_id}"

    listed = server.get(f"{AT}/alerts", headers=steward).json()
    seen = server.post(f"{path}/acknowledge", json={}, headers=steward)
    closed = server.post(f"{path}/close", json={"note": "a holiday"}, headers=steward)
    again = server.post(f"{path}/close", json={"note": "a holiday"}, headers=steward)

    assert [one["sentence"] for one in listed["alerts"]] == [
        "10 students have a score; usually 100 do."
    ]
    assert (seen.json()["status"], closed.json()["status"]) == ("acknowledged", "closed")
    assert again.status_code == 409
    assert (
        server.post(f"{AT}/alerts/none/close", json={"note": "x"}, headers=steward).status_code
        == 404
    )
