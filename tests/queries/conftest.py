"""The named cast with a school year behind it: days, marks, incidents, and scores by hand."""

import atexit
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.families.risk.factors import Factor
from edupulse_core.features import build
from edupulse_core.lifecycle import registry
from edupulse_core.queries.district import District, open_district
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.snapshots import Snapshot
from tests import people

VERSION = "20261116T060000000000-cast"
_YEAR = """
insert into school_years values (2027, '2026-08-01', null);
insert into school_days
    select org_id, day::date
    from orgs, generate_series(date '2026-08-17', date '2026-11-13', interval 1 day) as days(day)
    where type = 'school' and isodow(day) <= 5 and day <> date '2026-10-12';
insert into student_days
    select distinct user_id, date, min(enrollment_spans.school_id)
    from enrollment_spans
    join school_days using (school_id)
    where role = 'student' and date >= start_date and date < end_date
    group by user_id, date;
insert into attendance
    select 'a-' || date, 'ana', date, 'absent', 'unexcused', null, null
    from school_days
    where school_id = 'north' and isodow(date) = 1;
insert into attendance values
    ('cy-1', 'cy', '2026-11-12', 'absent', 'excused', null, null),
    ('cy-2', 'cy', '2026-11-13', 'absent', 'excused', null, null);
insert into line_items values
    ('quiz', 'Quiz', 'algebra-3', '2026-11-04', 0, 10),
    ('essay', 'Essay', 'english-1', '2026-11-05', 0, 10),
    ('poem', 'Poem', 'english-1', '2026-11-06', 0, 10);
insert into results
    (result_id, line_item_id, student_id, score_status, score, score_date)
    values
    ('r1', 'quiz', 'ana', 'fully graded', 3, '2026-11-05'),
    ('r2', 'quiz', 'ben', 'fully graded', 9, '2026-11-05'),
    ('r3', 'essay', 'ben', 'not submitted', null, null),
    ('r4', 'poem', 'ben', 'not submitted', null, null),
    ('r5', 'essay', 'cy', 'fully graded', 10, '2026-11-06');
insert into incidents values
    ('i1', 'dee', '2026-11-11', 'fight', 3, 'out_of_school_suspension', 2);
insert into has_records values
    ('attendance', true), ('grades', true), ('incidents', true), ('withdrawals', false);
insert into import_files values ('attendance', true, 10, 9, 1), ('demographics', false, 0, 0, 0);
insert into rejects values
    ('attendance', 7, 'a8', 'date', 'not a date: "13/45"', null, '=a8,ana,13/45');
"""
SCORES = {  # student → score now, score a week before, strongest factor
    "ana": (0.82, 0.60, "att_absence_rate_ytd"),
    "ben": (0.30, 0.30, "grd_missing_rate_4w"),
    "cy": (0.10, 0.30, "att_is_chronic"),
    "dee": (0.55, 0.20, "dsc_days_removed_4w"),
    "eli": (0.20, 0.20, "grd_gpa_ytd"),
}
CHANCES = {  # student → probabilities of the levels, where they are known
    "ana": {"p_low": 0.0, "p_medium": 0.0, "p_high": 0.01, "p_critical": 0.99},
    "ben": {"p_low": 0.35, "p_medium": 0.3, "p_high": 0.25, "p_critical": 0.1},
}


def tier(score: float) -> str:
    return ("low", "medium", "high", "critical")[min(3, int(score * 4))]


def row(student: str, score: float, driver: str) -> dict[str, object]:
    factor = Factor(driver, 1.0, 0.0, "raises", 0.5).as_json()
    return {
        "student_id": student,
        "risk_score": score,
        "tier": tier(score),
        "factors": [factor],
        **CHANCES.get(student, {}),
    }


def score_cast(settings: Settings) -> None:
    """Two weeks of scores, by the version that is active."""
    store = open_store(settings)
    version = registry.active_version(settings, "risk").name
    for place, as_of in ((1, people.AS_OF - timedelta(days=7)), (0, people.AS_OF)):
        rows = [row(student, values[place], values[2]) for student, values in SCORES.items()]
        rows.append({"student_id": "fay", "factors": []})
        predictions.write_run(store, RunRecord(version, as_of, VERSION, family="risk"), rows)


def build_home(folder: Path, *, is_demo: bool = True, more: str = "") -> Settings:
    """A home with the cast's year imported, and more of a test's own; nothing is scored yet."""
    settings = load_settings(home=folder, grants=people.GRANTS, import_day="2026-11-16")
    publish(settings, VERSION, is_demo=is_demo, more=more)
    note_import(open_store(settings), "Two Schools", is_demo=is_demo)
    return settings


def publish(settings: Settings, version: str, *, is_demo: bool = True, more: str = "") -> None:
    """Make the cast's year the home's warehouse under this version."""
    with snapshots.importing(settings) as work:
        shutil.copy(_cast(is_demo), work / "cast.duckdb")
        if more:
            with duckdb.connect(str(work / "cast.duckdb")) as con:
                con.execute(more)
        snapshot = snapshots.publish(settings, work / "cast.duckdb", version)
    if not more:
        shutil.copy(_features(), snapshot.features_path)


@cache
def _cast(is_demo: bool) -> Path:
    """The cast's year, made once for all homes."""
    path = _folder() / f"cast-{is_demo}.duckdb"
    con = people.district(path, is_demo=is_demo)
    con.execute(_YEAR)
    con.close()
    return path


@cache
def _features() -> Path:
    """Their features under the default rules, built once; a home of other rules builds its own."""
    path = _folder() / "features.duckdb"
    return build.build(load_settings(home=_folder()), Snapshot("cast", _cast(True), path))


@cache
def _folder() -> Path:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = build_home(tmp_path_factory.mktemp("cast"))
    score_cast(settings)
    yield settings


@pytest.fixture(scope="session")
def district(home: Settings) -> District:
    return open_district(home)
