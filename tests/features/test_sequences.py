"""Windows: the last twenty rows, oldest first, padded on the left, unknown kept unknown."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.errors import MissingError
from edupulse_core.features import sequences
from edupulse_core.features.catalogue import NAMES
from tests.features.district import District, day

TARDIES = NAMES.index("att_tardies_1w")
MATH = NAMES.index("grd_math_ytd")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    district = District(weeks=24, students=("ana",)).enrol("bo", start=day(23)).ends(24)
    for week in range(1, 25):
        for _ in range(week):
            district.mark(day(week), "tardy")
    district.result(day(20), 50)
    district.build().con.execute("set search_path = 'memory.main,warehouse.main,features.main'")
    yield district.con
    district.con.close()


def test_a_monday_gives_a_window_for_every_student_of_that_week(con):
    found = sequences.windows(con, day(24))

    assert found.student_ids.to_pylist() == ["ana", "bo"]
    assert found.week_starts.to_pylist() == [day(24)] * 2
    assert found.values.shape == (2, 20, 42) and found.values.dtype == np.float32
    assert found.observed.shape == (2, 20) and found.observed.dtype == np.bool_


def test_a_window_ends_in_its_week_and_begins_twenty_rows_before(con):
    ana = sequences.windows(con, day(24)).values[0, :, TARDIES]

    assert ana.tolist() == list(range(5, 25))


def test_a_short_history_is_padded_on_the_left_with_unknowns(con):
    found = sequences.windows(con, day(24))

    assert found.observed[1].tolist() == [False] * 18 + [True, True]
    assert np.isnan(found.values[1, :18]).all()


def test_unknown_values_stay_unknown(con):
    found = sequences.windows(con, day(24)).values[0, :, MATH]

    assert np.isnan(found[:15]).all()
    assert found[15:].tolist() == [0.5] * 5


def test_windows_come_in_the_order_asked_for(con):
    ends = pa.table({"student_id": ["bo", "ana", "bo"], "week_start": [day(24), day(3), day(23)]})

    found = sequences.windows(con, ends, length=4)

    assert found.student_ids.to_pylist() == ["bo", "ana", "bo"]
    assert found.observed.sum(axis=1).tolist() == [2, 3, 1]
    assert found.values[1, :, TARDIES].tolist()[1:] == [1, 2, 3]


def test_no_window_reaches_into_another_student(con):
    every = con.sql("select student_id, week_start from features").to_arrow_table()

    found = sequences.windows(con, every)

    assert found.observed.sum(axis=1).max() == 20
    assert found.observed.sum() == sum(min(n, 20) for n in range(1, 25)) + 1 + 2


def test_a_week_without_a_row_is_refused(con):
    ends = pa.table({"student_id": ["bo"], "week_start": [day(3)]})

    with pytest.raises(MissingError, match="no row"):
        sequences.windows(con, ends)


def test_no_ends_give_no_windows(con):
    assert sequences.windows(con, day(40)).values.shape == (0, 20, 42)
