"""A student's mastery of every skill, with the names of skills and subjects."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from edupulse_core import words
from edupulse_core.lifecycle.serving import Answered
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

ORDER = ("mastered", "nearly", "not yet", "not seen")


@dataclass(frozen=True)
class SkillMastery:
    """One skill of a student."""

    skill_id: str
    title: str
    subject: str | None  # as the district said it; None: it said none
    mastery: float  # chance of a right answer on a typical item of the skill
    low: float
    high: float  # the range holds the student's own rate for 9 in 10 students
    label: str  # mastered, nearly, not yet or not seen
    answers: int  # that the student gave to the skill so far
    right: int
    days_since: int | None  # since the last of them


@dataclass(frozen=True)
class Mastery:
    """Every skill of a student, the surest mastered first."""

    student_id: str
    as_of: date
    version: str
    skills: tuple[SkillMastery, ...]

    @property
    def by_subject(self) -> dict[str, list[SkillMastery]]:
        """The skills of each subject, both in the order in which they are read."""
        names = sorted({words.subject(each.subject) for each in self.skills})
        names.sort(key=lambda name: name == "Other")  # which comes last
        return {
            name: [each for each in self.skills if words.subject(each.subject) == name]
            for name in names
        }

    @property
    def n_seen(self) -> int:
        """Skills that the student gave an answer to."""
        return sum(each.answers > 0 for each in self.skills)

    def as_json(self) -> dict[str, Any]:
        """What the command line and the API say."""
        return {
            "student_id": self.student_id,
            "as_of": self.as_of.isoformat(),
            "model_version": self.version,
            "skills": [asdict(each) for each in self.skills],
        }


def mastery(viewer: Viewer | None, district: District, student_id: str, found: Answered) -> Mastery:
    """What a model answered about a student, sorted and with names.

    viewer: None for the operator. Raises AccessError where they may not see the student.
    """
    if viewer is not None:
        district.why(viewer, student_id)
    names = {row["skill_id"]: row for row in district.rows("mastery_skills")}
    rows = [row for row in found.rows.to_pylist() if row["subject"] == student_id]
    skills = [_skill(row, names.get(row["object"], {})) for row in rows]
    return Mastery(student_id, found.as_of, found.version, tuple(_sorted(skills)))


def _skill(row: dict[str, Any], about: dict[str, Any]) -> SkillMastery:
    details = json.loads(row["details"])
    return SkillMastery(
        skill_id=row["object"],
        title=about.get("title") or row["object"],
        subject=about.get("subject"),
        mastery=row["value"],
        low=row["low"],
        high=row["high"],
        label=row["label"],
        answers=details["answers"],
        right=details["right"],
        days_since=details["days_since"],
    )


def _sorted(skills: Sequence[SkillMastery]) -> list[SkillMastery]:
    """By level, the highest chance first; skills that nobody knows of yet come last."""
    return sorted(skills, key=lambda each: (ORDER.index(each.label), -each.mastery, each.title))
