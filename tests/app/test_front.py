"""From the page before sign-in to the identity provider."""

from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from streamlit.runtime.secrets import secrets_singleton

from app import front
from tests.app.asgi import get
from tests.app.test_exports import AUTH

APP = Starlette(routes=[Route("/sign-in", front.go)])


@pytest.mark.parametrize(
    ("section", "name", "leads"),
    [
        (AUTH, "", "/auth/login?provider="),
        (AUTH, "other", "/"),
        (AUTH | {"school": {"client_id": "a"}}, "school", "/auth/login?provider="),
        (AUTH | {"school": {"client_id": "a"}}, "", "/"),
    ],
)
def test_the_link_leads_to_a_provider_that_there_is(
    monkeypatch: pytest.MonkeyPatch, section: Mapping[str, object], name: str, leads: str
) -> None:
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": section})

    found = get(APP, "/sign-in", query=f"with={name}" if name else "")

    assert found.status == 302
    assert found.headers["location"].partition("=")[0] == leads.partition("=")[0]
