"""Each role in a real browser: exactly its own students, on every page."""

import csv
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.navigation import UNKNOWN_PAGE
from edupulse_core.config import Settings, load_settings
from edupulse_core.people import personas, trail
from edupulse_core.people.access import UNKNOWN_STUDENT, Viewer, cursor
from edupulse_core.queries.district import District, open_district
from tests.browser.conftest import (
    Served,
    free_port,
    identity_provider,
    look_as,
    serve,
    settled,
)

PAGES = {
    "counselor": ["At-risk list", "Student", "Resources", "Help"],
    "teacher": ["My classes", "Student", "Resources", "Help"],
    "principal": ["At-risk list", "Student", "School", "Evidence", "Help"],
    "district lead": ["At-risk list", "Student", "School", "Models", "Jobs", "Help"],
    "data steward": ["Data", "Models", "Jobs", "Help"],
}
ROLES = {"district lead": "district", "data steward": "steward"}
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


def exported(page: Page) -> set[str]:
    """The students of the list's export."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return {row["student_id"] for row in csv.DictReader(io.StringIO(text))}


def says(page: Page) -> str:
    """The words on the page."""
    return page.get_by_test_id("stMain").text_content() or ""


class Sent:
    """Everything that the server sends to a browser, drawn or not."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def _keep(self, frame: str | bytes) -> None:
        self.frames.append(frame if isinstance(frame, bytes) else frame.encode())

    def names(self, known: Iterable[str]) -> set[str]:
        """Those of the known names that were sent."""
        everything = b"\n".join(self.frames)
        return {name for name in known if name.encode() in everything}


def open_every_section(page: Page) -> None:
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()
    expect(page.get_by_role("heading", level=2).first).to_be_visible()  # below the sections' names
    settled(page)
    sections = page.get_by_test_id("stButtonGroup").get_by_role("radio")
    for number in range(sections.count()):
        title = sections.nth(number).inner_text().rsplit(" (", 1)[0]
        sections.nth(number).click()
        expect(page.get_by_role("heading", level=2, name=title, exact=True)).to_be_visible()
        settled(page)


