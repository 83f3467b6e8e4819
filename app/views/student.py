"""Student: one student's weeks, score and reasons, for everyone who looks after them."""

from datetime import date

import streamlit as st

from app import banner, finder, flags, judgment, learning, model_view, navigation, ui
from edupulse_core import words
from edupulse_core.actions.students import open_student, opening
from edupulse_core.families.risk.reasons import Reason
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import student as students
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord

UNITS = {  # unit of a number → its name on the axis, the factor to it, its format
    "share": ("Percent", 100, "%.0f"),
    "score": ("Percent", 100, "%.0f"),
    "slope": ("Percentage points a week", 100, "%+.1f"),
    "days": ("Days", 1, "%.1f"),
    "count": ("Count", 1, "%d"),
    "points": ("Points (0 to 4)", 1, "%.2f"),
    "weeks": ("Weeks", 1, "%d"),
    "yes_no": ("1 is yes", 1, "%d"),
    "severity": ("Severity (0 to 5)", 1, "%.1f"),
}
WEEK = st.column_config.DateColumn("Week of", format="MMM D, YYYY", pinned=True)
NOTHING_TO_ACT_ON = (
    "Nothing in the records calls for a particular step. Ask the student, and a teacher who knows "
    "them."
)
EARLIER = (
    " Where earlier weeks moved the score, this week looks typical: open the reason to see its "
    "weeks."
)


def asked_day() -> date | None:
    """The address's as_of; if it is not a date, say so and show the latest week."""
    asked = st.query_params.get("as_of", "")
    try:
        return date.fromisoformat(asked)
    except ValueError:
        if asked:
            st.info(f"This address asks for {ui.plain(asked)}, which is not a date (2026-11-22).")
        return None


def way_back() -> None:
    """To the list that the student was opened from, or to a search."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        if (name := st.session_state.get("way_back")) in navigation.names(looking):
            page = navigation.page(name)
            title = "Search results" if name == "student" else page.title
            st.page_link(page, label=f"Back to {title}", icon=":material/arrow_back:")
        st.button(
            "Find another student",
            type="tertiary",
            icon=":material/search:",
            on_click=another,
        )


def another() -> None:
    ui.forget_address()
    st.session_state.pop("searched", None)


def head(district: District, shown: StudentRecord) -> None:
    way_back()
    st.title(ui.plain(shown.name), anchor=False)
    st.caption(
        f"{ui.plain(words.grade(shown.grade))} · {ui.plain(shown.school)} · "
        f"as of {ui.day(shown.as_of)}"
    )
    if shown.as_of != district.as_of:
        st.info(f"You are looking back. The latest week ends on {ui.day(district.as_of)}.")
    else:
        ui.warn_of(district, "Until then this page shows the records alone.")


def verdict(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """Strengths, then the level and what schools do about it, beside the records."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if shown.strengths:
            st.header("Strengths", anchor=False)
            st.markdown("\n".join(f"- {strength}" for strength in shown.strengths))
        if shown.tier and shown.score is not None:
            risk(viewer, district, shown)
        else:
            no_score(district, shown)
    with right:
        st.header("Records", anchor=False)
        ui.table(
            f"Records as of {ui.day(shown.as_of)}",
            {
                "Record": [label for _, label, _ in shown.indicators],
                "Value": [words for _, _, words in shown.indicators],
            },
        )


