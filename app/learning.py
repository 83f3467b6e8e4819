"""The Learning tab of a student: mastery, next skills, resources, study plan, college outlook."""

from collections.abc import Callable
from html import escape

import streamlit as st

from app import banner, ui
from edupulse_core.actions import assignments as giving
from edupulse_core.actions.answers import shown as answered
from edupulse_core.actions.mastery import show_mastery
from edupulse_core.actions.students import STUDENT_ROLES
from edupulse_core.actions.study_time import plan_week
from edupulse_core.errors import InputError, MissingError, ModelError, RefusedError
from edupulse_core.families.recommend import NAME as RECOMMEND
from edupulse_core.families.tracing import sayings
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import assignments
from edupulse_core.queries.district import District
from edupulse_core.queries.mastery import Mastery, SkillMastery
from edupulse_core.queries.recommended import Offer, offers
from edupulse_core.queries.student import StudentRecord
from edupulse_core.queries.study_plan import StudyPlan

FILES = ("interactions", "resources", "study_sessions", "applications")
MARKS = {"mastered": "●", "nearly": "◐", "not yet": "○", "not seen": "·"}
OFFERED = 5  # resources
HOURS = 3.0  # a week, unless the reader says otherwise
NEXT = 6  # skills that a week's plan chooses from


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the student has learned, and what could come next."""
    if not district.known & set(FILES):
        st.info(
            "Your district has not imported learning records. This tab needs skills.csv, items.csv "
            "and interactions.csv for mastery, resources.csv for suggestions, study_sessions.csv "
            "for a study plan, and programs.csv with applications.csv for the college outlook. "
            "Help lists their columns."
        )
        return
    for title, draw in (
        ("Mastery", mastery),
        ("Next skills", next_skills),
        ("Resources", resources),
        ("Study plan", study_plan),
        ("College outlook", outlook),
    ):
        st.header(title, anchor=False)
        or_why_not(lambda draw=draw: draw(viewer, district, shown))


def or_why_not(draw: Callable[[], None]) -> None:
    """Draw a part; where its records or its model are missing, say so in its place."""
    try:
        draw()
    except (MissingError, RefusedError, ModelError) as error:
        st.info(banner.sentence(error))


def mastery(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """A map of every skill by subject, and the same as tables."""
    with st.spinner("Working out mastery…"):
        found = known_mastery(viewer, district, shown)
    st.caption(
        f"{found.n_seen} of {len(found.skills)} skills have answers of this student: "
        f"{sayings.summary([each.label for each in found.skills if each.answers])}. "
        f"As of {ui.day(found.as_of)}."
    )
    st.html(skill_map(found))
    legend = "   ".join(f"{mark} {sayings.level(label)}" for label, mark in MARKS.items())
    st.caption(
        f"{legend}. The percentage is the chance of a right answer on a typical question of the "
        "skill, not a grade."
    )
    with st.expander("Every skill, with what is known of it"):
        for subject, skills in found.by_subject.items():
            st.markdown(f"**{ui.plain(subject)}**")
            skill_table(subject, skills)


def known_mastery(viewer: Viewer, district: District, shown: StudentRecord) -> Mastery:
    """The student's mastery as of the week shown."""
    return show_mastery(person(viewer), district.settings, shown.student_id, as_of=shown.as_of)


def skill_map(found: Mastery) -> str:
    """Each skill as a chip in its subject's row: mark, title and chance."""
    rows = []
    for subject, skills in found.by_subject.items():
        chips = "".join(
            f'<li class="{each.label.replace(" ", "-")}">'
            f'<span aria-hidden="true">{MARKS[each.label]}</span> {escape(each.title)}'
            f'<span class="said"> {escape(sayings.level(each.label))}</span>'
            + (f" <b>{escape(sayings.chance(each.mastery))}</b>" if each.answers else "")
            + "</li>"
            for each in skills
        )
        rows.append(f"<h3>{escape(subject)}</h3><ul>{chips}</ul>")
    return f'<div class="skills" role="group" aria-label="Mastery by subject">{"".join(rows)}</div>'


def skill_table(subject: str, skills: list[SkillMastery]) -> None:
    ui.table(
        f"Mastery in {subject}",
        {
            "Skill": [each.title for each in skills],
            "Level": [sayings.level(each.label) for each in skills],
            "Chance": [sayings.chance(each.mastery) for each in skills],
            "9 in 10 lie in": [sayings.span(each.low, each.high) for each in skills],
            "Answers": [sayings.evidence(each.answers, each.right) for each in skills],
            "Last": [sayings.last_practiced(each.days_since) for each in skills],
        },
    )


