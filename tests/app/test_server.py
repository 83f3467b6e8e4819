"""Addresses that the dashboard could not even start at lead to one that says no."""

import asyncio
from typing import Any

import pytest
import streamlit as st

from app.server import OnePart

HTML = b"text/html; charset=utf-8"


def ask(
    path: str,
    *,
    accept: bytes = b"text/html,*/*",
    status: int = 200,
    kind: bytes = HTML,
    more: tuple[tuple[bytes, bytes], ...] = (),
) -> Any:
    """Status and Location that a browser gets where the dashboard answers with status and kind."""
    sent: list[Any] = []

    async def dashboard(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", kind), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"blank"})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept", accept)]}
    asyncio.run(OnePart(dashboard)(scope, None, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], dict(sent[0]["headers"]).get(b"location")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/student/foo", b"../no-such-page?asked=%2Fstudent%2Ffoo"),
        ("/at-risk ", b"no-such-page?asked=%2Fat-risk+"),
        ("/a/b/c/", b"../../no-such-page?asked=%2Fa%2Fb%2Fc"),
    ],
)
def test_a_page_below_a_page_leads_to_one_that_says_no(path: str, location: bytes) -> None:
    assert ask(path) == (307, location)


@pytest.mark.parametrize("base", ["edupulse", "/edupulse/"])
def test_the_path_that_the_dashboard_is_served_under_is_no_page(
    base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.get)

    assert ask("/edupulse/student") == ask("/edupulse/") == (200, None)
    assert ask("/edupulse/student/foo") == (307, b"../no-such-page?asked=%2Fstudent%2Ffoo")


@pytest.mark.parametrize("path", ["/", "/student", "/no-such-page"])
def test_an_address_of_one_part_is_the_dashboards(path: str) -> None:
    assert ask(path) == (200, None)


@pytest.mark.parametrize(
    "given",
    [
        {"path": "/static/js/index.js", "accept": b"*/*"},
        {"path": "/media/list.csv", "kind": b"text/csv"},
        {"path": "/media/evaluation.html"},
        {"path": "/files/a.html", "more": ((b"content-disposition", b"attachment"),)},
        {"path": "/auth/login", "status": 302},
        {"path": "/_stcore/nothing", "status": 404},
    ],
)
def test_what_is_no_page_is_left_as_it_is(given: Any) -> None:
    assert ask(**given) == (given.get("status", 200), None)
