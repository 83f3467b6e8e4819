"""Signing in with an identity provider, and the doors that stay shut without one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from edupulse_core.people import trail
from tests.browser.conftest import Served, free_port, identity_provider, serve, settled
from tests.browser.watching import watching
from tests.queries.conftest import build_home

GRANTS = """
[[grants]]
user = "dora@district.example"
role = "district"
"""
SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
client_id = "edupulse"
client_secret = "not much of a secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
JOINER = "\u2060"  # keeps an address on screen from becoming a link
PEOPLE = ("tom@north.example", "dora@district.example", "cora@north.example", "ana@pupils.example")
TOM = "Tom North, teacher"
STUDENTS = ("Alvarez", "Baker", "Cho", "Diaz", "Evans", "Gray")  # Tom teaches the first two


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real district with an identity provider that knows the cast by their email."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "edupulse.toml").write_text(GRANTS)
    settings = build_home(folder, is_demo=False)
    port = free_port()
    (folder / ".streamlit").mkdir()
    with identity_provider(PEOPLE, folder / "provider.log") as provider:
        secrets = SECRETS.format(port=port, provider=provider)
        (folder / ".streamlit" / "secrets.toml").write_text(secrets)
        (folder / ".streamlit" / "secrets.toml").chmod(0o600)
        with serve(settings, port=port) as served:
            yield served


def sign_in(page: Page, served: Served, who: str, path: str = "") -> None:
    page.goto(f"{served.url}/{path}")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_url(re.compile(re.escape(served.url)))
    settled(page)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # asks the identity provider
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_teacher_arrives_where_they_wanted_stays_through_a_reload_and_signs_out(
    page: Page, real: Served
) -> None:
    with watching(page) as seen:
        sign_in(page, real, "tom@north.example", "student?id=ana")
        expect(page).to_have_url(re.compile(r"/student\?id=ana"))
        expect(page.get_by_text(TOM)).to_be_visible()
        page.reload()
        expect(settled(page).get_by_text(TOM)).to_be_visible()
        for title in ("My classes", "Student"):
            page.get_by_role("link", name=title, exact=True).click()
            expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
            settled(page)

    assert seen.names(STUDENTS) == {"Alvarez", "Baker"}
    sign_out(page)
    actions = [line.action for line in trail.entries(real.settings, actor="tom@north.example")]
    assert actions[0] == "sign_out" and actions[-1] == "sign_in"


def test_a_district_without_learning_records_says_what_to_bring(page: Page, real: Served) -> None:
    sign_in(page, real, "tom@north.example", "student?id=ana")
    page.get_by_role("tab", name="Learning").click()
    expect(page.get_by_text("interactions.csv")).to_be_visible()

    page.get_by_role("link", name="Resources", exact=True).click()
    expect(page.get_by_text("resources.csv")).to_be_visible()


def test_signing_out_in_one_tab_ends_the_other_at_its_next_step(page: Page, real: Served) -> None:
    sign_in(page, real, "tom@north.example")
    other = page.context.new_page()
    other.goto(f"{real.url}/my-classes")
    expect(settled(other).get_by_text(TOM)).to_be_visible()
    copied = page.context.cookies()

    sign_out(page)
    other.get_by_role("link", name="Help").click()

    expect(other.get_by_text("You have signed out.")).to_be_visible()
    expect(other.get_by_text("Tom North")).to_have_count(0)
    expect(other.get_by_role("button", name="Sign out")).to_have_count(0)
    page.context.add_cookies(copied)
    page.goto(f"{real.url}/my-classes")
    expect(settled(page).get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Alvarez")).to_have_count(0)


def test_someone_without_a_role_learns_only_that(page: Page, real: Served) -> None:
    sign_in(page, real, "ana@pupils.example")

    refused = page.get_by_text("is signed in but has no role here")
    expect(refused).to_be_visible()
    assert refused.inner_text().replace(JOINER, "").startswith("ana@pupils.example is signed in")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    newest = trail.entries(real.settings, action="refused_sign_in")[0]
    assert newest.actor == "ana@pupils.example"


def test_no_address_shows_anything_before_sign_in(page: Page, real: Served) -> None:
    for path in ("", "student?id=ana", "data", "main", "sign_in"):
        page.goto(f"{real.url}/{path}")

        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
        expect(page.get_by_text("Alvarez")).to_have_count(0)


def test_a_grant_is_there_after_sign_in_and_gone_at_the_next_step_after_it_is_revoked(
    page: Page, real: Served
) -> None:
    sign_in(page, real, "dora@district.example")
    expect(page.get_by_text("Dora Drake, district lead")).to_be_visible()

    toml = real.settings.home / "edupulse.toml"
    try:
        toml.write_text("")
        page.get_by_role("link", name="Help", exact=True).click()
        expect(page.get_by_text("has no role here")).to_be_visible()
    finally:
        toml.write_text(GRANTS)
