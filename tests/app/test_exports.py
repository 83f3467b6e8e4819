"""Files to take along: only the session to which a page offered one gets it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app import exports
from app.exports import Offer
from edupulse_core.actions.students import export_list
from edupulse_core.config import Settings
from edupulse_core.people import sessions, trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries.at_risk import Filters
from tests import people
from tests.app.asgi import Answer, get
from tests.app.test_provider import SECRET
from tests.queries.conftest import build_home

GRANTS = """
[[grants]]
user = "cora@north.example"
role = "counselor"
[[grants]]
user = "dora@district.example"
role = "district"
"""
AUTH = {
    "redirect_uri": "https://edupulse.school.example/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "a",
    "client_secret": "b",
    "server_metadata_url": "https://id.school.example/.well-known/openid-configuration",
}


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A real district with an identity provider, whose grants are in its file."""
    settings = build_home(tmp_path, is_demo=False)
    (tmp_path / "edupulse.toml").write_text(GRANTS)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})
    return settings


def signed_in(settings: Settings, viewer: Viewer) -> tuple[Viewer, dict[str, str]]:
    """The viewer in a session of their own, and their browser's cookies."""
    claims = {"email": viewer.sign_in, "email_verified": True, "nonce": viewer.user_id}
    session = sessions.key_of(claims)
    sessions.begin(settings, session, person(viewer))
    signed = create_signed_value(SECRET, "_streamlit_user", json.dumps(claims))
    return replace(viewer, session=session), {"_streamlit_user": signed.decode()}


def the_list(viewer: Viewer) -> Offer:
    def make(actor, district):
        return export_list(actor, district, Filters())

    return Offer(viewer, "the list", make, "list.csv", "text/csv")


def fetch(ticket: str, cookies: dict[str, str]) -> Answer:
    app = Starlette(routes=[Route("/export/{ticket}", exports.answer)])
    return get(app, f"/export/{ticket}", cookies=cookies)


def test_a_file_is_made_for_whoever_may_still_have_it(real: Settings) -> None:
    cora, cookies = signed_in(real, people.counselor)
    offer = exports._offers["ticket"] = the_list(cora)

    got = fetch("ticket", cookies)

    assert got.status == 200 and "Ana Alvarez" in got.text
    assert got.headers["content-disposition"] == f'attachment; filename="{offer.name}"'
    assert got.headers["cache-control"] == "no-store"
    noted = trail.entries(real, actor=cora.sign_in)[0]
    assert (noted.action, noted.subject) == (trail.EXPORT, "at-risk list")


def test_a_grant_that_is_gone_since_the_page_was_drawn_gives_no_file(real: Settings) -> None:
    cora, cookies = signed_in(real, people.counselor)
    offer = exports._offers["ticket"] = the_list(cora)
    (real.home / "edupulse.toml").write_text("")

    got = fetch("ticket", cookies)

    assert (got.status, "Alvarez" in got.text) == (403, False)
    noted = trail.entries(real, actor=cora.sign_in)[0]
    assert (noted.action, noted.subject) == (trail.REFUSED_ACCESS, offer.wanted)


def test_another_who_has_the_link_gets_nothing_and_is_noted(real: Settings) -> None:
    cora, _ = signed_in(real, people.counselor)
    dora, cookies = signed_in(real, people.district_lead)
    offer = exports._offers["ticket"] = the_list(cora)

    assert fetch("ticket", cookies).status == 403
    noted = trail.entries(real, actor=dora.sign_in)[0]
    assert (noted.action, noted.subject) == (trail.REFUSED_ACCESS, offer.wanted)


def test_a_stranger_gets_nothing_and_writes_nothing(real: Settings) -> None:
    cora, _ = signed_in(real, people.counselor)
    offer = exports._offers["ticket"] = the_list(cora)
    before = trail.entries(real)

    assert fetch("ticket", {}).status == 403
    assert fetch("no-such-ticket", {}).status == 403
    assert offer.wanted and trail.entries(real) == before


def test_after_sign_out_a_copied_cookie_gets_no_file(real: Settings) -> None:
    cora, cookies = signed_in(real, people.counselor)
    offer = exports._offers["ticket"] = the_list(cora)
    sessions.end(real, cora.session, person(cora))

    got = fetch("ticket", cookies)

    assert offer.wanted and (got.status, "Alvarez" in got.text) == (403, False)


def test_a_file_that_fails_is_a_number_and_never_a_traceback(real: Settings) -> None:
    cora, cookies = signed_in(real, people.counselor)
    offer = exports._offers["ticket"] = Offer(cora, "it", lambda *given: 1 / 0, "a", "text/csv")

    got = fetch("ticket", cookies)

    assert offer.wanted and got.status == 500
    assert "Something went wrong" in got.text and "division" not in got.text


def test_an_offer_is_gone_with_the_page_that_made_it(real: Settings) -> None:
    cora, cookies = signed_in(real, people.counselor)
    exports._offers["ticket"] = the_list(cora)

    assert "expired" in fetch("ticket", cookies).text
