"""The ways between pages: back to one's place, another role, titles, and no barrier on any page."""

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Served, choose, look_as, settled

ROW = 30  # far enough down the list to be off the first screen


def names(page: Page) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def open_row(page: Page, place: int) -> str:
    """Open the student of a row; their name."""
    link = page.locator("tbody th a").nth(place)
    name = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=PATIENCE)
    return name


@pytest.mark.parametrize("way", ["browser", "link"])
def test_back_from_a_student_is_the_place_in_the_list_in_one_step(
    page: Page, demo: Served, way: str
) -> None:
    look_as(page, demo, "district lead", path="at-risk")
    page.get_by_role("button", name="Low").click()
    expect(page).to_have_url(re.compile(r"\?tier=low$"), timeout=PATIENCE)
    listed = names(settled(page))
    name = open_row(page, ROW)

    if way == "browser":
        page.go_back()
    else:
        page.get_by_role("link", name="Back to At-risk list").click()

    expect(page).to_have_url(re.compile(r"/at-risk\?tier=low$"), timeout=PATIENCE)
    link = page.locator("tbody th a").nth(ROW)
    expect(link).to_have_text(name, timeout=PATIENCE)
    expect(link).to_be_in_viewport(timeout=PATIENCE)
    expect(link).to_be_focused(timeout=PATIENCE)
    assert names(page) == listed


def test_a_search_is_still_there_after_a_student(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="student")
    family = page.locator("tbody th a").first.inner_text().split()[-1]
    page.get_by_label("Find a student").fill(family)
    expect(page.locator("tbody th a").filter(has_not_text=family)).to_have_count(0)
    open_row(settled(page), 0)

    page.get_by_role("link", name="Back to Search results").click()

    expect(page.get_by_label("Find a student")).to_have_value(family, timeout=PATIENCE)


def test_switching_the_role_lands_on_that_roles_home(page: Page, demo: Served) -> None:
    choose(page, demo, "counselor", path="at-risk?tier=low")

    page.get_by_role("button", name="Switch role").click()
    page.get_by_role("button", name="Open as teacher", exact=True).click()

    expect(page.get_by_role("heading", name="My classes", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/my-classes"), timeout=PATIENCE)


def test_each_page_has_a_title_of_its_own_and_none_names_a_student(
    page: Page, demo: Served
) -> None:
    look_as(page, demo, "counselor", path="at-risk")
    expect(page).to_have_title("At-risk list · EduPulse", timeout=PATIENCE)

    name = open_row(page, 0)
    expect(page).to_have_title("Student · EduPulse", timeout=PATIENCE)
    assert name not in page.title()

    page.goto(f"{demo.url}/nothing")
    expect(page).to_have_title("Page not found · EduPulse", timeout=PATIENCE)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_columns_are_explained_by_keyboard(page: Page, demo: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    look_as(page, demo, "counselor", path="at-risk")

    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text(re.compile("A reason is not a cause"))).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("role", "addresses", "width", "scheme"),
    [
        ("counselor", ("at-risk", "help", "STUDENT"), 360, "dark"),
        ("teacher", ("my-classes", "student"), 1440, "light"),
        ("principal", ("school", "evidence", "nothing"), 360, "light"),
        ("data steward", ("data", "models", "jobs"), 1440, "dark"),
    ],
)
def test_no_page_has_a_serious_or_moderate_barrier(
    page: Page,
    demo: Served,
    role: str,
    addresses: tuple[str, ...],
    width: int,
    scheme: Literal["dark", "light"],
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    look_as(page, demo, role)

    for address in addresses:
        if address == "STUDENT":
            page.goto(f"{demo.url}/at-risk")
            open_row(settled(page), 0)
        else:
            page.goto(f"{demo.url}/{address}")
        shut = settled(page).locator("details:not([open]) > summary")
        shut.evaluate_all("all => all.forEach(one => one.click())")
        found = Axe().run(settled(page)).response["violations"]
        told = [
            (each["id"], node["html"])
            for each in found
            if each["impact"] in ("critical", "serious", "moderate")
            for node in each["nodes"]
        ]
        assert told == [], address
