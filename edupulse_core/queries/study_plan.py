"""What to study this week: the next skills that fit the hours a student has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from edupulse_core.lifecycle.serving import Answered
from edupulse_core.queries.district import District

MOST = 24 * 7.0  # hours of a week
DETAILS = ("close", "usual", "pace", "sessions_before")  # of an answer


@dataclass(frozen=True)
class Expected:
    """How long a student will need for a session on a skill."""

    student_id: str
    student: str  # their name
    skill_id: str
    skill: str  # its title
    subject: str  # empty if not said
    hours: float
    low: float  # 9 of 10 such sessions take at least
    high: float  # and at most
    close: float  # the chance that the session takes what was said, give or take a quarter
    usual: float  # hours that such a session takes most students
    pace: float  # how much longer than most the student takes: 1 is as long
    sessions_before: int  # of the student
    version: str
    as_of: date


@dataclass(frozen=True)
class StudyPlan:
    """Sessions for a week, in the order in which they should come."""

    budget: float  # hours that the student has
    sessions: tuple[Expected, ...]
    later: tuple[Expected, ...]  # those that did not fit
    may_run_over: bool  # even its one session may take longer than the budget

    @property
    def hours(self) -> float:
        """The hours to expect in all."""
        return sum(each.hours for each in self.sessions)

    @property
    def low(self) -> float:
        """If every session took its lower end."""
        return sum(each.low for each in self.sessions)

    @property
    def high(self) -> float:
        """If every session took its upper end."""
        return sum(each.high for each in self.sessions)


def expected(district: District, student_id: str, answered: Answered) -> list[Expected]:
    """A student's answers with the names of student and skills.

    The student's door was asked already: only an action makes these answers.
    """
    rows = answered.rows.to_pylist()
    (student,) = district.rows("student_name", {"student_id": student_id})
    given = {"skills": [row["object"] for row in rows]}
    skills = {each["skill_id"]: each for each in district.rows("skill_names", given)}
    return [
        Expected(
            student_id=student_id,
            student=student["name"] or student_id,
            skill_id=row["object"],
            skill=skills[row["object"]]["title"],
            subject=skills[row["object"]]["subject"] or "",
            hours=row["value"],
            low=row["low"],
            high=row["high"],
            version=answered.version,
            as_of=answered.as_of,
            **{name: json.loads(row["details"])[name] for name in DETAILS},
        )
        for row in rows
    ]


def study_plan(skills: Sequence[Expected], budget: float) -> StudyPlan:
    """Choose from the next skills, the first first, what fits the budget at the upper end.

    A skill that does not fit is left for later, and the next one is tried. Where none fits, the
    shortest session that is expected to fit is chosen alone, and the plan says that it may run
    over; where not even that exists, nothing is chosen.
    """
    chosen: list[Expected] = []
    left = budget
    for each in skills:
        if each.high <= left + 1e-9:
            chosen.append(each)
            left -= each.high
    may_run_over = False
    if not chosen:
        short = min(skills, key=lambda each: each.hours, default=None)
        if short is not None and short.hours <= budget:
            chosen, may_run_over = [short], True
    later = tuple(each for each in skills if each not in chosen)
    return StudyPlan(budget, tuple(chosen), later, may_run_over)
