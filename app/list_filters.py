"""The filters of the At-risk list: its address, the counts, and the other filters."""

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from app import ui
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District

SORTS = {
    "risk": "Risk score",
    "abc": "Flags",
    "change": "Largest rise",
    "attendance": "Lowest attendance",
    "failing": "Courses failing",
    "incidents": "Incidents",
    "name": "Name",
}
FLAGS = {"a": "A · attendance", "b": "B · behavior", "c": "C · courses"}
ADDRESS = {  # what an address may ask for → how the page calls it; never names that people search
    "tier": "risk level",
    "flags": "flags",
    "grade": "grade",
    "school": "school",
    "driver": "reason",
    "class": "class",
    "sort": "order",
    "page": "page",
}
# what is in a student's address, for a moment still on the way back
STUDENT_S = ("id", "as_of", "tab", "goal", "hours")
CHOICES = ("grade", "school", "driver", "class")  # filters of one value each
LEVELS = (*ui.LEVELS, "unscored")


def from_address(district: District, choices: dict[str, dict[str, str]]) -> None:
    """Set the filters from an address that they did not write; leave out what doesn't apply."""
    arrived = "list_text" not in st.session_state
    if not arrived and st.session_state.get("list_address") == ui.address():
        return
    last = st.session_state.get("list_address", {})
    asked = {name: values for name, values in ui.address().items() if name not in STUDENT_S}
    if arrived and not asked:  # back from a student, or from another page
        asked = last
    scored = district.standing.run is not None
    known: dict[str, Collection[str]] = {name: choices[name] for name in CHOICES}
    known |= {"tier": LEVELS, "flags": "0123", "sort": sorts(district)}
    known |= {} if scored else {"tier": (), "driver": ()}
    found = {
        name: [value for value in values if value and value in known.get(name, values)]
        for name, values in asked.items()
        if name in ADDRESS
    }
    state = st.session_state
    state["list_tier"] = found.get("tier", [])
    state["list_flags"] = found.get("flags", []) if not scored else []
    for name in (*CHOICES, "sort"):
        state[f"list_{name}"] = next(iter(found.get(name, [])[-1:]), None)
    if arrived:  # a search is in no address: it comes back with the filters that it went with
        state["list_text"] = state.get("list_searched", "") if asked == last else ""
    page = "".join(found.get("page", [])[-1:])
    state["list_page"] = int(page) if page.isdecimal() and len(page) < 7 else 1
    state["list_left_out"] = [
        f"{ADDRESS.get(name, name)} {value}"
        for name, values in asked.items()
        for value in values
        if value not in found.get(name, []) or (name == "flags" and scored)
    ]


def left_out() -> None:
    """Say which parts of the address don't apply to this viewer's list."""
    if asked := st.session_state.get("list_left_out"):
        said = ui.plain(", ".join(asked))
        st.info(
            f"This address asks for {said}, which doesn't apply to your list.",
            icon=":material/filter_alt_off:",
        )


def clear() -> None:
    """Remove every filter; the order stays."""
    state = st.session_state
    state["list_tier"], state["list_flags"], state["list_text"] = [], [], ""
    for name in CHOICES:
        state[f"list_{name}"] = None
    first_page()


def first_page() -> None:
    """A filter changed: start again at the first page, with a fresh pager."""
    st.session_state["list_page"] = 1
    st.session_state["list_left_out"] = []
    st.session_state["list_pager"] = st.session_state.get("list_pager", 0) + 1


def turn(key: str) -> None:
    st.session_state["list_page"] = st.session_state[key]


def filters(
    district: District, counts: at_risk.Counts, choices: dict[str, dict[str, str]]
) -> Filters:
    """The filters: the counts, a search, and a menu with the others."""
    if district.standing.run is not None:
        level_counts(district, counts)
    else:
        flag_counts(counts)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find a student",
            key="list_text",
            placeholder="Name or ID",
            live="250ms",
            on_change=first_page,
            icon=":material/search:",
            label_visibility="collapsed",
            width=190,
        )
        with st.popover("Filters", icon=":material/filter_list:"):
            more_filters(district, choices)
    return chosen(district.standing.run is not None)


