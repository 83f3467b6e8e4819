"""Each role in a real browser: its own pages and students, and nothing wrong on any of them."""

import re
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from app.navigation import UNKNOWN_PAGE
from edupulse_core.people import personas, trail
from edupulse_core.people.access import UNKNOWN_STUDENT, Viewer, cursor
from edupulse_core.queries.district import District, open_district
from tests.browser.conftest import Outside, Served, look_as, settled
from tests.browser.watching import faults, watching

ROLES = {"district lead": "district", "data steward": "steward"}
ONE, LEARNING, NO_PAGE = "one student", "their Learning tab", "no page"


@dataclass(frozen=True)
class Walk:
    """The pages of a role, and what a close look is taken at."""

    role: str
    pages: tuple[str, ...]
    close: frozenset[str] = frozenset()
    width: int = 1440
    scheme: Literal["light", "dark"] = "light"


WALKS = (
    Walk(
        "counselor",
        ("At-risk list", "Student", "Resources", "Help"),
        frozenset({"At-risk list", ONE, LEARNING, "Resources", "Help"}),
        360,
        "dark",
    ),
    Walk(
        "teacher",
        ("My classes", "Student", "Resources", "Short answers", "Help"),
        frozenset({"My classes", "Student", ONE, LEARNING, "Resources", "Short answers"}),
    ),
    Walk(
        "principal",
        ("At-risk list", "Student", "School", "Evidence", "Help"),
        frozenset({"School", "Evidence", NO_PAGE}),
        360,
    ),
    Walk("district lead", ("At-risk list", "Student", "School", "Models", "Jobs", "Help")),
    Walk(
        "data steward",
        ("Data", "Models", "Jobs", "Help"),
        frozenset({"Data", "Models", "Jobs"}),
        scheme="dark",
    ),
)
VISIBLE = """
select student_id, trim(given_name || ' ' || family_name) as name
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
join users on users.user_id = student_id
join student_weeks using (student_id)
where student_weeks.week_start = $as_of - 6
"""
EVERYONE = """
select user_id, trim(given_name || ' ' || family_name) from users join user_roles using (user_id)
where role = 'student'
"""


@pytest.fixture(scope="module")
def district(demo: Served) -> District:
    return open_district(demo.settings)


def ask(district: District, query: str, given: dict[str, object] | None = None) -> dict[str, str]:
    """Students by number: their names."""
    return dict(cursor(district.con).execute(query, given or {}).fetchall())


def theirs(district: District, viewer: Viewer) -> dict[str, str]:
    """The students whom a viewer may see and who were at school in the latest week."""
    return ask(district, VISIBLE, district.seen_by(viewer))


def first(district: District, role: str) -> Viewer:
    """The one whom the picker offers first for a role."""
    staff = personas.personas(cursor(district.con))
    return next(person for person in staff if ROLES.get(role, role) in person.roles)


def openings(served: Served, looking: Viewer) -> list[str | None]:
    """The students whom somebody opened, the newest first."""
    noted = trail.entries(served.settings, action="view_student", actor=looking.sign_in)
    return [line.subject for line in noted]


def says(page: Page) -> str:
    """The words on the page."""
    return page.get_by_test_id("stMain").text_content() or ""


class Tour:
    """Somebody's way through all their pages; what was wrong on the way."""

    def __init__(self, page: Page, walk: Walk) -> None:
        self.page = page
        self.walk = walk
        self.wrong: list[tuple[str, str]] = []

    def open(self, title: str) -> None:
        """Open a page by its link; on a phone the links are folded away."""
        link = self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
        link.evaluate("one => one.click()")
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        expect(self.page).to_have_title(f"{title} · EduPulse")
        if title == "My classes":
            open_every_section(self.page)
        self.look(title)

    def open_student(self) -> str:
        """Open the first student of the page; their name."""
        link = self.page.locator("tbody th a").first
        name = link.inner_text()
        link.click()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(self.page).to_have_title("Student · EduPulse")
        self.look(ONE)
        if LEARNING in self.walk.close:
            self.page.get_by_role("tab", name="Learning").click()
            expect(self.page.get_by_role("heading", name="Mastery")).to_be_visible()
            self.look(LEARNING)
        return name

    def look(self, place: str) -> None:
        """Note what is wrong here."""
        settled(self.page)
        for part in ("stException", "stAlertContentError"):
            if place != NO_PAGE and self.page.get_by_test_id(part).count():
                self.wrong.append((place, part))
        if place in self.walk.close:
            self.wrong += [(place, fault) for fault in faults(self.page, self.walk.width)]


