"""What strangers may ask of the server, and what goes out with every answer."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from app import safe_headers
from app.gate import Gate
from tests.app.test_exports import AUTH
from tests.app.test_provider import SECRET

HOME = "localhost:8501"
PUBLIC = "https://edupulse.school.example"


def signed(secret: str) -> str:
    """The cookie of somebody whom a provider named, if the server signs with this secret."""
    said = '{"email": "tom@north.example"}'
    return f"_streamlit_user={create_signed_value(secret, '_streamlit_user', said).decode()}"


SIGNED = signed(SECRET)


@pytest.fixture(autouse=True)
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What was asked of the world outside, where a server stands still: nothing may be."""
    found: list[Any] = []

    def look_up(*given: Any, **more: Any) -> None:
        found.append(given)
        raise OSError("there is no world outside")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", look_up)
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", ["localhost", "edupulse.school.example"])
    yield found
    config.set_option("server.allowedHosts", before)
    assert found == []


def headers(**named: str | None) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in named.items() if value is not None]


class Dashboard:
    """What stands behind the gate: it notes what reaches it."""

    def __init__(self, answers: list[tuple[bytes, bytes]]) -> None:
        self.answers = answers
        self.asked: list[Any] = []
        self.heard: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                self.heard.append(message["bytes"])
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.answers})
        await send({"type": "http.response.body", "body": b"a page"})


def ask(
    path: str = "/",
    *,
    method: str = "GET",
    host: str | None = HOME,
    origin: str | None = None,
    cookie: str | None = SIGNED,
    more: tuple[tuple[bytes, bytes], ...] = (),
    answers: tuple[tuple[bytes, bytes], ...] = (),
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The status, headers and body of an answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [*headers(host=host, origin=origin, cookie=cookie), *more]
    scope = {"type": "http", "method": method, "path": path, "headers": asked}
    asyncio.run(Gate(Dashboard([*answers]))(scope, None, send))  # type: ignore[arg-type]
    return sent[0]["status"], sent[0]["headers"], b"".join(each["body"] for each in sent[1:])


def stream(
    *said: bytes | str,
    path: str = "/_stcore/stream",
    host: str | None = HOME,
    origin: str | None = f"http://{HOME}",
    cookie: str | None = SIGNED,
) -> tuple[Dashboard, list[Any]]:
    """Open a stream and say something; what the dashboard heard, and what came back."""
    told: list[Any] = [{"type": "websocket.connect"}]
    for each in said:
        kind = "text" if isinstance(each, str) else "bytes"
        told.append({"type": "websocket.receive", kind: each})
    told.append({"type": "websocket.disconnect", "code": 1000})
    sent: list[Any] = []
    behind = Dashboard([])

    async def receive() -> Any:
        return told.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def connected(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await behind(scope, receive, send)

    scope = {"type": "websocket", "path": path, "headers": []}
    scope["headers"] = headers(host=host, origin=origin, cookie=cookie)
    asyncio.run(Gate(connected)(scope, receive, send))
    return behind, sent


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/at-risk",
        "/no-such-page",
        "/_stcore/health",
        "/_stcore/host-config",
        "/static/js/index.js",
        "/media/icon.png",
        "/auth/login",
        "/oauth2callback",
        "/export/ticket",
    ],
)
def test_what_the_product_has_is_let_through(path: str) -> None:
    status, _, body = ask(path)
    assert (status, body) == (200, b"a page")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/upload_file/session/file",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/stream",
        "/_stcore",
        "/app/static/file",
        "/auth",
        "/component/streamlit.x/index.html",
    ],
)
def test_what_only_streamlit_has_is_not(path: str) -> None:
    assert ask(path)[0] == 404


def test_a_file_that_streamlit_keeps_for_a_download_is_not_sent() -> None:
    attached = ((b"content-disposition", b'attachment; filename="list.csv"'),)

    status, headers, body = ask("/media/list.csv", answers=attached)
    assert (status, body, b"content-disposition" in dict(headers)) == (404, b"", False)
    assert ask("/export/ticket", answers=attached)[0] == 200


STRANGERS = [None, "_streamlit_user=made-up", signed("xxx"), signed(SECRET[::-1])]


@pytest.mark.parametrize("path", ["/", "/student", "/media/file", "/export/ticket", "/a/b"])
@pytest.mark.parametrize("cookie", STRANGERS, ids=["none", "made up", "placeholder", "other"])
def test_a_stranger_gets_the_sign_in_whatever_they_ask(path: str, cookie: str | None) -> None:
    status, sent, body = ask(path, cookie=cookie)

    assert status == 200 and b'<a href="/sign-in">Sign in</a>' in body
    assert dict(sent)[b"cache-control"] == b"no-store"


@pytest.mark.parametrize("cookie", STRANGERS, ids=["none", "made up", "placeholder", "other"])
def test_a_stranger_gets_no_stream(cookie: str | None) -> None:
    behind, sent = stream(cookie=cookie)

    assert behind.asked == [] and sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("path", ["/_stcore/health", "/auth/login", "/sign-in", "/static/a.js"])
def test_a_stranger_finds_the_way_in(path: str) -> None:
    assert ask(path, cookie=None)[2] == b"a page"


