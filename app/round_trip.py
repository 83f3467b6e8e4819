"""To the identity provider and back: after sign-in, people arrive at the page they asked for."""

from urllib.parse import quote, unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import sign_in
from app.navigation import below_base
from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError

ASKED = "edupulse_asked"  # a cookie, so that strangers store nothing on the server
LONGEST = 1000  # letters of an address
KEPT = 15 * 60  # s; a sign-in takes no longer


class RoundTrip:
    """Remember the page at sign-in, return to it afterwards, and end the session at sign-out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to the answer."""
        path = below_base(scope.get("path", ""))
        if scope["type"] != "http" or path not in ("auth/login", "auth/logout", "oauth2callback"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if path == "auth/logout":
            await run_in_threadpool(_leave, request)

        async def on_the_way(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if path == "auth/login":
                    _remember(headers, _asked(request))
                elif path == "oauth2callback":
                    _bring_back(headers, request.cookies.get(ASKED, ""))
            await send(message)

        await self.app(scope, receive, on_the_way)


def _leave(request: Request) -> None:
    """End the session of a browser that signs out."""
    try:
        sign_in.end_session(load_settings(), request.cookies)
    except EduPulseError:  # no session can be open then
        return


def _asked(request: Request) -> str:
    """The page that somebody signs in from, if it is one of ours."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host"):
        return ""
    query = f"?{came_from.query}" if came_from.query else ""
    return f"{came_from.path}{query}"


def _remember(headers: MutableHeaders, address: str) -> None:
    if len(address) <= LONGEST and _is_ours(address):
        headers.append("set-cookie", f"{ASKED}={quote(address)}; Path=/; HttpOnly; Max-Age={KEPT}")


def _bring_back(headers: MutableHeaders, kept: str) -> None:
    address = unquote(kept)
    if not kept:
        return
    headers.append("set-cookie", f"{ASKED}=; Path=/; HttpOnly; Max-Age=0")
    if _is_ours(address) and "location" in headers:
        headers["location"] = quote(address, safe="/?&=%+:,;@!$'()*~-._")


def _is_ours(address: str) -> bool:
    """Whether an address is a path on this server, not another site's name."""
    return address.startswith("/") and not address.startswith("//") and "\\" not in address
