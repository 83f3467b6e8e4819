"""At-risk list: who needs help this week, for a counselor, a principal or the district."""

import functools
from typing import Any

import streamlit as st

from app import banner, student_table, ui
from app.student_table import Column
from edupulse_core.actions.students import export_list
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District

SORTS = {
    "risk": "Risk score",
    "abc": "ABC flags",
    "change": "Largest rise",
    "attendance": "Lowest attendance",
    "failing": "Courses failing",
    "incidents": "Incidents",
    "name": "Name",
}
FLAGS = {"a": "A · attendance", "b": "B · behaviour", "c": "C · courses"}
PLAIN = "Until then the list shows the plain ABC indicators."
NOT_EVALUATED = (
    "This model has not yet been tested on your own district's held-out weeks, so the list is "
    "sorted by the plain ABC rule, with the score beside it. `edupulse evaluate risk` tests it."
)
WIDTH = 150  # pixels of a filter: all six side by side at 1440, two at 360
NEEDS_SCORES = ("tier", "score", "change", "factor")
ADDRESS = ("tier", "flags", "grade", "school", "driver", "class", "text", "sort", "page")


def top(viewer: Viewer, district: District, counts: at_risk.Counts) -> None:
    """One line: whose students, as of when, from when and by which model."""
    run = district.standing.run
    st.caption(
        f"{whose(viewer)}: **{counts.n_students:,} students** · as of {ui.day(district.as_of)} · "
        f"data came in {ui.day(district.imported_at)} · "
        + (f"model {ui.plain(run.version)}" if run else "no current scores")
    )
    ui.warn_of(district, PLAIN)
    if run and not district.standing.evaluated:
        st.info(NOT_EVALUATED, icon=":material/info:")


def whose(viewer: Viewer) -> str:
    """Whose students the list shows."""
    if "district" in viewer.roles:
        return "All students of the district"
    if "principal" in viewer.roles:
        return "Students of your school"
    return "Your caseload"


def show_counts(district: District, counts: at_risk.Counts) -> None:
    """The tiers, or without scores the plain flags, and what changed since last week."""
    run, previous = district.standing.run, district.standing.previous
    with st.container(horizontal=True, gap="small"):
        if run is None:
            for flag, label in FLAGS.items():
                metric(label, counts.flags[flag], counts.new_flags[flag], "inverse")
        for tier in ui.TIERS if run else ():
            before = counts.before[tier] if counts.before else None
            change = None if before is None else counts.tiers[tier] - before
            metric(ui.tier(tier), counts.tiers[tier], change, "off")
    notes = []
    if run is None:
        notes.append("Below each number: how many are new this week.")
    elif previous:
        notes.append(f"Below each number: the change since {ui.day(previous.as_of)}.")
    if run and counts.unscored:
        notes.append(
            f"{ui.tier(None)}: {counts.unscored} with fewer than "
            f"{district.settings.outcomes.min_history_weeks} weeks of history, shown with their "
            "plain indicators."
        )
    if notes:
        st.caption(" ".join(notes))


def metric(label: str, value: int, change: int | None, colour: Any) -> None:
    """A count and its change; a tier's has no colour, as nobody knows where students came from.

    The arrow is drawn by the sign, which must be a hyphen for that.
    """
    st.metric(
        label,
        f"{value:,}",
        None if change is None else f"{change:+,}" if change else "±0",
        delta_color=colour if change else "off",
        delta_arrow="auto" if change else "off",
        border=True,
        width=155,
    )


