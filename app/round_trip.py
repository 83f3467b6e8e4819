"""The way to the identity provider and back: the address that was asked for outlasts it."""

from urllib.parse import quote, unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import sign_in
from app.navigation import below_base
from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError

ASKED = "edupulse_asked"  # the browser keeps it, so that strangers store nothing here
LONGEST = 1000  # letters of an address
KEPT = 15 * 60  # s; a sign-in takes no longer


class RoundTrip:
    """Bring whoever has signed in to the page that they first asked for; end a session for good."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add to what the dashboard answers on the way."""
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
    """End the session of a browser that asks to be signed out, whoever led it here."""
    try:
        sign_in.end_session(load_settings(), request.cookies)
    except EduPulseError:  # no session can be open then
        return


def _asked(request: Request) -> str:
    """The page from which somebody goes to sign in, where it is one of ours."""
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
    """Whether it is a path of this server, which no other site's name can look like."""
    return address.startswith("/") and not address.startswith("//") and "\\" not in address
