"""My classes: who changed this week, who misses work, is at risk, to watch, or fine."""

from typing import Any

import streamlit as st

from app import student_table, ui
from app.student_table import Column
from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District

NAME = Column("name", "Student")
COLUMNS = (
    Column("tier", "Tier"),
    Column("missing", "Missing work", "Of this section's work that was due in four weeks."),
    Column("attendance", "Attended", "Share of this year's days attended."),
    Column("weeks", "20 weeks", "Share of each school week attended, from 0 to 100 %."),
)
MORE = {
    "changed": [Column("news", "This week", "What is new of the student since last week.")],
    "watch": [Column("news", "Flags", "The plain flags that stand, by this year so far.")],
}


def table(district: District, section: Section, kind: str, rows: list[dict[str, Any]]) -> None:
    """One group of a section; a name opens the student."""
    columns = [NAME, *MORE.get(kind, []), *COLUMNS]
    scored = district.standing.run is not None
    student_table.show(
        f"section_{section.class_id}_{kind}",
        f"{section.title}: {kind.replace('_', ' ')}",
        [column for column in columns if scored or column.name != "tier"],
        [cells(row) for row in rows],
    )


def cells(row: dict[str, Any]) -> dict[str, Any]:
    """A student of a section as the table shows them."""
    known = row["n_missing"] is not None
    return {
        "id": row["student_id"],
        "name": row["name"],
        "place": "",
        "news": row["news"] or row["flags"] or "no flag",
        "tier": row["tier"] or "unscored",
        "uncertain": row["uncertain"],
        "missing": f"{row['n_missing']} of {row['n_due']}" if known else ui.NOTHING,
        "attendance": ui.percent(row["attendance"]),
        "weeks": row["attendance_weeks"] or [],
        "weeks_in_words": ", ".join(map(ui.percent, row["attendance_weeks"] or [])),
    }


def show(district: District, section: Section) -> None:
    st.subheader(ui.plain(section.title), anchor=False)
    st.caption(
        f"{ui.plain(section.school)} · {section.n_students} students · "
        f"{len(section.changed)} changed, {len(section.missing_work)} miss work, "
        f"{len(section.at_risk)} still at risk, {len(section.watch)} to watch, "
        f"{len(section.fine)} fine; each counts in the first of these that fits · "
        f"as of {ui.day(district.as_of)}"
    )
    st.markdown("**Changed this week**")
    if section.changed:
        table(district, section, "changed", section.changed)
    else:
        st.caption("Nobody's picture changed this week.")
    st.markdown("**Misses work**")
    if section.missing_work:
        table(district, section, "missing_work", section.missing_work)
    elif "grades" in district.known:
        st.caption(f"Nobody else misses {classes.MISSING} pieces or more of the last four weeks.")
    else:
        st.caption("Unknown: your district has imported no results.")
    if section.at_risk:
        st.markdown("**Still at risk**")
        st.caption("High or critical; where there is no score, two plain flags or more.")
        table(district, section, "at_risk", section.at_risk)
    if section.watch:
        st.markdown("**To watch**")
        st.caption("Nothing new, but a flag stands, the tier is medium or the score is uncertain.")
        table(district, section, "watch", section.watch)
    with st.expander(f"Fine: {len(section.fine)}"):
        if section.fine:
            st.caption(
                "None of the lists above, no flag (attended over "
                f"{ui.percent(1 - district.settings.attendance.chronic_rate)} of this year's days) "
                "and, where there is a score, a low tier that is not uncertain."
            )
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
