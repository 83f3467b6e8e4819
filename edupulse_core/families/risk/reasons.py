"""Turns a reason into words: the one place where the fields of a factor become a sentence.

The list, the student's page, the command line and the exports all use it. Each of the 42 features
has its own sentence, which says what the record says, whether the value is high or low.
"""

from dataclasses import dataclass

from edupulse_core.config import Settings
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.sayings import statement, typical
from edupulse_core.features.built import named


@dataclass(frozen=True)
class Reason:
    """A factor as people read it."""

    feature: str
    label: str
    sentence: str  # with the value, and the school's typical value
    direction: str  # raises or lowers
    mover: str  # "raises the score", or that earlier weeks did; empty where the sentence says it


def reason(factor: Factor, settings: Settings) -> Reason:
    """A factor in words."""
    mover = "" if factor.said else _mover(factor)
    told = sentence(factor, settings)
    return Reason(factor.feature, named(factor.feature).label, told, factor.direction, mover)


def sentence(factor: Factor, settings: Settings) -> str:
    """The value and the school's typical value: "Failing 2 courses (most students: 0)".

    A factor that an earlier EduPulse kept as a sentence keeps that sentence.
    """
    if factor.said:
        return factor.said
    norm = typical(factor)
    return statement(factor, settings) + (f" ({norm})" if norm else "")


def in_full(factor: Factor, settings: Settings) -> str:
    """The sentence, and whether it raised or lowered the score, for a line of text."""
    said = sentence(factor, settings)
    return said if factor.said else f"{said}; {_mover(factor)}"


def in_short(factor: Factor, settings: Settings) -> str:
    """An arrow and the value, for a cell of a table."""
    arrow = "↑" if factor.direction == "raises" else "↓"
    if factor.said:
        return f"{arrow} {factor.said}"
    earlier = "" if factor.is_apart else f"; {_mover(factor)}"
    return f"{arrow} {statement(factor, settings)}{earlier}"


def _mover(factor: Factor) -> str:
    if factor.is_apart:
        return f"{factor.direction} the score"
    return f"earlier weeks {'raised' if factor.direction == 'raises' else 'lowered'} the score"
