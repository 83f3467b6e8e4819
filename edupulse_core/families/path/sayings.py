"""The sentences about a step of a path, made from its fields."""

from collections.abc import Mapping
from typing import Any

from edupulse_core import words
from edupulse_core.families.path import reasons

LABELS = {  # of the inputs
    "skills_begun": "Skills begun",
    "skills_strong": "Skills with 80% right or more",
    "share_right": "Share of right answers",
    "days_idle": "Days since the last practice",
}


def sentence(step: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Why a skill comes at this place.  step: the fields of a `Step`.  titles: of skills, by id."""
    reason = step["reason"]
    mastery = words.percent(step["mastery"])
    toward = titles.get(step["toward"], step["toward"])
    after = titles.get(step["after"], step["after"])
    days = step["idle_days"]
    if reason == reasons.GOAL:
        return "This is the goal."
    if reason == reasons.FORGOTTEN:
        since = f" for {days} {'day' if days == 1 else 'days'}" if days else " lately"
        return f"Not practiced{since} and perhaps fading, now at {mastery}: review it."
    if reason == reasons.NEARLY_MASTERED:
        return f"Nearly mastered: {mastery}."
    if reason == reasons.PREREQUISITE:
        return f"Needed for {toward}."
    return f"Comes next after {after}." if after else "A good place to begin."
