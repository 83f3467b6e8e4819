"""Student: one student's weeks, the score and its reasons, for everyone who looks after them."""

from datetime import date
from typing import Literal

import streamlit as st

from app import banner, student_table, ui
from app.student_table import Column
from edupulse_core.actions.students import open_student, opening
from edupulse_core.families.risk import responses
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import student as students
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord

UNITS = {  # unit of a number → on its axis, how many of these one is, as a format
    "share": ("Percent", 100, "%.0f"),
    "score": ("Percent of the maximum", 100, "%.0f"),
    "slope": ("Percentage points a week", 100, "%+.1f"),
    "days": ("Days", 1, "%.1f"),
    "count": ("Count", 1, "%d"),
    "points": ("Points (0 to 4)", 1, "%.2f"),
    "weeks": ("Weeks", 1, "%d"),
    "yes_no": ("1 is yes", 1, "%d"),
    "severity": ("Severity (0 to 5)", 1, "%.1f"),
}
WEEK = st.column_config.DateColumn("Week of", format="D MMM YYYY", pinned=True)
NOBODY = (
    "No students are assigned to you in this week's data. Caseloads and classes come with the "
    "import; ask your data steward."
)
MODALITIES = {  # kind of feature → in words, and the records that it needs
    "att": ("Attendance", "attendance"),
    "grd": ("Grades", "grades"),
    "dsc": ("Discipline", "incidents"),
}

EARLIER = (
    " Where earlier weeks moved the score, this week's value is typical: open the factor to see "
    "its weeks."
)
BADGES: dict[str, tuple[str, str, Literal["green", "orange", "gray"]]] = {
    "stable": ("Stable reasons", ":material/check_circle:", "green"),
    "partly": ("Reasons agree in part", ":material/contrast:", "orange"),
    "no stable reason": (ui.NO_REASON, ":material/help:", "gray"),
}


def find(viewer: Viewer, district: District) -> None:
    """Without an id: the viewer's students by name."""
    ui.go_to_student()
    st.title("Student", anchor=False)
    text = st.text_input(
        "Find a student", placeholder="Part of a name", icon=":material/search:", live=True
    )
    found = students.find(viewer, district, text)
    if not found:
        nobody = "No student you may see has this in their name." if text.strip() else NOBODY
        st.info(
            f"{nobody} Students appear here while they are enrolled; the data are as of "
            f"{ui.day(district.as_of)}."
        )
        return
    n = found[0]["n_matching"]
    counted = f"{n} student{'s' if n > 1 else ''}"
    if n > len(found):
        counted = f"The first {len(found)} of {n:,} students"
    st.caption(
        f"{counted} by name, as of {ui.day(district.as_of)}. Click a name to open the student."
    )
    columns = [Column("name", "Student"), Column("tier", "Tier")]
    student_table.show(
        "found",
        "Students by name",
        columns if district.standing.run else columns[:1],
        [
            {
                "id": row["student_id"],
                "name": row["name"],
                "place": f"Grade {row['grade']} · {row['school']}",
                "tier": row["tier"] or "unscored",
                "uncertain": row["uncertain"],
            }
            for row in found
        ],
    )


def asked_day() -> date | None:
    """The address's as_of; anything that is no date asks for the latest."""
    try:
        return date.fromisoformat(st.query_params.get("as_of", ""))
    except ValueError:
        return None


def head(district: District, shown: StudentRecord) -> None:
    st.button(
        "Find another student",
        type="tertiary",
        icon=":material/search:",
        on_click=st.query_params.clear,
    )
    st.title(ui.plain(shown.name), anchor=False)
    st.caption(
        f"Grade {ui.plain(shown.grade)} · {ui.plain(shown.school)} · as of {ui.day(shown.as_of)}"
    )
    if shown.as_of != district.as_of:
        st.info(f"This looks back. The latest week ends on {ui.day(district.as_of)}.")
    elif shown.score is None:
        ui.warn_of(district, "Until then this page shows the plain indicators.")


