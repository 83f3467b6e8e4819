"""No row of the features knows anything about the days after its week."""

from datetime import date, timedelta

import numpy as np
import pytest

from edupulse_core.features.catalogue import NAMES
from tests.features.district import District, day, random_district

DATED = {
    "attendance": "delete from warehouse.attendance where date > $sunday",
    "incidents": "delete from warehouse.incidents where date > $sunday",
    "withdrawals": "delete from warehouse.withdrawals where date > $sunday",
    "results": """
        delete from warehouse.results
        where
            (score_status = 'not submitted' and line_item_id in (
                select line_item_id from warehouse.line_items where due_date > $sunday
            ))
            or (score_status <> 'not submitted' and score_date > $sunday)
    """,
    "enrollment_spans": "delete from warehouse.enrollment_spans where start_date > $sunday",
    "school_days": "delete from warehouse.school_days where date > $sunday",
}


def forget(district: District, sunday: date) -> District:
    """Delete everything dated after a day."""
    for statement in DATED.values():
        district.con.execute(statement, {"sunday": sunday})
    return district


def week_of(district: District, monday: date) -> dict[str, list[float]]:
    rows = district.con.execute(
        "select * from features.main.features where week_start = $monday order by student_id",
        {"monday": monday},
    ).fetchall()
    return {row[0]: [np.nan if value is None else value for value in row[2:]] for row in rows}


@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.parametrize("seed", range(100, 106))
def test_deleting_everything_after_a_week_changes_no_feature_of_that_week(seed: int):
    week = 5 + 3 * (seed % 6)
    sunday = day(week) + timedelta(days=6)
    whole = week_of(random_district(seed).build(), day(week))

    cut = week_of(forget(random_district(seed), sunday).build(last_day=sunday), day(week))

    assert cut.keys() == whole.keys()
    for student, values in whole.items():
        different = ~np.isclose(cut[student], values, atol=1e-9, equal_nan=True)
        assert not different.any(), [NAMES[i] for i in np.flatnonzero(different)]


def test_an_as_of_day_hides_the_weeks_that_end_later():
    district = District(weeks=6).ends(6).build(last_day=day(4, 5))

    weeks = [row["week_start"] for row in district.rows()]

    assert weeks == [day(1), day(2), day(3)]


@pytest.mark.slow
def test_an_earlier_as_of_day_changes_no_feature_of_the_weeks_that_remain():
    whole = week_of(random_district(7).build(), day(9))

    early = week_of(random_district(7).build(last_day=day(9, 6)), day(9))

    assert early.keys() == whole.keys()
    assert all(np.allclose(early[k], whole[k], equal_nan=True) for k in whole)
