"""Two reports of one district, subtracted, tell of no single student."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Evaluated:
    """The demo, and what an evaluation of its version said."""

    home: Path
    report: Any


@pytest.fixture(scope="module")
def first(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evaluated]:
    """The report of a period, which is kept in a home that is only ever copied."""
    home = tmp_path_factory.mktemp("periods") / "home"
    shutil.copytree(demo_home.home, home)
    with pytest.MonkeyPatch.context() as patch:
        evaluate_few(patch)
        report, _ = models.evaluate_version(OPERATOR, load_settings(home=home), "risk")
        yield Evaluated(home, report)


@pytest.fixture
def home(first: Evaluated, tmp_path: Path) -> Settings:
    """The same, to be changed."""
    shutil.copytree(first.home, tmp_path / "home")
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


def test_reports_of_data_that_end_a_week_apart_say_the_same(
    first: Evaluated, home: Settings
) -> None:
    now = first.report
    change(home, "update imports set import_day = import_day - 7")

    before = retraining.evaluate(home, "risk")

    with snapshots.connect(home, features=True) as con:
        newest = build.as_of(con)
        known = con.execute("select max(week_start) from outcomes where severity is not null")
        assert known.fetchall()[0][0] + timedelta(weeks=9) > date.fromisoformat(now.until)
    assert newest - timedelta(days=6) > date.fromisoformat(now.until)
    assert said(now) == said(before)


def test_a_report_stands_when_records_are_corrected_within_its_period(
    first: Evaluated, home: Settings
) -> None:
    change(home, "delete from incidents where student_id = (select min(student_id) from incidents)")

    second, _ = models.evaluate_version(OPERATOR, home, "risk")

    assert second == first.report
    assert said(retraining.evaluate(home, "risk")) != said(first.report)  # what it would have told
