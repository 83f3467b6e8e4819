"""My classes: who changed this week, is missing work, is at risk, or is doing fine."""

from itertools import groupby
from operator import itemgetter
from typing import Any

import streamlit as st

from app import flags, student_table, ui
from app.student_table import Column
from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District

FLAGS = Column("news", "Flags", "Flags that are up now, by this school year so far.")
NEWS = {  # group → what stands beside the name
    "changed": Column("news", "This week", "What is new since last week."),
    "missing_work": FLAGS,
    "at_risk": FLAGS,
    "watch": FLAGS,
}
COLUMNS = (
    Column("tier", "Risk level", f"By the score. Uncertain: {ui.UNCERTAIN}"),
    Column("missing", "Missing work", "Work in this section that was due in the last 4 weeks."),
    Column("attendance", "Attendance", "School days attended this year."),
    Column("weeks", "20 weeks", "Attendance in each of the last 20 school weeks, 0 to 100%."),
)


def table(
    district: District, section: Section, kind: str, rows: list[dict[str, Any]], at: str | None
) -> None:
    """One group of a section; a name opens the student.  at: the student just left."""
    more = [NEWS[kind]] if kind in NEWS else []
    columns = [Column("name", "Student"), *more, *COLUMNS]
    known = {"tier": district.standing.run is not None}
    known |= dict.fromkeys(("attendance", "weeks"), "attendance" in district.known)
    student_table.show(
        f"section_{section.class_id}_{kind}",
        f"{section.title}: {kind.replace('_', ' ')}",
        [column for column in columns if known.get(column.name, True)],
        [cells(row, kind) for row in rows],
        at=at,
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
        "against": flags.against(row["tier"], row["flags"]) if kind == "changed" else "",
        "missing": f"{row['n_missing']} of {row['n_due']}" if known else ui.NOTHING,
        "attendance": ui.percent(row["attendance"], 1),  # 89.6 is chronic and 90.1 is not
        "weeks": row["attendance_weeks"] or [],
        "weeks_in_words": ", ".join(map(ui.percent, row["attendance_weeks"] or [])),
    }


def news(row: dict[str, Any], kind: str) -> str:
    """What is new for a student, or the flags that are up."""
    return str(row["news"]) if kind == "changed" else flags.described(row["flags"])


def show(district: District, section: Section) -> None:
    at = ui.came_from()
    st.header(ui.plain(section.title), anchor=False)
    st.caption(
        f"{ui.plain(section.school)} · {section.n_students} students · "
        f"{len(section.changed)} changed this week, {len(section.missing_work)} missing work, "
        f"{len(section.at_risk)} at risk · as of {ui.day(district.as_of)}"
    )
    if "attendance" not in district.known:
        st.caption("Attendance: unknown. Your district has not imported these records.")
    st.subheader("Changed this week", anchor=False)
    if section.changed:
        st.caption(
            f"A new risk level or flag, an incident, or {classes.DAYS_OUT} or more days absent."
        )
        table(district, section, "changed", section.changed, at)
    else:
        st.caption("Nothing new this week.")
    st.subheader("Missing work", anchor=False)
    if section.missing_work:
        st.caption(
            f"{classes.MISSING} or more pieces of work missing in this section, of those due in "
            "the last 4 weeks."
        )
        table(district, section, "missing_work", section.missing_work, at)
    elif "grades" in district.known:
        st.caption(f"Nobody is missing {classes.MISSING} or more pieces of the last 4 weeks' work.")
    else:
        st.caption("Unknown: your district has not imported grades.")
    if section.at_risk:
        st.subheader("At risk", anchor=False)
        st.caption("High or Critical; without a score, two or more flags.")
        table(district, section, "at_risk", section.at_risk, at)
    if section.watch:
        st.subheader("Watch", anchor=False)
        st.caption("Nothing new, but a flag is up, the level is Medium, or the score is uncertain.")
        table(district, section, "watch", section.watch, at)
    for reason, rows in groupby(section.unknown, itemgetter("unknown")):
        unknown = list(rows)
        with st.expander(f"**Not known yet: {len(unknown)}** · {reason}", type="compact"):
            st.caption("Nothing stands out, but too little is known to say that all is well.")
            table(district, section, f"unknown_{reason}", unknown, at)
    with st.expander(f"**Doing fine: {len(section.fine)}**", type="compact"):
        if section.fine:
            st.caption(fine(district))
            table(district, section, "fine", section.fine, at)
        else:
            st.caption("Everyone is in one of the lists above.")


def fine(district: District) -> str:
    """What is true of everyone who is doing fine."""
    attended = ui.percent(1 - district.settings.attendance.chronic_rate)
    level = ", and a Low level that is not uncertain" if district.standing.run else ""
    return (
        f"In none of the lists above. This year: attendance over {attended}, no behavior flag, no "
        f"failing course{level}."
    )


def page(viewer: Viewer, district: District) -> None:
    ui.go_to_student("my-classes")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("My classes", anchor=False, width="content")
        student_table.explain((NEWS["changed"], FLAGS, *COLUMNS))
    found = classes.sections(viewer, district)
    if not found:
        st.info(
            f"None of your sections had students in the week that ended on "
            f"{ui.day(district.as_of)}. Sections come with the import; ask your data steward."
        )
        return
    sections = "1 section" if len(found) == 1 else f"{len(found)} sections"
    st.caption(
        f"{sections} · as of {ui.day(district.as_of)} · "
        f"updated {ui.short_day(district.imported_at)} · select a name to open the student"
    )
    ui.warn_of(district, "Until then no risk levels are shown.")
    titles = {one.class_id: f"{ui.plain(one.title)} ({one.n_students})" for one in found}
    if "section" not in st.session_state:
        st.session_state["section"] = asked_section(titles)
    if len(found) > 1:
        st.pills(
            "Section", list(titles), format_func=titles.__getitem__, key="section", required=True
        )
    chosen = next((s for s in found if s.class_id == st.session_state["section"]), found[0])
    ui.write_address({"class": chosen.class_id if len(found) > 1 else None})
    st.session_state["last_section"] = chosen.class_id
    ui.note_names(viewer, district, "my classes", chosen.n_students, {"class_id": chosen.class_id})
    show(district, chosen)


def asked_section(titles: dict[str, str]) -> str:
    """The section that the address asks for, else the one that was open, else the first."""
    asked = st.query_params.get("class")
    if asked and asked not in titles:
        st.info("This address asks for a section that is not yours, so it shows your first one.")
    last = st.session_state.get("last_section")
    return next(one for one in (asked, last, *titles) if one in titles)


ui.left_student()
page(*ui.looking())
