"""The sentences about a recommended resource, from the fields of its answer."""

from collections.abc import Mapping
from typing import Any

from edupulse_core import words
from edupulse_core.families.recommend.reasons import POPULAR

LABELS = {  # of the inputs
    "resources_used": "Resources used",
    "completion_rate": "Share of resources completed",
    "mean_rating": "Mean rating given",
    "mean_minutes": "Minutes a use, on average",
    "preferred_level": "Usual level",
    "days_between_uses": "Days between uses",
}
CHOSEN = {  # settings that validation data decide
    "l2": "ridge penalty",
    "near": "weight of the cosines",
    "share": "weight of the low-rank part",
    "sitting": "extra weight of uses in one sitting",
    "level": "cost of a level more or less",
    "half": "uses at which both networks count alike",
}
NEAR = 0.5  # of a level: what is nearer is the student's usual level


def reason(details: Mapping[str, Any]) -> str:
    """Why a resource is offered, in one or two sentences."""
    said = [_about(details), _level(details), _because(details)]
    return " ".join(each for each in said if each)


def chosen(settings: Mapping[str, float]) -> dict[str, float]:
    """What was chosen on validation data, by the words for each setting."""
    return {CHOSEN.get(name, name): value for name, value in settings.items()}


def _about(details: Mapping[str, Any]) -> str:
    titles = [skill["title"] for skill in details["skills"]]
    if not titles:
        return ""
    named = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
    return f"{'Practice in' if details['kind'] == 'practice' else 'About'} {named}."


def _level(details: Mapping[str, Any]) -> str:
    level, usual = details["level"], details["student_level"]
    if level is None:
        return ""
    if usual is None:
        return f"Level {level:g} of 5."
    apart = level - usual
    if abs(apart) <= NEAR:
        return f"Level {level:g} of 5, this student's usual level."
    return f"Level {level:g} of 5, {'above' if apart > 0 else 'below'} this student's usual level."


def _because(details: Mapping[str, Any]) -> str:
    because = details["because"]
    if because and because["students"]:
        return f"At least {because['students']:,} students used both this and “{because['title']}”."
    if because:
        return f"Similar to “{because['title']}”, which this student used."
    if details["way"] == POPULAR:
        grade = details["grade"]
        return f"Popular in {words.grade(grade)}." if grade else "Popular with students here."
    return ""
