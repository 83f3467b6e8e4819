"""How dates and grades are written for people; everywhere the same."""

from datetime import date


def day(when: date) -> str:
    """A day as American newspapers write it: Nov 22, 2026."""
    return f"{when:%b} {when.day}, {when.year}"


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
