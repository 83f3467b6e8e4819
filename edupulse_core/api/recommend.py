"""Resources for a student."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from edupulse_core.actions.resources import ask_resources
from edupulse_core.api.caller import V1, Home, Name, Reader, bearer
from edupulse_core.api.problems import documented

router = APIRouter(prefix=V1, tags=["resources"], dependencies=[bearer])


class Resource(BaseModel):
    """One resource, and why it is offered."""

    model_config = ConfigDict(from_attributes=True)

    rank: int
    resource_id: str
    title: str
    kind: str | None
    skills: list[str]
    skill_ids: list[str]
    level: float | None = Field(description="1 to 5.")
    minutes: float | None
    url: str | None
    score: float = Field(description="1 over the rank: only the order means something.")
    way: str = Field(
        description="history; content where nobody used it before; popular without a history."
    )
    reason: str


class Offered(BaseModel):
    """A student's resources, best first."""

    student_id: str
    as_of: date
    model_version: str
    resources: list[Resource]


@router.get("/students/{student_id:path}/resources", responses=documented(404))
def student_resources(
    student_id: Name,
    who: Reader,
    settings: Home,
    top_k: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Offered:
    """The resources that fit a student best, without those that the student has completed.

    One that trains only skills the student has mastered is left out, unless nothing else is there.
    """
    found, named = ask_resources(who, settings, student_id, count=top_k)
    return Offered(
        student_id=student_id,
        as_of=found.as_of,
        model_version=found.version,
        resources=[Resource.model_validate(each) for each in named],
    )
