"""The demo district's school years: 36 weeks, holidays, breaks and snow days."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

WEEKS_A_YEAR = 36  # four marking periods of nine weeks
_BREAKS = {16: 2, 26: 1}  # before this week (from 0): so many weeks without school
_HOLIDAYS = ((2, 0), (7, 0), (10, 4), (12, 2), (12, 3), (12, 4), (17, 0), (21, 0), (26, 4), (33, 0))
_SNOW_WEEKS = (16, 25)


@dataclass(frozen=True)
class SchoolYear:
    """One school year; weeks and weekdays count from 0."""

    number: int  # the calendar year in which it ends, as OneRoster writes schoolYear
    mondays: tuple[date, ...]  # of its 36 instructional weeks
    open_days: NDArray[np.bool_]  # (36, 5)

    @property
    def start(self) -> date:
        """The first day of the year."""
        return self.mondays[0]

    @property
    def end(self) -> date:
        """The Saturday after the last week. No school, so an end date may include it or not."""
        return self.mondays[-1] + timedelta(days=5)

    def day(self, week: int, weekday: int) -> date:
        """The date of a weekday of an instructional week."""
        return self.mondays[week] + timedelta(days=int(weekday))


def _week_offset(week: int) -> int:
    return week + sum(weeks for before, weeks in _BREAKS.items() if week >= before)


def last_sunday(day: date) -> date:
    """The Sunday on or before a day."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def school_years(
    end: date, years: int, weeks: int, rng: np.random.Generator
) -> tuple[SchoolYear, ...]:
    """Lay out the years so that the given week of the last one ends on the given Sunday."""
    last_start = end - timedelta(days=6 + 7 * _week_offset(weeks - 1))
    made = []
    for back in range(years - 1, -1, -1):
        start = last_start - timedelta(weeks=52 * back)
        mondays = tuple(start + timedelta(weeks=_week_offset(w)) for w in range(WEEKS_A_YEAR))
        open_days = np.ones((WEEKS_A_YEAR, 5), bool)
        open_days[tuple(zip(*_HOLIDAYS, strict=True))] = False
        snow = rng.integers(1, 4)
        open_days[rng.integers(*_SNOW_WEEKS, snow), rng.integers(0, 5, snow)] = False
        made.append(SchoolYear(mondays[-1].year, mondays, open_days))
    return tuple(made)
