"""The skills that a student works on next, with their names and the reasons in words."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from edupulse_core import words
from edupulse_core.families.path import sayings
from edupulse_core.families.path.practice import MASTERED
from edupulse_core.lifecycle.serving import Answered
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.mastery import ORDER, Mastery


@dataclass(frozen=True)
class NextSkill:
    """One step of a path."""

    rank: int
    skill_id: str
    title: str
    subject: str | None  # as the district said it; None: it said none
    mastery: float  # chance of a right answer before the step
    gain: float  # that the step is expected to add
    reason: str  # goal, prerequisite, nearly_mastered, forgotten or next
    toward: str | None  # the skill_id that it is a prerequisite of
    sentence: str


@dataclass(frozen=True)
class NextSkills:
    """A student's path; without steps, nothing is left that could come next."""

    student_id: str
    as_of: date
    version: str
    goal: str | None  # the skill_id that it leads to
    steps: tuple[NextSkill, ...]

    @property
    def note(self) -> str:
        """What to say where no skill is left."""
        if self.steps:
            return ""
        if self.goal is not None:
            return "The student has mastered this skill already."
        return (
            "No skill is left to suggest: each one that fits the student's grade is mastered or "
            "taken as known from earlier grades."
        )

    def as_json(self) -> dict[str, Any]:
        """What the command line and the API say."""
        return {
            "student_id": self.student_id,
            "as_of": self.as_of.isoformat(),
            "model_version": self.version,
            "goal": self.goal,
            "steps": [asdict(each) for each in self.steps],
        }


def next_skills(
    viewer: Viewer | None,
    district: District,
    student_id: str,
    found: Answered,
    goal: str,
    chances: Mapping[str, float],
) -> NextSkills:
    """What a model answered about a student, with names.

    viewer: None for the operator.  chances: of a right answer by skill_id, as the model for mastery
    says them; what it does not say is as in the path.
    Raises AccessError where they may not see the student.
    """
    if viewer is not None:
        district.why(viewer, student_id)
    about = {row["skill_id"]: row for row in district.rows("mastery_skills")}
    titles = {skill: row["title"] for skill, row in about.items()}
    rows = [row for row in found.rows.to_pylist() if row["subject"] == student_id]
    steps = [step for row in rows for step in json.loads(row["details"])["steps"]]
    return NextSkills(
        student_id,
        found.as_of,
        found.version,
        goal or None,
        tuple(_step(at, step, about, titles, chances) for at, step in enumerate(steps, 1)),
    )


def goals(known: Mastery) -> dict[str, str]:
    """The skills that a path may lead to, id to title, by title: those that are not mastered.

    Where two are called alike, their IDs tell them apart.
    """
    left = [
        each
        for each in known.skills
        if each.label == ORDER[-1] or (each.mastery < MASTERED and each.label != ORDER[0])
    ]
    return words.apart(
        {each.skill_id: each.title for each in sorted(left, key=lambda one: one.title)}
    )


def _step(
    rank: int,
    step: dict[str, Any],
    about: dict[str, dict[str, Any]],
    titles: dict[str, str],
    chances: Mapping[str, float],
) -> NextSkill:
    known = about.get(step["skill"], {})
    return NextSkill(
        rank=rank,
        skill_id=step["skill"],
        title=known.get("title") or step["skill"],
        subject=known.get("subject"),
        mastery=chances.get(step["skill"], step["mastery"]),
        gain=step["gain"],
        reason=step["reason"],
        toward=step["toward"] or None,
        sentence=sayings.sentence(step, titles),
    )
