"""How long a student will need for some skills, and what fits into a week."""

import json
from collections.abc import Sequence
from datetime import date

from edupulse_core.actions.answers import ask
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.study_time import NAME
from edupulse_core.families.study_time.examples import Question
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.queries.study_plan import MOST, Expected, StudyPlan, study_plan


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
    if actor.viewer is not None:
        district.why(actor.viewer, student_id)
    asked = list(dict.fromkeys(question.skills))
    known = {row["skill_id"]: row for row in district.rows("skill_names", {"skills": asked})}
    for skill in asked:
        if skill not in known:
            raise MissingError(f"There is no skill {skill!r}.")
    found = ask(
        actor,
        settings,
        NAME,
        [student_id],
        question.model_copy(update={"skills": tuple(asked)}),
        as_of=as_of,
    )
    (name,) = district.rows("student_name", {"student_id": student_id})
    rows = found.rows.to_pylist()
    lately = [row["object"] for row in rows if row["object"] not in known]
    known |= {row["skill_id"]: row for row in district.rows("skill_names", {"skills": lately})}
    return [
        Expected(
            student_id=student_id,
            student=name["name"] or student_id,
            skill_id=row["object"],
            skill=known[row["object"]]["title"],
            subject=known[row["object"]]["subject"] or "",
            hours=row["value"],
            low=row["low"],
            high=row["high"],
            version=found.version,
            as_of=found.as_of,
            **{
                name: value
                for name, value in json.loads(row["details"]).items()
                if name in Expected.__dataclass_fields__
            },
        )
        for row in rows
    ]


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

    Raises InputError for hours that no week has; else as `expect_hours`.
    """
    if not 0 < hours <= MOST:
        raise InputError(f"The hours of a week must be more than 0 and at most {MOST:g}.")
    question = Question(skills=tuple(skills))
    return study_plan(expect_hours(actor, settings, student_id, question, as_of=as_of), hours)
