"""The list and the student in a real browser: filters, address, opening, export."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edupulse_core.people import trail
from tests.browser.conftest import PATIENCE, Served, look_as, settled

COUNT = re.compile(r"^\d+–\d+ of \d+$")


def count_of(page: Page) -> int:
    """How many students the list says it has."""
    said = page.get_by_text(COUNT).inner_text()
    return int(said.rsplit(" ", 1)[1])


def first_name(page: Page) -> str:
    """The name in the first row; the grid tells it to screen readers."""
    cell = page.locator("[role=gridcell]").first
    cell.wait_for(state="attached", timeout=PATIENCE)
    return cell.text_content() or ""


def open_first(page: Page) -> None:
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 50, box["y"] + 55)


def test_a_filter_moves_the_rows_and_the_address_and_survives_a_reload(
    page: Page, demo: Served
) -> None:
    look_as(page, demo, "counselor", path="at-risk")
    everyone = count_of(page)

    page.get_by_role("button", name="Low").click()
    expect(page).to_have_url(re.compile(r"\?tier=low$"), timeout=PATIENCE)
    low = count_of(settled(page))
    assert low < everyone

    page.reload()
    settled(page)
    expect(page).to_have_url(re.compile(r"\?tier=low$"))
    assert count_of(page) == low


def test_a_name_opens_the_student_and_back_keeps_the_filters(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="at-risk?tier=low")
    name = first_name(page)

    open_first(page)
    expect(page).to_have_url(re.compile(r"/student\?id=STU\d+$"), timeout=PATIENCE)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=PATIENCE)

    page.go_back()
    expect(page).to_have_url(re.compile(r"/at-risk\?tier=low$"), timeout=PATIENCE)


def test_a_student_who_was_found_by_name_has_an_address(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="student")
    name = first_name(page)
    page.get_by_label("Find a student").fill(name)
    expect(page.get_by_text(re.compile(r"^1 student by name"))).to_be_visible(timeout=PATIENCE)

    open_first(settled(page))
    expect(page).to_have_url(re.compile(r"/student\?id=STU\d+$"), timeout=PATIENCE)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=PATIENCE)

    page.reload()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=PATIENCE)


def test_an_export_is_what_is_filtered_and_the_only_way_out(
    page: Page, demo: Served, tmp_path: Path
) -> None:
    look_as(page, demo, "counselor", path="at-risk?tier=low")
    shown = count_of(page)
    expect(page.get_by_role("button", name=re.compile("^Download as CSV"))).to_have_count(0)

    with page.expect_download() as started:
        page.get_by_role("button", name="Export these as CSV").click()

    started.value.save_as(tmp_path / "list.csv")
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == shown + 1
    assert trail.entries(demo.settings, action=trail.EXPORT)[0].details["rows"] == shown


@pytest.mark.parametrize("width", [1440, 360])
def test_no_page_scrolls_sideways(page: Page, demo: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    look_as(page, demo, "counselor", path="at-risk")

    for address in ("at-risk", "student", "help"):
        page.goto(f"{demo.url}/{address}")
        settled(page)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, address