def from_address(choices: dict[str, dict[str, str]]) -> None:
    """Set the filters to an address that they did not write; unknown values are left out."""
    arrived = "list_text" not in st.session_state
    if not arrived and st.session_state.get("list_address") == ui.address():
        return
    asked = {name: value for name, value in ui.address().items() if name in ADDRESS}
    if arrived and not asked:  # the browser's way back from a student brings the student's address
        asked = st.session_state.get("list_address", {})
    tiers = (*ui.TIERS, "unscored")
    st.session_state["list_tier"] = [t for t in asked.get("tier", []) if t in tiers]
    st.session_state["list_flags"] = [f for f in asked.get("flags", []) if f in "0123" and f]
    for name in ("grade", "school", "driver", "class"):
        value = asked.get(name, [None])[-1]
        st.session_state[f"list_{name}"] = value if value in choices[name] else None
    sort, text, page = (asked.get(name, [""])[-1] for name in ("sort", "text", "page"))
    st.session_state["list_sort"] = sort if sort in SORTS else None
    st.session_state["list_text"] = text
    st.session_state["list_page"] = int(page) if page.isdecimal() and len(page) < 7 else 1


def first_page() -> None:
    """A filter moved: start again at the first page, with a fresh pager."""
    st.session_state["list_page"] = 1
    st.session_state["list_pager"] = st.session_state.get("list_pager", 0) + 1


def turn(key: str) -> None:
    st.session_state["list_page"] = st.session_state[key]


