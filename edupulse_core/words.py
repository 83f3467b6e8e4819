"""How days, grades, subjects and shares are written for people; everywhere the same."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime


def day(when: date) -> str:
    """A day as American newspapers write it: Nov 22, 2026."""
    return f"{when:%b} {when.day}, {when.year}"


def moment(at: datetime) -> str:
    """A day and a time: Nov 22, 2026, 16:05."""
    return f"{day(at)}, {at:%H:%M}"


GRADES = {  # codes of OneRoster → in words
    "PR": "Preschool",
    "PK": "Prekindergarten",
    "TK": "Transitional kindergarten",
    "KG": "Kindergarten",
    "K": "Kindergarten",
    "UG": "Ungraded",
}


def grade(code: str) -> str:
    """A grade level such as "Grade 9" or "Kindergarten"."""
    return GRADES.get(code.upper()) or f"Grade {int(code) if code.isdecimal() else code}"


def subject(name: str | None) -> str:
    """A school subject as a heading; "Other" where it is not known."""
    return (name or "other").capitalize()


def apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels by ID, each different: those that several share get their ID.

    A list to choose from takes the last of two that are the same, whichever is clicked.
    """
    often = Counter(labels.values())
    return {key: f"{said} ({key})" if often[said] > 1 else said for key, said in labels.items()}


def cases(rows: int, of: int, whose: str) -> str:
    """How many cases there are and whose they are, such as "1 case of 1 student"."""
    behind = whose.removesuffix("s") if of == 1 else whose
    return f"{rows:,} case{'s' * (rows != 1)} of {of:,} {behind}"


def percent(share: float) -> str:
    """A share in whole percent, rounded down.

    A level begins at a whole percent, such as 60%: 59.6% is below it, and must not be shown as 60%.
    """
    return f"{math.floor(100 * share + 1e-6)}%"


def took(seconds: float) -> str:
    """How long something took, such as "45 s", "2 min 31 s" or "1 h 5 min"."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        parts = (f"{minutes // 60} h", f"{minutes % 60} min" if minutes % 60 else "")
    else:
        parts = (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")
    return " ".join(filter(None, parts))
