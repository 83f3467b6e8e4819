"""Take one school's records of a kind away, and nothing else changes; what was there is unknown."""

import duckdb
import pandas as pd
import pytest

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.features import build
from edupulse_core.features.catalogue import NAMES
from edupulse_core.warehouse import rules, silence, snapshots

TAKEN = {
    "attendance": "delete from attendance where (student_id, date) in "
    "(select (student_id, date) from student_days where school_id = $school)",
    "incidents": "delete from incidents where student_id in "
    "(select student_id from student_days where school_id = $school)",
    "results": "delete from results where line_item_id in (select line_item_id from line_items "
    "join classes using (class_id) where school_id = $school)",
}
UNKNOWN = {
    "attendance": ["att_absence_rate_1w", "att_current_streak", "att_excused_days_1w"],
    "incidents": [name for name in NAMES if name.startswith("dsc_")],
    "results": ["grd_courses_failing", "grd_missing_rate_4w", "grd_late_rate_4w"],
}


def features_without(settings: Settings, kind: str = "", school: str = "") -> pd.DataFrame:
    """The features of the home's district, with one kind of record taken from one school."""
    with duckdb.connect() as con:
        con.execute("set threads = 1; attach ':memory:' as warehouse")
        path = snapshots.current(settings).path
        con.execute("attach $path as whole (read_only)", {"path": str(path)})
        con.execute("copy from database whole to warehouse; detach whole")
        con.execute("set search_path = 'memory.main,warehouse.main'")
        if kind:
            con.execute(TAKEN[kind], {"school": school})
        con.execute("delete from silent_days; delete from unknown_weeks")
        sql.run(con, "warehouse/sql/rules")
        rules.install(con, settings)
        silence.find(con, settings.today, settings.attendance)
        con.execute("attach ':memory:' as features")
        build.write(con, settings)
        return con.sql(
            "select student_weeks.school_id, features.* from features.main.features "
            "join features.main.student_weeks using (student_id, week_start) "
            "order by student_id, week_start"
        ).df()


@pytest.fixture(scope="module")
def before(demo_home: Settings) -> pd.DataFrame:
    return features_without(demo_home)


@pytest.mark.parametrize("kind", TAKEN)
def test_a_school_whose_records_are_gone_is_unknown_and_no_other_changes(
    kind: str, demo_home: Settings, before: pd.DataFrame
):
    school = before.groupby("school_id").student_id.nunique().idxmax()

    after = features_without(demo_home, kind, school)

    alone = before.groupby("student_id").school_id.transform("nunique") == 1
    others = alone & (before.school_id != school)
    pd.testing.assert_frame_equal(before[others], after[others])
    mine = after[alone & (after.school_id == school)].sort_values("week_start")
    known = mine[mine[UNKNOWN[kind]].notna().any(axis=1)].week_start
    unknown = mine[mine[UNKNOWN[kind]].isna().all(axis=1)].week_start
    assert len(unknown) > 0.8 * len(mine)
    assert known.empty or known.max() < unknown.min()
