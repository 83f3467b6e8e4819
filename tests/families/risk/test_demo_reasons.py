"""Reasons of a whole demo: none is told by a number that pushed the score the other way."""

import numpy as np
import pytest

from edupulse_core.config import Settings
from edupulse_core.families.risk import score
from edupulse_core.families.risk.attribution import integrate, path
from edupulse_core.families.risk.factors import read
from edupulse_core.families.risk.serve import load
from edupulse_core.features import sequences
from edupulse_core.features.catalogue import NAMES
from edupulse_core.features.weeks import newest_weeks
from edupulse_core.lifecycle.registry import active_version
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots


@pytest.fixture(scope="module")
def told_and_drawn(demo_home: Settings) -> list[tuple[str, str, float]]:
    """Each reason that is kept: its feature, its direction, and its row's sum in the heatmap."""
    store = open_store(demo_home)
    run = runs.latest_run(store, "risk")
    assert run is not None and run.run_id is not None
    kept = {
        row["student_id"]: read(row["factors"])
        for row in predictions.run_rows(store, run.run_id).to_pylist()
        if row["tier"]
    }
    engine = load(active_version(demo_home, "risk"))
    with snapshots.connect(demo_home, features=True) as con:
        monday = newest_weeks(con, None)[0]
        asked = (
            "select student_id, week_start, school_id from student_weeks where week_start = $day"
        )
        roster = con.sql(asked, params={"day": monday}).to_arrow_table()
        scored = roster.filter([one in kept for one in roster["student_id"].to_pylist()])
        norms = score.school_norms(con, monday)
        found = sequences.windows(con, scored.select(["student_id", "week_start"]))
    typical = np.stack([norms[school] for school in scored["school_id"].to_pylist()])
    base, way = path(engine.trained, found.values, found.observed, typical)
    drawn = integrate(engine, base, way, found.observed)[0].sum(axis=1)
    return [
        (factor.feature, factor.direction, float(drawn[i, NAMES.index(factor.feature)]))
        for i, student_id in enumerate(scored["student_id"].to_pylist())
        for factor in kept[student_id]
    ]


def test_a_reason_is_told_by_a_number_whose_own_weeks_pushed_that_way(told_and_drawn) -> None:
    against = [one for one in told_and_drawn if (one[1] == "raises") != (one[2] > 0)]

    assert len(told_and_drawn) > 200
    assert against == []
