"""The Learning tab of a student: mastery, next skills, resources, study plan, college outlook."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from math import ceil

import streamlit as st

from app import banner, offers, outlook, ui
from edupulse_core.actions.mastery import show_mastery
from edupulse_core.actions.paths import show_path
from edupulse_core.actions.study_time import plan_week
from edupulse_core.errors import InputError, MissingError, ModelError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families.admission import NAME as ADMISSION
from edupulse_core.families.path import NAME as PATH
from edupulse_core.families.recommend import NAME as RECOMMEND
from edupulse_core.families.study_time import NAME as STUDY_TIME
from edupulse_core.families.tracing import NAME as TRACING
from edupulse_core.families.tracing import sayings
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import jobs, models
from edupulse_core.queries.district import District
from edupulse_core.queries.mastery import Mastery, SkillMastery
from edupulse_core.queries.next_skills import NextSkills, goals
from edupulse_core.queries.student import StudentRecord
from edupulse_core.queries.study_plan import StudyPlan

FILES = ("interactions", "resources", "study_sessions", "applications")
MARKS = {"mastered": "●", "nearly": "◐", "not yet": "○"}
COLLEGE = "College outlook"
COLLEGE_GRADES = ("9", "10", "11", "12", "13")
HOURS = 5.0  # a week, one each school day, unless the reader says otherwise
NO_GOAL = "Anything"


@dataclass(frozen=True)
class Part:
    """A part of the tab."""

    draw: Callable[[Viewer, District, StudentRecord], None]
    files: tuple[str, ...]  # that it cannot do without
    families: tuple[str, ...]  # whose answers it shows


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the student has learned, and what could come next."""
    if not district.known & set(FILES):
        st.info(
            "Your district has not imported learning records. This tab needs skills.csv, items.csv "
            "and interactions.csv for mastery, resources.csv and ratings.csv for suggestions, "
            "study_sessions.csv for a study plan, and programs.csv with applications.csv for the "
            "college outlook. Your data steward can import them."
        )
        return
    for title, part in PARTS.items():
        if title != COLLEGE or shown.grade.lstrip("0") in COLLEGE_GRADES:
            st.header(title, anchor=False)
            if said := lacking(part, district):
                st.info(said)
            else:
                warn(part, district)
                one(part, viewer, district, shown)


def warn(part: Part, district: District) -> None:
    """Say which of its models has learned nothing, and serves because a person wants it to."""
    for name in part.families:
        if said := models.weakness(district.settings, name):
            title = shelf.family_named(name).title
            first = said.split(". ")[0].rstrip(".")  # the figures are for the Models page
            st.warning(ui.plain(f"{title} model: {first}."), icon=":material/warning:")


def lacking(part: Part, district: District) -> str:
    """Why there is nothing to show yet: records or a model are missing; empty if neither is."""
    files = [f"{name}.csv" for name in part.files if name not in district.known]
    if files:
        return f"This needs {' and '.join(files)}. Your data steward can import them."
    settings = district.settings
    missing = [name for name in part.families if not models.is_served(settings, name)]
    titles = {name: shelf.family_named(name).title for name in missing}
    if never := [titles[name] for name in missing if not jobs.is_training(settings, name)]:
        needed = " or ".join(never)
        if all(models.is_trained(settings, name) for name in missing):
            return (
                f"No {needed} model serves: those trained so far do no better than a simple "
                "method. Your data steward can see them on the Models page."
            )
        return (
            f"No {needed} model has been trained yet. Your data steward can train one on "
            "the Jobs page, or see there what records are still missing."
        )
    if missing:
        named = " and ".join(titles.values())
        them = "models are" if missing[1:] else "model is"
        return f"The {named} {them} being trained. Come back in a few minutes."
    return ""


