"""A district's rules for reading its records and judging outcomes."""

from dataclasses import asdict, field
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

_strict = ConfigDict(extra="forbid")

Points = tuple[tuple[float, float], ...]
Letters = Annotated[
    tuple[tuple[str, Annotated[float, Field(ge=0, le=1.5)]], ...],
    BeforeValidator(lambda given: tuple(given.items()) if isinstance(given, dict) else given),
]


@dataclass(frozen=True, config=_strict)
class AttendanceRules:
    """How a district counts absence."""

    chronic_rate: float = Field(
        default=0.10, gt=0, lt=1
    )  # share of enrolled days; at or above is chronic
    min_days_enrolled: int = Field(
        default=20, ge=0
    )  # days this year; no one is chronic before this
    minutes_a_day: int = Field(default=390, gt=0)  # minutes of a school day
    classes_a_day: int | None = Field(
        default=None, ge=1
    )  # classes that meet on a day, where students have more; empty: all of them
    silent_rows: float = Field(
        default=20.0, gt=0
    )  # attendance rows that should have come; a school that sent none of them is silent
    silent_days: int = Field(default=1, ge=1)  # school days; no school is silent for fewer


@dataclass(frozen=True, config=_strict)
class GradeRules:
    """How a district reads grades."""

    failing_below: float = Field(
        default=0.60, gt=0, lt=1
    )  # course mean percentage; below is failing
    late_days: int = Field(
        default=7, ge=0
    )  # days after the due date; scored later than this is late
    # course mean → grade points, the highest first
    points: Points = ((0.9, 4.0), (0.8, 3.0), (0.7, 2.0), (0.6, 1.0))
    letters: Letters = ()  # a grade that is a word → share of the maximum


@dataclass(frozen=True, config=_strict)
class DisciplineRules:
    """How a district counts incidents."""

    repeat_days: int = Field(
        default=30, ge=0
    )  # days; an incident this soon after another is a repeat
    never_weeks: int = Field(
        default=20, ge=1
    )  # weeks since the last incident when there was none, and at most


@dataclass(frozen=True, config=_strict)
class OutcomeRules:
    """What is predicted."""

    horizon_weeks: int = Field(default=9, ge=1)  # school weeks looked ahead: a marking period
    incidents: int = Field(default=2, ge=1)  # this many incidents in those weeks raise flag B
    min_days_enrolled: int = Field(default=5, ge=0)  # days; with fewer there is no outcome
    weight_a: float = 0.3  # what flag A adds to the outcome
    weight_b: float = 0.3  # the same for flag B
    weight_c: float = 0.4  # the same for flag C
    tiers: tuple[float, float, float] = (0.25, 0.5, 0.75)  # where Medium, High, Critical begin
    min_history_weeks: int = Field(
        default=4, ge=1, le=20
    )  # weeks with attendance or grades known, of the last 20; with fewer a student has no score


@dataclass(frozen=True, config=_strict)
class SchoolRules:
    """What differs at some schools or in some grades; an empty setting changes nothing.

    For each setting the first block that fits counts, else the district's.
    """

    schools: tuple[str, ...] = ()  # orgs.sourcedId; empty: every school
    grades: tuple[str, ...] = ()  # of the class, else of the student; empty: every grade
    minutes_a_day: int | None = Field(default=None, gt=0)  # as attendance.minutes_a_day
    classes_a_day: int | None = Field(default=None, ge=1)  # as attendance.classes_a_day
    failing_below: float | None = Field(default=None, gt=0, lt=1)  # as grades.failing_below
    points: Points | None = None  # as grades.points
    letters: Letters | None = None  # as grades.letters

    @model_validator(mode="after")
    def _says_whom_and_what(self) -> Self:
        if not (self.schools or self.grades):
            raise ValueError("it must name schools, grades or both")
        by_school = self.minutes_a_day is not None or self.classes_a_day is not None
        if by_school and self.grades:
            raise ValueError(
                "minutes_a_day and classes_a_day go by school: put them in a block without grades"
            )
        return self


@dataclass(frozen=True)
class Rules:
    """A district's rules for reading records and judging outcomes; a version saves its own."""

    attendance: AttendanceRules = field(default_factory=AttendanceRules)
    grades: GradeRules = field(default_factory=GradeRules)
    discipline: DisciplineRules = field(default_factory=DisciplineRules)
    outcomes: OutcomeRules = field(default_factory=OutcomeRules)
    by_school: tuple[SchoolRules, ...] = ()
    not_school: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Every rule with its value, plain."""
        return asdict(self)
