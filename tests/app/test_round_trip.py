"""To the identity provider and back: where one arrives, and what strangers cannot make of it."""

from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.round_trip import ASKED, RoundTrip
from tests.app.asgi import HOME, get


async def login(request: Request) -> Response:
    return RedirectResponse("https://id.school.example/authorize", 302)


async def callback(request: Request) -> Response:
    return RedirectResponse("/", 302)


ROUTES = [Route("/auth/login", login), Route("/oauth2callback", callback)]
APP = Starlette(routes=ROUTES, middleware=[Middleware(RoundTrip)])


@pytest.mark.parametrize("asked", ["/student?id=ana", "/", "/at-risk?school=S%201&tier=high"])
def test_whoever_signs_in_arrives_where_they_wanted_to_go(asked: str) -> None:
    kept = get(APP, "/auth/login", referer=f"http://{HOME}{asked}").cookies

    back = get(APP, "/oauth2callback", cookies=kept)

    assert back.headers["location"] == asked
    assert back.cookies == {ASKED: ""}


@pytest.mark.parametrize(
    "referer",
    [
        "http://evil.example/student",
        f"http://{HOME}//evil.example",
        f"http://{HOME}/\\evil.example",
        f"http://{HOME}/{'a' * 1000}",
        "",
    ],
)
def test_no_other_address_is_remembered(referer: str) -> None:
    assert get(APP, "/auth/login", referer=referer).cookies == {}
    assert get(APP, "/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize("kept", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
def test_a_made_up_cookie_leads_nowhere_else(kept: str) -> None:
    back = get(APP, "/oauth2callback", cookies={ASKED: quote(kept, safe="")})

    assert back.headers["location"] == "/"


def test_a_made_up_cookie_adds_no_header() -> None:
    back = get(APP, "/oauth2callback", cookies={ASKED: "/a%0d%0aset-cookie:%20evil=1"})

    assert "\n" not in back.headers["location"] and back.cookies == {ASKED: ""}
