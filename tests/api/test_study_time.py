"""Study time by HTTP: the shape that clients read, and only of students whom the token may see."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions import models
from edupulse_core.config import Settings
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from tests.api.conftest import bearing, token
from tests.families.study_time.home import study_home

WHERE = "/api/v1/study-time/predict"


@pytest.fixture(scope="module")
def studying(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = study_home(tmp_path_factory.mktemp("study-api"))
    models.train_version(OPERATOR, home, "study_time")
    return home


@pytest.fixture(scope="module")
def client(studying: Settings) -> Iterator[TestClient]:
    with TestClient(
        api.app(studying), headers=bearing(token(studying, "principal", "north"))
    ) as it:
        yield it


def test_the_answer_has_the_shape_that_clients_read(client: TestClient, studying: Settings) -> None:
    asked = {
        "student_id": "ana", "topic_id": "k01", "time_of_day": "evening",
        "study_method": "practice", "environment": "home", "energy_level": 4,
        "distraction_level": 2, "breaks_taken": 1,
    }  # fmt: skip

    answer = client.post(WHERE, json=asked)

    said = answer.json()
    assert answer.status_code == 200, answer.text
    assert {
        "predicted_hours", "display_time", "student_name", "topic_name", "confidence", "interval",
    } <= {*said}  # fmt: skip
    assert (said["student_name"], said["topic_name"]) == ("Ana Alvarez", "Skill 1")
    assert said["interval"]["low"] < said["predicted_hours"] < said["interval"]["high"]
    assert 0 < said["confidence"] < 1
    assert "h" in said["display_time"] or "min" in said["display_time"]
    assert trail.entries(studying, action=trail.ASK, subject="ana")


def test_how_a_student_studies_moves_the_hours(client: TestClient) -> None:
    hours = [
        client.post(
            WHERE,
            json={
                "student_id": "ana", "topic_id": "k01", "energy_level": energy,
                "distraction_level": 6 - energy,
            },
        ).json()["predicted_hours"]
        for energy in (1, 5)
    ]  # fmt: skip

    assert hours[0] > hours[1]


def test_a_student_of_others_answers_as_one_who_does_not_exist_and_is_in_the_audit(
    client: TestClient, studying: Settings
) -> None:
    said = [
        client.post(WHERE, json={"student_id": student, "topic_id": "k01"})
        for student in ("dee", "nobody")
    ]

    assert [each.status_code for each in said] == [404, 404]
    assert said[0].json()["detail"] == said[1].json()["detail"]
    noted = trail.entries(studying, action=trail.REFUSED_ACCESS)
    assert [each.subject for each in noted] == ["nobody", "dee"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"time_of_day": "noonish"}, 422),
        ({"energy_level": 9}, 422),
        ({"topic_id": "k99"}, 404),
        ({"time_of_day": 25}, 422),
        ({"time_of_day": []}, 422),
        ({"time_of_day": "16:-30"}, 422),
        ({"time_of_day": "25:99"}, 422),
        ({"topic_id": ""}, 422),
    ],
)
def test_a_bad_question_is_a_sentence(
    client: TestClient, change: dict[str, object], status: int
) -> None:
    answer = client.post(WHERE, json={"student_id": "ana", "topic_id": "k01", **change})

    assert answer.status_code == status
    assert answer.json()["detail"] and "Traceback" not in answer.text
    assert "[" not in answer.json()["detail"]  # no validator's name
    if isinstance(said := change.get("time_of_day"), str | int):
        expected = "a time from 0:00 to 23:59 such as 16:30; found"
        assert f"{expected} {said!r}" in answer.json()["detail"]


def test_without_sessions_or_a_version_it_says_what_is_missing(
    server: TestClient, district: dict[str, str]
) -> None:
    asked = {"student_id": "ana", "topic_id": "k01"}

    answer = server.post(WHERE, json=asked, headers=district)

    assert answer.status_code == 404 and "study_sessions.csv" in answer.json()["detail"]
