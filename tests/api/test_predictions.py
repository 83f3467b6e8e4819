"""Risk by HTTP: the shapes that clients already read, from the store or computed, and audited."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings, load_settings
from edupulse_core.people import trail
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import runs
from tests.api.conftest import bearing, token
from tests.stored import newest_first

Headers = dict[str, str]


def test_a_stored_prediction_is_told_in_the_shape_that_clients_read(
    server: TestClient, north: Headers, home: Settings
) -> None:
    asked = {"student_id": "ana", "date_range": {"start": "2026-09-01", "end": "2026-11-22"}}
    before = len(newest_first(open_store(home), runs))

    answer = server.post("/api/v1/predict", json=asked, headers=north)

    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert set(said) == {"prediction", "contributing_factors", "timestamp"}
    risk = said["prediction"]
    assert (risk["risk_score"], risk["risk_category"]) == (0.82, "critical")
    assert risk["confidence"] == 0.99
    assert risk["prediction_date"] == "2026-11-15T00:00:00Z"
    assert risk["risk_factors"][0]["factor"] == "attendance_pattern"
    assert risk["risk_factors"] == said["contributing_factors"]
    assert len(newest_first(open_store(home), runs)) == before
    noted = trail.entries(home, action=trail.PREDICT, subject="ana")[0]
    assert noted.actor.startswith("token a principal") and noted.details["stored"]


def test_a_student_of_others_answers_as_one_who_does_not_exist(
    server: TestClient, north: Headers
) -> None:
    said = []
    for student in ("dee", "nobody"):
        answer = server.post("/api/v1/predict", json={"student_id": student}, headers=north)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        said.append(answer.json() | {"request_id": ""})

    assert said[0] == said[1]


def test_too_little_data_is_said_with_422(server: TestClient, district: Headers) -> None:
    for student, end in (("fay", None), ("ana", "2020-01-01"), ("gus", None)):
        asked = {"student_id": student, "date_range": {"end": end}}

        answer = server.post("/api/v1/predict", json=asked, headers=district)

        assert answer.status_code == 422, (student, answer.text)
        assert answer.json()["detail"].startswith("Not enough data")


def test_a_batch_ranks_those_it_may_tell_of_and_names_the_others(
    server: TestClient, north: Headers
) -> None:
    asked = {"student_ids": ["ben", "ana", "dee", "nobody", "fay", "ana", "cy"], "top_k": 2}

    answer = server.post("/api/v1/predict/batch", json=asked, headers=north)

    said = answer.json()
    assert said.pop("processing_time_ms") > 0
    assert said == {
        "predictions": [
            {"student_id": "ana", "risk_score": 0.82, "risk_category": "critical", "rank": 1},
            {"student_id": "ben", "risk_score": 0.3, "risk_category": "medium", "rank": 2},
        ],
        "not_found": ["dee", "nobody"],
        "not_scored": ["fay"],
    }


def test_data_that_are_old_are_told_with_their_day(tmp_path: Path, home: Settings) -> None:
    shutil.copytree(home.home, tmp_path / "home")
    later = load_settings(home=tmp_path / "home", grants=home.grants, import_day="2027-02-01")
    with TestClient(api.app(later)) as client:
        answer = client.post(
            "/api/v1/predict", json={"student_id": "ana"}, headers=bearing(token(later))
        )

    assert answer.status_code == 200
    assert answer.json()["prediction"]["prediction_date"].startswith("2026-")


def test_an_empty_batch_is_answered_with_nobody(server: TestClient, district: Headers) -> None:
    answer = server.post("/api/v1/predict/batch", json={"student_ids": []}, headers=district)

    assert answer.status_code == 200
    assert answer.json()["predictions"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"student_ids": ["ana"], "top_k": 0},
        {"student_ids": ["ana"] * 1001},
        {"student_ids": ["\0"]},
        {"student_ids": [""]},
        {"student_ids": "ana"},
    ],
)
def test_a_batch_out_of_bounds_is_refused_with_the_field(
    server: TestClient, district: Headers, asked: dict[str, object]
) -> None:
    answer = server.post("/api/v1/predict/batch", json=asked, headers=district)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("body.")


def test_the_flat_form_has_its_fields_and_the_weeks_before(
    server: TestClient, north: Headers
) -> None:
    asked = {"student_id": "ana", "include_historical_context": True, "async": True}

    said = server.post("/api/v1/predictions/predict", json=asked, headers=north).json()

    assert {
        *("student_id", "risk_score", "risk_category", "confidence", "contributing_factors"),
        "timestamp",
    } <= set(said)
    assert [one["risk_score"] for one in said["historical_context"]] == [0.82, 0.6]


def test_the_flat_batch_keeps_the_order_of_the_question(server: TestClient, north: Headers) -> None:
    asked = {"student_ids": ["cy", "ana", "dee"], "include_factors": False}

    said = server.post("/api/v1/predictions/predict-batch", json=asked, headers=north).json()

    assert [one["student_id"] for one in said["predictions"]] == ["cy", "ana"]
    assert said["predictions"][0]["contributing_factors"] is None
    assert said["not_found"] == ["dee"]


def test_the_history_tells_each_week_once_the_newest_first(
    server: TestClient, north: Headers
) -> None:
    said = server.get("/api/v1/predictions/history/ana", headers=north).json()["predictions"]

    assert [(one["prediction_date"][:10], one["risk_score"]) for one in said] == [
        ("2026-11-15", 0.82),
        ("2026-11-08", 0.6),
    ]
    short = server.get("/api/v1/predictions/history/ana?days=3&limit=1", headers=north)
    assert len(short.json()["predictions"]) == 1
    assert server.get("/api/v1/predictions/history/dee", headers=north).status_code == 404


def test_what_is_not_stored_is_computed_kept_and_then_told_from_the_store(
    tmp_path: Path, demo_home: Settings
) -> None:
    shutil.copytree(demo_home.home, tmp_path / "home")
    settings = load_settings(home=tmp_path / "home")
    with TestClient(api.app(settings)) as client:
        headers = bearing(token(settings))
        night = client.get("/api/v1/at-risk?limit=1", headers=headers).json()
        student, as_of = night["students"][0]["student_id"], night["as_of"]
        before = len(newest_first(open_store(settings), runs))
        earlier = {"student_id": student, "date_range": {"end": "2026-10-04"}}

        first = client.post("/api/v1/predict", json=earlier, headers=headers).json()["prediction"]
        again = client.post("/api/v1/predict", json=earlier, headers=headers).json()["prediction"]
        now = client.post("/api/v1/predict", json={"student_id": student}, headers=headers).json()

    made = newest_first(open_store(settings), runs)
    assert len(made) == before + 1
    assert (made[0].purpose, made[0].n_students) == ("asked", 1)
    assert first == again
    assert first["prediction_date"] < as_of
    assert now["prediction"]["risk_score"] == night["students"][0]["risk_score"]
    noted = trail.entries(settings, action=trail.PREDICT, subject=student)
    assert [line.details["stored"] for line in noted] == [True, True, False]