def open_every_section(page: Page) -> None:
    expect(page.get_by_role("heading", level=2).first).to_be_visible()  # below the sections' names
    settled(page)
    sections = page.get_by_test_id("stButtonGroup").get_by_role("radio")
    for number in range(sections.count()):
        title = sections.nth(number).inner_text().rsplit(" (", 1)[0]
        sections.nth(number).click()
        expect(page.get_by_role("heading", level=2, name=title, exact=True)).to_be_visible()
        settled(page)


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.role)
def test_a_role_has_its_pages_with_its_students_and_nothing_is_wrong_on_any(
    page: Page, demo: Served, district: District, outside: Outside, walk: Walk
) -> None:
    page.emulate_media(color_scheme=walk.scheme)
    tour = Tour(page, walk)
    looking = first(district, walk.role)
    before = len(openings(demo, looking))

    with watching(page) as seen:
        look_as(page, demo, walk.role)
        links = page.get_by_test_id("stSidebarNavLink")
        expect(links).to_have_count(len(walk.pages))
        assert [one.split("\n")[-1] for one in links.all_inner_texts()] == list(walk.pages)
        opened = ""
        for title in walk.pages:
            tour.open(title)
            if title == "Student":
                opened = tour.open_student()
        page.goto(f"{demo.url}/student?id=STU00001" if not opened else f"{demo.url}/nothing")
        expect(page.get_by_text(UNKNOWN_PAGE)).to_be_visible()
        expect(page).to_have_title("Page not found · EduPulse")
        tour.look(NO_PAGE)

    assert tour.wrong == []
    assert seen.asked and seen.wrong() == []
    assert outside.asked() == ""
    own = theirs(district, looking) if opened else {}
    sent = seen.names(ask(district, EVERYONE).values())
    assert sent == set(own.values()) if walk.role == "teacher" else sent <= set(own.values())
    noted = openings(demo, looking)
    assert [own[one] for one in noted[: len(noted) - before]] == ([opened] if opened else [])


def test_an_address_that_is_not_ones_own_shows_nothing_and_leads_home(
    page: Page, demo: Served, district: District
) -> None:
    looking = first(district, "counselor")
    everyone, own = ask(district, EVERYONE), theirs(district, looking)
    student_id = sorted(set(everyone) - set(own))[0]
    look_as(page, demo, "counselor", path=f"student?id={student_id}")

    answers = []
    for asked in (student_id, "STU99999"):
        if asked != student_id:
            page.goto(f"{demo.url}/student?id={asked}")
        expect(page.get_by_text(UNKNOWN_STUDENT)).to_be_visible()
        answers.append(says(settled(page)))

    assert answers[0] == answers[1]
    assert everyone[student_id] not in answers[0]
    refused = trail.entries(demo.settings, action="refused_access", actor=looking.sign_in)
    assert [line.subject for line in refused[:2]] == ["STU99999", student_id]
    for address in ("at-risk%20", "a/b/c"):
        page.goto(f"{demo.url}/{address}")
        expect(settled(page).get_by_text(UNKNOWN_PAGE)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Go to: At-risk list").click()
    expect(page).to_have_url(re.compile(r"/at-risk$"))
    expect(page.get_by_role("heading", name="At-risk list", level=1)).to_be_visible()
