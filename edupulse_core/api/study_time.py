"""Study time: the hours that a student will need for a topic."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError

from edupulse_core.actions.study_time import expect_hours
from edupulse_core.api.caller import V1, Home, Name, Reader, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.errors import InputError, what_is_wrong
from edupulse_core.families.study_time import sayings
from edupulse_core.families.study_time.examples import Question

router = APIRouter(prefix=V1, tags=["study time"], dependencies=[bearer])
Short = Annotated[Text, Field(max_length=255)]


class StudyQuestion(BaseModel):
    """A student, a topic, and how they will study; what is left out is as usual for the student."""

    student_id: Name = Field(description="users.sourcedId of the import.")
    topic_id: Name = Field(description="skills.sourcedId of the import.")
    time_of_day: Short | float | None = Field(
        None, description="morning, afternoon, evening, night, a time such as 16:30, or an hour."
    )
    study_method: Short | None = None
    environment: Short | None = None
    energy_level: float | None = Field(None, ge=1, le=5)
    distraction_level: float | None = Field(None, ge=1, le=5)
    breaks_taken: float | None = Field(None, ge=0, le=100)


class StudyInterval(BaseModel):
    """Hours that 9 of 10 such sessions lie between."""

    low: float
    high: float
    level: float


class StudyAnswer(BaseModel):
    """How long it will take."""

    predicted_hours: float
    display_time: str
    student_name: str
    topic_name: str
    confidence: float = Field(
        description="The chance that it takes what is predicted, give or take a quarter."
    )
    interval: StudyInterval
    usual_hours: float = Field(description="What such a session takes most students.")
    sessions_before: int
    model_version: str


@router.post("/study-time/predict", responses=documented(400, 404, 413))
def predict_study_time(asked: StudyQuestion, who: Reader, settings: Home) -> StudyAnswer:
    """The hours that a student will need for a session on a topic."""
    given = asked.model_dump(exclude={"student_id", "topic_id"})
    try:
        question = Question(skills=(asked.topic_id,), **given)
    except ValidationError as error:
        raise InputError(f"body.time_of_day: {what_is_wrong(error.errors()[0])}") from None
    (found,) = expect_hours(who, settings, asked.student_id, question)
    return StudyAnswer(
        predicted_hours=round(found.hours, 4),
        display_time=sayings.as_time(found.hours),
        student_name=found.student,
        topic_name=found.skill,
        confidence=found.close,
        interval=StudyInterval(low=round(found.low, 4), high=round(found.high, 4), level=0.9),
        usual_hours=found.usual,
        sessions_before=found.sessions_before,
        model_version=found.version,
    )
