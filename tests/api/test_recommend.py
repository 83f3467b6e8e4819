"""Resources for a student by HTTP and by command: the same answer, and the one door."""

import json

import duckdb
import pytest
from starlette.testclient import TestClient

from edupulse_core import cli
from edupulse_core.actions import models, versions
from edupulse_core.actions.resources import ask_resources
from edupulse_core.config import Settings
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries.recommended import offers
from edupulse_core.warehouse import snapshots
from tests.families.recommend import district as made
from tests.queries.conftest import VERSION, build_home

Headers = dict[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The cast's home with a hundred more students, who use resources."""
    settings = build_home(tmp_path_factory.mktemp("resources"))
    with snapshots.importing(settings) as work:
        copy = work / "more.duckdb"
        copy.write_bytes(snapshots.current(settings).path.read_bytes())
        with duckdb.connect(str(copy)) as con:
            made.fill(con, students=120)
            for n in range(6):
                made.use(con, "ana", f"math-{n:02}", made.FIRST)
        snapshots.publish(settings, copy, f"{VERSION}-more")
    version = models.train_version(OPERATOR, settings, "recommend")["version"]
    versions.activate_version(OPERATOR, settings, "recommend", version)
    return settings


def test_a_student_gets_resources_with_reasons(server: TestClient, north: Headers) -> None:
    answer = server.get("/api/v1/students/ana/resources?top_k=3", headers=north)

    said = answer.json()
    assert answer.status_code == 200
    assert (said["student_id"], said["as_of"]) == ("ana", "2026-11-15")
    assert [each["rank"] for each in said["resources"]] == [1, 2, 3]
    # a model's own number would tell how few students used a resource
    assert [each["score"] for each in said["resources"]] == [1.0, 0.5, 0.3333]
    assert all(
        each["resource_id"].startswith("math") and each["reason"] for each in said["resources"]
    )


def test_a_student_of_others_is_not_found_and_the_asking_is_noted(
    server: TestClient, north: Headers, home: Settings
) -> None:
    path = "/api/v1/students/dee/resources"

    assert server.get(path, headers=north).status_code == 404
    assert server.get("/api/v1/students/nobody/resources", headers=north).status_code == 404

    assert path in [each.subject for each in trail.entries(home, action=trail.REFUSED_ACCESS)]


def test_what_trains_mastered_skills_alone_is_left_out_unless_nothing_else_is_there(
    home: Settings,
) -> None:
    run, every = ask_resources(OPERATOR, home, "ana", count=20)

    assert {skill for each in every for skill in each.skill_ids} == {"math", "english"}
    left = offers(run.rows, "ana", ["math"], 3)
    assert [(each.rank, each.skill_ids) for each in left] == [(n, ("english",)) for n in (1, 2, 3)]
    assert offers(run.rows, "ana", ["math", "english"], 20) == every


def test_a_number_out_of_range_is_refused(server: TestClient, north: Headers) -> None:
    answer = server.get("/api/v1/students/ana/resources?top_k=0", headers=north)

    assert answer.status_code == 422


def test_the_command_answers_as_the_route_does(
    server: TestClient,
    north: Headers,
    home: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    cli.app(["recommend", "ana", "--top", "3", "--json"], standalone_mode=False)

    said = json.loads(capsys.readouterr().out)
    route = server.get("/api/v1/students/ana/resources?top_k=3", headers=north).json()
    assert said == route
    assert trail.entries(home, action=trail.ASK, subject="ana")


def test_the_command_prints_a_table(
    home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    cli.app(["recommend", "ana"], standalone_mode=False)

    assert "math-" in capsys.readouterr().out
