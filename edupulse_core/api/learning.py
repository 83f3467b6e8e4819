"""Learning records: the district's skills and resources, and what a student did with them."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from edupulse_core.actions.students import open_student
from edupulse_core.api.caller import V1, Here, Name, Reader, Skip, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.queries import learning
from edupulse_core.queries.learning import Wanted

router = APIRouter(prefix=V1, tags=["learning"], dependencies=[bearer])
Kind = Literal["reading", "practice", "video", "project", "other"]


class Skill(BaseModel):
    """One skill; null is unknown."""

    skill_id: str  # what the study time and the path call topic_id
    title: str
    subject: str | None
    grade: str | None
    prerequisites: list[str]
    difficulty: float | None  # 1 to 10
    base_hours: float | None
    content_type: str | None


class Resource(BaseModel):
    """One learning resource; null is unknown."""

    resource_id: str
    title: str
    kind: str | None
    skills: list[str]  # their titles
    subjects: list[str]
    difficulty: float | None  # 1 to 5
    minutes: float | None
    url: str | None
    rating: float | None  # of the token's students; null for fewer than ten of them


class Practice(BaseModel):
    """What a student did on one skill."""

    skill_id: str
    title: str
    subject: str | None
    answers: int
    correct: int
    sessions: int
    hours: float
    last_day: date


class Session(BaseModel):
    """One study session."""

    session_id: str
    started_at: datetime  # in the district's time
    skill_id: str
    hours: float
    study_method: str | None
    environment: str | None


class Application(BaseModel):
    """One application; an empty outcome is open."""

    application_id: str
    applied_on: date
    program_id: str
    program: str | None
    institution: str | None
    outcome: str | None


class Learner(BaseModel):
    """A student's learning records up to the end of a week."""

    student_id: str
    as_of: date
    answers: int
    correct: int
    sessions: int
    hours: float | None
    resources_used: int
    resources_completed: int
    last_day: date | None
    skills: list[Practice]
    latest_sessions: list[Session]
    applications: list[Application]
    features: dict[str, float | None]  # docs/features.md has the catalog; null is unknown


@router.get("/skills", responses=documented())
def list_skills(
    who: Reader,
    district: Here,
    subject: Annotated[Text | None, Query(max_length=20, description="Such as math.")] = None,
) -> list[Skill]:
    """The district's skills by subject and title, or those of one subject."""
    every = learning.skills(district)
    return [Skill(**each) for each in every if subject in (None, each["subject"])]


@router.get("/resources", responses=documented())
def list_resources(
    who: Reader,
    district: Here,
    response: Response,
    text: Annotated[Text, Query(max_length=200, description="Words of the title or a skill.")] = "",
    subject: Annotated[Text | None, Query(max_length=20)] = None,
    kind: Kind | None = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Resource]:
    """The district's learning resources by title; their number is in `X-Total-Count`."""
    wanted = Wanted(text, subject, kind, level)
    rows, total = learning.resources(who.looking(), district, wanted, skip=skip, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [Resource(**{name: row[name] for name in Resource.model_fields}) for row in rows]


@router.get("/students/{student_id:path}/learning", responses=documented(404))
def student_learning(
    student_id: Name,
    who: Reader,
    district: Here,
    as_of: Annotated[date | None, Query(description="Nothing after its week is used.")] = None,
) -> Learner:
    """A student's answers, study sessions, resources and applications."""
    record = open_student(who, district, student_id, as_of)
    found = learning.learner(record)
    told = {name: getattr(found, name) for name in Learner.model_fields if hasattr(found, name)}
    told |= {"skills": found.by_skill, "applications": found.sent}
    return Learner.model_validate({**told, "student_id": student_id, "as_of": record.as_of})
