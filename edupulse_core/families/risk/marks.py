"""How old a student's last mark is: the features carry it forward within the school year."""

from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.warehouse import rules

_AGES = sql.load("families/risk/mark_ages")
_HAS_LETTERS = "select 1 from results where letter is not null limit 1"
_NO_LETTERS = (
    "create or replace temp table lettered as "
    "select ''::varchar as result_id, null::double as share where false"
)


def ages(
    con: duckdb.DuckDBPyConnection, week_start: date, student_ids: list[str], settings: Settings
) -> NDArray[np.float64]:
    """School weeks since the week of each student's last mark, (N,); NaN without one this year.

    con: with the features attached.  week_start: the Monday of the last week known. A mark from
    that week has age 0. One from a day off counts in the student's next week, as in the features.
    A word counts as a mark where the district's rules give it a value.
    """
    if con.execute(_HAS_LETTERS).fetchall():
        rules.install(con, settings)
    else:
        con.execute(_NO_LETTERS)
    given = {"week_start": week_start, "student_ids": student_ids}
    found = dict(con.execute(_AGES, given).fetchall())
    return np.array([found.get(name, np.nan) for name in student_ids], np.float64)
