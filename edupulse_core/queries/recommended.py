"""Recommended resources as pages, API and command line show them."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from edupulse_core.families.recommend.sayings import reason


@dataclass(frozen=True)
class Offer:
    """One resource for a student, and why."""

    rank: int  # 1 is the best
    resource_id: str
    title: str
    kind: str | None  # reading, practice, video, project or other
    skills: tuple[str, ...]  # titles
    skill_ids: tuple[str, ...]
    level: float | None  # 1 to 5
    minutes: float | None
    url: str | None  # None unless it is a web address
    score: float  # 1 over the rank: the model's own number may tell how few students used it
    way: str  # history, content (nobody has used it yet) or popular (the student has no history)
    reason: str


def offers(
    rows: pa.Table, student_id: str, mastered: Collection[str] = (), count: int | None = None
) -> list[Offer]:
    """A student's resources, best first.  rows: as ANSWERS of the family.

    One that trains only skills that are mastered is left out, unless nothing else is there.
    """
    found = [_offer(row) for row in rows.to_pylist() if row["subject"] == student_id]
    found.sort(key=lambda each: each.rank)
    new = [each for each in found if not each.skill_ids or not {*each.skill_ids} <= {*mastered}]
    best = (new or found)[:count]
    return [replace(each, rank=at, score=round(1 / at, 4)) for at, each in enumerate(best, 1)]


def _offer(row: dict[str, Any]) -> Offer:
    details = json.loads(row["details"])
    url = details["url"] or ""
    return Offer(
        rank=row["rank"],
        resource_id=row["object"],
        title=details["title"],
        kind=details["kind"],
        skills=tuple(each["title"] for each in details["skills"]),
        skill_ids=tuple(each["skill_id"] for each in details["skills"]),
        level=details["level"],
        minutes=details["minutes"],
        url=url if url.startswith(("https://", "http://")) else None,
        score=round(1 / row["rank"], 4),
        way=row["label"],
        reason=reason(details),
    )
