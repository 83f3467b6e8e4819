"""The list and the student in a real browser: filters, address, opening, export."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from edupulse_core.people import trail
from tests.browser.conftest import Served, eventually, look_as, settled

COUNT = re.compile(r"^\d+–\d+ of \d+$")

LEVELS = ("Critical", "High", "Medium", "Low")
HEADS = (
    "Student",
    "Risk level",
    "Score",
    "Change",
    "Why",
    "20 weeks",
    "Attendance",
    "Failing",
    "Incidents",
)


def count_of(page: Page) -> int:
    """How many students the list says it has."""
    said = page.get_by_text(COUNT).inner_text()
    return int(said.rsplit(" ", 1)[1])


def names(page: Page) -> Locator:
    """The students' names in the table, each a link."""
    return page.locator("tbody th a")


def expect_on_screen(page: Page, *parts: Locator) -> None:
    """Parts come to lie wholly between the screen's left and right edges."""

    def holds() -> bool:
        boxes = [part.bounding_box() for part in parts]
        width = page.evaluate("window.innerWidth")
        return all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)

    eventually(page, holds)


def test_a_filter_moves_the_rows_and_the_address_and_survives_a_reload(
    page: Page, demo: Served
) -> None:
    look_as(page, demo, "counselor", path="at-risk")
    everyone = count_of(page)

    page.get_by_role("button", name="Low").click()
    expect(page).to_have_url(re.compile(r"\?tier=low$"))
    eventually(page, lambda: count_of(page) < everyone)
    low = count_of(settled(page))

    page.reload()
    expect(page).to_have_url(re.compile(r"\?tier=low$"))
    assert count_of(settled(page)) == low


def test_a_name_opens_the_student_and_back_keeps_the_filters(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="at-risk?tier=low")
    name = names(page).first.inner_text()

    names(page).first.click()
    expect(page).to_have_url(re.compile(r"/student\?id=STU\d+$"))
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    page.go_back()
    expect(page).to_have_url(re.compile(r"/at-risk\?tier=low$"))


def test_a_student_who_was_found_by_name_has_an_address(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="student")
    name = names(page).first.inner_text()
    page.get_by_label("Find a student").fill(name)
    expect(page.get_by_text(re.compile(r"^1 student, as of"))).to_be_visible()

    names(settled(page)).first.click()
    expect(page).to_have_url(re.compile(r"/student\?id=STU\d+$"))
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_teacher_opens_a_student_of_a_section(page: Page, demo: Served) -> None:
    look_as(page, demo, "teacher", path="my-classes")
    first = page.locator("tbody th a:visible").first
    name = first.inner_text()

    first.click()

    expect(page).to_have_url(re.compile(r"/student\?id=STU\d+$"))
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1280])
def test_the_tables_of_a_section_stand_in_line(page: Page, demo: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    look_as(page, demo, "teacher", path="my-classes")
    page.get_by_text(re.compile("^Doing fine:")).click()
    tables = settled(page).locator("table:visible")
    expect(tables.last).to_have_attribute("aria-label", re.compile("fine$"))

    def in_line(name: str) -> bool:
        boxes = [head.bounding_box() for head in tables.get_by_text(name, exact=True).all()]
        places = {round(box["x"]) for box in boxes if box}
        return len(boxes) == tables.count() and len(places) == 1

    assert tables.count() > 2
    for name in ("Student", "Risk level", "Missing work", "Attendance", "20 weeks"):
        eventually(page, lambda name=name: in_line(name))


def test_a_head_of_the_table_sorts_and_the_address_says_so(page: Page, demo: Served) -> None:
    look_as(page, demo, "counselor", path="at-risk")
    head = page.get_by_role("columnheader", name="Attendance")

    head.get_by_role("button").click()

    expect(page).to_have_url(re.compile(r"\?sort=attendance$"))
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(head.get_by_role("button")).to_be_focused()
    shown = settled(page).locator("tbody td.attendance").all_inner_texts()
    shares = [float(share.removeprefix("▼ ").removesuffix("%")) for share in shown]
    assert shares == sorted(shares) and shares[0] < shares[-1]


@pytest.mark.parametrize("width", [1440, 1280])
def test_every_column_is_on_screen_beside_the_open_sidebar(
    page: Page, demo: Served, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    look_as(page, demo, "district lead", path="at-risk")

    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    for head in HEADS:
        expect_on_screen(page, page.get_by_role("columnheader", name=head))


@pytest.mark.parametrize("width", [1440, 360])
def test_who_is_uncertain_is_told_in_a_word(page: Page, demo: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    look_as(page, demo, "district lead", path="at-risk")

    marks = page.locator("td.tier small")
    expect(marks.first).to_have_text("uncertain")
    expect(marks.first).to_be_visible()
    assert marks.count() < names(page).count()


def test_on_a_phone_a_row_is_a_card_that_opens_the_student(page: Page, demo: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    look_as(page, demo, "counselor", path="at-risk")
    row = page.locator("tbody tr").first
    name = names(page).first.inner_text()
    reason = row.locator(".factor")

    expect_on_screen(page, names(page).first, row.locator(".tier span"), row.locator(".score"))
    expect_on_screen(page, reason)
    assert reason.inner_text()[:1] in "↑↓"

    reason.click(force=True)  # the name's link lies over the whole card
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_on_a_phone_every_level_can_be_chosen(page: Page, demo: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    look_as(page, demo, "counselor", path="at-risk")
    levels = page.get_by_test_id("stButtonGroup").get_by_role("button")

    expect(levels).to_have_text([re.compile(name) for name in LEVELS])
    expect_on_screen(page, *levels.all())


@pytest.mark.parametrize("size", [(360, 780), (1024, 768), (1366, 768)])
def test_the_first_student_is_on_the_first_screen(
    page: Page, demo: Served, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    look_as(page, demo, "counselor", path="at-risk")

    def is_seen() -> bool:
        box = page.locator("tbody tr").first.bounding_box()
        return bool(box and box["y"] + box["height"] <= size[1])

    eventually(page, is_seen)


def test_an_export_is_what_is_filtered_and_the_only_way_out(
    page: Page, demo: Served, tmp_path: Path
) -> None:
    look_as(page, demo, "counselor", path="at-risk?tier=low")
    shown = count_of(page)
    expect(page.get_by_role("button", name=re.compile("^Download as CSV"))).to_have_count(0)

    with page.expect_download() as started:
        page.get_by_role("link", name="Export as CSV").click()

    started.value.save_as(tmp_path / "list.csv")
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == shown + 1
    assert trail.entries(demo.settings, action=trail.EXPORT)[0].details["rows"] == shown


@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        ("counselor", ("at-risk", "student", "help")),
        ("principal", ("school", "evidence")),
        ("data steward", ("data", "models", "jobs")),
    ],
)
def test_no_page_scrolls_sideways(
    page: Page, demo: Served, role: str, addresses: tuple[str, ...]
) -> None:
    look_as(page, demo, role, path="help")

    for address in addresses:
        page.goto(f"{demo.url}/{address}")
        settled(page)
        for shut in page.locator("details > summary").all():
            shut.evaluate("it => it.click()")  # those behind another tab too
        for width in (1440, 760, 360):
            page.set_viewport_size({"width": width, "height": 800})
            settled(page)
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wide, (address, width)
            tables = page.locator(".figures")
            cut = tables.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth)")
            assert not cut, (address, width)