def verdict(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What goes well, then the tier and what schools do about it, beside the plain indicators."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if shown.strengths:
            st.markdown("**What goes well**\n\n" + "\n".join(f"- {s}" for s in shown.strengths))
        if shown.tier and shown.score is not None:
            st.subheader(ui.tier(shown.tier), anchor=False)
            st.markdown(
                f"Risk score **{shown.score_in_words}** of 1, as of {ui.day(shown.as_of)}, "
                f"by model {shown.version}."
            )
            meaning(viewer, district, shown)
            band(shown)
            raising = [reason.feature for reason in shown.reasons if reason.direction == "raises"]
            name, steps = responses.suggested(shown.tier, raising)
            st.markdown(f"**{name}**\n\n" + "\n".join(f"- {step}" for step in steps))
        else:
            no_score(district, shown)
    with right:
        st.markdown(f"**Plain indicators**, as of {ui.day(shown.as_of)}")
        st.dataframe(
            {
                "Indicator": [label for _, label, _ in shown.indicators],
                "Value": [words for _, _, words in shown.indicators],
            },
            hide_index=True,
            height="content",
            alt="Plain indicators",
        )


def meaning(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the tier has meant so far."""
    found = shown.precedent()
    if found is None or shown.tier is None:
        return
    weeks = district.settings.outcomes.horizon_weeks
    st.markdown(
        f"Of 100 weeks in which a student was shown as {shown.tier.capitalize()}, "
        f"**{found.n_of_100}** were followed by two or more of the ABC flags, or by dropping out, "
        f"in the {weeks} school weeks after."
    )
    st.caption(
        f"Counted over weeks from {ui.day(found.first)} to {ui.day(found.last)} that the model had "
        "not learned from."
    )


def band(shown: StudentRecord) -> None:
    """What may come, not only what is likeliest."""
    found = shown.band
    if found is None:
        return
    if found.uncertain:
        st.badge("Uncertain", icon=":material/help:", color="gray")
    span = ui.tier(found.lowest)
    if found.lowest != found.highest:
        span += f" to {ui.tier(found.highest)}"
    st.caption(
        f"For {100 * found.level:.0f} of 100 students like this, what comes is {span}."
        + (f" {ui.UNCERTAIN}" if found.uncertain else "")
    )


def no_score(district: District, shown: StudentRecord) -> None:
    needed = district.settings.outcomes.min_history_weeks
    if shown.history_weeks < needed:
        st.subheader(ui.tier(None), anchor=False)
        st.markdown(
            f"{shown.history_weeks} of the {needed} school weeks that a score needs are known, so "
            "only the plain indicators are shown."
        )
    else:
        st.subheader("No score", anchor=False)
        st.markdown("There is no score of this week, so only the plain indicators are shown.")


def why(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """At most five factors as sentences; each opens its weeks."""
    if shown.score is None:
        return
    st.subheader("Why", anchor=False)
    if not shown.reasons:
        no_reason(shown)
        return
    from app import charts  # plotly is slow to import

    st.caption(
        "What weighed most in the score, at most five, strongest first. A factor is not a cause. "
        f"Values and the school's typical value as of {ui.day(shown.as_of)}."
        + (EARLIER if any("earlier" in reason.mover for reason in shown.reasons) else "")
    )
    names = tuple(reason.feature for reason in shown.reasons)
    weeks = shown.feature_weeks(names)
    for reason in shown.reasons:
        arrow = "↑" if reason.direction == "raises" else "↓"
        with st.expander(f"{ui.tidy(reason.sentence)} · **{arrow} {reason.mover}**"):
            unit, scale, shape = UNITS[students.feature(reason.feature).unit]
            known = [(week, scale * value) for week, value in weeks[reason.feature]]
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
                column_config={
                    "week": WEEK,
                    "value": st.column_config.NumberColumn(unit, format=shape),
                },
                alt=f"{reason.label} by week",
            )


def no_reason(shown: StudentRecord) -> None:
    """Nothing is better than a reason that doesn't hold."""
    if not shown.is_explained:
        st.caption("The reasons of this week's score were not worked out.")
        return
    st.badge(ui.NO_REASON, icon=":material/help:", color="gray")
    st.caption(
        "No group of numbers held up as a reason: what it seemed to add to the score was not lost "
        "when it was tried alone and left out. Go by the records, not by the score."
    )


def timeline(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    from app import charts

    st.subheader("Twenty school weeks", anchor=False)
    weeks = shown.timeline()
    if not len(weeks):
        st.info(f"No school week of this student ends by {ui.day(shown.as_of)}.")
        return
    for kind, word in (
        ("attendance", "Attendance"),
        ("grades", "Marks"),
        ("incidents", "Incidents"),
    ):
        if kind not in district.known:
            st.caption(f"{word}: unknown. Your district has imported no such records.")
    ui.chart(
        charts.timeline(weeks.to_pylist()),
        f"Attendance, marks and incidents of {shown.name} by week",
        weeks,
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
    "score_mean": st.column_config.NumberColumn("Mean mark", format="percent"),
    "n_results": "Results",
    "n_missing": "Missing work",
    "n_incidents": "Incidents",
    "days_removed": "Days removed",
}


@banner.fragment
def heatmaps(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the model looked at and what moved it, as pictures and as tables."""
    if shown.score is None:
        return
    from app import charts

    st.subheader("What the model saw", anchor=False)
    with st.spinner("Working out the reasons…"):
        found = shown.heatmaps()
    if found is None:
        st.caption("This score was made by a model that is no longer active, so it isn't redrawn.")
        return
    label, icon, colour = BADGES[found.agreement.verdict]
    st.badge(label, icon=icon, color=colour)
    st.caption(found.agreement.sentence)
    ui.chart(
        charts.attention(found.attention, found.weeks),
        "For each week, the share of attention given to every other week",
        found.attention_table(),
        key="attention",
        column_config={"From week of": st.column_config.TextColumn(pinned=True)},
    )
    st.caption(
        "Each row is a week and shares its attention out over all weeks (mean of the model's "
        f"heads); the last row made the score as of {ui.day(shown.as_of)}. Attention shows where "
        "the model looked, not why."
    )
    st.caption(
        "Below, how far each number of each week moved the score (Integrated Gradients, in log "
        "odds) against a typical student of the school; the stronger the colour, the further. All "
        "three drawings share one scale."
    )
    for family, (word, needs) in MODALITIES.items():
        if needs not in district.known:
            st.caption(f"{word}: unknown, so it moved nothing.")
            continue
        labels, given = found.of(family)
        ui.chart(
            charts.attributions(
                given, labels, found.weeks, f"{word}: what moved the score", found.most
            ),
            f"{word}: how far each number of each week moved the score, in log odds",
            found.table(family),
            key=f"attributions_{family}",
            column_config={"Number": st.column_config.TextColumn(pinned=True, width=225)},
        )


def circle(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """Who else sees this page, and why."""
    st.subheader("Who can see this student, and why", anchor=False)
    st.markdown(f"{ui.plain(viewer.name)} {ui.plain(shown.why)}.")
    with st.expander("Everyone who can"):
        found = shown.witnesses()
        st.markdown("\n".join(f"- **{ui.plain(w.name)}** {ui.plain(w.reason)}" for w in found))
        st.caption("Every opening of this page is written to the audit trail.")


def show(viewer: Viewer, district: District, student_id: str) -> None:
    already = st.session_state.get("open_student")
    shown = open_student(person(viewer), district, student_id, asked_day(), last=already)
    st.session_state["open_student"] = opening(shown)
    head(district, shown)
    verdict(viewer, district, shown)
    why(viewer, district, shown)
    timeline(viewer, district, shown)
    circle(viewer, district, shown)
    heatmaps(viewer, district, shown)


looking, here = ui.looking()
if wanted := st.query_params.get("id"):
    show(looking, here, wanted)
else:
    ui.left_student()
    find(looking, here)
