"""My classes: who changed this week, misses work, is at risk, to watch, not known, or fine."""

from itertools import groupby
from operator import itemgetter
from typing import Any

import streamlit as st

from app import student_table, ui
from app.student_table import Column
from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District

FLAGS = Column("news", "Flags", "The plain flags that stand, by this year so far.")
NEWS = {  # group → what is told beside the name
    "changed": Column("news", "This week", "What is new of the student since last week."),
    "missing_work": FLAGS,
    "at_risk": FLAGS,
    "watch": FLAGS,
}
COLUMNS = (
    Column("tier", "Tier"),
    Column("missing", "Missing work", "Of this section's work that was due in four weeks."),
    Column("attendance", "Attended", "Share of this year's days attended."),
    Column("weeks", "20 weeks", "Share of each school week attended, from 0 to 100 %."),
)


def table(district: District, section: Section, kind: str, rows: list[dict[str, Any]]) -> None:
    """One group of a section; a name opens the student."""
    more = [NEWS[kind]] if kind in NEWS else []
    columns = [Column("name", "Student"), *more, *COLUMNS]
    known = {"tier": district.standing.run is not None}
    known |= dict.fromkeys(("attendance", "weeks"), "attendance" in district.known)
    student_table.show(
        f"section_{section.class_id}_{kind}",
        f"{section.title}: {kind.replace('_', ' ')}",
        [column for column in columns if known.get(column.name, True)],
        [cells(row, kind) for row in rows],
    )


def cells(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """A student of a group as the table shows them."""
    known = row["n_missing"] is not None
    return {
        "id": row["student_id"],
        "name": row["name"],
        "place": "",
        "news": news(row, kind),
        "tier": row["tier"] or "unscored",
        "uncertain": row["uncertain"],
        "missing": f"{row['n_missing']} of {row['n_due']}" if known else ui.NOTHING,
        "attendance": ui.percent(row["attendance"], 1),  # 89.6 is chronic and 90.1 is not
        "weeks": row["attendance_weeks"] or [],
        "weeks_in_words": ", ".join(map(ui.percent, row["attendance_weeks"] or [])),
    }


def news(row: dict[str, Any], kind: str) -> str:
    """What is told of a student beside the name."""
    if kind == "changed":
        return str(row["news"])
    return row["flags"] or ("no flag known" if row["unknown"] else "no flag")


def show(district: District, section: Section) -> None:
    st.subheader(ui.plain(section.title), anchor=False)
    st.caption(
        f"{ui.plain(section.school)} · {section.n_students} students · "
        f"{len(section.changed)} changed, {len(section.missing_work)} miss work, "
        f"{len(section.at_risk)} still at risk, {len(section.watch)} to watch, "
        f"{len(section.unknown)} not known yet, {len(section.fine)} fine; "
        f"each counts in the first of these that fits · as of {ui.day(district.as_of)}"
    )
    if "attendance" not in district.known:
        st.caption("Attendance: unknown. Your district has imported no such records.")
    st.markdown("**Changed this week**")
    if section.changed:
        table(district, section, "changed", section.changed)
    else:
        st.caption("Nothing new is known of anybody this week.")
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
    for reason, rows in groupby(section.unknown, itemgetter("unknown")):
        unknown = list(rows)
        with st.expander(f"**Not known yet: {len(unknown)}** · {reason}", type="compact"):
            st.caption(
                "Nothing stands out in what is known, but that is too little to call it fine."
            )
            table(district, section, f"unknown_{reason}", unknown)
    with st.expander(f"**Fine: {len(section.fine)}**", type="compact"):
        if section.fine:
            st.caption(fine(district))
            table(district, section, "fine", section.fine)
        else:
            st.caption("Everybody is in one of the lists above.")


def fine(district: District) -> str:
    """What is known of everybody who is fine."""
    attended = ui.percent(1 - district.settings.attendance.chronic_rate)
    tier = ", and a low tier that is not uncertain" if district.standing.run else ""
    return (
        f"None of the lists above; known this year: attended over {attended} of the days, no "
        f"behaviour flag, no failed course{tier}."
    )


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