def level_counts(district: District, counts: at_risk.Counts) -> None:
    """How many students have each risk level, and how many more or fewer than last week."""

    def words(level: str) -> str:
        n = counts.unscored if level == "unscored" else counts.tiers[level]
        said = f"{ui.level(level)} **{n:,}**"
        if counts.before is None or level == "unscored":
            return said
        return f"{said} ({ui.change(n - counts.before[level], '+,')})"

    previous = district.standing.previous
    since = f" (change since {ui.day(previous.as_of)})" if previous else ""
    asked = st.session_state["list_tier"]
    st.pills(
        f"Risk level{since}",
        [one for one in LEVELS if one != "unscored" or counts.unscored or one in asked],
        selection_mode="multi",
        format_func=words,
        key="list_tier",
        on_change=first_page,
    )


def flag_counts(counts: at_risk.Counts) -> None:
    """Without scores: how many students have each flag, and a filter by the number of flags."""
    said = [
        f"{words}: **{counts.flags[flag]:,}** ({counts.new_flags[flag]:,} new)"
        for flag, words in FLAGS.items()
    ]
    st.markdown(" · ".join(said))
    st.pills(
        "Flags up now",
        ["3", "2", "1", "0"],
        selection_mode="multi",
        key="list_flags",
        on_change=first_page,
    )


def more_filters(district: District, choices: dict[str, dict[str, str]]) -> None:
    """The filters that people rarely need, and the order of the list."""
    choose("Grade", "grade", choices)
    if len(choices["school"]) > 1:
        choose("School", "school", choices)
    if district.standing.run is not None:
        choose("Main reason", "driver", choices)
    choose("Class", "class", choices)
    st.selectbox(
        "Sort by",
        sorts(district),
        format_func=SORTS.__getitem__,
        index=None,
        placeholder=SORTS[Filters().order(district)],
        key="list_sort",
        on_change=first_page,
    )


def sorts(district: District) -> list[str]:
    """The orders that this week's data allow."""
    scored = district.standing.run is not None
    return [key for key in SORTS if scored or key not in ("risk", "change")]


def choose(label: str, name: str, choices: dict[str, dict[str, str]]) -> None:
    known = choices[name]
    if 1 < len(known) <= 1500 or st.session_state[f"list_{name}"]:
        st.selectbox(
            label,
            list(known),
            index=None,
            format_func=known.__getitem__,
            placeholder="All",
            key=f"list_{name}",
            on_change=first_page,
        )


def chosen(scored: bool) -> Filters:
    state = st.session_state
    return Filters(
        tiers=tuple(state["list_tier"]) if scored else (),
        flags=() if scored else tuple(int(n) for n in state["list_flags"]),
        grade=state["list_grade"],
        school=state["list_school"],
        driver=state["list_driver"] if scored else None,
        class_id=state["list_class"],
        text=state["list_text"].strip() or None,
        sort=state["list_sort"] or "",
    )


def narrowed(kept: Filters, choices: dict[str, dict[str, str]]) -> None:
    """The filters of the menu that are on, and a button to clear all filters."""
    if replace(kept, sort="") == Filters():
        return
    values = {
        "grade": choices["grade"].get(kept.grade or ""),
        "school": choices["school"].get(kept.school or ""),
        "driver": choices["driver"].get(kept.driver or ""),
        "class": choices["class"].get(kept.class_id or ""),
    }
    if said := [ui.plain(value) for value in values.values() if value]:
        st.markdown(" · ".join(said), width="content")
    st.button("Clear filters", on_click=clear, icon=":material/close:", type="tertiary")


def write_address(kept: Filters, page: at_risk.Page) -> None:
    ui.write_address(
        {
            "tier": list(kept.tiers),
            "flags": [str(n) for n in kept.flags],
            "grade": kept.grade,
            "school": kept.school,
            "driver": kept.driver,
            "class": kept.class_id,
            "sort": kept.sort,
            "page": page.page if page.page > 1 else None,
        }
    )
    st.session_state["list_address"] = ui.address()
    st.session_state["list_searched"] = st.session_state["list_text"]