@pytest.mark.parametrize("role", PAGES)
def test_a_role_has_its_pages_and_no_others_and_none_shows_an_error_or_asks_the_network(
    page: Page, demo: Served, role: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    look_as(page, demo, role)

    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(PAGES[role]))
    assert [link.split("\n")[-1] for link in links.all_inner_texts()] == PAGES[role]
    for title in PAGES[role]:
        links.filter(has_text=title).click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        settled(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    assert asked
    assert [
        url for url in asked if not url.startswith(("http://localhost", "data:", "blob:"))
    ] == []


@pytest.mark.parametrize("role", ["counselor", "principal", "district lead"])
def test_the_list_holds_exactly_their_students(
    page: Page, demo: Served, district: District, role: str
) -> None:
    look_as(page, demo, role, path="at-risk")

    found = exported(page)

    assert found == set(theirs(district, first(district, role)))
    newest = trail.entries(demo.settings, action="export")[0]
    assert newest.actor == first(district, role).sign_in
    assert newest.details["rows"] == len(found)


def test_a_teachers_classes_show_exactly_their_students(
    page: Page, demo: Served, district: District
) -> None:
    own = theirs(district, first(district, "teacher"))
    sent = Sent(page)

    look_as(page, demo, "teacher")
    open_every_section(page)

    assert sent.names(ask(district, EVERYONE).values()) == set(own.values())


def test_a_data_steward_reads_no_students_name(
    page: Page, demo: Served, district: District
) -> None:
    sent = Sent(page)

    look_as(page, demo, "data steward")
    for address in ("help", "at-risk", "my-classes", "school", "student?id=STU00001"):
        page.goto(f"{demo.url}/{address}")
        settled(page)

    assert sent.names(ask(district, EVERYONE).values()) == set()


@pytest.mark.parametrize("role", ["counselor", "teacher", "principal", "district lead"])
def test_ones_own_students_page_opens_and_is_noted(
    page: Page, demo: Served, district: District, role: str
) -> None:
    looking = first(district, role)
    student_id, name = sorted(theirs(district, looking).items())[0]

    look_as(page, demo, role, path=f"student?id={student_id}")

    expect(page.get_by_role("heading", name=name).first).to_be_visible()
    noted = trail.entries(demo.settings, action="view_student", actor=looking.sign_in)
    assert [line.subject for line in noted].count(student_id) == 1


@pytest.mark.parametrize("role", ["counselor", "teacher", "principal"])
def test_a_copied_address_of_anothers_student_shows_nothing(
    page: Page, demo: Served, district: District, role: str
) -> None:
    looking = first(district, role)
    everyone, own = ask(district, EVERYONE), theirs(district, looking)
    student_id = sorted(set(everyone) - set(own))[0]
    look_as(page, demo, role)

    answers = []
    for asked in (student_id, "STU99999"):
        page.goto(f"{demo.url}/student?id={asked}")
        expect(page.get_by_text(UNKNOWN_STUDENT)).to_be_visible()
        answers.append(says(settled(page)))

    assert answers[0] == answers[1]
    assert everyone[student_id] not in answers[0]
    refused = trail.entries(demo.settings, action="refused_access", actor=looking.sign_in)
    assert [line.subject for line in refused[:2]] == ["STU99999", student_id]


@pytest.mark.parametrize("address", ["data", "nothing", "student/nothing", "a/b/c", "at-risk%20"])
def test_an_address_of_no_page_of_ones_own_says_so_and_leads_home(
    page: Page, demo: Served, address: str
) -> None:
    look_as(page, demo, "counselor")

    page.goto(f"{demo.url}/{address}")

    expect(settled(page).get_by_text(UNKNOWN_PAGE)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Go to: At-risk list").click()
    expect(page.get_by_role("heading", name="At-risk list", level=1)).to_be_visible()


def test_a_reload_keeps_the_address_and_the_person(
    page: Page, demo: Served, district: District
) -> None:
    student_id = sorted(theirs(district, first(district, "counselor")))[0]
    look_as(page, demo, "counselor", path=f"student?id={student_id}")

    page.reload()

    settled(page)
    expect(page).to_have_url(re.compile(rf"/student\?id={student_id}"))
    expect(page.get_by_role("button", name="Switch role")).to_be_visible()


@pytest.fixture(scope="module")
def with_provider(
    demo_home: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The same district behind an identity provider that knows a teacher and a counselor."""
    folder = tmp_path_factory.mktemp("provider") / "home"
    shutil.copytree(demo_home.home, folder)
    settings = load_settings(home=folder)
    district = open_district(settings)
    emails = [first(district, role).sign_in for role in ("teacher", "counselor")]
    port = free_port()
    with identity_provider(emails, folder / "provider.log") as address:
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "secrets.toml").write_text(
            f"""
            [auth]
            redirect_uri = "http://localhost:{port}/oauth2callback"
            client_id = "edupulse"
            client_secret = "not much of a secret"
            server_metadata_url = "{address}/.well-known/openid-configuration"
            """
        )
        (folder / ".streamlit" / "secrets.toml").chmod(0o600)
        with serve(settings, port=port) as served:
            yield served


def sign_in(page: Page, served: Served, email: str) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name=email, exact=True).click()
    page.wait_for_url(re.compile(re.escape(served.url)))


def test_a_teacher_who_signs_in_sees_exactly_their_own_students(
    page: Page, with_provider: Served
) -> None:
    district = open_district(with_provider.settings)
    looking = first(district, "teacher")
    sent = Sent(page)

    sign_in(page, with_provider, looking.sign_in)
    expect(page.get_by_text(f"{looking.name}, teacher")).to_be_visible()
    open_every_section(page)

    own = set(theirs(district, looking).values())
    assert sent.names(ask(district, EVERYONE).values()) == own


def test_a_role_that_is_taken_away_counts_at_the_next_filter(
    page: Page, with_provider: Served
) -> None:
    counselor = first(open_district(with_provider.settings), "counselor")
    toml = with_provider.settings.home / "edupulse.toml"
    toml.write_text(f'grants = [{{ user = "{counselor.sign_in}", role = "counselor" }}]')
    sign_in(page, with_provider, counselor.sign_in)
    expect(page.get_by_role("heading", name="At-risk list")).to_be_visible()
    settled(page)

    toml.write_text("")
    page.get_by_test_id("stButtonGroup").get_by_role("button").first.click()

    expect(page.get_by_text("has no role here")).to_be_visible()
