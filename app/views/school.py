"""School: tiers by grade and a few rates over the years, for a principal or the district."""

import streamlit as st

from app import charts, ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries import school
from edupulse_core.queries.district import District
from edupulse_core.queries.small_cells import SMALLEST

ALL = "all"
RATES = {
    "chronic": "Chronically absent",
    "failing": "Failing a course",
    "removed": "Removed from class",
}
HIDDEN = "hidden"


def choose(schools: dict[str, str]) -> str | None:
    """The school that is looked at; None: all of them."""
    if len(schools) == 1:
        return next(iter(schools))
    names = {ALL: "All schools", **schools}
    if "school_shown" not in st.session_state:
        asked = st.query_params.get("school")
        st.session_state["school_shown"] = asked if asked in names else ALL
    st.selectbox(
        "School", list(names), format_func=names.__getitem__, key="school_shown", width=340
    )
    chosen = st.session_state["school_shown"]
    ui.write_address({"school": None if chosen == ALL else chosen})
    return None if chosen == ALL else chosen


def tiers(viewer: Viewer, district: District, chosen: str | None) -> None:
    found = school.tiers(viewer, district, chosen)
    st.subheader(f"Students by tier and {found.label}", anchor=False)
    if district.standing.run is None:
        ui.warn_of(district, "Until then no tiers are shown.")
        return
    st.caption(
        f"Students with a score, as of {ui.day(district.as_of)}, by model "
        f"{district.standing.run.version}."
    )
    names = (found.label, "students", *ui.TIERS)
    shown = [
        {name: HIDDEN if row[name] is None else row[name] for name in names} for row in found.rows
    ]
    ui.chart(
        charts.tiers(found.rows, found.label, f"Students in each tier, by {found.label}"),
        f"Students in each tier, by {found.label}",
        {heading(name): [str(row[name]) for row in shown] for name in names},
        key="tiers",
    )
    if found.n_hidden:
        st.caption(
            f"{found.n_hidden} counts are hidden: they are under {SMALLEST}, or would give one "
            "away by subtraction. Grey is what is hidden."
        )


def heading(name: str) -> str:
    return ui.tier(name) if name in ui.SHAPES else name.capitalize()


def rates(viewer: Viewer, district: District, chosen: str | None) -> None:
    st.subheader("By school year", anchor=False)
    years = school.rates(viewer, district, chosen)
    if not years:
        st.info("No school year has a week with data yet. They come with the import.")
        return
    st.caption(
        "Every year up to the same week, so that they compare; this year's as of "
        f"{ui.day(years[-1]['as_of'])}, with the change on last year's."
    )
    lacking = [RATES[n].lower() for n, kind in school.KINDS.items() if kind not in district.known]
    if lacking:
        st.caption(f"Unknown, because no such records were imported: {', '.join(lacking)}.")
    with st.container(horizontal=True):
        for name, label in RATES.items():
            now = years[-1][name]
            before = years[-2][name] if len(years) > 1 else None
            change = None if now is None or before is None else 100 * (now - before)
            st.metric(
                label,
                "–" if now is None else ui.percent(now),
                None if change is None else f"{change:+.1f} pts",
                delta_color="inverse",
                border=True,
                width=155,
                height="stretch",
            )
    said = {
        label: [HIDDEN_RATE if year[name] is None else ui.percent(year[name]) for year in years]
        for name, label in RATES.items()
    }
    ui.chart(
        charts.rates(years, RATES, "Absent, failing or removed, by year"),
        "Shares of students by school year",
        {
            "School year": [year["year"] for year in years],
            "As of": [ui.day(year["as_of"]) for year in years],
            "Students": [
                HIDDEN if year["students"] is None else str(year["students"]) for year in years
            ],
            **said,
        },
        key="rates",
    )


HIDDEN_RATE = "hidden or unknown"


def page(viewer: Viewer, district: District) -> None:
    st.title("School")
    schools = school.schools(viewer, district)
    if not schools:
        st.info(
            f"None of your schools has students in the week that ended on "
            f"{ui.day(district.as_of)}. Ask your data steward."
        )
        return
    chosen = choose(schools)
    if chosen:
        st.caption(f"{schools[chosen]} · as of {ui.day(district.as_of)}")
    tiers(viewer, district, chosen)
    rates(viewer, district, chosen)


ui.left_student()
page(*ui.looking())
