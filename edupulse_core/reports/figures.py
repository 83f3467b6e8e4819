"""Figures, groups and days as every report writes them."""

from collections.abc import Sequence
from datetime import date, datetime

from edupulse_core import words
from edupulse_core.config import SMALLEST
from edupulse_core.reports.blocks import Cell
from edupulse_core.training.evaluation import end, figure
from edupulse_core.training.results import Interval

HIDDEN = f"Hidden for privacy (under {SMALLEST})"
NOTHING = "–"
_PROPER = {"american indian": "American Indian", "pacific islander": "Pacific Islander"}


def sentence(said: str) -> str:
    """The same words with a capital letter first."""
    return said[:1].upper() + said[1:]


def reached(met: bool | None) -> str:
    """Whether a goal was reached."""
    return "Not judged" if met is None else "Reached" if met else "Missed"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share of 0..1 in percent; a dash if it is not defined."""
    return NOTHING if share is None else figure(share, f"{{:.{decimals}%}}")


def percents(found: Interval) -> str:
    """A share in percent with its interval, such as "92% (87 to 97)"."""
    if found.value is None or found.low is None or found.high is None:
        return NOTHING
    low, high = (figure(100 * each, "{:.0f}") for each in (found.low, found.high))
    return f"{percent(found.value)} ({low} to {high})"


def spread(value: float | None, low: float | None, high: float | None, form: str) -> str:
    """A value with its interval, all in the same form; a dash if it is not defined."""
    if value is None or low is None or high is None:
        return NOTHING
    return f"{figure(value, form)} ({end(low, form)} to {end(high, form)})"


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return figure(100 * share, "{:.1f}")


def ranged(found: Interval, axis: tuple[float, float], goal: float | None = None) -> Cell:
    """A share with its interval, which may also be drawn on an axis."""
    if found.value is None or found.low is None or found.high is None:
        return Cell(NOTHING)

    def place(x: float) -> float:
        return min(1.0, max(0.0, (x - axis[0]) / (axis[1] - axis[0])))

    at = tuple(place(x) for x in (found.low, found.value, found.high))
    return Cell(percents(found), "range", at, None if goal is None else place(goal))


def barred(said: str, value: float, most: float) -> Cell:
    """A number that may also be drawn as a bar; the largest fills the width."""
    return Cell(said, "bar", (min(1.0, max(0.0, value / most)) if most > 0 else 0.0,))


def number(count: int | None) -> str:
    """A count; a dash if it is hidden."""
    return NOTHING if count is None else f"{count:,}"


def size(rows: int, students: int | None) -> str:
    """The number of student-weeks and students behind a measurement."""
    return f"{rows:,} student-weeks of {number(students)} students"


def day(when: date | datetime) -> str:
    """A day, such as Nov 22, 2026."""
    return f"{when:%b} {when.day}, {when.year}"


def weeks(first_and_last: tuple[str, str]) -> str:
    """The first and the last week of a measurement."""
    first, last = (day(date.fromisoformat(each)) for each in first_and_last)
    return f"{first} to {last}"


def group(name: str) -> str:
    """A group of students as people say it; a grade without its leading zero."""
    if name.isdigit():
        return name.lstrip("0") or "0"
    known = _PROPER | words.GRADES
    return known.get(name, f"{name[:1].upper()}{name[1:]}") or "Unknown"


def levels(names: Sequence[str]) -> str:
    """Risk levels that are combined."""
    return " or ".join(map(str.capitalize, names))
