"""What is unknown at a school, once more, in plain pandas: written from the contract."""

from functools import cache
from typing import Any

import pandas as pd

REMOVALS = ("in_school_suspension", "out_of_school_suspension", "expulsion")
FEWEST = 500  # student-days that a rate takes
EXPECTED = 7  # incidents that should have come
DAYS = 20  # instructional days without a result
YEAR = pd.Timedelta(days=365)


class Silence:
    """Which days and weeks of which school are unknown, and since when that is known."""

    def __init__(self, warehouse: Any, silent_rows: float, silent_days: int) -> None:
        self.warehouse = warehouse
        self.silent_rows = silent_rows
        self.silent_days = silent_days
        rows = warehouse.attendance.groupby(["student_id", "date"]).size().rename("rows")
        days = warehouse.days.merge(rows.reset_index(), on=["student_id", "date"], how="left")
        self.days = (
            days.groupby(["school_id", "date"])
            .agg(students=("student_id", "size"), rows=("rows", "sum"))
            .reset_index()
        )
        self.known = cache(self._unknown)

    def silent(self) -> pd.DataFrame:
        """school_id, date and known_on of every silent day."""
        found = []
        before = self.days
        if self.warehouse.import_day is not None:
            before = before[before.date < pd.Timestamp(self.warehouse.import_day)]
        for school, own in before.groupby("school_id"):
            others = before[before.school_id != school]
            silent: list[pd.Timestamp] = []
            gap: list[Any] = []
            for day in [*own.sort_values("date").itertuples(), None]:
                if day is not None and day.rows == 0:
                    gap.append(day)
                    continue
                known_on = self._known_on(gap, own[~own.date.isin(silent)], others) if gap else None
                if known_on is not None:
                    silent += [each.date for each in gap]
                    found += [
                        {"school_id": school, "date": each.date, "known_on": known_on}
                        for each in gap
                    ]
                gap = []
        return pd.DataFrame(found, columns=["school_id", "date", "known_on"])

    def _known_on(
        self, gap: list[Any], own: pd.DataFrame, others: pd.DataFrame
    ) -> pd.Timestamp | None:
        for n in range(1, len(gap) + 1):
            held = _within(own, gap[0].date)
            if held.students.sum() < FEWEST:
                held = _within(others, gap[n - 1].date)
                all_days = _within(self.days, gap[n - 1].date)
                is_empty = all_days.students.sum() >= FEWEST and all_days.rows.sum() == 0
                if is_empty and n >= self.silent_days:
                    first: pd.Timestamp = gap[n - 1].date
                    return first
            if held.students.sum() < FEWEST or n < self.silent_days:
                continue
            students = sum(each.students for each in gap[:n])
            if round(held.rows.sum() * students / held.students.sum(), 9) >= self.silent_rows:
                on: pd.Timestamp = gap[n - 1].date
                return on
        return None

    def all_silent(self, school: str, monday: pd.Timestamp) -> bool:
        """Whether no attendance of a school's week is known, in the end."""
        week = self.days[(self.days.school_id == school) & _in_week(self.days.date, monday)]
        silent = self.warehouse.silent
        mine = silent[(silent.school_id == school) & _in_week(silent.date, monday)]
        return len(week) > 0 and len(week) == len(mine)

    def _unknown(self, school: str, sunday: pd.Timestamp) -> frozenset[str]:
        """Kinds of record that a school is known not to send, as of a Sunday."""
        it = self.warehouse
        found = set()
        past = self.days[(self.days.date > sunday - YEAR) & (self.days.date <= sunday)]
        others = past[past.school_id != school].students.sum()
        incidents = it.incidents[it.incidents.date <= sunday]
        lately = incidents[incidents.date > sunday - YEAR]
        if not (incidents.school_id == school).any() and others >= FEWEST:
            theirs = (lately.school_id.notna() & (lately.school_id != school)).sum()
            own = self.days[(self.days.school_id == school) & (self.days.date <= sunday)]
            if round(theirs * own.students.sum() / others, 9) >= EXPECTED:
                found.add("incidents")
        removals = lately[(lately.school_id == school) & lately.action.isin(REMOVALS)]
        if not removals.days_removed.notna().any():
            found.add("days_removed")

        def in_year(dates: pd.Series) -> pd.Series:
            dates = pd.to_datetime(dates)
            return (dates > sunday - YEAR) & (dates <= sunday)

        items = it.items[(it.items.school_id == school) & in_year(it.items.due_date)]
        results = it.results[it.results.school_id == school]
        missing = (results.score_status == "not submitted") & in_year(results.due_date)
        if len(items) and not missing.any():
            found.add("missing_work")
        open_days = self.days[self.days.school_id == school].date
        if (
            in_year(open_days).sum() >= DAYS
            and not (results.scored & in_year(results.score_date)).any()
        ):
            found.add("marks")
        return frozenset(found)


def _within(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The 365 days before a day."""
    return days[(days.date >= end - YEAR) & (days.date < end)]


def _in_week(dates: pd.Series, monday: pd.Timestamp) -> pd.Series:
    return (dates >= monday) & (dates <= monday + pd.Timedelta(days=6))
