"""Weeks that have features: a Monday to the Sunday after it."""

from datetime import date, timedelta

import duckdb

from edupulse_core import sql, words
from edupulse_core.errors import MissingError

_NEWEST = sql.load("features/sql/newest_weeks")


def newest_weeks(con: duckdb.DuckDBPyConnection, as_of: date | None) -> list[date]:
    """The Mondays of the two newest weeks that end by a day (None: any), newest first.

    If there is none, MissingError names the first and last week.
    """
    weeks = [row[0] for row in con.execute(_NEWEST, {"as_of": as_of}).fetchall()]
    if not weeks:
        first, last = con.execute(
            "select min(week_start), max(week_start) from student_weeks"
        ).fetchall()[0]
        ends = [words.day(sunday(week)) for week in (first, last) if week]
        known = f"the first ends on {ends[0]}, the last on {ends[1]}" if ends else ""
        raise MissingError(
            f"no school week ends by {words.day(as_of) if as_of else 'today'}: "
            f"{known or 'none has data yet'}"
        )
    return weeks


def sunday(week_start: date) -> date:
    """The last day of a week."""
    return week_start + timedelta(days=6)
