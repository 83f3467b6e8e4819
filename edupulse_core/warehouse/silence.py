"""What is unknown, school by school: records that were expected and did not come.

Everything that says "unknown" reads the two tables that are filled here: the features, the Data
page, the page of a student, the notes of an import.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.config import AttendanceRules

YEAR = 365  # days that a rate is taken from
FEWEST = 500  # student-days; a rate of fewer says little
EXPECTED_INCIDENTS = 7  # that should have come; fewer may be missing by chance
INSTRUCTIONAL_DAYS = 20  # without a grade: the four weeks that features look back on


class Unsent(NamedTuple):
    """What it means that a school is known not to send a kind of record."""

    needs: str  # the kind of record that the district must have imported at all
    words: str  # what follows the school's name


UNSENT = {
    "incidents": Unsent(
        "incidents",
        f"has sent no incidents, though {EXPECTED_INCIDENTS} or more were expected. Incidents "
        "there are unknown.",
    ),
    "incidents_stopped": Unsent(
        "incidents",
        f"has stopped sending incidents: {EXPECTED_INCIDENTS} or more were expected since the "
        "last one. Those on the pages are from before.",
    ),
    "marks": Unsent(
        "grades",
        "has sent no grade with a number in the past year. Failing courses and late grades there "
        "are unknown.",
    ),
    "missing_work": Unsent(
        "grades", "never marks work as not submitted. Missing work there is unknown."
    ),
    "days_removed": Unsent(
        "incidents",
        "has sent suspensions without daysRemoved. How long they lasted is unknown.",
    ),
}
_SILENT = pa.schema([("school_id", pa.string()), ("date", pa.date32()), ("known_on", pa.date32())])


@dataclass
class _Tally:
    """Student-days and attendance rows by day, in order, to be summed over any stretch."""

    days: list[int] = field(default_factory=list)  # proleptic ordinals
    students: list[int] = field(default_factory=lambda: [0])  # sums of all days before
    rows: list[int] = field(default_factory=lambda: [0])

    def add(self, day: int, students: int, rows: int) -> None:
        """Append a day, later than all before."""
        self.days.append(day)
        self.students.append(self.students[-1] + students)
        self.rows.append(self.rows[-1] + rows)

    def year_before(self, day: int) -> tuple[int, int]:
        """Student-days and rows in the 365 days before a day."""
        first, last = bisect_left(self.days, day - YEAR), bisect_left(self.days, day)
        return self.students[last] - self.students[first], self.rows[last] - self.rows[first]


@dataclass(frozen=True)
class _Day:
    """A day on which a school had students."""

    day: int
    students: int
    rows: int


def find(con: duckdb.DuckDBPyConnection, today: date | None, rules: AttendanceRules) -> None:
    """Fill `silent_days` and `unknown_weeks` of the warehouse that `con` finds first.

    today: the day of the import, itself never judged; None judges every day.
    """
    given = {"today": today or date.max}
    if con.execute("from has_records where name = 'attendance' and present").fetchall():
        by_school = _school_days(con, given["today"])
        found = list(_silent_days(by_school, rules))
        if found:
            con.register("found_silent", pa.Table.from_pylist(found, _SILENT))
            con.execute("insert into silent_days from found_silent order by all")
            con.unregister("found_silent")
    limits = {"fewest": FEWEST, "expected": EXPECTED_INCIDENTS, "n_days": INSTRUCTIONAL_DAYS}
    sql.run(con, "warehouse/sql/unknown_weeks", given | limits)


def _school_days(con: duckdb.DuckDBPyConnection, today: date) -> dict[str, list[_Day]]:
    """Each school's days with students before today, in order."""
    rows = sql.run(con, "warehouse/sql/silence", {"today": today})
    return {
        school: [_Day(day.toordinal(), students, n) for _, day, students, n in days]
        for school, days in groupby(rows, lambda row: str(row[0]))
    }


def _silent_days(
    by_school: dict[str, list[_Day]], rules: AttendanceRules
) -> Iterator[dict[str, object]]:
    """The days of every silent gap, each with the day on which it could first be called silent."""
    district = _tally([day for days in by_school.values() for day in days])
    for school, days in by_school.items():
        whole = _tally(days)  # the school's own, to take it from the district's
        own = _Tally()  # the same without its silent gaps so far
        for has_rows, run in groupby(days, lambda day: day.rows > 0):
            stretch = list(run)
            known_on = None if has_rows else _known_on(stretch, own, whole, district, rules)
            for each in stretch:
                own.add(each.day, 0 if known_on else each.students, each.rows)
                if known_on:
                    yield {
                        "school_id": school,
                        "date": date.fromordinal(each.day),
                        "known_on": date.fromordinal(known_on),
                    }


def _known_on(
    gap: list[_Day], own: _Tally, whole: _Tally, district: _Tally, rules: AttendanceRules
) -> int | None:
    """The first day of a gap on which it is called silent; None when it is not.

    own: the school's days before the gap.  whole: all of its days.
    """
    students, rows = own.year_before(gap[0].day)
    is_enough = students >= FEWEST
    so_far = 0
    for n_days, each in enumerate(gap, 1):
        so_far += each.students
        if not is_enough:
            all_students, all_rows = district.year_before(each.day)
            own_students, own_rows = whole.year_before(each.day)
            students, rows = all_students - own_students, all_rows - own_rows
            if all_rows == 0 and all_students >= FEWEST and n_days >= rules.silent_days:
                return each.day  # nobody sends any: an empty file is no perfect attendance
        if students < FEWEST or n_days < rules.silent_days:
            continue
        if round(rows * so_far / students, 9) >= rules.silent_rows:
            return each.day
    return None


def _tally(days: list[_Day]) -> _Tally:
    tally = _Tally()
    for day, same in groupby(sorted(days, key=lambda each: each.day), lambda each: each.day):
        together = list(same)
        tally.add(day, sum(one.students for one in together), sum(one.rows for one in together))
    return tally
