"""Mastery by HTTP: every skill with its range, behind the one door."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings
from edupulse_core.people import trail
from tests.api.conftest import bearing, token
from tests.families.tracing.home import home_with_mastery

ADDRESS = "/api/v1/students/{}/mastery"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_mastery(tmp_path_factory.mktemp("mastery"))


@pytest.fixture(scope="module")
def server(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home)) as client:
        yield client


def test_every_skill_is_told_with_its_range(server: TestClient, home: Settings) -> None:
    said = server.get(ADDRESS.format("ana"), headers=bearing(token(home))).json()

    assert (said["student_id"], said["as_of"]) == ("ana", "2026-11-15")
    skills = {each["skill_id"]: each for each in said["skills"]}
    assert set(skills) == {"add", "divide", "graph", "solve"}
    assert skills["divide"]["answers"] == 6 and skills["graph"]["level"] == "No answers yet"
    assert all(0 <= each["low"] <= each["mastery"] <= each["high"] <= 1 for each in said["skills"])
    assert trail.entries(home, action=trail.ASK, subject="ana")


def test_a_student_of_others_and_nobody_get_the_same_answer(
    server: TestClient, home: Settings
) -> None:
    north = bearing(token(home, "principal", "north"))

    told = [server.get(ADDRESS.format(who), headers=north) for who in ("dee", "nobody")]

    assert [each.status_code for each in told] == [404, 404]
    assert told[0].json()["detail"] == told[1].json()["detail"]
    assert server.get(ADDRESS.format("ana")).status_code == 401


def test_a_day_that_is_none_is_refused(server: TestClient, home: Settings) -> None:
    answer = server.get(f"{ADDRESS.format('ana')}?as_of=soon", headers=bearing(token(home)))

    assert answer.status_code == 422
