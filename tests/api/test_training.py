"""Training by HTTP: refused where the data are not good enough, else a job."""

import shutil
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions import jobs as acts
from edupulse_core.config import Settings, load_settings
from edupulse_core.queries import jobs
from tests.api.conftest import bearing, token

Headers = dict[str, str]
AT = "/api/v1/model-training"


@pytest.fixture(scope="module")
def trained(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with outcomes to learn from, which the tests of this file share."""
    folder = tmp_path_factory.mktemp("training") / "home"
    shutil.copytree(demo_home.home, folder)
    return load_settings(home=folder)


@pytest.fixture(scope="module")
def demo(trained: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(trained), headers=bearing(token(trained, "steward"))) as client:
        yield client


def test_clients_who_name_no_family_train_admission_and_are_told_what_to_bring(
    server: TestClient, steward: Headers
) -> None:
    asked = {
        "algorithms": ["random_forest", "xgboost"],
        "min_samples": 1000,
        "hyperparameter_tuning": "random_search",
        "target_metric": "f1_score",
    }

    answer = server.post(f"{AT}/train", json=asked, headers=steward)

    assert answer.status_code == 400
    said = answer.json()
    assert "applications.csv" in said["detail"] and said["issues"] == [said["detail"]]
    assert said["recommendations"] and said["report"] == {}
    unknown = server.post(f"{AT}/train", json={"family": "weather"}, headers=steward)
    assert unknown.status_code == 400 and "admission" in unknown.json()["detail"]


def test_without_outcomes_nothing_is_trained_and_the_reason_is_told(
    server: TestClient, steward: Headers
) -> None:
    answer = server.post(f"{AT}/train", json={"family": "risk"}, headers=steward)

    assert answer.status_code == 400
    assert answer.json()["issues"] and answer.json()["recommendations"]


def test_too_few_cases_are_refused_with_the_report(demo: TestClient) -> None:
    asked = {"family": "risk", "min_samples": 10_000_000}

    answer = demo.post(f"{AT}/train", json=asked)

    assert answer.status_code == 400
    rows = answer.json()["report"]["rows"]
    assert f"`min_samples` of 100 to {rows} " in answer.json()["recommendations"][0]


def test_a_training_is_a_job_with_what_was_asked(demo: TestClient, trained: Settings) -> None:
    asked = {"family": "risk", "algorithms": ["neural_network"], "notes": "a try"}

    begun = demo.post(f"{AT}/train", json=asked)

    said = begun.json()
    assert (begun.status_code, said["status"], said["success"]) == (202, "pending", True)
    job = jobs.job(trained, said["job_id"])
    assert (job.kind, job.family, job.config[acts.REQUEST]) == ("train", "risk", asked)
    assert demo.get(f"{AT}/jobs/{said['job_id']}").json()["config"] == asked


def test_a_field_that_nothing_reads_is_refused_or_told(demo: TestClient) -> None:
    wrong = demo.post(f"{AT}/train", json={"family": "risk", "algorithm": "magic"})
    told = demo.post(f"{AT}/train", json={"family": "risk", "min_samples": 100, "test_size": 0.3})

    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "body.algorithm"
    assert told.status_code == 202 and "Without effect here: test_size." in told.json()["message"]


def test_a_search_is_a_job_of_its_own(demo: TestClient, trained: Settings) -> None:
    asked = {
        "family": "risk",
        "hyperparameter_tuning": "random_search",
        "tuning_iterations": 7,
        "cross_validation_folds": 4,
    }

    by_train = demo.post(f"{AT}/train", json=asked).json()["job_id"]
    by_tune = demo.post(f"{AT}/tune", json={"method": "grid", "trials": 3}).json()["job_id"]

    job = jobs.job(trained, by_train)
    assert (job.kind, job.config["method"], job.config["trials"]) == ("tune", "random", 7)
    assert jobs.job(trained, by_tune).config == {"method": "grid", "trials": 3}


def test_an_algorithm_that_the_family_lacks_is_refused(demo: TestClient) -> None:
    answer = demo.post(f"{AT}/train", json={"family": "risk", "algorithms": ["random_forest"]})

    assert answer.status_code == 422
    assert "neural_network" in answer.json()["detail"]


def test_a_body_that_is_no_json_is_refused_in_one_sentence(
    server: TestClient, steward: Headers
) -> None:
    headers = {**steward, "Content-Type": "application/json"}

    answer = server.post(f"{AT}/train", content='{"family": ', headers=headers)

    said = answer.json()
    assert answer.status_code == 422
    assert "not valid JSON" in said["detail"] and "body." not in said["detail"]
    assert said["errors"] == [{"field": "body", "detail": said["detail"]}]


@pytest.mark.parametrize(
    "value", ["1e400", "9" * 4000, '"\\ud800"', '"\\u0000"', "[" * 500 + "]" * 500, "NaN"]
)
def test_hyperparameters_that_mean_nothing_are_refused(
    server: TestClient, steward: Headers, value: str
) -> None:
    content = f'{{"family": "risk", "hyperparameters": {{"network.hidden": {value}}}}}'
    headers = {**steward, "Content-Type": "application/json"}

    answer = server.post(f"{AT}/train", content=content, headers=headers)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "asked",
    [
        {"hyperparameters": {"no_such_field": 1}},
        {"hyperparameters": {"network.hidden": "large"}},
        {"plan": "none"},
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_a_job_begins(
    demo: TestClient, asked: dict[str, object]
) -> None:
    answer = demo.post(f"{AT}/train", json={"family": "risk", **asked})

    assert answer.status_code == 422


def test_several_algorithms_are_trained_and_compared(demo: TestClient, trained: Settings) -> None:
    asked = {
        "family": "risk",
        "algorithms": ["gradient_boosting", "logistic_regression"],
        "version_tag": "autumn",
    }

    job = jobs.job(trained, demo.post(f"{AT}/train", json=asked).json()["job_id"])

    named = "gradient_boosting,logistic_regression"
    assert (job.config["algorithm"], job.config["version_tag"]) == (named, "autumn")


def test_the_data_are_checked_before_a_training(demo: TestClient) -> None:
    said = demo.post(f"{AT}/data-quality", json={"family": "risk"}).json()

    assert said["passes"] is True
    assert len(said["report"]["columns"]) == 42
    few = demo.post(f"{AT}/data-quality", json={"family": "risk", "min_samples": 10_000_000})
    assert few.json()["passes"] is False and few.json()["issues"]


def test_a_canceled_job_runs_again_and_one_that_waits_does_not(demo: TestClient) -> None:
    job_id = demo.post(f"{AT}/train", json={"family": "risk"}).json()["job_id"]
    demo.delete(f"{AT}/jobs/{job_id}")

    again = demo.post(f"{AT}/jobs/{job_id}/retry")

    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert demo.post(f"{AT}/jobs/{job_id}/retry").status_code == 409
    assert demo.post(f"{AT}/jobs/none/retry").status_code == 404


def test_the_reasons_to_train_again_are_looked_at_when_asked(demo: TestClient) -> None:
    looked = demo.post(f"{AT}/triggers").json()["triggers"]

    assert {each["name"] for each in looked} == {"new_labels", "age", "error", "drift"}
    assert demo.get(f"{AT}/triggers").json()["total"] == len(looked)
