"""The API of the cast's home, asked in this process."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions.tokens import create_token
from edupulse_core.config import Settings
from edupulse_core.people.actor import OPERATOR
from tests.queries.conftest import build_home, score_cast

Asking = Callable[..., TestClient]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of the cast's, scored, that the tests of one file share."""
    settings = build_home(tmp_path_factory.mktemp("api"))
    score_cast(settings)
    return settings


@pytest.fixture(scope="module")
def server(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home)) as client:
        yield client


def token(home: Settings, role: str = "district", *schools: str) -> str:
    """The secret of a new token."""
    return create_token(OPERATOR, home, f"a {role}", role, schools)[1]


def bearing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def district(home: Settings) -> dict[str, str]:
    """The header of a token for the whole district."""
    return bearing(token(home))


@pytest.fixture(scope="module")
def north(home: Settings) -> dict[str, str]:
    """The header of a token for North Middle School."""
    return bearing(token(home, "principal", "north"))


@pytest.fixture(scope="module")
def steward(home: Settings) -> dict[str, str]:
    """The header of a token for whoever looks after the data and the models."""
    return bearing(token(home, "steward"))
