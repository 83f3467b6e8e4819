"""Learning records by HTTP: skills, resources, and a student's own behind the one door."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings
from edupulse_core.people import trail
from tests.api.conftest import bearing, token
from tests.queries.conftest import build_home
from tests.queries.test_learning import RECORDS

Headers = dict[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_home(tmp_path_factory.mktemp("learning"), more=RECORDS)


@pytest.fixture(scope="module")
def server(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home)) as client:
        yield client


def test_skills_are_a_bare_list(server: TestClient, north: Headers) -> None:
    said = server.get("/api/v1/skills", headers=north).json()

    assert [skill["skill_id"] for skill in said] == ["count", "fractions", "cells"]
    assert said[1]["prerequisites"] == ["count"]


def test_skills_are_those_of_the_subject_that_is_asked_for(
    server: TestClient, north: Headers
) -> None:
    def of(subject: str) -> list[str]:
        said = server.get("/api/v1/skills", params={"subject": subject}, headers=north).json()
        return [skill["skill_id"] for skill in said]

    assert (of("math"), of("science"), of("cooking")) == (["count", "fractions"], ["cells"], [])


def test_resources_are_filtered_and_their_total_is_in_a_header(
    server: TestClient, north: Headers, steward: Headers
) -> None:
    address = "/api/v1/resources"
    first = server.get(f"{address}?limit=1", headers=north)
    found = server.get(f"{address}?text=pie&level=2&kind=video&subject=math", headers=north)

    assert ([one["title"] for one in first.json()], first.headers["x-total-count"]) == (
        ["A cell"],
        "3",
    )
    assert [one["resource_id"] for one in found.json()] == ["r1"]
    assert server.get(f"{address}?level=6", headers=north).status_code == 422
    assert server.get(f"{address}?kind=song", headers=north).status_code == 422
    assert server.get(address, headers=steward).status_code == 403


def test_a_student_comes_with_their_records_and_it_is_noted(
    server: TestClient, north: Headers, home: Settings
) -> None:
    said = server.get("/api/v1/students/ana/learning", headers=north).json()
    before = server.get("/api/v1/students/ana/learning?as_of=2026-11-08", headers=north).json()

    assert (said["answers"], said["correct"], said["as_of"]) == (3, 2, "2026-11-15")
    assert [skill["answers"] for skill in said["skills"]] == [2, 2, 1]
    assert said["latest_sessions"][0]["started_at"] == "2026-11-11T19:00:00"
    assert said["applications"][0]["outcome"] == "denied"
    assert before["applications"][0]["outcome"] is None  # nobody knew yet
    assert (before["answers"], before["skills"]) == (0, [])
    assert said["features"]["lrn_activities"] == 6 and before["features"]["lrn_activities"] is None
    assert trail.entries(home, action=trail.VIEW_STUDENT, subject="ana")


def test_a_student_of_others_and_nobody_get_the_same_answer(
    server: TestClient, home: Settings
) -> None:
    north = bearing(token(home, "principal", "north"))

    told = [
        server.get(f"/api/v1/students/{who}/learning", headers=north) for who in ("dee", "nobody")
    ]

    assert [each.status_code for each in told] == [404, 404]
    assert told[0].json()["detail"] == told[1].json()["detail"]
    assert server.get("/api/v1/students/ana/learning").status_code == 401
