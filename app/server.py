"""What `edupulse serve` runs: the dashboard behind its gate, and the route of the exports."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App
from streamlit.url_util import make_url_path

from app import exports, front
from app.gate import FOLDERS, OWN, Gate
from app.navigation import below_base
from app.round_trip import RoundTrip

NOWHERE = "no-such-page"  # an address of no page, at which the dashboard says so
NO_PAGES = OWN | frozenset(FOLDERS)


class OnePart:
    """Lead a browser from a page below a page, such as `/student/foo`, to one that says no.

    Streamlit answers there with the dashboard, which looks for its scripts beside that address,
    finds none and stays blank.  A name that ends in a space, as no page's can, is led there too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the dashboard does, except where it would stay blank."""
        path = below_base(scope.get("path", ""))
        depth = path.count("/")
        is_page = not depth and path == path.strip()
        if scope["type"] != "http" or is_page or not _opens_page(scope, path):
            await self.app(scope, receive, send)
            return
        is_blank = False

        async def look(message: Message) -> None:
            nonlocal is_blank
            if message["type"] == "http.response.start":
                is_blank = message["status"] == 200 and _is_page(message)
                if is_blank:
                    asked = urlencode({"asked": f"/{path}"})  # for the audit trail
                    elsewhere = RedirectResponse(f"{'../' * depth}{NOWHERE}?{asked}")
                    await elsewhere(scope, receive, send)
            if not is_blank:
                await send(message)

        await self.app(scope, receive, look)


def _opens_page(scope: Scope, path: str) -> bool:
    """Whether a browser asks for a page: for scripts, styles and pictures it takes no HTML."""
    if scope["method"] != "GET" or path.partition("/")[0] in NO_PAGES:
        return False
    return b"text/html" in _header(scope, b"accept")


def _is_page(message: Message) -> bool:
    """Whether an answer is HTML to look at, and no file to keep."""
    is_html = _header(message, b"content-type").startswith(b"text/html")
    return is_html and not _header(message, b"content-disposition")


def _header(of: Mapping[str, Any], name: bytes) -> bytes:
    found: dict[bytes, bytes] = dict(of["headers"])
    return found.get(name, b"")


base = str(st.get_option("server.baseUrlPath") or "")
app = App(
    "main.py",
    routes=[
        Route(make_url_path(base, f"{exports.PATH}/{{ticket}}"), exports.answer),
        Route(make_url_path(base, front.PATH), front.go),
    ],
    middleware=[Middleware(Gate), Middleware(RoundTrip), Middleware(OnePart)],
)
