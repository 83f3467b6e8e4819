"""How long a student will need for some skills, and what fits into a week."""

from collections.abc import Sequence
from datetime import date

from edupulse_core.actions.answers import ask, shown
from edupulse_core.actions.sessions import check_student
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.study_time import NAME
from edupulse_core.families.study_time.examples import MISSING, Question
from edupulse_core.people.actor import Actor
from edupulse_core.queries import learning
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.study_plan import MOST, Expected, StudyPlan, expected, study_plan


def expect_hours(
    actor: Actor,
    settings: Settings,
    student_id: str,
    question: Question,
    *,
    as_of: date | None = None,
) -> list[Expected]:
    """The hours for each skill of the question, in its order; by the student's usual ways of study.

    Without a skill in the question: for the skills that the student worked on lately. Raises
    AccessError for a student whom the actor may not see, the same as for one who does not exist,
    and MissingError for an unknown skill.
    """
    district = open_district(settings)
    skills = _known(actor, district, student_id, question.skills)
    asked = question.model_copy(update={"skills": skills})
    return expected(
        district, student_id, ask(actor, settings, NAME, [student_id], asked, as_of=as_of)
    )


def plan_week(
    actor: Actor,
    settings: Settings,
    student_id: str,
    skills: Sequence[str],
    hours: float,
    *,
    as_of: date | None = None,
) -> StudyPlan:
    """What to study this week.  skills: the next ones, the first first.  hours: that there are.

    Without skills: those that the student worked on lately. Hours that were worked out for the page
    this week are told again. Raises InputError for hours that no week has; else as `expect_hours`.
    """
    if not 0 < hours <= MOST:
        raise InputError(f"The hours of a week must be more than 0 and at most {MOST:g}.")
    district = open_district(settings)
    question = Question(skills=_known(actor, district, student_id, skills))
    found = shown(actor, settings, NAME, student_id, question, as_of=as_of)
    if not {*question.skills} <= {*found.rows["object"].to_pylist()}:  # stored for other skills
        after = found.run_id
        found = shown(actor, settings, NAME, student_id, question, as_of=as_of, after=after)
    told = {each.skill_id: each for each in expected(district, student_id, found)}
    return study_plan([told[skill] for skill in question.skills or told], hours)


def _known(
    actor: Actor, district: District, student_id: str, skills: Sequence[str]
) -> tuple[str, ...]:
    """The IDs of skills given by ID or title, each once; MissingError says what does not exist."""
    check_student(actor, district, student_id)  # first: an error must not depend on whose it is
    if skills and not learning.skills(district):
        raise MissingError(MISSING)
    return tuple(dict.fromkeys(learning.skill_named(district, each) for each in skills))
