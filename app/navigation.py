"""Which pages a viewer has, by role."""

from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import streamlit as st

from edupulse_core.errors import AccessError
from edupulse_core.people.access import Viewer

UNKNOWN_PAGE = "Page not found, or you don't have access."
HOMES = (  # the first that fits is where a viewer starts
    ({"counselor"}, "at-risk"),
    ({"teacher"}, "my-classes"),
    ({"principal", "district"}, "school"),
    ({"steward"}, "data"),
)


def pages(viewer: Viewer) -> dict[str, list[Any]]:
    """Sections of the navigation and their pages; the root address leads to the viewer's home.

    Any other address shows the same sentence, whether the page belongs to another role or does not
    exist.
    """
    found = [*(page(name) for name in names(viewer)), page("help")]
    known = {"", *(page.url_path for page in found)}
    asked = below_base(unquote(urlsplit(st.context.url or "").path)).rpartition("/")[2]
    # Streamlit takes spaces off a page's address: one that is known but for them leads home
    home = "views/home.py" if asked in known else _refuse
    found.append(st.Page(home, title="Home", url_path="", default=True, visibility="hidden"))
    if asked.strip() not in known:
        found.append(st.Page(_refuse, title="Page not found", url_path=asked, visibility="hidden"))
    return {"": found}


def below_base(path: str) -> str:
    """A path without the prefix that the dashboard is served under, and without outer slashes."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = path.strip("/")
    return path[len(base) :].strip("/") if f"{path}/".startswith(f"{base}/") else path


def _refuse() -> NoReturn:
    raise AccessError(UNKNOWN_PAGE)


def home_of(viewer: Viewer) -> Any:
    """The page where a viewer starts."""
    for roles, name in HOMES:
        if viewer.roles & roles:
            return page(name)
    return page("help")


def student() -> Any:
    """The page of one student."""
    return page("student")


def names(viewer: Viewer) -> list[str]:
    """The addresses of the viewer's own pages; Help is everyone's."""
    names = []
    if viewer.roles & {"counselor", "principal", "district"}:
        names.append("at-risk")
    if "teacher" in viewer.roles:
        names.append("my-classes")
    if viewer.sees_students:
        names.append("student")
    if viewer.roles & {"counselor", "teacher"}:
        names.append("resources")
    if "teacher" in viewer.roles:
        names.append("short-answers")
    if viewer.roles & {"principal", "district"}:
        names.append("school")
    if "principal" in viewer.roles:
        names.append("evidence")
    if "steward" in viewer.roles:
        names.append("data")
    if viewer.roles & {"district", "steward"}:
        names += ["models", "jobs"]
    return names


_PAGES = {
    "at-risk": ("views/at_risk.py", "At-risk list", ":material/format_list_numbered:"),
    "my-classes": ("views/my_classes.py", "My classes", ":material/co_present:"),
    "student": ("views/student.py", "Student", ":material/person:"),
    "resources": ("views/resources.py", "Resources", ":material/menu_book:"),
    "short-answers": ("views/short_answers.py", "Short answers", ":material/rate_review:"),
    "school": ("views/school.py", "School", ":material/school:"),
    "evidence": ("views/evidence.py", "Evidence", ":material/fact_check:"),
    "models": ("views/models.py", "Models", ":material/model_training:"),
    "jobs": ("views/jobs.py", "Jobs", ":material/pending_actions:"),
    "data": ("views/data.py", "Data", ":material/database:"),
    "help": ("views/help.py", "Help", ":material/help:"),
}


def page(name: str) -> Any:
    """The page at an address of `names`, or Help."""
    path, title, icon = _PAGES[name]
    return st.Page(path, title=title, icon=icon, url_path=name)
