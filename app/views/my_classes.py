"""My classes: who changed this week, who misses work, who is at risk and who is fine."""

from typing import Any

import streamlit as st

from app import ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District

TIER = st.column_config.MultiselectColumn(
    "Tier",
    options=[ui.tier(name) for name in ui.SHAPES],
    color=list(ui.COLOURS.values()),
    width=125,
)
MISSING = st.column_config.NumberColumn("Missing work", width=110, help="Of the last four weeks.")
DUE = st.column_config.NumberColumn("Work due", width=90, help="In the last four weeks.")
ATTENDED = st.column_config.NumberColumn(
    "Attended", format="percent", width=90, help="Share of this year's days attended."
)
LINE = st.column_config.LineChartColumn(
    "20 weeks", y_min=0, y_max=1, width=120, help="Share of each school week attended."
)
COLUMNS = {
    "changed": {
        "news": st.column_config.TextColumn("This week", width=330),
        "tier": TIER,
        "n_missing": MISSING,
        "attendance": ATTENDED,
        "attendance_weeks": LINE,
    },
    "missing": {
        "n_missing": MISSING,
        "n_due": DUE,
        "tier": TIER,
        "attendance": ATTENDED,
        "attendance_weeks": LINE,
    },
}
COLUMNS["at_risk"] = COLUMNS["fine"] = {
    name: COLUMNS["missing"][name]
    for name in ("tier", "n_missing", "attendance", "attendance_weeks")
}


def table(district: District, section: Section, kind: str, rows: list[dict[str, Any]]) -> None:
    """One group of a section; a selected row opens the student."""
    key = f"section_{section.class_id}_{kind}"
    name = ui.names(f"{key}_clicked", [row["student_id"] for row in rows])
    how: dict[str, Any] = {"name": name, **COLUMNS[kind]}
    if district.standing.run is None:
        how.pop("tier")
    shown = [row | {"tier": [ui.tier(row["tier"])]} for row in rows]
    st.dataframe(
        {name: [row[name] for row in shown] for name in how},
        key=key,
        column_config=how,
        hide_index=True,
        height=35 * min(len(rows), 10) + 38,
        alt=f"{section.title}: {kind}",
    )


def show(district: District, section: Section) -> None:
    st.subheader(ui.plain(section.title), anchor=False)
    st.caption(
        f"{ui.plain(section.school)} · {section.n_students} students · "
        f"{len(section.changed)} changed, {len(section.missing_work)} miss work, "
        f"{len(section.at_risk)} still at risk, {len(section.fine)} fine · "
        f"as of {ui.day(district.as_of)}"
    )
    st.markdown("**Changed this week**")
    if section.changed:
        table(district, section, "changed", section.changed)
    else:
        st.caption("Nobody's picture changed this week.")
    st.markdown("**Misses work**")
    if section.missing_work:
        table(district, section, "missing", section.missing_work)
    elif "grades" in district.known:
        st.caption(f"Nobody else misses {classes.MISSING} pieces or more of the last four weeks.")
    else:
        st.caption("Unknown: your district has imported no results.")
    if section.at_risk:
        st.markdown("**Still at risk**")
        st.caption("High or critical; where there is no score, two plain flags or more.")
        table(district, section, "at_risk", section.at_risk)
    with st.expander(f"Fine: {len(section.fine)}"):
        if section.fine:
            table(district, section, "fine", section.fine)
        else:
            st.caption("Everybody is in one of the lists above.")


def page(viewer: Viewer, district: District) -> None:
    ui.go_to_student()
    st.title("My classes", anchor=False)
    found = classes.sections(viewer, district)
    if not found:
        st.info(
            f"No section of yours has students in the week that ended on {ui.day(district.as_of)}. "
            "Sections come with the import; ask your data steward."
        )
        return
    st.caption(
        f"{len(found)} sections · as of {ui.day(district.as_of)} · "
        f"data came in {ui.day(district.imported_at)} · click a name to open the student"
    )
    ui.warn_of(district, "Until then no tiers are shown.")
    titles = {s.class_id: f"{ui.plain(s.title)} ({s.n_students})" for s in found}
    asked = st.query_params.get("class")
    if "section" not in st.session_state:
        st.session_state["section"] = asked if asked in titles else found[0].class_id
    if len(found) > 1:
        st.pills(
            "Section", list(titles), format_func=titles.__getitem__, key="section", required=True
        )
    chosen = next((s for s in found if s.class_id == st.session_state["section"]), found[0])
    ui.write_address({"class": chosen.class_id if len(found) > 1 else None})
    show(district, chosen)


ui.left_student()
page(*ui.looking())
