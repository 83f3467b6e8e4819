"""School: risk levels by grade and a few rates by year, for a principal or the district."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import charts, ui
from edupulse_core import words
from edupulse_core.people.access import Viewer
from edupulse_core.queries import school
from edupulse_core.queries.district import District
from edupulse_core.queries.small_cells import SMALLEST

ALL = "all"
RATES = {
    "chronic": "Chronic absence",
    "failing": "Failing a course",
    "removed": "Suspended or expelled",
}


def choose(schools: dict[str, str]) -> str | None:
    """The school that is looked at; None: all of them."""
    if len(schools) == 1:
        return next(iter(schools))
    names = {ALL: "All schools", **schools}
    if "school_shown" not in st.session_state:
        asked = st.query_params.get("school")
        st.session_state["school_shown"] = asked if asked in names else ALL
        if asked and asked not in names:
            st.info("This address asks for a school that is not yours, so it shows all of yours.")
    st.selectbox(
        "School", list(names), format_func=names.__getitem__, key="school_shown", width=340
    )
    chosen = st.session_state["school_shown"]
    ui.write_address({"school": None if chosen == ALL else chosen})
    return None if chosen == ALL else chosen


def levels(viewer: Viewer, district: District, chosen: str | None) -> None:
    found = school.tiers(viewer, district, chosen)
    st.header(f"Risk levels by {found.label}", anchor=False)
    ui.warn_of(district, "Until then no risk levels are shown.")
    if district.standing.run is None:
        return
    st.caption(f"Students with a score, as of {ui.day(district.as_of)}.")
    names = (found.label, "students", *ui.LEVELS)
    said = words.grade if found.label == "grade" else str
    rows = [row | {found.label: said(row[found.label])} for row in found.rows]
    ui.chart(
        charts.levels(rows, found.label, f"Students by risk level and {found.label}"),
        f"Students by risk level and {found.label}",
        {heading(name): [row[name] for row in rows] for name in names},
        key="levels",
    )


def heading(name: str) -> str:
    return ui.level(name) if name in ui.SHAPES else name.capitalize()


def rates(viewer: Viewer, district: District, chosen: str | None) -> None:
    st.header("By school year", anchor=False)
    years = school.rates(viewer, district, chosen)
    if not years:
        st.info("No school year has data yet. They come with the import.")
        return
    rules = district.settings
    st.caption(
        f"Chronic absence: {ui.percent(rules.attendance.chronic_rate)} or more of the year's days "
        f"missed. Failing a course: an average under {ui.percent(rules.grades.failing_below)}. "
        "Suspended or expelled: at least once. Each year is counted up to the same week; this year "
        f"is as of {ui.day(years[-1]['as_of'])}. Below each number: the change since last year."
    )
    instead = {
        name: ui.HIDDEN if kind in district.known else ui.NOTHING
        for name, kind in school.KINDS.items()
    }
    lacking = [RATES[name].lower() for name, word in instead.items() if word == ui.NOTHING]
    if lacking:
        st.caption(f"Unknown, because these records were not imported: {', '.join(lacking)}.")
    this_year(years, instead)
    by_year(years, instead)


def this_year(years: list[dict[str, Any]], instead: Mapping[str, str]) -> None:
    """Each rate now, and its change since last year.  instead: as for `by_year`."""
    with st.container(horizontal=True):
        for name, label in RATES.items():
            now = years[-1][name]
            before = years[-2][name] if len(years) > 1 else None
            known = now is not None and before is not None
            change = round(100 * (now - before)) if known else None
            st.metric(
                label,
                "–" if now is None else ui.percent(now),
                no_change(years, name, instead[name]) if change is None else points(change),
                delta_color="inverse" if change else "off",
                delta_arrow="auto" if change else "off",
                border=True,
                width=156,
                height="stretch",
            )


def by_year(years: list[dict[str, Any]], instead: Mapping[str, str]) -> None:
    """The rates of all years.  instead: what an unknown rate is called."""
    said = {
        label: [instead[name] if year[name] is None else ui.percent(year[name]) for year in years]
        for name, label in RATES.items()
    }
    students = [ui.HIDDEN if year["students"] is None else str(year["students"]) for year in years]
    ui.chart(
        charts.rates(years, RATES, "Absence, failing, suspension"),
        "Students chronically absent, failing a course, or suspended or expelled, by year",
        {
            "School year": [year["year"] for year in years],
            "As of": [ui.day(year["as_of"]) for year in years],
            "Students": students,
            **said,
        },
        key="rates",
    )
    if any(ui.HIDDEN in column for column in (students, *said.values())):
        st.caption(
            f"{ui.HIDDEN}: numbers that could identify fewer than {SMALLEST} students who have "
            "left, and the totals they are part of."
        )


def no_change(years: list[dict[str, Any]], name: str, instead: str) -> str:
    """Why a number has no change since last year.  instead: what an unknown number is called."""
    if years[-1][name] is None:
        return instead
    if len(years) == 1:
        return "No earlier year"
    return f"Last year: {'hidden' if instead == ui.HIDDEN else instead}"


def points(change: int) -> str:
    """A change in percentage points."""
    return f"{change:+d} point{'' if abs(change) == 1 else 's'}" if change else "±0 points"


def page(viewer: Viewer, district: District) -> None:
    st.title("School", anchor=False)
    schools = school.schools(viewer, district)
    if not schools:
        st.info(
            f"None of your schools had students in the week that ended on "
            f"{ui.day(district.as_of)}. Ask your data steward."
        )
        return
    chosen = choose(schools)
    whole = ui.plain(schools[chosen]) if chosen else f"{len(schools)} schools"
    st.caption(f"{whole} · as of {ui.day(district.as_of)}")
    levels(viewer, district, chosen)
    rates(viewer, district, chosen)


ui.left_student()
page(*ui.looking())