def filters(district: District, choices: dict[str, dict[str, str]]) -> Filters:
    """The filters, as they stand."""
    scored = district.standing.run is not None
    if scored:
        st.pills(
            "Tier",
            [*ui.TIERS, "unscored"],
            selection_mode="multi",
            format_func=ui.tier,
            key="list_tier",
            on_change=first_page,
        )
    else:
        st.pills(
            "Plain flags",
            ["3", "2", "1", "0"],
            selection_mode="multi",
            key="list_flags",
            on_change=first_page,
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.text_input(
            "Name",
            key="list_text",
            placeholder="Part of a name",
            live="250ms",
            on_change=first_page,
            icon=":material/search:",
            width=WIDTH,
        )
        choose("Grade", "grade", choices, 95)
        if len(choices["school"]) > 1:
            choose("School", "school", choices)
        if scored:
            choose("Strongest factor", "driver", choices)
        choose("Class", "class", choices)
        st.selectbox(
            "Sort by",
            [key for key in SORTS if scored or key not in ("risk", "change")],
            format_func=SORTS.__getitem__,
            index=None,
            placeholder=SORTS[Filters().order(district)],
            key="list_sort",
            on_change=first_page,
            width=WIDTH,
        )
    return chosen(scored)


def choose(label: str, name: str, choices: dict[str, dict[str, str]], width: int = WIDTH) -> None:
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
            width=width,
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


def columns(district: District) -> list[Column]:
    """What a row shows: with scores, or the plain indicators alone."""
    rules = district.settings.outcomes
    failing = district.settings.grades.failing_below
    found = [
        Column("name", "Student", sort="name", order="ascending"),
        Column(
            "tier",
            "Tier",
            f"{ui.tier(None)}: under {rules.min_history_weeks} weeks known. Uncertain: "
            f"{ui.UNCERTAIN[0].lower()}{ui.UNCERTAIN[1:]}",
        ),
        Column(
            "score",
            "Score",
            f"Expected severity of the next {rules.horizon_weeks} school weeks: 0 none, 1 all.",
            "risk",
        ),
        Column("change", "Change", "Score now less the score a week before.", "change"),
        Column(
            "factor",
            "Strongest factor",
            "What weighed most in the score: ↑ raises it, ↓ lowers it. Not a cause. "
            f"{ui.NO_REASON}: none held when it was tried alone and left out. "
            "A day missed in part counts as that part of a day.",
        ),
        Column("weeks", "20 weeks", "Share of each school week attended, from 0 to 100 %."),
        Column(
            "attendance",
            "Attended",
            "Share of this year's days attended; ▼ marks where "
            f"{ui.percent(district.settings.attendance.chronic_rate)} of them or more were missed.",
            "attendance",
            "ascending",
        ),
        Column("failing", "Failing", f"Courses under {ui.percent(failing)} now.", "failing"),
        Column("incidents", "Incidents", "This school year.", "incidents"),
        Column(
            "flags",
            "ABC",
            "Plain flags raised now: A attendance, B behaviour, C courses; ? is unknown.",
            "abc",
        ),
    ]
    scored = district.standing.run is not None
    return [one for one in found if scored or one.name not in NEEDS_SCORES]


def cells(row: dict[str, Any], n_schools: int) -> dict[str, Any]:
    """A row of the list as the table shows it."""
    place = [f"Grade {row['grade']}"] if row["grade"] else []
    attended = ui.percent(row["attendance"], 1)  # 89.6 is chronic and 90.1 is not
    return {
        "id": row["student_id"],
        "name": row["name"],
        "place": " · ".join([*place, row["school"] or ""] if n_schools > 1 else place),
        "tier": row["tier"] or "unscored",
        "uncertain": row["uncertain"],
        "score": row["score_in_words"],
        "share": row["risk_score"],
        "change": "–" if row["change"] is None else ui.change(row["change"], "+.2f"),
        "factor": ui.tidy(row["factor"] or (ui.NO_REASON if row["tier"] else "")),
        "weeks": row["attendance_weeks"] or [],
        "weeks_in_words": ", ".join(map(ui.percent, row["attendance_weeks"] or [])),
        "attendance": f"▼ {attended}" if row["flag_a"] else attended,
        "failing": ui.number(row["courses_failing"]),
        "incidents": ui.number(row["incidents"]),
        "flags": row["flags"] or "–",
    }


def table(page: at_risk.Page, district: District, kept: Filters, n_schools: int) -> None:
    student_table.show(
        "list_table",
        "Students by risk",
        columns(district),
        [cells(row, n_schools) for row in at_risk.for_screen(page, district.settings)],
        sorted_by=kept.order(district),
        on_sort=sort_by,
    )


def sort_by(asked: str) -> None:
    """A head of the table was clicked."""
    st.session_state["list_sort"] = asked if asked in SORTS else None
    first_page()


@banner.fragment
def the_list(viewer: Viewer, district: District) -> None:
    """Filters and rows; only this part of the page moves with a filter."""
    ui.go_to_student()
    choices = at_risk.choices(viewer, district)
    from_address(choices)
    kept = filters(district, choices)
    page = at_risk.students(viewer, district, kept, st.session_state["list_page"])
    write_address(kept, page)
    if not page.n_matching:
        nobody(kept)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        first = (page.page - 1) * at_risk.PAGE + 1
        last = first + page.rows.num_rows - 1
        st.markdown(f"{first:,}–{last:,} of **{page.n_matching:,}**", width="content")
        st.download_button(
            "Export these as CSV",
            data=functools.partial(export, viewer, kept),
            file_name=f"at-risk-{district.as_of.isoformat()}.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
    table(page, district, kept, len(choices["school"]))
    if page.n_pages > 1:
        key = f"list_pager_{st.session_state.get('list_pager', 0)}_{page.n_pages}"
        st.pagination(page.n_pages, default=page.page, key=key, on_change=turn, args=[key])


def export(viewer: Viewer, kept: Filters) -> bytes:
    """The file, made when it is asked for, for those who may still have it."""
    asking, now = ui.at_download(viewer, "export of the at-risk list")
    return export_list(person(asking), now, kept)


def write_address(kept: Filters, page: at_risk.Page) -> None:
    ui.write_address(
        {
            "tier": list(kept.tiers),
            "flags": [str(n) for n in kept.flags],
            "grade": kept.grade,
            "school": kept.school,
            "driver": kept.driver,
            "class": kept.class_id,
            "text": kept.text,
            "sort": kept.sort,
            "page": page.page if page.page > 1 else None,
        }
    )
    st.session_state["list_address"] = ui.address()


def nobody(kept: Filters) -> None:
    if kept == Filters():
        st.info(
            "No students are assigned to you in this week's data. Caseloads and classes come "
            "with the import; ask your data steward."
        )
    else:
        st.info("No student you may see matches these filters. Remove one to see more.")


looking, here = ui.looking()
ui.left_student()
with st.container(horizontal=True, gap=None):
    st.title("At-risk list", anchor=False)
    student_table.prepare()
how_many = at_risk.counts(looking, here)
top(looking, here, how_many)
show_counts(here, how_many)
the_list(looking, here)
