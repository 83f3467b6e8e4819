"""What stands in front of the dashboard: who may ask at all, for what, and how answers are sent.

Streamlit answers strangers too, some of its endpoints store what they send, and it looks an
address up on the internet to judge a foreign Origin. None of that gets past here.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg

from app import provider
from app.exports import PATH as EXPORT
from app.navigation import below_base

STREAM = "_stcore/stream"
ENDPOINTS = frozenset(  # of those that Streamlit has, what the pages need
    {"_stcore/health", "_stcore/host-config", "auth/login", "auth/logout", "oauth2callback"}
)
FOLDERS = ("static", "media", EXPORT)  # with all that is in them
OWN = frozenset({"_stcore", "app", "auth", "component"})  # Streamlit's other folders
MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat"})  # what a page sends
LONGEST_MESSAGE = 1_000_000  # bytes
POLICY = 1008  # of WebSocket's reasons to close
NO_TEXT = 1003
TOO_BIG = 1009
NOT_HERE = "There is nothing here."

Headers = Iterable[tuple[bytes, bytes]]


class Gate:
    """Let through what the product has, asked at its own address; send safe headers with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the dashboard where it should not be asked."""
        if scope["type"] == "websocket":
            await self._stream(scope, receive, send)
        elif scope["type"] == "http":
            await self._page(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_kept = False

        async def safely(message: Message) -> None:
            nonlocal is_kept
            if message["type"] == "http.response.start":
                is_kept = _is_kept_file(scope, message)
                if is_kept:
                    message = {**message, "status": 404, "headers": []}
                message["headers"] = _safe(message["headers"])
            elif is_kept:
                message = {**message, "body": b""}
            await send(message)

        refused = _refused(scope)
        if refused:
            await PlainTextResponse(NOT_HERE, refused)(scope, receive, safely)
        else:
            await self.app(scope, receive, safely)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _one(scope, b"origin")
        at_home = _is_at_home(scope) and origin and below_base(scope["path"]) == STREAM
        if not at_home:
            await send({"type": "websocket.close", "code": POLICY})
            return
        host = urlsplit(origin).netloc.encode("latin-1")  # else Streamlit would look it up
        others = [header for header in scope["headers"] if header[0] != b"host"]
        asked = {**scope, "headers": [(b"host", host), *others]}

        async def told() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                said = message.get("bytes")
                if said is None or len(said) > LONGEST_MESSAGE:
                    code = NO_TEXT if said is None else TOO_BIG
                    await send({"type": "websocket.close", "code": code})
                    return {"type": "websocket.disconnect", "code": code}
                if _may_say(said):
                    return message

        await self.app(asked, told, send)


def _refused(scope: Scope) -> int:
    """The status with which a request is turned away; 0 for one that is let through."""
    path = below_base(scope["path"])
    if not _is_at_home(scope):
        return 403
    if path == "auth/logout" and _one(scope, b"sec-fetch-site") == "cross-site":
        return 403  # only our own pages sign somebody out
    is_known = path in ENDPOINTS or path.startswith(tuple(f"{each}/" for each in FOLDERS))
    if not is_known and path.partition("/")[0] in OWN:
        return 404
    return 0 if scope["method"] in ("GET", "HEAD") else 405


def _is_at_home(scope: Scope) -> bool:
    """Whether somebody asks at an address of this server, and from a page of it where one asks."""
    host, origin = _one(scope, b"host"), _one(scope, b"origin")
    if (
        host is None
        or origin is None
        or _name(f"//{host}") not in config.get_option("server.allowedHosts")
    ):
        return False
    if not origin or origin == provider.public_address():
        return True
    from_here = urlsplit(origin)
    return from_here.scheme in ("http", "https") and from_here.netloc.lower() == host.lower()


def _is_kept_file(scope: Scope, answer: Message) -> bool:
    """Whether Streamlit sends a file of its own download button, to anyone who has the link."""
    is_file = any(name.lower() == b"content-disposition" for name, _ in answer["headers"])
    return is_file and below_base(scope["path"]).startswith("media/")


def _one(scope: Scope, name: bytes) -> str | None:
    """A header's value, empty without it; None where it came twice."""
    found = [value.decode("latin-1") for header, value in scope["headers"] if header == name]
    return None if len(found) > 1 else "".join(found)


def _name(address: str) -> str:
    """The host's name without its port; empty for what is no address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _may_say(said: bytes) -> bool:
    """Whether a message is of a kind that a page sends; others clear everybody's caches."""
    message = BackMsg()
    try:
        message.ParseFromString(said)
    except Exception:  # it is no message at all; protobuf has its own kind of error
        return False
    return message.WhichOneof("type") in MESSAGES


def _safe(headers: Headers) -> list[tuple[bytes, bytes]]:
    """An answer's headers, with what keeps browsers from being misled about it."""
    is_https = provider.public_address().startswith("https:")
    set_here = _always(is_https)
    kept = [
        (name, _guarded(value, is_https) if name.lower() == b"set-cookie" else value)
        for name, value in headers
        if name.lower() not in dict(set_here)
    ]
    return [*kept, *set_here]


def _guarded(cookie: bytes, is_https: bool) -> bytes:
    """A cookie that other sites do not send, and that travels encrypted where the address is."""
    attributes = {part.strip().partition(b"=")[0].lower() for part in cookie.split(b";")[1:]}
    if b"samesite" not in attributes:
        cookie += b"; SameSite=Lax"
    if is_https and b"secure" not in attributes:
        cookie += b"; Secure"
    return cookie


@cache
def _always(is_https: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer."""
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {_inline_scripts()}",  # a blob: the student table
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {said}" for name, said in policy.items()),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if is_https:
        headers["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), said.encode()) for name, said in headers.items())


def _inline_scripts() -> str:
    """What the policy calls the scripts in Streamlit's one page: their hashes."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    return " ".join(f"'sha256-{each}'" for each in hashes)
