"""Ask an ASGI application as a browser would, without a server between."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp

HOME = "localhost:8501"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    text: str

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps from now on, by name."""
        pairs = (set_.partition(";")[0] for set_ in self.headers.getlist("set-cookie"))
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def get(
    app: ASGIApp,
    path: str,
    *,
    query: str = "",
    cookies: Mapping[str, str] | None = None,
    **headers: str,
) -> Answer:
    """Ask for a path of the application."""
    kept = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    named = {"host": HOME, **headers} | ({"cookie": kept} if kept else {})
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1234),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]), body.decode())
