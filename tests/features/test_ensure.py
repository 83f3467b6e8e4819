"""Features are built once, and again when what made them has changed."""

import shutil
from pathlib import Path

import duckdb
import pytest

from edupulse_core import files
from edupulse_core.config import DisciplineRules, Settings, load_settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.features import build
from edupulse_core.warehouse import snapshots
from tests.features.district import District, day


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Path:
    shutil.copytree(demo_home.data / "warehouse", tmp_path / "data" / "warehouse")
    return tmp_path


def _largest_wait(settings: Settings) -> float:
    with snapshots.connect(settings, features=True) as con:
        found = con.execute("select max(dsc_weeks_since_last) from features.features").fetchall()
    return float(found[0][0])


def test_features_that_are_there_are_used_again(home: Path) -> None:
    settings = load_settings(home=home)
    before = snapshots.current(settings).features_path.stat().st_mtime_ns

    path = build.ensure(settings, snapshots.current(settings))

    assert path.stat().st_mtime_ns == before


def test_another_threshold_builds_them_again(home: Path) -> None:
    settings = load_settings(home=home, discipline=DisciplineRules(never_weeks=7))

    build.ensure(settings, snapshots.current(settings))

    assert _largest_wait(settings) == 7


def test_a_file_that_does_not_say_what_made_it_is_built_again(home: Path) -> None:
    settings = load_settings(home=home)
    path = snapshots.current(settings).features_path
    path.unlink()
    with duckdb.connect(str(path)) as con:
        con.execute("create table features (student_id text)")

    build.ensure(settings, snapshots.current(settings))

    assert _largest_wait(settings) > 0


def test_a_warehouse_of_another_version_is_refused_with_the_remedy(home: Path) -> None:
    settings = load_settings(home=home, discipline=DisciplineRules(never_weeks=7))
    path = snapshots.current(settings).path
    with duckdb.connect(str(path)) as con:
        con.execute("alter table incidents drop column severity")
    files.seal(path, path)

    with pytest.raises(RefusedError, match=r"another version .* `edupulse ingest`"):
        build.ensure(settings, snapshots.current(settings))


def test_before_the_first_week_has_ended_there_is_no_day_to_speak_of() -> None:
    district = District(weeks=3).ends(3).imported_on(day(1, 4)).build()

    district.con.execute("set search_path = 'features.main'")
    with pytest.raises(MissingError, match="no week of school has ended yet"):
        build.as_of(district.con)
