"""The lists in a real browser: filters, address, export, the way to a student and back."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from edupulse_core.people import trail
from tests.browser.conftest import Served, choose, eventually, look_as, settled

COUNT = re.compile(r"^\d+–\d+ of \d+$")
ROW = 30  # far enough down the list to be off the first screen
LOW = re.compile(r"/at-risk\?tier=low$")
STUDENT = re.compile(r"/student\?id=STU\d+$")
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


def open_row(page: Page, place: int) -> str:
    """Open the student of a row; their name."""
    link = names(page).nth(place)
    name = link.inner_text()
    link.click()
    expect(page).to_have_url(STUDENT)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return name


def expect_on_screen(page: Page, *parts: Locator) -> None:
    """Parts come to lie wholly between the screen's left and right edges."""

    def holds() -> bool:
        boxes = [part.bounding_box() for part in parts]
        width = page.evaluate("window.innerWidth")
        return all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)

    eventually(page, holds)


def expect_first_on_screen(page: Page) -> None:
    """The first student comes to stand above the screen's lower edge."""

    def holds() -> bool:
        box = page.locator("tbody tr").first.bounding_box()
        return bool(box and box["y"] + box["height"] <= page.evaluate("window.innerHeight"))

    eventually(page, holds)


def expect_explained(page: Page) -> None:
    """What the columns mean opens by keyboard, and closes."""
    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Enter")
    words = page.get_by_text(re.compile("A reason is not a cause"))
    expect(words).to_be_visible()
    page.keyboard.press("Escape")
    expect(words).to_have_count(0)


def test_a_filter_moves_rows_address_and_export_and_survives_a_reload(
    page: Page, demo: Served, tmp_path: Path
) -> None:
    look_as(page, demo, "district lead", path="at-risk")
    everyone = count_of(page)

    page.get_by_role("button", name="Low").click()
    expect(page).to_have_url(LOW)
    eventually(page, lambda: count_of(page) < everyone)
    low = count_of(settled(page))

    page.reload()
    expect(page).to_have_url(LOW)
    assert count_of(settled(page)) == low
    expect(page.get_by_role("button", name=re.compile("^Download as CSV"))).to_have_count(0)
    with page.expect_download() as started:
        page.get_by_role("link", name="Export as CSV").click()
    started.value.save_as(tmp_path / "list.csv")
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == low + 1
    assert trail.entries(demo.settings, action=trail.EXPORT)[0].details["rows"] == low


def test_back_from_a_student_is_the_place_in_the_list_in_one_step(page: Page, demo: Served) -> None:
    look_as(page, demo, "district lead", path="at-risk?tier=low")
    listed = names(page).all_inner_texts()

    for way in ("browser", "link"):
        name = open_row(page, ROW)
        if way == "browser":
            page.go_back()
        else:
            page.get_by_role("link", name="Back to At-risk list").click()

        expect(page).to_have_url(LOW)
        link = names(page).nth(ROW)
        expect(link).to_have_text(name)
        expect(link).to_be_in_viewport()
        expect(link).to_be_focused()
        assert names(settled(page)).all_inner_texts() == listed


def test_a_student_who_was_found_by_name_has_an_address_and_a_way_back(
    page: Page, demo: Served
) -> None:
    look_as(page, demo, "counselor", path="student")
    name = names(page).first.inner_text()
    page.get_by_label("Find a student").fill(name)
    expect(page.get_by_text(re.compile(r"^1 student, as of"))).to_be_visible()
    assert open_row(settled(page), 0) == name

    page.get_by_role("link", name="Back to Search results").click()
    expect(page.get_by_label("Find a student")).to_have_value(name)
    assert open_row(settled(page), 0) == name

    page.reload()
    expect(page).to_have_url(STUDENT)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_switching_the_role_lands_on_that_roles_home(page: Page, demo: Served) -> None:
    choose(page, demo, "data steward", path="models?tab=Monitoring")
    expect(page.get_by_role("tab", name="Monitoring", selected=True)).to_be_visible()

    page.get_by_role("button", name="Switch role").click()
    page.get_by_role("button", name="Open as teacher", exact=True).click()

    expect(page.get_by_role("heading", name="My classes", level=1)).to_be_visible()
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/my-classes(?!.*tab=)"))


def test_the_tables_of_a_section_stand_in_line_and_open_their_students(
    page: Page, demo: Served
) -> None:
    look_as(page, demo, "teacher", path="my-classes")
    page.get_by_text(re.compile("^Doing fine:")).click()
    tables = settled(page).locator("table:visible")
    expect(tables.last).to_have_attribute("aria-label", re.compile("fine$"))

    def in_line(name: str) -> bool:
        boxes = [head.bounding_box() for head in tables.get_by_text(name, exact=True).all()]
        places = {round(box["x"]) for box in boxes if box}
        return len(boxes) == tables.count() and len(places) == 1

    assert tables.count() > 2
    for width in (1440, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for head in ("Student", "Risk level", "Missing work", "Attendance", "20 weeks"):
            eventually(page, lambda head=head: in_line(head))
    open_row(settled(page), 0)


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


def test_every_column_is_on_screen_beside_the_open_sidebar(page: Page, demo: Served) -> None:
    look_as(page, demo, "district lead", path="at-risk")
    marks = page.locator("td.tier small")
    expect(marks.first).to_have_text("uncertain")
    assert marks.count() < names(page).count()
    expect_explained(page)

    for width, height in ((1440, 900), (1280, 900), (1366, 768), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        expect_first_on_screen(page)
        expect(marks.first).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
        if width >= 1280:
            expect_on_screen(page, *(page.get_by_role("columnheader", name=one) for one in HEADS))


def test_on_a_phone_a_row_is_a_card_that_opens_the_student(page: Page, demo: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    look_as(page, demo, "counselor", path="at-risk")
    row = page.locator("tbody tr").first
    name = names(page).first.inner_text()
    reason = row.locator(".factor")
    levels = page.get_by_test_id("stButtonGroup").get_by_role("button")

    expect_first_on_screen(page)
    expect_on_screen(page, names(page).first, row.locator(".tier span"), row.locator(".score"))
    expect_on_screen(page, reason)
    assert reason.inner_text()[:1] in "↑↓"
    expect(page.locator("td.tier small").first).to_be_visible()
    expect(levels).to_have_text([re.compile(level) for level in LEVELS])
    expect_on_screen(page, *levels.all())
    expect_explained(page)

    reason.click(force=True)  # the name's link lies over the whole card
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