@banner.fragment
def one(part: Part, viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """One part by itself; where nothing can be said of this student, say why in its place."""
    try:
        part.draw(viewer, district, shown)
    except ModelError:  # the Models page says how it is damaged
        st.info("The model for this cannot be used. Your data steward can train a new one.")
    except (InputError, MissingError, RefusedError) as error:
        st.info(banner.sentence(error))


def mastery(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """A map of every skill by subject, and the same as tables."""
    with st.spinner("Working out mastery…"):
        found = known_mastery(viewer, district, shown)
    if not found.n_seen:
        st.info(
            "No answers from this student have come in yet, so there is no mastery to show. They "
            "come with the next import of interactions.csv. Until then, next skills and the study "
            "plan go by what is usual for students here."
        )
        return
    st.caption(
        f"This student has answered questions on {found.n_seen} of {len(found.skills)} skills: "
        f"{sayings.summary([each.label for each in found.skills if each.answers])}. "
        f"As of {ui.day(found.as_of)}."
    )
    st.html(skill_map(found))
    legend = " · ".join(f"{mark} {sayings.level(label)}" for label, mark in MARKS.items())
    st.caption(f"{legend}. {sayings.MEANING}")
    with st.expander("Every skill as a table"):
        for subject, skills in found.by_subject.items():
            st.markdown(f"**{ui.plain(subject)}**")
            skill_table(subject, skills)
        st.caption(sayings.RANGE)


def known_mastery(viewer: Viewer, district: District, shown: StudentRecord) -> Mastery:
    """The student's mastery as of the week shown."""
    who, settings = person(viewer), district.settings
    return show_mastery(who, settings, shown.student_id, as_of=shown.as_of, is_page=True)


def skill_map(found: Mastery) -> str:
    """Each skill as a chip in its subject's row: mark, title and chance."""
    rows = []
    for subject, skills in found.by_subject.items():
        seen = [each for each in skills if each.label in MARKS]
        more = len(skills) - len(seen)
        chips = "".join(
            f'<li class="{each.label.replace(" ", "-")}">'
            f'<span aria-hidden="true">{MARKS[each.label]}</span> {escape(each.title)}'
            f'<span class="said"> {escape(sayings.level(each.label))}</span>'
            f" <b>{escape(sayings.chance(each.mastery))}</b></li>"
            for each in seen
        )
        if more:
            chips += f'<li class="not-seen">{more} without answers yet</li>'
        rows.append(f"<h3>{escape(subject)}</h3><ul>{chips}</ul>")
    return f'<div class="skills" role="group" aria-label="Mastery by subject">{"".join(rows)}</div>'


def skill_table(subject: str, skills: list[SkillMastery]) -> None:
    ui.table(
        f"Mastery in {subject}",
        {
            "Skill": [each.title for each in skills],
            "Level": [sayings.level(each.label) for each in skills],
            "Chance of a right answer": [sayings.chance(each.mastery) for each in skills],
            "Range": [sayings.span(each.low, each.high) for each in skills],
            "Answers": [sayings.evidence(each.answers, each.right) for each in skills],
            "Last practiced": [sayings.last_practiced(each.days_since) for each in skills],
        },
    )


def next_skills(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """The next skills in order, each with why."""
    titles = goals(known_mastery(viewer, district, shown))
    goal = st.selectbox(
        "Leading to",
        ["", *titles],
        format_func=lambda skill: titles.get(skill, NO_GOAL),
        key="goal",
        bind="query-params",  # as the hours of the plan: a reload shows the same plan
        width=320,
        on_change=lambda: st.session_state.update(new_goal=True),
    )
    if st.session_state.pop("new_goal", False):
        st.rerun()  # the study plan, a part of its own, follows the goal too
    found = path(viewer, district, shown, goal)
    if not found.steps:
        st.info(found.note)
        return
    ui.table(
        "Next skills",
        {
            "Skill": [f"{each.rank}. {each.title}" for each in found.steps],
            "Why": [each.sentence for each in found.steps],
            "Chance now": [sayings.chance(each.mastery) for each in found.steps],
        },
    )
    st.caption("No skill comes before what it builds on.")


def path(viewer: Viewer, district: District, shown: StudentRecord, goal: str) -> NextSkills:
    """The student's path, to a goal if there is one."""
    who, settings = person(viewer), district.settings
    return show_path(who, settings, shown.student_id, goal=goal, as_of=shown.as_of)


def study_plan(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What to study this week of the next skills, within the hours that there are."""
    hours = st.number_input(
        "Hours for studying this week",
        0.5,
        40.0,
        HOURS,
        0.5,
        format="%g",  # as the sentence below says them
        key="hours",
        bind="query-params",
        width=260,
    )
    goal = st.session_state.get("goal") or ""
    skills = [each.skill_id for each in path(viewer, district, shown, goal).steps]
    if not skills:
        st.info("No skill is left to study: see Next skills.")
        return
    settings = district.settings
    made = plan_week(person(viewer), settings, shown.student_id, skills, hours, as_of=shown.as_of)
    weekly(made)


def weekly(made: StudyPlan) -> None:
    """The sessions of a plan and their hours."""
    if not made.sessions:
        short = min(made.later, key=lambda each: each.hours)
        st.info(
            "None of the next skills fits into these hours. The shortest, "
            f"{ui.plain(short.skill)}, takes about {short.hours:.1f}. Give "
            f"{ceil(2 * short.hours) / 2:g} hours or more to see a plan."
        )
        return
    ui.table(
        "What to study this week",
        {
            "Skill": [each.skill for each in made.sessions],
            "Hours": [f"{each.hours:.1f}" for each in made.sessions],
            "Range (9 in 10)": [f"{each.low:.1f} to {each.high:.1f}" for each in made.sessions],
        },
    )
    st.caption(
        f"{made.hours:.1f} of {made.budget:g} hours, {made.high:.1f} if everything takes long."
        + (
            " Even this one may take longer than the hours given."
            if made.may_run_over
            else " A skill that might not fit even then is left out, and the next one is tried."
            * bool(made.later)
        )
    )


PARTS = {
    "Mastery": Part(mastery, ("skills", "interactions"), (TRACING,)),
    "Next skills": Part(next_skills, ("skills", "interactions"), (TRACING, PATH)),
    "Resources": Part(offers.show, ("resources", "ratings"), (RECOMMEND,)),
    "Study plan": Part(study_plan, ("skills", "study_sessions"), (TRACING, PATH, STUDY_TIME)),
    COLLEGE: Part(outlook.show, ("programs", "applications"), (ADMISSION,)),
}
