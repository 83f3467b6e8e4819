"""Which rule holds where, once more: the first block that fits and says anything of a setting."""

from collections.abc import Sequence
from typing import Any

from edupulse_core.config import Settings


def level(grade: object) -> str:
    """A grade level as it is compared."""
    word = grade.strip() if isinstance(grade, str) else ""
    return str(int(word)) if word.isdigit() else word.upper()


def of_school(settings: Settings, school: str, name: str) -> Any:
    """`minutes_a_day` or `classes_a_day` of a school."""
    for block in settings.rules:
        fits = not block.grades and school in block.schools
        if fits and getattr(block, name) is not None:
            return getattr(block, name)
    return getattr(settings.attendance, name)


def of_class(
    settings: Settings, school: str, grades: Sequence[str], student: object, name: str
) -> Any:
    """`failing_below`, `points` or `letters` of a class, for a student of a grade."""
    levels = {level(grade) for grade in grades} if len(grades) else {level(student)}
    for block in settings.rules:
        if block.schools and school not in block.schools:
            continue
        if block.grades and not levels & {level(grade) for grade in block.grades}:
            continue
        if getattr(block, name) is not None:
            return getattr(block, name)
    return getattr(settings.grades, name)
