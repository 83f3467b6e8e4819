"""Windows of twenty weeks of features, as arrays for training and scoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.errors import MissingError
from edupulse_core.features import built

LENGTH = 20  # weeks, the latest included

_WEEK = "select student_id, week_start from student_weeks where week_start = $week_start::date"
_ROWS = """
    select features.*
    from features
    where student_id in (select student_id from wanted_windows)
    order by student_id, week_start
"""
_PLACES = """
    with
    numbered as (
        select
            student_id,
            week_start,
            row_number() over (order by student_id, week_start) - 1 as row_no,
            row_number() over (partition by student_id order by week_start) as history_weeks
        from features
        where student_id in (select student_id from wanted_windows)
    )
    select numbered.row_no, numbered.history_weeks
    from wanted_windows
    left join numbered using (student_id, week_start)
    order by wanted_windows.place
"""


@dataclass(frozen=True)
class Windows:
    """The weeks up to and including each end, oldest first, padded on the left."""

    student_ids: pa.Array  # (N,) string
    week_starts: pa.Array  # (N,) date32: the Monday of the last week
    values: NDArray[np.float32]  # (N, T, F); NaN where unknown and in the padding
    observed: NDArray[np.bool_]  # (N, T); False in the padding
    features: tuple[str, ...]  # (F,) what the values are of


@dataclass(frozen=True)
class Histories:
    """Every week of some students, once; windows are cut from it."""

    student_ids: pa.Array  # (R,) string, sorted
    week_starts: pa.Array  # (R,) date32, ascending within a student
    values: NDArray[np.float32]  # (R, 42); NaN where unknown
    n_before: NDArray[np.int64]  # (R,) rows of the same student before this one

    def window(
        self, rows: NDArray[np.int64], length: int = LENGTH
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The windows that end in these rows: values (N, T, 42) and observed (N, T)."""
        steps = np.arange(length - 1, -1, -1)
        observed = steps[None, :] <= self.n_before[rows][:, None]
        places = np.where(observed, rows[:, None] - steps[None, :], rows[:, None])
        values = self.values[places]
        values[~observed] = np.nan
        return values, observed


def windows(
    con: duckdb.DuckDBPyConnection,
    ends: date | pa.Table,
    length: int = LENGTH,
    features: Sequence[str] | None = None,
) -> Windows:
    """Cut the windows that end in the given weeks.

    con: a connection with the features attached.  ends: a Monday, for every student enrolled in
    that week, or a table of student_id and week_start, whose order is kept.  features: which ones
    and in which order; by default all that are built. Raises MissingError for an end for which the
    student has no row.
    """
    names = tuple(features or built.names())
    if isinstance(ends, date):
        ends = _table(con, _WEEK + " order by student_id", {"week_start": ends})
    wanted = pa.table(
        {
            "student_id": ends["student_id"].cast(pa.string()),
            "week_start": ends["week_start"].cast(pa.date32()),
            "place": pa.array(np.arange(len(ends))),
        }
    )
    con.register("wanted_windows", wanted)
    try:
        history = _histories(_table(con, _ROWS), names)
        places = _table(con, _PLACES)
    finally:
        con.unregister("wanted_windows")
    if places["row_no"].null_count:
        raise MissingError("a window was asked for a week in which the student has no row")
    rows = places["row_no"].to_numpy().astype(np.int64)
    values, observed = history.window(rows, length)
    return Windows(
        wanted["student_id"].combine_chunks(),
        wanted["week_start"].combine_chunks(),
        values,
        observed,
        names,
    )


def _histories(table: pa.Table, names: tuple[str, ...]) -> Histories:
    values = np.empty((len(table), len(names)), np.float32)
    for column, name in enumerate(names):
        values[:, column] = table[name].to_numpy()  # null becomes NaN
    student_ids = table["student_id"].combine_chunks()
    codes = student_ids.dictionary_encode().indices.to_numpy()  # in order of appearance
    starts = np.searchsorted(codes, codes)
    return Histories(
        student_ids,
        table["week_start"].combine_chunks(),
        values,
        np.arange(len(table)) - starts,
    )


def _table(
    con: duckdb.DuckDBPyConnection, query: str, given: dict[str, Any] | None = None
) -> pa.Table:
    return con.sql(query, params=given).to_arrow_table()
