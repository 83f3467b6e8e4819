"""The gate in front of Streamlit: it lets through only what the pages need, and no strangers.

Streamlit itself answers anyone, stores what strangers upload, and looks its own address up on the
internet to judge a foreign Origin.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg

from app import exports, front, provider, safe_headers
from app.navigation import below_base

STREAM = "_stcore/stream"
ENDPOINTS = frozenset(  # what the pages need of Streamlit's; all of them answer strangers too
    {"_stcore/health", "_stcore/host-config", "auth/login", "auth/logout", "oauth2callback"}
)
FOLDERS = ("static", "media", exports.PATH)  # with everything in them
OWN = frozenset({"_stcore", "app", "auth", "component"})  # Streamlit's other folders
MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat"})  # what a page sends
LONGEST_MESSAGE = 1_000_000  # bytes
POLICY, NO_TEXT, TOO_BIG = 1008, 1003, 1009  # WebSocket's codes for why a stream is closed
NOT_HERE = "There is nothing here."


class Gate:
    """Refuse what the pages don't need, and add safe headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
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
                message["headers"] = safe_headers.added_to(message["headers"])
            elif is_kept:
                message = {**message, "body": b""}
            await send(message)

        answer: ASGIApp = self.app
        if refused := _refused(scope):
            answer = PlainTextResponse(NOT_HERE, refused)
        elif not _is_for_anyone(scope) and _is_stranger(scope):
            answer = front.page()
        await answer(scope, receive, safely)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _one(scope, b"origin")
        at_home = _is_at_home(scope) and origin and below_base(scope["path"]) == STREAM
        if not at_home or _is_stranger(scope):
            await send({"type": "websocket.close", "code": POLICY})
            return
        # where a proxy changed the Host, Streamlit would look its own address up
        host = origin.partition("://")[2].encode("latin-1")
        others = [header for header in scope["headers"] if header[0] != b"host"]
        asked = {**scope, "headers": [(b"host", host), *others]}

        async def allowed() -> Message:
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

        await self.app(asked, allowed, send)


def _refused(scope: Scope) -> int:
    """The status of a refused request; 0 for one that may pass."""
    path = below_base(scope["path"])
    if not _is_at_home(scope):
        return 403
    if path == "auth/logout" and _one(scope, b"sec-fetch-site") == "cross-site":
        return 403  # only our own pages sign somebody out
    is_known = path in ENDPOINTS or path.startswith(tuple(f"{each}/" for each in FOLDERS))
    if not is_known and path.partition("/")[0] in OWN:
        return 404
    return 0 if scope["method"] in ("GET", "HEAD") else 405


def _is_for_anyone(scope: Scope) -> bool:
    """Whether strangers may have it too: what signing in takes, and Streamlit's scripts."""
    path = below_base(scope["path"])
    return path in ENDPOINTS or path == front.PATH or path.startswith("static/")


def _is_stranger(scope: Scope) -> bool:
    """Whether the request is of somebody who has never signed in; the demo has no strangers."""
    if not provider.public_address():
        return False
    return provider.identity(HTTPConnection(scope).cookies) is None


def _is_at_home(scope: Scope) -> bool:
    """Whether a request names this server as its Host, and no other site as its Origin."""
    host, origin = _one(scope, b"host"), _one(scope, b"origin")
    if (
        host is None
        or origin is None
        or _name(f"//{host}") not in config.get_option("server.allowedHosts")
    ):
        return False
    if not origin or origin == provider.public_address():
        return True
    scheme, _, site = origin.partition("://")
    return scheme in ("http", "https") and site.lower() == host.lower()


def _is_kept_file(scope: Scope, answer: Message) -> bool:
    """Whether it is a file of Streamlit's download button, which anyone with the link would get."""
    is_file = any(name.lower() == b"content-disposition" for name, _ in answer["headers"])
    return is_file and below_base(scope["path"]).startswith("media/")


def _one(scope: Scope, name: bytes) -> str | None:
    """A header's value; empty without the header, None if it came twice."""
    found = [value.decode("latin-1") for header, value in scope["headers"] if header == name]
    return None if len(found) > 1 else "".join(found)


def _name(address: str) -> str:
    """The host's name without its port; empty if it isn't an address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _may_say(said: bytes) -> bool:
    """Whether a message is of a kind that pages send; one of the others clears all caches."""
    message = BackMsg()
    try:
        message.ParseFromString(said)
    except Exception:  # it is no message at all; protobuf has its own kind of error
        return False
    return message.WhichOneof("type") in MESSAGES
