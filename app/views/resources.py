"""Resources: what the district has to learn with, for those who look after students."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import ui
from edupulse_core import words
from edupulse_core.actions.difficulty import Level, known_levels
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import learning
from edupulse_core.queries.district import District
from edupulse_core.queries.learning import Wanted

NOTHING = (
    "Your district has not imported resources. Ask your data steward for resources.csv: a title, "
    "and if known the kind, the skills, a text, a level from 1 to 5, the minutes and a web address."
)

ALL = "All"  # a choice; None would put a button beside it that clears nothing


def show(viewer: Viewer, district: District) -> None:
    st.title("Resources", anchor=False)
    choices = learning.resource_choices(viewer, district)
    if not any(choices.values()) and not learning.resources(viewer, district, Wanted(), limit=1)[1]:
        st.info(NOTHING)
        return
    wanted = asked(choices)
    skip = (asked_page() - 1) * learning.PAGE
    rows, total = learning.resources(viewer, district, wanted, skip=skip)
    if total and not rows:  # an address of a page that is gone
        skip = 0
        rows, total = learning.resources(viewer, district, wanted)
    if not rows:
        st.info("No resource fits these filters.")
        st.button("Clear filters", on_click=clear, icon=":material/close:")
        return
    st.caption(
        f"{skip + 1:,}–{skip + len(rows):,} of **{total:,}** resources · "
        f"as of {ui.day(district.as_of)}"
    )
    read = from_texts(viewer, district) if any(row["level"] is None for row in rows) else {}
    ui.table(
        "Resources",
        {
            "Resource": [ui.Link(row["title"], row["url"] or "") for row in rows],
            "Kind": [(row["kind"] or "–").capitalize() for row in rows],
            "Skills": [", ".join(row["skills"]) or "–" for row in rows],
            "Level": [level(row, read.get(f"resource {row['resource_id']}")) for row in rows],
            "Minutes": ["–" if row["minutes"] is None else f"{row['minutes']:.0f}" for row in rows],
            "Rating by your students": [rating(row) for row in rows],
        },
    )
    if read:
        st.caption(
            "“About” marks a level that the model read from the text, because nobody gave one. For "
            "9 in 10 texts like it, the level is in the range."
        )
    if total > learning.PAGE:
        st.pagination(-(-total // learning.PAGE), key="page", bind="query-params")
    st.caption(
        "A rating is the average of your own students' ratings, shown once 10 of them have rated. "
        "To give a student a resource, open the student's Learning tab."
    )


def asked(choices: dict[str, list[str]]) -> Wanted:
    """The filters."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Find a resource",
            key="find",
            bind="query-params",  # as the other filters: a reload shows the same list
            placeholder="Title or skill",
            icon=":material/search:",
            width=260,
            on_change=first_page,
        )
        subject = choice("Subject", choices.get("subjects", []), words.subject)
        kind = choice("Kind", choices.get("kinds", []), str.capitalize)
        at = choice("Level", choices.get("levels", []), "Level {}".format)
    return Wanted(text, subject, kind, at)


def choice(label: str, values: Sequence[Any], said: Callable[[Any], str]) -> Any:
    """One of the values, or None."""
    chosen = st.selectbox(
        label,
        [ALL, *values],
        format_func=lambda value: ALL if value == ALL else said(value),
        key=label.lower(),
        bind="query-params",
        width=150,
        on_change=first_page,
    )
    return None if chosen == ALL else chosen


def first_page() -> None:
    """A filter changed: start again at the first page."""
    st.session_state["page"] = 1


def asked_page() -> int:
    """The page of the pager below, which the address has before it is drawn."""
    asked = str(st.session_state.get("page") or st.query_params.get("page", ""))
    return int(asked) if asked.isdecimal() and 0 < len(asked) < 7 and int(asked) else 1


def clear() -> None:
    """Remove every filter."""
    st.session_state["find"] = ""
    for name in ("subject", "kind", "level"):
        st.session_state[name] = ALL
    first_page()


def from_texts(viewer: Viewer, district: District) -> Mapping[str, Level]:
    """The levels of texts that nobody gave one; none where no version knows them."""
    with st.spinner("Reading the texts without a level…"):
        return known_levels(person(viewer), district.settings)


def level(row: dict[str, Any], read: Level | None) -> str:
    """A resource's level, of 5, as the district said it or as its text reads."""
    if row["level"] is not None:
        return f"{row['level']} of 5"
    if read is None:
        return "–"
    within = "" if read.low == read.high else f" ({read.low} to {read.high})"
    return f"about {read.level}{within}. {read.note}".removesuffix(". ")


def rating(row: dict[str, Any]) -> str:
    """The mean rating of the viewer's own students, where enough rated."""
    return "–" if row["rating"] is None else f"{row['rating']:.1f} of 5 ({row['raters']} students)"


ui.left_student()
show(*ui.looking())
