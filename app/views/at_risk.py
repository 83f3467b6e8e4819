"""At-risk list: who needs help this week, for a counselor, a principal or the district."""

import functools
from dataclasses import replace
from typing import Any

import streamlit as st

from app import banner, exports, flags, list_filters, student_table, ui
from app.student_table import Column
from edupulse_core import words
from edupulse_core.actions.students import export_list, told
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District

PLAIN = "Until then the list shows the flags alone."
NOT_EVALUATED = (
    "This model has not been tested on your district's own weeks yet, so the list is sorted by the "
    "flags, with the score beside them. `edupulse evaluate risk` tests it."
)
NEEDS_SCORES = ("tier", "score", "change", "factor")


def top(viewer: Viewer, district: District, counts: at_risk.Counts) -> None:
    """One line: whose students, as of when, and when the data were updated."""
    st.caption(
        f"{whose(viewer)}: **{counts.n_students:,} students** · as of {ui.day(district.as_of)} · "
        f"updated {ui.short_day(district.imported_at)}"
    )
    ui.warn_of(district, PLAIN)
    if district.standing.run and not district.standing.evaluated:
        st.info(NOT_EVALUATED, icon=":material/info:")


def whose(viewer: Viewer) -> str:
    """Whose students the list shows."""
    if "district" in viewer.roles:
        return "All students in the district"
    if "principal" in viewer.roles:
        return "Students at your school"
    return "Your caseload"


def columns(district: District) -> list[Column]:
    """The columns of the list, with scores or with the flags alone."""
    rules = district.settings.outcomes
    chronic = ui.percent(district.settings.attendance.chronic_rate)
    found = [
        Column("name", "Student", "Opens the student's page.", "name", "ascending"),
        Column(
            "tier",
            "Risk level",
            "Low, Medium, High or Critical, by the score. "
            f"{ui.level(None)}: fewer than {rules.min_history_weeks} weeks are known. "
            f"Uncertain: {ui.UNCERTAIN}",
        ),
        Column(
            "score",
            "Score",
            f"How much trouble to expect in the next {rules.horizon_weeks} school weeks, from 0 "
            "(none) to 1 (three flags, or leaving school).",
            "risk",
        ),
        Column("change", "Change", "How far the score moved since last week.", "change"),
        Column(
            "factor",
            "Why",
            "The main reason for the score: ↑ raises it, ↓ lowers it. A reason is not a cause. "
            f"{ui.NO_REASON}: no reason held up when it was checked.",
        ),
        Column("weeks", "20 weeks", "Attendance in each of the last 20 school weeks, 0 to 100%."),
        Column(
            "attendance",
            "Attendance",
            f"School days attended this year. ▼ means that {chronic} or more were missed.",
            "attendance",
            "ascending",
        ),
        Column(
            "failing",
            "Failing",
            f"Courses under {ui.percent(district.settings.grades.failing_below)} now.",
            "failing",
        ),
        Column("incidents", "Incidents", "Incidents this school year.", "incidents"),
        Column(
            "flags",
            "Flags",
            "Flags that are up now: A attendance, B behavior, C courses. A question mark means "
            "unknown.",
            "abc",
        ),
    ]
    scored = district.standing.run is not None
    return [one for one in found if scored or one.name not in NEEDS_SCORES]


def cells(row: dict[str, Any], n_schools: int) -> dict[str, Any]:
    """A row of the list as the table shows it."""
    place = [words.grade(row["grade"])] if row["grade"] else []
    attended = ui.percent(row["attendance"], 1)  # 89.6 is chronic and 90.1 is not
    return {
        "id": row["student_id"],
        "name": row["name"],
        "place": " · ".join([*place, row["school"] or ""] if n_schools > 1 else place),
        "tier": row["tier"] or "unscored",
        "uncertain": row["uncertain"],
        "against": flags.against(row["tier"], row["flags"]),
        "score": row["score_in_words"],
        "share": row["risk_score"],
        "change": "–" if row["change"] is None else ui.change(row["change"], "+.2f"),
        "factor": ui.tidy(row["factor"] or (ui.NO_REASON if row["tier"] else "")),
        "weeks": row["attendance_weeks"] or [],
        "weeks_in_words": ", ".join(map(ui.percent, row["attendance_weeks"] or [])),
        "attendance": f"▼ {attended}" if row["flag_a"] else attended,
        "failing": ui.number(row["courses_failing"]),
        "incidents": ui.number(row["incidents"]),
        "flags": flags.letters(row["flags"]) or "–",
    }


def table(page: at_risk.Page, district: District, kept: Filters, n_schools: int) -> None:
    student_table.show(
        "list_table",
        "Students by risk",
        columns(district),
        [cells(row, n_schools) for row in at_risk.for_screen(page, district.settings)],
        sorted_by=kept.order(district),
        on_sort=sort_by,
        at=ui.came_from(),
    )


def sort_by(asked: str) -> None:
    """A head of the table was clicked."""
    st.session_state["list_sort"] = asked if asked in list_filters.SORTS else None
    list_filters.first_page()


@banner.fragment
def the_list(viewer: Viewer, district: District) -> None:
    """Filters and rows; only this part of the page moves with a filter."""
    ui.go_to_student("at-risk")
    choices = at_risk.choices(viewer, district)
    list_filters.from_address(district, choices)
    kept = list_filters.filters(district, at_risk.counts(viewer, district), choices)
    page = at_risk.students(viewer, district, kept, st.session_state["list_page"])
    list_filters.write_address(kept, page)
    list_filters.left_out()
    if not page.n_matching:
        nobody(kept)
        return
    ui.note_names(viewer, district, "at-risk list", page.n_matching, told(kept))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        first = (page.page - 1) * at_risk.PAGE + 1
        last = first + page.rows.num_rows - 1
        st.markdown(f"{first:,}–{last:,} of **{page.n_matching:,}**", width="content")
        exports.button(
            "Export as CSV",
            "export of the at-risk list",
            functools.partial(export_list, filters=kept),
            name=f"at-risk-{district.as_of.isoformat()}.csv",
            kind="text/csv",
            type="tertiary",
        )
        student_table.explain(columns(district))
        list_filters.narrowed(kept, choices)
    table(page, district, kept, len(choices["school"]))
    if page.n_pages > 1:
        key = f"list_pager_{st.session_state.get('list_pager', 0)}_{page.n_pages}"
        st.pagination(
            page.n_pages, default=page.page, key=key, on_change=list_filters.turn, args=[key]
        )


def nobody(kept: Filters) -> None:
    if replace(kept, sort="") == Filters():
        st.info(
            "No students are assigned to you in this week's data. Caseloads and classes come "
            "with the import; ask your data steward."
        )
    else:
        st.info("None of your students matches these filters.")
        st.button("Clear filters", on_click=list_filters.clear, icon=":material/close:")


looking, here = ui.looking()
ui.left_student()
with st.container(horizontal=True, gap=None):
    st.title("At-risk list", anchor=False)
    student_table.prepare()
top(looking, here, at_risk.counts(looking, here))
the_list(looking, here)