def risk(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """The level, the support that it suggests, and what to do next."""
    st.header(f"{ui.level(shown.tier)} risk", anchor=False)
    if said := flags.against(shown.tier, shown.flags):
        st.markdown(f"**{said}**")
    suggests = district.settings.support.of(shown.tier or "")
    st.markdown(
        f"Risk score **{shown.score_in_words}** of 1. Suggested support: **{ui.plain(suggests)}**."
    )
    meaning(viewer, district, shown)
    band(district, shown)
    advice = shown.advice
    if advice is None:
        return
    st.subheader(advice.response.name, anchor=False)
    steps = advice.steps or (NOTHING_TO_ACT_ON,) * (shown.tier != "low")
    st.markdown("\n".join(f"- {step}" for step in (advice.response.pace, *steps)))


def meaning(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the level has meant so far."""
    found = shown.precedent()
    if found is None or shown.tier is None:
        return
    weeks = district.settings.outcomes.horizon_weeks
    st.markdown(
        f"Of 100 times that a student was shown as {shown.tier.capitalize()}, "
        f"**{found.n_of_100}** were followed by two or more flags, or by dropping out, within "
        f"{weeks} school weeks."
    )
    st.caption(
        f"Counted from {ui.day(found.first)} to {ui.day(found.last)}, in weeks that the model had "
        "not learned from."
    )


def band(district: District, shown: StudentRecord) -> None:
    """The risk levels where the student may end up, not only the likeliest one."""
    found = shown.band
    if found is None:
        return
    if found.uncertain:
        st.badge("Uncertain", icon=":material/help:", color="gray")
    often = 100 * found.level
    students = f"{often / 10:.0f} in 10" if often % 10 == 0 else f"{often:.0f} in 100"
    st.caption(
        f"{students} students like this end up {ui.span(found.lowest, found.highest)} within "
        f"{district.settings.outcomes.horizon_weeks} school weeks."
        + (f" {ui.UNCERTAIN}" if found.uncertain else "")
    )


def no_score(district: District, shown: StudentRecord) -> None:
    needed = district.settings.outcomes.min_history_weeks
    if shown.known_weeks < needed:
        st.header(ui.level(None), anchor=False)
        st.markdown(
            f"A score needs {needed} school weeks with attendance or grades, and "
            f"{shown.known_weeks or 'none'} {'is' if shown.known_weeks == 1 else 'are'} known. "
            "Until then this page shows the records alone."
        )
    else:
        st.header("No score", anchor=False)
        st.markdown("There is no score for this week, so this page shows the records alone.")


@banner.fragment
def why(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """At most five reasons as sentences; each opens its weeks."""
    if shown.score is None:
        return
    st.header("Why", anchor=False)
    if not shown.reasons:
        no_reason(shown)
        return
    st.caption(
        "The main reasons for the score, strongest first, compared with what is typical at this "
        f"school, as of {ui.day(shown.as_of)}. A reason is not a cause."
        + (EARLIER if any("earlier" in reason.mover for reason in shown.reasons) else "")
    )
    for reason in shown.reasons:
        arrow = "↑" if reason.direction == "raises" else "↓"
        fold = st.expander(
            f"{ui.tidy(reason.sentence)} · **{f'{arrow} {reason.mover}'.strip()}**",
            key=f"why_{reason.feature}_weeks",
            on_change="rerun",
        )
        if fold.open:  # most stay shut, and a chart is slow to make
            with fold:
                weeks_of(shown, reason)


def weeks_of(shown: StudentRecord, reason: Reason) -> None:
    """The weeks behind a reason, as a chart and as a table."""
    from app import charts  # plotly is slow to import

    unit, scale, shape = UNITS[students.feature(reason.feature).unit]
    weeks = shown.feature_weeks((reason.feature,))[reason.feature]
    known = [(week, scale * value) for week, value in weeks]
    st.plotly_chart(
        charts.feature_line(known, reason.label, unit),
        key=f"why_{reason.feature}",
        alt=f"{reason.label} over {len(known)} weeks",
        config={"displayModeBar": False},
    )
    st.dataframe(
        {"week": [week for week, _ in known], "value": [value for _, value in known]},
        hide_index=True,
        height=180,
        width=320,
        column_config={
            "week": WEEK,
            "value": st.column_config.NumberColumn(unit, format=shape),
        },
        alt=f"{reason.label} by week",
    )


def no_reason(shown: StudentRecord) -> None:
    """No reason is better than one that doesn't hold up."""
    if not shown.is_explained:
        st.caption("The reasons for this week's score have not been worked out.")
        return
    st.badge(ui.NO_REASON, icon=":material/help:", color="gray")
    st.caption(
        "No reason held up when it was checked: the score stayed the same without it. Rely on the "
        "records."
    )


@banner.fragment
def timeline(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    from app import charts

    st.header("Last 20 school weeks", anchor=False)
    weeks = shown.timeline()
    if not len(weeks):
        st.info(f"This student has no school weeks up to {ui.day(shown.as_of)}.")
        return
    for kind, word in (
        ("attendance", "Attendance"),
        ("grades", "Grades"),
        ("incidents", "Incidents"),
    ):
        if kind not in district.known:
            st.caption(f"{word}: unknown. Your district has not imported these records.")
    ui.chart(
        charts.timeline(weeks.to_pylist()),
        f"Attendance, grades and incidents of {shown.name} by week",
        lambda: weeks,
        key="timeline",
        column_config=TIMELINE,
        placeholder="–",
    )
    for sentence in shown.gaps(weeks):
        st.caption(sentence)


TIMELINE = {
    "week_start": WEEK,
    "days_enrolled": "School days",
    "days_absent": st.column_config.NumberColumn("Days absent", format="%.1f"),
    "attendance": st.column_config.NumberColumn("Attendance", format="percent"),
    "n_tardies": "Tardies",
    "score_mean": st.column_config.NumberColumn("Average grade", format="percent"),
    "n_results": "Graded work",
    "n_missing": "Missing work",
    "n_incidents": "Incidents",
    "days_removed": "Days suspended or expelled",
}


@banner.fragment
def circle(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """Who else sees this page, and why."""
    st.header("Who can see this student, and why", anchor=False)
    yours = shown.why.replace("their", "your", 1)
    st.markdown(f"You: {ui.plain(yours)}.")
    fold = st.expander("Everyone who can", key="everyone_who_can", on_change="rerun")
    if not fold.open:
        return
    with fold:
        found = shown.witnesses()
        st.markdown("\n".join(f"- **{ui.plain(w.name)}**: {ui.plain(w.reason)}" for w in found))
        st.caption("EduPulse keeps a record of everyone who opens this page.")


def show(viewer: Viewer, district: District, student_id: str) -> None:
    already = st.session_state.get("open_student")
    shown = open_student(person(viewer), district, student_id, asked_day(), last=already)
    st.session_state["open_student"] = opening(shown)
    head(district, shown)
    overview, learned = st.tabs(
        ["Overview", "Learning"], key="tab", on_change="rerun", bind="query-params"
    )
    if overview.open:  # the other one waits until somebody looks
        with overview:
            verdict(viewer, district, shown)
            why(viewer, district, shown)
            judgment.show(viewer, district, shown)
            timeline(viewer, district, shown)
            circle(viewer, district, shown)
            model_view.heatmaps(viewer, district, shown)
    if learned.open:
        with learned:
            learning.show(viewer, district, shown)


looking, here = ui.looking()
if wanted := st.query_params.get("id"):
    with ui.in_turn():
        show(looking, here, wanted)
else:
    ui.left_student()
    finder.find(looking, here)
