"""A student's mastery of every skill."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from edupulse_core.actions.mastery import show_mastery
from edupulse_core.api.caller import V1, Here, Name, Reader, bearer
from edupulse_core.api.problems import documented
from edupulse_core.families.tracing import sayings

router = APIRouter(prefix=V1, tags=["students"], dependencies=[bearer])


class Skill(BaseModel):
    """One skill; mastery is the chance of a right answer on a typical item of it."""

    skill_id: str
    title: str
    subject: str | None
    mastery: float
    low: float
    high: float
    label: str  # mastered, nearly, not yet or not seen
    level: str  # the same in words
    answers: int
    right: int
    days_since: int | None


class Skills(BaseModel):
    """Every skill of a student, the surest mastered first."""

    student_id: str
    as_of: date
    model_version: str
    skills: list[Skill]


@router.get("/students/{student_id:path}/mastery", responses=documented(404))
def student_mastery(
    student_id: Name,
    who: Reader,
    district: Here,
    as_of: Annotated[date | None, Query(description="Nothing after this day is used.")] = None,
) -> Skills:
    """A student's mastery of every skill, each with the range of the student's own rate."""
    found = show_mastery(who, district.settings, student_id, as_of=as_of)
    return Skills(
        student_id=student_id,
        as_of=found.as_of,
        model_version=found.version,
        skills=[Skill(**vars(each), level=sayings.level(each.label)) for each in found.skills],
    )