def test_in_the_demo_nobody_has_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_singleton, "_secrets", {})

    assert ask(cookie=None)[2] == b"a page"
    assert len(stream(cookie=None)[0].asked) == 1


def test_each_provider_has_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"redirect_uri": AUTH["redirect_uri"], "a b": {}, "<x>": {}}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": named})

    body = ask(cookie=None)[2].decode()

    assert '<a href="/sign-in?with=a%20b">Sign in with a b</a>' in body
    assert '<a href="/sign-in?with=%3Cx%3E">Sign in with &lt;x&gt;</a>' in body


def test_another_site_signs_nobody_out() -> None:
    assert ask("/auth/logout", more=((b"sec-fetch-site", b"cross-site"),))[0] == 403
    assert ask("/auth/logout", more=((b"sec-fetch-site", b"same-origin"),))[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "POST"])
def test_nothing_can_be_stored_by_a_request(method: str) -> None:
    assert ask("/_stcore/upload_file/session/file", method=method)[0] == 404
    assert ask("/_stcore/health", method=method)[0] == 405
    assert ask("/media/file", method=method)[0] == 405


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", None, "[", "@:x"])
def test_another_name_of_the_server_is_refused(host: str | None) -> None:
    assert ask(host=host)[0] == 403
    behind, sent = stream(host=host)
    assert behind.asked == [] and sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9999",
        "http://localhost",
        "null",
        "file://localhost:8501",
        "http://checkip.evil.example:8501",
        "http://[",
    ],
)
def test_a_page_of_another_place_is_refused_at_once(origin: str) -> None:
    assert ask(origin=origin)[0] == 403
    behind, sent = stream(origin=origin)
    assert behind.asked == [] and sent == [{"type": "websocket.close", "code": 1008}]


def test_two_hosts_or_origins_are_none() -> None:
    assert ask(more=((b"host", b"localhost"),))[0] == 403
    assert ask(origin=f"http://{HOME}", more=((b"origin", b"http://evil.example"),))[0] == 403


def test_a_stream_that_no_page_asks_for_is_refused() -> None:
    assert stream(origin=None)[0].asked == []
    assert stream(path="/_stcore/other")[0].asked == []


@pytest.mark.parametrize("origin", [f"http://{HOME}", PUBLIC])
def test_streamlit_is_asked_in_the_pages_own_name_so_it_looks_nothing_up(
    origin: str, looked_up: list[Any]
) -> None:
    behind, _ = stream(origin=origin)

    sent = {name.decode(): value.decode() for name, value in behind.asked[0]["headers"]}
    assert _is_origin_allowed(sent["origin"], sent["host"])
    assert looked_up == []
    _is_origin_allowed("http://evil.example", HOME)  # what the gate keeps from happening
    assert looked_up.pop() and not looked_up.clear()


def test_only_what_a_page_says_reaches_the_dashboard() -> None:
    run, clear, stop = BackMsg(), BackMsg(clear_cache=True), BackMsg(debug_shutdown_runtime=True)
    run.rerun_script.query_string = "id=ana"
    upload = BackMsg()
    upload.file_urls_request.request_id = "1"
    said = [each.SerializeToString() for each in (clear, run, stop, upload)]

    behind, _ = stream(*said, b"no message at all \xff", b"")

    assert behind.heard == [run.SerializeToString()]


@pytest.mark.parametrize(("said", "code"), [(b"x" * 1_000_001, 1009), ("text", 1003)])
def test_what_no_page_would_send_ends_the_stream(said: bytes | str, code: int) -> None:
    run = BackMsg()
    run.rerun_script.query_string = "after"

    behind, sent = stream(said, run.SerializeToString())

    assert behind.heard == []
    assert sent[-1] == {"type": "websocket.close", "code": code}


@pytest.mark.parametrize("path", ["/", "/_stcore/metrics"])
def test_every_answer_says_what_browsers_may_not_do_with_it(path: str) -> None:
    sent = dict(ask(path)[1])

    assert sent[b"x-frame-options"] == b"DENY"
    assert sent[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in sent[b"content-security-policy"]
    scripts = sent[b"content-security-policy"].partition(b"script-src")[2].partition(b";")[0]
    assert b"unsafe" not in scripts
    assert b"strict-transport-security" in sent


def test_cookies_travel_encrypted_and_not_from_other_sites() -> None:
    cookies = (
        (b"set-cookie", b"_streamlit_user=signed; HttpOnly; Path=/; SameSite=lax"),
        (b"set-cookie", b"other=1"),
    )

    sent = [value for name, value in ask(answers=cookies)[1] if name == b"set-cookie"]

    assert sent == [
        b"_streamlit_user=signed; HttpOnly; Path=/; SameSite=lax; Secure",
        b"other=1; SameSite=Lax; Secure",
    ]


def test_without_https_a_cookie_is_not_marked_secure(monkeypatch: pytest.MonkeyPatch) -> None:
    local = AUTH | {"redirect_uri": "http://localhost:8501/oauth2callback"}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": local})

    _, sent, _ = ask(answers=((b"set-cookie", b"other=1"),))

    assert (b"set-cookie", b"other=1; SameSite=Lax") in sent
    assert b"strict-transport-security" not in dict(sent)


def test_the_one_page_of_streamlit_runs_under_the_policy() -> None:
    assert safe_headers.inline_scripts().count("sha256-") == 1
