"""The skills that a student works on next."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from edupulse_core.actions.paths import ask_path
from edupulse_core.api.caller import V1, Home, Name, Reader, Text, bearer
from edupulse_core.api.problems import documented

router = APIRouter(prefix=V1, tags=["students"], dependencies=[bearer])


class Topic(BaseModel):
    """One step of a path."""

    rank: int
    topic_id: str
    topic_name: str
    subject: str | None
    mastery: float  # chance of a right answer before the step
    gain: float  # that the step is expected to add
    reason: str  # in words
    reason_code: str  # goal, prerequisite, nearly_mastered, forgotten or next
    toward: str | None  # the topic_id that it is a prerequisite of


class Topics(BaseModel):
    """A student's path."""

    student_id: str
    as_of: date
    model_version: str
    goal: str | None
    next_topics: list[Topic]
    note: str  # why there is none; empty if there are some


@router.get("/students/{student_id:path}/next-topics", responses=documented(404))
def next_topics(
    student_id: Name,
    who: Reader,
    home: Home,
    max_length: Annotated[int, Query(ge=1, le=50)] = 10,
    goal: Annotated[Text, Query(max_length=255, description="A topic to reach.")] = "",
) -> Topics:
    """The skills that a student works on next, in order, each with its reason."""
    found = ask_path(who, home, student_id, length=max_length, goal=goal)
    return Topics(
        student_id=student_id,
        as_of=found.as_of,
        model_version=found.version,
        goal=found.goal,
        next_topics=[
            Topic(
                rank=each.rank,
                topic_id=each.skill_id,
                topic_name=each.title,
                subject=each.subject,
                mastery=each.mastery,
                gain=each.gain,
                reason=each.sentence,
                reason_code=each.reason,
                toward=each.toward,
            )
            for each in found.steps
        ],
        note=found.note,
    )
