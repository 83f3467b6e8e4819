"""Pages run as they are served, through `app/main.py`, on a small scored demo district."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app import warm
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.people import access, personas
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district

ROLES = ("counselor", "teacher", "principal", "district", "steward")

OpenApp = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def nothing_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page starts nothing that would outlast its test."""
    monkeypatch.setattr(warm, "soon", lambda: None)


@pytest.fixture(scope="session")
def demo(demo_home: Settings) -> District:
    return open_district(demo_home)


@pytest.fixture(scope="session")
def staff(demo: District) -> dict[str, Viewer]:
    """Somebody of each role who has students, where the role has any."""
    cursor = access.cursor(demo.con)
    found: dict[str, Viewer] = {}
    for person in personas.personas(cursor):
        for role in person.roles:
            seen = demo.rows("tier_counts", demo.seen_by(person))[0]["n_students"]
            if role not in found and (seen or role == "steward"):
                found[role] = person
    return found


@pytest.fixture
def open_app(
    demo_home: Settings, staff: dict[str, Viewer], monkeypatch: pytest.MonkeyPatch
) -> OpenApp:
    """Run the app as somebody of a role, on a page and its query, or at any address."""
    monkeypatch.setenv("EDUPULSE_HOME", str(demo_home.home))

    def run(
        role: str, where: str | None = None, /, *, at: str | None = None, **query: str
    ) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
        app.session_state["persona"] = staff[role].user_id
        if where is not None:
            at = where.replace("_", "-")
        if at is not None:
            app.context["url"] = f"http://localhost/{at}"
            app._page_hash = calc_hash(unquote(at))  # what a browser at this address asks for
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return run


def students_of(viewer: Viewer, demo: District) -> list[str]:
    """Ids, in the order of the list."""
    rows = at_risk.students(viewer, demo, Filters()).rows
    found: list[str] = rows["student_id"].to_pylist()
    return found


def student_tables(app: AppTest) -> dict[str, dict[str, Any]]:
    """What each of the page's tables of students was given to draw, by its label."""
    drawn = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    return {table["label"]: table for table in drawn}


def student_table(app: AppTest) -> dict[str, Any]:
    """The same of a page's only one."""
    (found,) = student_tables(app).values()
    return found


def figures(app: AppTest) -> dict[str, list[list[str]]]:
    """The page's tables of figures: label → heads, then rows, as texts."""
    found = {}
    for drawn in app.get("html"):
        if 'class="figures' in drawn.proto.body:
            table = ElementTree.fromstring(drawn.proto.body)[0]
            rows = [
                ["".join(cell.itertext()).replace("\u00a0", " ") for cell in row]
                for row in table.iter("tr")
            ]
            found[table.attrib["aria-label"]] = rows
    return found
