"""Features of a day, and the demo's setup, also after a kill in between."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from edupulse_core.actions.demo import setup_demo
from edupulse_core.actions.features import build_features
from edupulse_core.actions.night import nightly
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import RefusedError
from edupulse_core.features import build
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import districts, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots


@pytest.fixture
def copied(demo_home: Settings, tmp_path: Path) -> Settings:
    """The demo's warehouse with an empty store, as a kill right after publishing leaves it."""
    shutil.copytree(demo_home.data / "warehouse", tmp_path / "data" / "warehouse")
    return load_settings(home=tmp_path)


def test_a_demo_killed_before_it_was_scored_is_finished_at_the_next_start(
    copied: Settings,
) -> None:
    built = setup_demo(OPERATOR, copied, train=False)

    store = open_store(copied)
    assert not built
    assert districts.only_demo(store)
    assert runs.latest_run(store, "risk") is not None


def test_a_night_imports_tells_scores_and_draws_in_this_order(
    copied: Settings, demo_home: Settings
) -> None:
    steps: list[str] = []

    imported, run, watched = nightly(
        OPERATOR,
        copied,
        demo_home.data / "demo",
        progress=lambda step, *_: None if step in steps[-1:] else steps.append(step),
        on_import=lambda summary: steps.append(f"told of {summary.students}"),
    )

    told = steps.index(f"told of {imported.students}")
    assert "score" in steps[told:] and "score" not in steps[:told]
    assert "heatmaps" in steps[steps.index("score") :]
    assert run.as_of == runs.latest_run(open_store(copied), "risk").as_of
    assert [night.as_of for night in watched] == [run.as_of]


def test_features_of_an_earlier_day_are_reported_from_the_first_build_on(
    copied: Settings,
) -> None:
    snapshot = snapshots.current(copied)
    with snapshots.connect(copied, snapshot, features=True) as con:
        end = build.as_of(con)
    snapshot.features_path.unlink()
    reports: list[tuple[str, int, int]] = []

    built = build_features(
        OPERATOR,
        copied,
        as_of=end - timedelta(days=5),
        progress=lambda *given: reports.append(given),
    )

    assert built.ended_on == end - timedelta(days=7)
    assert built.path.is_file() and snapshot.features_path.is_file()
    assert [done == total for _, done, total in reports].count(True) == 2  # two files built


def test_a_demo_that_is_ready_is_left_alone(demo_home: Settings) -> None:
    before = runs.latest_run(open_store(demo_home), "risk")

    setup_demo(OPERATOR, demo_home, train=False)

    assert runs.latest_run(open_store(demo_home), "risk") == before


def test_a_demo_is_never_built_over_a_real_district(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    districts.note_import(open_store(settings), "Real", False)

    with pytest.raises(RefusedError, match="never share a home"):
        setup_demo(OPERATOR, settings, students=30)

    assert not (settings.data / "demo").exists()
