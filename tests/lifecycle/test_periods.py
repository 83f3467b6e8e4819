"""Two reports of one district, subtracted, tell of no single student."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from edupulse_core import files
from edupulse_core.actions import models
from edupulse_core.config import Settings, load_settings
from edupulse_core.features import build
from edupulse_core.lifecycle import periods, retraining
from edupulse_core.people.actor import OPERATOR
from edupulse_core.warehouse import snapshots
from tests.families.risk.small import evaluate_few


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo, to be changed."""
    evaluate_few(monkeypatch)
    shutil.copytree(demo_home.home, tmp_path / "home")
    return load_settings(home=tmp_path / "home")


def change(settings: Settings, statement: str) -> None:
    """Change the warehouse as an import would, and build its features again."""
    snapshot = snapshots.current(settings)
    with duckdb.connect(str(snapshot.path)) as con:
        con.execute(statement)
    files.seal(snapshot.path, snapshot.path)
    build.build(settings, snapshot)


def said(report: Any) -> dict[str, Any]:
    found: dict[str, Any] = report.model_dump(mode="json")
    del found["evaluated_at"]
    return found


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 10, 30), date(2026, 6, 30)),
        (date(2026, 10, 31), date(2026, 10, 31)),
        (date(2026, 11, 22), date(2026, 10, 31)),
        (date(2027, 1, 30), date(2026, 10, 31)),
        (date(2027, 2, 7), date(2027, 1, 31)),
    ],
)
def test_a_period_is_over_on_its_last_day_and_stays_the_newest_until_the_next_one_ends(
    day: date, end: date
) -> None:
    assert periods.last_end(day) == end


def test_reports_of_data_that_end_a_week_apart_say_the_same(home: Settings) -> None:
    now = retraining.evaluate(home, "risk")
    change(home, "update imports set import_day = import_day - 7")

    before = retraining.evaluate(home, "risk")

    with snapshots.connect(home, features=True) as con:
        newest = build.as_of(con)
        known = con.execute("select max(week_start) from outcomes where severity is not null")
        assert known.fetchall()[0][0] + timedelta(weeks=9) > date.fromisoformat(now.until)
    assert newest - timedelta(days=6) > date.fromisoformat(now.until)
    assert said(now) == said(before)


def test_a_report_stands_when_records_are_corrected_within_its_period(home: Settings) -> None:
    first, _ = models.evaluate_version(OPERATOR, home, "risk")
    change(home, "delete from incidents where student_id = (select min(student_id) from incidents)")

    second, _ = models.evaluate_version(OPERATOR, home, "risk")

    assert second == first
    assert said(retraining.evaluate(home, "risk")) != said(first)  # what it would have told
