"""The client of `docs/api.md` runs as it is written."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions.tokens import create_token
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.people.actor import OPERATOR

EXAMPLES = re.findall(
    r"^```python\n(.*?)^```",
    (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(demo_home.home, tmp_path / "home")
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def server(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home)) as client:
        yield client


def given(server: TestClient, home: Settings, role: str) -> dict[str, Any]:
    """What the examples are given: an address, a token, and a client that asks this process."""
    token = create_token(OPERATOR, home, "example", role)[1]
    server.headers["Authorization"] = f"Bearer {token}"
    return {"TOKEN": token, "URL": "http://testserver", "models": server}


def test_a_client_reads_a_prediction_the_list_and_a_batch(
    server: TestClient, home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    names = given(server, home, "district")
    listed = server.get("/api/v1/at-risk").json()["students"]
    names["STUDENT"] = listed[0]["student_id"]
    example = re.sub(r"httpx\.Client\(.*\)", "models", EXAMPLES[0])

    exec(compile(example, "docs/api.md", "exec"), names)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] in ("low", "medium", "high", "critical")
    assert any(line.startswith("- ") for line in lines)


def test_a_client_begins_a_training_and_follows_its_job(
    server: TestClient, home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(EXAMPLES[2], "docs/api.md", "exec"), given(server, home, "steward"))

    assert capsys.readouterr().out == "pending 0.0\n"


def test_the_addresses_of_the_other_models_are_those_of_the_server() -> None:
    text = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
    table = text.partition("## Ask the other models")[2].partition("```python")[0]
    named = {
        each.replace("STUDENT", "{student_id}") for each in re.findall(r"/api/v1/[^` ]+", table)
    }
    tags = {"admission", "difficulty", "study time", "resources"}
    about = ("/mastery", "/next-topics", "/learning", "/skills", "/resources")

    served = {
        path
        for path, acts in api.app(load_settings()).openapi()["paths"].items()
        for act in acts.values()
        if tags & {*act.get("tags", ())} or path.endswith(about)
    }

    assert named == served
