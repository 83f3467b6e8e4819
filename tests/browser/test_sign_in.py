"""Signing in with an identity provider, and the doors that stay shut without one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edupulse_core.people import trail
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from tests import people
from tests.browser.conftest import Served, free_port, identity_provider, serve, settled

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


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An identity provider that knows the cast by their email; its address."""
    with identity_provider(PEOPLE, tmp_path_factory.mktemp("provider") / "log") as address:
        yield address


@pytest.fixture(scope="module")
def real(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real district with an identity provider."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "edupulse.toml").write_text(GRANTS)
    settings = people.home(folder)
    note_import(open_store(settings), "Two Schools", is_demo=False)
    port = free_port()
    (folder / ".streamlit").mkdir()
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


def test_a_teacher_signs_in_stays_through_a_reload_and_signs_out(page: Page, real: Served) -> None:
    sign_in(page, real, "tom@north.example")
    expect(page.get_by_text("Tom North, teacher")).to_be_visible()

    page.reload()
    expect(settled(page).get_by_text("Tom North, teacher")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # asks the identity provider
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    actions = [line.action for line in trail.entries(real.settings, actor="tom@north.example")]
    assert actions[0] == "sign_out" and actions[-1] == "sign_in"


def test_a_granted_role_is_there_after_sign_in(page: Page, real: Served) -> None:
    sign_in(page, real, "dora@district.example")

    expect(page.get_by_text("Dora Drake, district lead")).to_be_visible()


@pytest.mark.parametrize("who", ["ana@pupils.example", "cora@north.example"])
def test_someone_without_a_role_learns_only_that(page: Page, real: Served, who: str) -> None:
    sign_in(page, real, who)

    refused = page.get_by_text("is signed in but has no role here")
    expect(refused).to_be_visible()
    assert refused.inner_text().replace(JOINER, "").startswith(f"{who} is signed in")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    assert [line.actor for line in trail.entries(real.settings, action="refused_sign_in")][0] == who


def test_the_address_that_was_asked_for_opens_after_sign_in(page: Page, real: Served) -> None:
    sign_in(page, real, "tom@north.example", "student?id=ana")

    expect(page).to_have_url(re.compile(r"/student\?id=ana"))


def test_signing_out_in_one_tab_ends_the_other_at_its_next_step(page: Page, real: Served) -> None:
    sign_in(page, real, "tom@north.example")
    other = page.context.new_page()
    other.goto(f"{real.url}/my-classes")
    expect(settled(other).get_by_text("Tom North, teacher")).to_be_visible()
    copied = page.context.cookies()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    other.get_by_role("link", name="Help").click()

    expect(other.get_by_text("You have signed out.")).to_be_visible()
    expect(other.get_by_text("Tom North")).to_have_count(0)
    expect(other.get_by_role("button", name="Sign out")).to_have_count(0)
    page.context.add_cookies(copied)
    page.goto(f"{real.url}/my-classes")
    expect(settled(page).get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Alvarez")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "student?id=ana", "data", "main", "sign_in"])
def test_no_address_shows_anything_before_sign_in(page: Page, real: Served, path: str) -> None:
    page.goto(f"{real.url}/{path}")

    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    expect(page.get_by_text("Alvarez")).to_have_count(0)


def test_a_revoked_grant_counts_at_the_next_run(page: Page, real: Served) -> None:
    sign_in(page, real, "dora@district.example")
    expect(page.get_by_text("Dora Drake, district lead")).to_be_visible()

    toml = real.settings.home / "edupulse.toml"
    try:
        toml.write_text("")
        page.reload()
        expect(settled(page).get_by_text("has no role here")).to_be_visible()
    finally:
        toml.write_text(GRANTS)


def test_started_around_the_command_a_real_district_shows_only_the_sentence(
    page: Page, tmp_path: Path
) -> None:
    settings = people.home(tmp_path)
    note_import(open_store(settings), "Demo", is_demo=True)
    port = free_port()
    with serve(settings, port=port) as served:  # then a real import comes in
        note_import(open_store(settings), "Two Schools", is_demo=False)

        page.goto(served.url)

        expect(settled(page).get_by_text("Configure an identity provider")).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
