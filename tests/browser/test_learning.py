"""A teacher sees what a student masters, gives a suggested resource, and plans the week's hours."""

import re

from playwright.sync_api import Page, expect

from edupulse_core.store import assignments
from edupulse_core.store.database import open_store
from tests.browser.conftest import Served, look_as, settled

OUT_OF = re.compile(r"of (\d+) hours, ([\d.]+) if everything takes long")


def test_a_teacher_gives_a_resource_and_plans_within_the_hours(page: Page, demo: Served) -> None:
    look_as(page, demo, "teacher", path="student")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/student?id=*")
    settled(page).get_by_role("tab", name="Learning").click()
    page.wait_for_url("**tab=Learning*")
    found = re.search(r"[?&]id=([^&]+)", page.url)
    assert found is not None

    expect(page.get_by_role("heading", name="Mastery")).to_be_visible()
    expect(page.get_by_role("group", name="Mastery by subject")).to_be_visible()
    settled(page).get_by_role("button", name="Give").first.click()
    expect(page.get_by_text("not used yet")).to_be_visible()
    assert len(assignments.standing(open_store(demo.settings), [found[1]])) == 1
    page.reload()
    expect(settled(page).get_by_text("not used yet")).to_be_visible()

    hours = page.get_by_label("Hours for studying this week")
    hours.fill("12")
    hours.press("Enter")
    told = page.get_by_text(re.compile(r"of 12 hours"))
    expect(told).to_be_visible()
    said = OUT_OF.search(told.inner_text())
    assert said is not None and float(said[2]) <= float(said[1])
