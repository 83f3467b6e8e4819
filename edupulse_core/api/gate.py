"""What every request passes before it reaches a route: its id, its token, its size and its rate."""

import logging
import re
import time
from ipaddress import ip_address
from uuid import uuid4

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edupulse_core.api import problems
from edupulse_core.api.meters import Meters
from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError
from edupulse_core.people import tokens
from edupulse_core.people.actor import Actor

OPEN = ("/", "/health", "/ready", "/docs", "/redoc", "/openapi.json")
OPEN_FILES = "/docs/files/"
METRICS = "/metrics"
NO_TOKEN = "Send a token that is valid: Authorization: Bearer edu_…"
TOO_MANY = "Too many requests; try again in {seconds} s."
TOO_LARGE = "The body is larger than {most:,} bytes."
UNEXPECTED = "Something went wrong here. Whoever runs this server finds it by the request's id."
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_log = logging.getLogger(__name__)


class Gate:
    """Lets a request through to the app, or answers it."""

    def __init__(self, app: ASGIApp, *, settings: Settings, meters: Meters) -> None:
        self.app = app
        self.settings = settings
        self.meters = meters
        self.rate = RateLimitItemPerMinute(settings.api.requests_a_minute)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")
        if not _ID.fullmatch(request_id):
            request_id = uuid4().hex
        began, said = time.perf_counter(), _Said(send, request_id)
        scope.setdefault("state", {})["request_id"] = request_id
        try:
            await self._pass(scope, receive, said, headers, request_id)
        except Exception as error:  # the last door before the client: never a traceback
            where = _place(error)
            _log.error("request %s: %s at %s", request_id, type(error).__name__, where)
            if said.status == 0:
                refusal = problems.answer(500, UNEXPECTED, request_id)
                await refusal(scope, receive, said)
        finally:
            self.meters.answered(scope, said.status, time.perf_counter() - began)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, request_id: str
    ) -> None:
        try:
            who = await self._who(scope, headers)
        except EduPulseError as error:  # the store cannot be read
            await problems.answer(503, str(error), request_id)(scope, receive, send)
            return
        caller = who.name if who else (scope.get("client") or ("",))[0]
        needs_token = who is None and not self._is_open(scope)
        if who or needs_token:
            wait = self._wait(caller)
            if wait:
                said = TOO_MANY.format(seconds=wait)
                refusal = problems.answer(429, said, request_id, {"Retry-After": str(wait)})
                await refusal(scope, receive, send)
                return
        if needs_token:
            asking = {"WWW-Authenticate": "Bearer"}
            await problems.answer(401, NO_TOKEN, request_id, asking)(scope, receive, send)
            return
        most = self.settings.api.max_body_bytes if who else 0  # a stranger fills no memory
        body = await _read(receive, headers, most)
        if body is None:
            said = TOO_LARGE.format(most=most)
            await problems.answer(413, said, request_id)(scope, receive, send)
            return
        scope["state"]["actor"] = who
        await self.app(scope, _again(body, receive), send)

    async def _who(self, scope: Scope, headers: Headers) -> Actor | None:
        """Whose token it is; None without a valid one."""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        return await run_in_threadpool(tokens.actor_of, self.settings, secret.strip())

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        if path == METRICS:
            return self.settings.api.metrics == "loopback" and _is_local(scope)
        return path in OPEN or path.startswith(OPEN_FILES)

    def _wait(self, caller: str) -> int:
        """How many seconds a caller must wait; 0 if the request may go on."""
        if self.limiter.hit(self.rate, caller):
            return 0
        again = self.limiter.get_window_stats(self.rate, caller).reset_time
        return max(1, int(again - time.time()) + 1)


class _Said:
    """Sends an answer with the request's id, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.send = send
        self.request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers.setdefault("Cache-Control", "no-store")  # answers are about children
            headers["X-Content-Type-Options"] = "nosniff"
        await self.send(message)


async def _read(receive: Receive, headers: Headers, most: int) -> bytes | None:
    """The whole body; None if it is too large."""
    told = headers.get("content-length", "")
    if told.isdecimal() and (len(told) > 18 or int(told) > most):
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """A source that gives the body that was read already, and then whatever comes."""
    is_first = True

    async def again() -> Message:
        nonlocal is_first
        if is_first:
            is_first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


def _is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine itself, and through no proxy."""
    headers = Headers(scope=scope)
    if any(name in headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    try:
        return ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False


def _place(error: Exception) -> str:
    """The line where an error was raised; the error's own words may name a student."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
