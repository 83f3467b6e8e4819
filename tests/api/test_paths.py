"""Next topics by HTTP: in order, each with its reason, behind the one door."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings
from tests.api.conftest import bearing, token
from tests.families.path.home import home_with_paths

ADDRESS = "/api/v1/students/{}/next-topics"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_paths(tmp_path_factory.mktemp("paths"))


@pytest.fixture(scope="module")
def server(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home)) as client:
        yield client


def test_the_topics_come_in_order_and_no_more_than_asked(
    server: TestClient, home: Settings
) -> None:
    head = bearing(token(home))

    said = server.get(f"{ADDRESS.format('ana')}?max_length=2", headers=head).json()
    led = server.get(f"{ADDRESS.format('ana')}?goal=divide", headers=head).json()

    assert (said["student_id"], said["as_of"]) == ("ana", "2026-11-15")
    assert [each["rank"] for each in said["next_topics"]] == [1, 2]
    assert led["next_topics"][-1]["topic_id"] == led["goal"] == "divide"
    assert led["next_topics"][-1]["reason_code"] == "goal"


def test_a_wrong_length_or_goal_is_a_problem(server: TestClient, home: Settings) -> None:
    head = bearing(token(home))

    for query in ("max_length=0", "max_length=51", "goal=flying"):
        answer = server.get(f"{ADDRESS.format('ana')}?{query}", headers=head)
        assert answer.status_code == 422 and answer.json()["detail"]


def test_a_student_of_others_and_nobody_get_the_same_answer(
    server: TestClient, home: Settings
) -> None:
    north = bearing(token(home, "principal", "north"))

    told = [server.get(ADDRESS.format(who), headers=north) for who in ("dee", "nobody")]

    assert [each.status_code for each in told] == [404, 404]
    assert told[0].json()["detail"] == told[1].json()["detail"]
    assert server.get(ADDRESS.format("ana")).status_code == 401
