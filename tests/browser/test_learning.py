"""A teacher sees what a student masters, gives a suggested resource, and plans the week's hours."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from edupulse_core.config import Settings
from edupulse_core.store import assignments
from edupulse_core.store.database import open_store
from tests.browser.conftest import PATIENCE, Served, look_as, serve, settled

OUT_OF = re.compile(r"of (\d+) hours, ([\d.]+) if everything takes long")


@pytest.fixture(scope="module")
def served(learned_home: Settings) -> Iterator[Served]:
    with serve(learned_home) as dashboard:
        yield dashboard


def open_learning(page: Page, served: Served) -> str:
    """Open the Learning tab of the teacher's first student; their ID."""
    page.goto(f"{served.url}/student")
    settled(page).locator("tbody a").first.click()
    page.wait_for_url("**/student?id=*")
    settled(page).get_by_role("tab", name="Learning").click()
    page.wait_for_url("**tab=Learning*")
    settled(page)
    found = re.search(r"[?&]id=([^&]+)", page.url)
    assert found is not None
    return found[1]


def test_a_teacher_gives_a_resource_and_plans_within_the_hours(page: Page, served: Served) -> None:
    look_as(page, served, "teacher")
    student = open_learning(page, served)

    expect(page.get_by_role("heading", name="Mastery")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("group", name="Mastery by subject")).to_be_visible()
    page.get_by_role("button", name="Give").first.click()
    expect(page.get_by_text("not used yet")).to_be_visible(timeout=PATIENCE)
    assert len(assignments.standing(open_store(served.settings), [student])) == 1
    page.reload()
    expect(settled(page).get_by_text("not used yet")).to_be_visible(timeout=PATIENCE)

    hours = page.get_by_label("Hours for studying this week")
    hours.fill("12")
    hours.press("Enter")
    told = page.get_by_text(re.compile(r"of 12 hours"))
    expect(told).to_be_visible(timeout=PATIENCE)
    said = OUT_OF.search(told.inner_text())
    assert said is not None and float(said[2]) <= float(said[1])


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_the_learning_tab_and_resources_have_no_barrier_and_fit(
    page: Page, served: Served, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    look_as(page, served, "teacher")

    for address in ("learning", "resources"):
        if address == "learning":
            open_learning(page, served)
        else:
            page.goto(f"{served.url}/resources")
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
        main = page.get_by_test_id("stMain")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth"), address
