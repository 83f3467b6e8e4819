"""Which pages a role has, through the door; `tests/browser` opens each of them."""

from urllib.parse import unquote

import pytest
from streamlit import config

from app import navigation, ui
from edupulse_core.config import Settings
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from tests.app.conftest import ROLES, OpenApp

PAGES = {
    "at_risk": {"counselor", "principal", "district"},
    "my_classes": {"teacher"},
    "student": {"counselor", "teacher", "principal", "district"},
    "resources": {"counselor", "teacher"},
    "short_answers": {"teacher"},
    "school": {"principal", "district"},
    "data": {"steward"},
    "evidence": {"principal"},
    "models": {"district", "steward"},
    "jobs": {"district", "steward"},
    "help": set(ROLES),
}
HOMES = {
    "counselor": "At-risk list",
    "teacher": "My classes",
    "principal": "School",
    "district": "School",
    "steward": "Data",
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_starts_on_its_own_page(role: str, open_app: OpenApp) -> None:
    assert open_app(role).title[0].value == HOMES[role]


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_has_the_pages_of_the_role_and_no_other(
    role: str, staff: dict[str, Viewer]
) -> None:
    mine = {name.replace("_", "-") for name, roles in PAGES.items() if role in roles}
    assert set(navigation.names(staff[role])) | {"help"} == mine


@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_another_role_is_not_there(role: str, open_app: OpenApp) -> None:
    app = open_app(role)

    for name in (name for name, roles in PAGES.items() if role not in roles):
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            app.switch_page(f"views/{name}.py")


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("counselor", "data"),
        ("teacher", "at-risk"),
        ("steward", "student"),
        ("counselor", "nothing"),
        ("counselor", "home"),
        ("steward", "data%20"),
        ("counselor", "%20"),
    ],
)
def test_the_address_of_anothers_page_answers_as_that_of_no_page(
    role: str, address: str, open_app: OpenApp, staff: dict[str, Viewer], demo_home: Settings
) -> None:
    app = open_app(role, at=address)

    assert [error.value for error in app.error] == [ui.plain(navigation.UNKNOWN_PAGE)]
    assert not app.title and not app.dataframe
    links = [link.proto.label for link in app.main.get("page_link")]
    assert links == [f"Go to: {HOMES[role]}"]
    refused = trail.entries(demo_home, action=trail.REFUSED_ACCESS)[0]
    assert refused.actor == staff[role].sign_in
    assert refused.subject and unquote(refused.subject).endswith(f"/{unquote(address)}")


@pytest.mark.parametrize(
    ("role", "page", "asked"),
    [
        ("district", "school", {"school": "nowhere"}),
        ("teacher", "my-classes", {"class": "nothing"}),
        ("counselor", "at-risk", {"grade": "13"}),
    ],
)
def test_an_address_that_asks_for_what_is_not_ones_own_says_so(
    role: str, page: str, asked: dict[str, str], open_app: OpenApp
) -> None:
    app = open_app(role, at=page, **asked)

    assert len(app.info) == 1 and not app.error


def test_under_a_path_of_its_own_the_root_is_still_home(
    open_app: OpenApp,
) -> None:
    base = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "edupulse")
    try:
        app = open_app("counselor", at="edupulse/")
    finally:
        config.set_option("server.baseUrlPath", base)

    assert not app.error


@pytest.mark.parametrize(
    ("page", "query", "subject"),
    [
        ("student", {"id": "nobody"}, "nobody"),
        ("data", {"id": "nobody"}, "http://localhost/data?id=nobody"),
        ("no-such-page", {"asked": "/a/b"}, "http://localhost/no-such-page?asked=%2Fa%2Fb"),
    ],
)
def test_a_refusal_notes_a_student_only_of_the_students_page(
    page: str, query: dict[str, str], subject: str, open_app: OpenApp, demo_home: Settings
) -> None:
    assert open_app("counselor", at=page, **query).error

    refused = trail.entries(demo_home, action=trail.REFUSED_ACCESS)[0]
    assert refused.subject == subject
