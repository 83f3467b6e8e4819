"""How a date is written for people; everywhere the same."""

from datetime import date


def day(when: date) -> str:
    """A day as American newspapers write it: Nov 22, 2026."""
    return f"{when:%b} {when.day}, {when.year}"
