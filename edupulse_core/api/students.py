"""Students: their records, their weeks, and the ranked list."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel

from edupulse_core.actions import students as acts
from edupulse_core.api.caller import V1, Here, Name, Reader, Skip, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.queries.at_risk import Filters

router = APIRouter(prefix=V1, tags=["students"], dependencies=[bearer])
READ_ONLY = (
    "Students' records come from the district's import; change them in the student information "
    "system and import again."
)
Level = Literal["low", "medium", "high", "critical", "unscored"]


class Student(BaseModel):
    """One student's record."""

    id: str
    district_id: str | None
    first_name: str | None
    last_name: str | None
    grade_level: int | None  # 0 is kindergarten, -1 what comes before it
    gpa: float | None
    attendance_rate: float | None
    enrollment_date: date | None
    created_at: datetime
    updated_at: datetime
    student_metadata: dict[str, Any]


class Week(BaseModel):
    """One school week of a student; null is unknown."""

    week_start: date
    days_enrolled: float | None
    days_absent: float | None
    attendance: float | None
    n_tardies: float | None
    score_mean: float | None
    n_results: float | None
    n_missing: float | None
    n_incidents: float | None
    days_removed: float | None


class Weeks(BaseModel):
    """A student's last 20 school weeks, oldest first."""

    student_id: str
    as_of: date
    weeks: list[Week]


class Ranked(BaseModel):
    """One student of the list."""

    rank: int
    student_id: str
    name: str
    grade: str | None
    school: str | None
    risk_score: float | None
    risk_category: str | None
    uncertain: bool
    change: float | None
    attendance: float | None
    courses_failing: float | None
    incidents: float | None
    flag_a: bool | None
    flag_b: bool | None
    flag_c: bool | None
    main_reason: str | None


class Ranking(BaseModel):
    """The ranked list."""

    students: list[Ranked]
    total: int
    as_of: date
    model_version: str | None
    order: str  # risk, or abc where the score is not shown or was not tested here
    notes: list[str]


@router.get("/students", responses=documented())
def list_students(
    who: Reader,
    district: Here,
    response: Response,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Student]:
    """The students whom the token may see, by name; their number is in `X-Total-Count`."""
    rows, total = acts.list_students(who, district, skip, limit)
    response.headers["X-Total-Count"] = str(total)
    return [_student(row) for row in rows]


@router.post("/students", include_in_schema=False)
@router.put("/students/{student_id:path}", include_in_schema=False)
@router.patch("/students/{student_id:path}", include_in_schema=False)
@router.delete("/students/{student_id:path}", include_in_schema=False)
def change_student() -> None:
    """Records are never changed here."""
    raise HTTPException(405, READ_ONLY, {"Allow": "GET"})


@router.get("/students/{student_id:path}/history", responses=documented(404))
def student_history(student_id: Name, who: Reader, district: Here) -> Weeks:
    """A student's last 20 school weeks."""
    record = acts.open_student(who, district, student_id)
    weeks = record.timeline().to_pylist()
    return Weeks(
        student_id=student_id,
        as_of=record.as_of,
        weeks=[Week.model_validate(week) for week in weeks],
    )


@router.get("/students/{student_id:path}", responses=documented(404))
def one_student(student_id: Name, who: Reader, district: Here) -> Student:
    """One student's record."""
    return _student(acts.show_student(who, district, student_id))


@router.get("/at-risk", responses=documented())
def ranked(
    who: Reader,
    district: Here,
    tier: Annotated[Level | None, Query(description="Only this risk level.")] = None,
    grade: Annotated[Text | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Ranking:
    """The students whom the token may see, those who need help most first."""
    filters = Filters(tiers=(tier,) if tier else (), grade=grade or None)
    rows, total = acts.show_list(who, district, filters, limit)
    run = district.standing.run
    return Ranking(
        students=[_ranked(place, row) for place, row in enumerate(rows, 1)],
        total=total,
        as_of=district.as_of,
        model_version=run.version if run else None,
        order=filters.order(district),
        notes=[*district.standing.problems, *district.standing.notes],
    )


def _student(row: dict[str, Any]) -> Student:
    about = {name: row[name] for name in ("grade", "school_id", "school", "is_enrolled")}
    known = {name: row[name] for name in Student.model_fields if name in row}
    known |= {name: known[name].replace(tzinfo=UTC) for name in ("created_at", "updated_at")}
    return Student(**known, grade_level=_level(row["grade"]), student_metadata=about)


def _level(grade: str | None) -> int | None:
    """A grade as a number: 0 is kindergarten, -1 what comes before it."""
    if grade is None or grade.isdecimal():
        return None if grade is None else int(grade)
    return {"KG": 0, "K": 0, "TK": 0, "PK": -1, "PR": -1, "IT": -1}.get(grade.upper())


def _ranked(place: int, row: dict[str, Any]) -> Ranked:
    known = {name: row[name] for name in Ranked.model_fields if name in row}
    return Ranked(**known, rank=place, risk_category=row["tier"], main_reason=row["factor"])
