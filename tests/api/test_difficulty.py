"""How hard a text is, by HTTP: the shape that clients read, and what is refused."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions import models, versions
from edupulse_core.config import Settings
from edupulse_core.families.difficulty import NAME
from edupulse_core.people.actor import OPERATOR
from tests.api.conftest import bearing, token
from tests.families.difficulty import planted
from tests.queries.conftest import build_home

Headers = dict[str, str]
PLACE = "/api/v1/difficulty"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a version that knows levels."""
    settings = build_home(tmp_path_factory.mktemp("reading"), more=planted.resources(120))
    made = models.train_version(OPERATOR, settings, NAME)
    versions.activate_version(OPERATOR, settings, NAME, made["version"])
    return settings


@pytest.fixture(scope="module")
def reader(reading: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(reading), headers=bearing(token(reading))) as client:
        yield client


def test_the_level_of_a_text_is_told_in_the_shape_that_clients_read(reader: TestClient) -> None:
    answer = reader.post(PLACE, json={"text": "The cat sat.", "metadata": {"word_count": 3}})

    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["difficulty"] in range(1, 6)
    assert said["note"] == "Too short to be sure: 3 words."
    assert list(said["probabilities"]) == ["1", "2", "3", "4", "5"]
    assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", "123 456", "nul \0"])
def test_what_is_no_text_is_refused_naming_the_field(reader: TestClient, text: str) -> None:
    answer = reader.post(PLACE, json={"text": text})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.text"


def test_without_a_version_it_is_said_how_to_make_one(
    server: TestClient, district: Headers
) -> None:
    answer = server.post(PLACE, json={"text": "The cat sat."}, headers=district)

    assert answer.status_code == 404 and "edupulse train difficulty" in answer.json()["detail"]