def next_skills(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """The next skills, each with why."""


@banner.fragment
def resources(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What was given, and what could be, each with its reason and a button."""
    may_give = bool(viewer.roles & set(STUDENT_ROLES)) and shown.as_of == district.as_of
    given = assignments.of_student(shown)
    for each in given:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{ui.plain(each.title)}**: {came_of(each)}", width="stretch")
            if may_give and st.button(
                "Take back", key=f"back_{each.given.assignment_id}", type="tertiary"
            ):
                try_to(
                    lambda each=each: giving.withdraw(
                        person(viewer), district, each.given.assignment_id
                    )
                )
    found = answered(
        person(viewer), district.settings, RECOMMEND, shown.student_id, as_of=shown.as_of
    )
    has = {each.given.resource_id for each in given}
    named = [each for each in offers(found.rows, shown.student_id) if each.resource_id not in has]
    if not named:
        st.info("This student has used every resource of the district.")
        return
    for each in named[:OFFERED]:
        offer(viewer, district, shown, each, found.run_id, may_give=may_give)
    st.caption(
        "Suggested from what this student and others used. A suggestion is not an assignment until "
        "someone gives it."
    )


def came_of(each: assignments.Assigned) -> str:
    """When a resource was given, and whether it was used since."""
    said = f"given on {ui.day(each.given.at)}"
    if each.is_completed:
        return f"{said}, completed"
    return f"{said}, used on {ui.day(each.used_at)}" if each.used_at else f"{said}, not used yet"


def offer(
    viewer: Viewer,
    district: District,
    shown: StudentRecord,
    each: Offer,
    run_id: int,
    *,
    may_give: bool,
) -> None:
    """One resource: what it is, why, and the button that gives it."""
    about = [each.kind and each.kind.capitalize(), each.minutes and f"{each.minutes:.0f} min"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
        title = ui.plain(each.title)
        named = f"[{title}]({each.url})" if each.url else title
        told = " · ".join(part for part in about if part)
        st.markdown(f"**{named}**  \n{told}  \n{ui.plain(each.reason)}", width="stretch")
        if may_give and st.button("Give", key=f"give_{each.resource_id}"):
            try_to(
                lambda: giving.assign(
                    person(viewer),
                    district,
                    shown.student_id,
                    each.resource_id,
                    run_id=run_id or None,
                )
            )


def try_to(act: Callable[[], object]) -> None:
    """Do something and draw again; if somebody else was faster, what they did is seen then."""
    try:
        act()
    except (InputError, MissingError) as error:
        st.toast(banner.sentence(error))
    st.rerun(scope="fragment")


@banner.fragment
def study_plan(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What to study this week, within the hours that there are."""
    hours = st.number_input(
        "Hours for studying this week", 0.5, 40.0, HOURS, 0.5, key="study_hours", width=260
    )
    skills = wanted(viewer, district, shown)
    if not skills:
        st.info("No skill is left to study.")
        return
    settings = district.settings
    made = plan_week(
        person(viewer), settings, shown.student_id, skills, hours, as_of=shown.as_of
    )
    weekly(made)


def wanted(viewer: Viewer, district: District, shown: StudentRecord) -> list[str]:
    """The skills that a week's plan chooses from."""
    found = known_mastery(viewer, district, shown)
    order = {"nearly": 0, "not yet": 1, "not seen": 2}
    left = [each for each in found.skills if each.label in order]
    return [each.skill_id for each in sorted(left, key=lambda each: order[each.label])][:NEXT]


def weekly(made: StudyPlan) -> None:
    """The sessions of a plan and their hours."""
    if not made.sessions:
        st.info("None of the next skills fits these hours.")
        return
    ui.table(
        "What to study this week",
        {
            "Skill": [each.skill for each in made.sessions],
            "Hours": [f"{each.hours:.1f}" for each in made.sessions],
            "9 in 10 take": [f"{each.low:.1f} to {each.high:.1f}" for each in made.sessions],
        },
    )
    st.caption(
        f"{made.hours:.1f} of {made.budget:g} hours, {made.high:.1f} if everything takes long."
        + (" Even this one may take longer than the hours given." if made.may_run_over else "")
    )


def outlook(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """Reach, match and likely programs."""
