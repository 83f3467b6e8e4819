"""The real server before strangers: it neither looks anything up nor stands still."""

import urllib.error
import urllib.request

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.conftest import Outside, Served


def status(url: str, method: str = "GET", **headers: str) -> int:
    asked = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_foreign_page_is_refused_without_asking_the_world_outside(
    demo: Served, outside: Outside
) -> None:
    stream = f"{demo.url.replace('http', 'ws')}/_stcore/stream"

    with pytest.raises(InvalidStatus) as refused:
        connect(stream, origin="http://evil.example", proxy=None)

    assert refused.value.response.status_code == 403
    assert status(f"{demo.url}/_stcore/health") == 200
    assert outside.asked() == ""


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
def test_strangers_find_nothing_to_ask(demo: Served, path: str, method: str, expected: int) -> None:
    assert status(f"{demo.url}/{path}", method) == expected


def test_another_name_of_the_server_opens_nothing(demo: Served) -> None:
    assert status(demo.url, Host="evil.example") == 403
