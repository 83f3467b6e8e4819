"""The real server before strangers: it neither looks anything up nor stands still."""

import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from tests import people
from tests.browser.conftest import Served, look_as, serve, settled


@pytest.fixture(scope="module")
def outside() -> Iterator[socket.socket]:
    """All of the world outside: a server that lets one connect and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture(scope="module")
def served(outside: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demo whose way to the world outside leads there."""
    settings = people.home(tmp_path_factory.mktemp("demo"), is_demo=True)
    note_import(open_store(settings), "Two Schools", is_demo=True)
    proxy = f"http://127.0.0.1:{outside.getsockname()[1]}"
    with serve(settings, http_proxy=proxy, https_proxy=proxy, no_proxy="localhost") as found:
        yield found


def status(url: str, method: str = "GET", **headers: str) -> int:
    asked = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_foreign_page_is_refused_without_asking_the_world_outside(
    served: Served, outside: socket.socket
) -> None:
    stream = f"{served.url.replace('http', 'ws')}/_stcore/stream"

    with pytest.raises(InvalidStatus) as refused:
        connect(stream, origin="http://evil.example", proxy=None)

    assert refused.value.response.status_code == 403
    assert status(f"{served.url}/_stcore/health") == 200
    with pytest.raises(BlockingIOError):
        outside.accept()


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("_stcore/upload_file/a/b", "PUT", 404),
        ("_stcore/upload_file/a/b", "DELETE", 404),
        ("_stcore/metrics", "GET", 404),
        ("_stcore/agent/interact", "POST", 404),
        ("_stcore/agent/openapi.json", "GET", 404),
        ("", "POST", 405),
        ("export/ticket", "GET", 403),
        ("static/../../main.py", "GET", 400),
    ],
)
def test_strangers_find_nothing_to_ask(
    served: Served, path: str, method: str, expected: int
) -> None:
    assert status(f"{served.url}/{path}", method) == expected


def test_another_name_of_the_server_opens_nothing(served: Served) -> None:
    assert status(served.url, Host="evil.example") == 403


def test_the_pages_run_under_their_policy(page: Page, demo: Served) -> None:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    look_as(page, demo, "district lead", path="school")
    for path in ("models", "at-risk"):
        page.goto(f"{demo.url}/{path}")
        settled(page)
    page.locator("tbody th a").first.click()
    page.wait_for_url(re.compile("/student"))
    settled(page)

    wrong = [line for line in said if not line.startswith("Failed to load resource")]
    assert wrong == []  # Streamlit looks for itself below a page first, and finds a 404
