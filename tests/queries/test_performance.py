"""How kept scores did: by the outcomes that came, and only where enough students are known."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, InputError
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.lifecycle import registry
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import open_district
from edupulse_core.queries.performance import performance
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import snapshots
from tests import people
from tests.queries.conftest import build_home, score_cast

LEAD = Viewer("", "Lead", frozenset({"district"}), (), "lead")


def test_of_few_students_only_the_counts_are_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = build_home(tmp_path_factory.mktemp("few"))
    score_cast(home)

    found = performance(people.district_lead, open_district(home))

    assert (found.total_students, found.predictions_made) == (6, 12)
    assert found.precision_at_top is found.false_positive_rate is None


def past_week(demo_home: Settings, folder: Path) -> tuple[Settings, date, list[tuple[str, float]]]:
    """A copy of the demo, a week whose outcomes are known, and these, by student."""
    shutil.copytree(demo_home.home, folder / "home")
    home = load_settings(home=folder / "home")
    with snapshots.connect(home, snapshots.current(home), features=True) as con:
        (newest, *_) = newest_weeks(con, None)
        monday = newest - timedelta(weeks=14)
        rows = con.execute(
            "select student_id, severity from outcomes where week_start = $monday "
            "and severity is not null order by student_id",
            {"monday": monday},
        ).fetchall()
    return home, monday, rows


def test_past_scores_are_judged_by_what_came(demo_home: Settings, tmp_path: Path) -> None:
    home, monday, rows = past_week(demo_home, tmp_path)
    assert len(rows) > 100
    version = registry.active_version(home, "risk").name
    told = [{"student_id": who, "risk_score": came, "tier": "low"} for who, came in rows]
    run = RunRecord(version, sunday(monday), snapshots.current(home).version, family="risk")
    predictions.write_run(open_store(home), run, told)  # as if the future were known

    found = performance(LEAD, open_district(home), date(2000, 1, 1))

    assert found.outcomes_tracked == len(rows)
    assert found.precision_at_top == 1.0
    assert found.recall_at_top is not None and 0 < found.recall_at_top <= 1
    assert found.false_positive_rate == 0.0
    assert found.lead_days is None or found.lead_days > 0


def test_a_share_of_few_students_is_not_told(demo_home: Settings, tmp_path: Path) -> None:
    home, monday, rows = past_week(demo_home, tmp_path)
    some = [row for row in rows if row[1] > 0][:3] + [row for row in rows if row[1] == 0][:37]
    version = registry.active_version(home, "risk").name
    told = [{"student_id": who, "risk_score": 0.5, "tier": "high"} for who, _ in some]
    run = RunRecord(version, sunday(monday), snapshots.current(home).version, family="risk")
    predictions.write_run(open_store(home), run, told)

    found = performance(LEAD, open_district(home), date(2000, 1, 1))

    assert found.outcomes_tracked == len(told) > 10
    assert found.recall_at_top is None  # of three students who then got a flag
    assert found.precision_at_top is None  # of the four highest
    assert found.false_positive_rate == 1.0


def test_who_answers_for_no_school_reads_no_figures(demo_home: Settings) -> None:
    with pytest.raises(AccessError):
        performance(people.teacher_north, open_district(demo_home))


def test_days_in_the_wrong_order_are_refused(demo_home: Settings) -> None:
    with pytest.raises(InputError):
        performance(LEAD, open_district(demo_home), date(2026, 2, 1), date(2026, 1, 1))
