"""The periods of evaluations: reports made within one count the same students' outcomes.

A report that counted up to its own day could be subtracted from last week's: the difference is one
week of one group, often a single student. So outcomes count up to the end of a period. The days are
fixed, close to the ends of American marking periods. No import can move them.
"""

from datetime import date

from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import OutcomeRules

ENDS = ((1, 31), (3, 31), (6, 30), (10, 31))  # month and day


def last_end(day: date) -> date:
    """The last day of the newest period that was over on a day."""
    ends = [date(year, *end) for year in (day.year - 1, day.year) for end in ENDS]
    return max(end for end in ends if end <= day)


def hide_later(con: DuckDBPyConnection, rules: OutcomeRules, until: date) -> None:
    """Leave on this connection only the outcomes that were known by a day."""
    given = {"until": until, "horizon_weeks": rules.horizon_weeks}
    sql.run(con, "lifecycle/known_outcomes", given)
