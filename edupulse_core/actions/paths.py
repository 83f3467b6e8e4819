"""Being told which skills a student works on next."""

from datetime import date

from edupulse_core.actions import answers
from edupulse_core.actions.mastery import Known, known_mastery
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.families.path import BRING, NAME
from edupulse_core.families.path.practice import MASTERED
from edupulse_core.people.access import UNKNOWN_STUDENT
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.learning import skill_named
from edupulse_core.queries.next_skills import NextSkills, next_skills

UNSURE = MASTERED - 0.01  # just not mastered


def ask_path(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    length: int = 10,
    goal: str = "",
    as_of: date | None = None,
) -> NextSkills:
    """The skills that a student works on next, in order, each with its reason.

    goal: a skill that the path leads to, by ID or title; none in particular unless given.
    Raises AccessError for a student whom the actor may not see, the same as for one who does not
    exist, MissingError without skills or a version that serves, and InputError for an unknown goal.
    """
    return _told(actor, settings, student_id, length, goal, as_of, is_page=False)


def show_path(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    goal: str = "",
    as_of: date | None = None,
) -> NextSkills:
    """What a page shows: the path that is stored for this week, or a new one of the usual length.

    Each goal has a stored path of its own. Raises the same errors as `ask_path`.
    """
    return _told(actor, settings, student_id, 10, goal, as_of, is_page=True)


def _told(
    actor: Actor,
    settings: Settings,
    student_id: str,
    length: int,
    goal: str,
    as_of: date | None,
    *,
    is_page: bool,
) -> NextSkills:
    from edupulse_core.families.path.family import PathQuestion  # which loads torch

    district = open_district(settings)
    if not district.rows("mastery_skills"):
        raise MissingError(BRING.format(what="skills"))
    goal = _goal(district, goal) if goal else ""
    known = known_mastery(actor, settings, student_id, as_of)
    question = PathQuestion(length=length, goal=goal, mastery=_told_of(known))
    if is_page:
        found = answers.shown(
            actor, settings, NAME, student_id, question, as_of=as_of, after=known.run_id, topic=goal
        )
    else:
        found = answers.ask(actor, settings, NAME, [student_id], question, as_of=as_of)
    if not len(found.rows):
        raise AccessError(UNKNOWN_STUDENT)
    return next_skills(actor.viewer, district, student_id, found, goal, known.chances)


def _told_of(known: Known) -> dict[str, float]:
    """The mastery that a path begins with: what the mastery map calls mastered, and nothing else.

    The model of mastery has a threshold of its own. Without an answer, nobody has mastered a skill.
    """
    return {
        skill: max(chance, MASTERED) if skill in known.mastered else min(chance, UNSURE)
        for skill, chance in known.chances.items()
    }


def _goal(district: District, goal: str) -> str:
    """The ID of the skill that a path leads to, given by ID or title."""
    try:
        return skill_named(district, goal)
    except MissingError as error:  # of the question, not of the student
        raise InputError(str(error)) from None
