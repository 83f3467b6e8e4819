"""When scores may not be called current, and what the banner says then."""

from datetime import date, timedelta

import pytest

from edupulse_core.families.risk import serve
from edupulse_core.families.risk.score import score
from edupulse_core.lifecycle.health import check, newest_run
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse.snapshots import Snapshot

pytestmark = pytest.mark.slow

END = date(2026, 3, 1)


@pytest.fixture
def scored(home, version):
    score(home.settings, serve.load(version), home.snapshot)
    return home


def problems(home, folder, *, snapshot=None, data_end=END, today=END):
    return check(
        home.settings,
        open_store(home.settings),
        snapshot or home.snapshot,
        "risk",
        folder,
        data_end=data_end,
        today=today,
    )


def test_current_scores_have_no_problems(scored, version) -> None:
    assert problems(scored, version) == []


def test_before_the_first_scoring_it_says_what_to_run(home, version) -> None:
    (found,) = problems(home, version)

    assert "`edupulse score`" in found


def test_a_damaged_model_is_named(scored, new_version) -> None:
    folder = new_version()
    (folder / "weights.safetensors").write_bytes(b"")

    (found,) = problems(scored, folder)

    assert folder.name in found and "weights.safetensors" in found


def test_scores_of_another_model_are_not_current(scored, new_version) -> None:
    (found,) = problems(scored, new_version(seed=1))

    assert all(words in found for words in ("fictional", "mine", "`edupulse score`"))


def test_newer_data_than_scores_are_named(scored, version) -> None:
    found = problems(scored, version, data_end=END + timedelta(weeks=1))

    assert "as of Mar 1, 2026, but the data go up to Mar 8, 2026" in found[0]


def test_a_run_of_an_import_that_was_taken_back_does_not_stand_in_the_way(scored, version) -> None:
    later = RunRecord(version.name, END + timedelta(weeks=1), "taken back", family="risk")
    predictions.write_run(open_store(scored.settings), later, [])

    assert problems(scored, version) == []


def test_corrected_data_of_the_same_week_are_named(scored, version) -> None:
    newer = Snapshot("v2", scored.snapshot.path, scored.snapshot.features_path)

    (found,) = problems(scored, version, snapshot=newer)

    assert "`edupulse score`" in found


def test_scores_of_the_warehouse_that_an_undo_brought_back_are_shown_again(scored, version) -> None:
    store = open_store(scored.settings)
    predictions.write_run(store, RunRecord(version.name, END, "v2, taken back", family="risk"), [])

    assert problems(scored, version) == []
    run = newest_run(store, "risk", scored.snapshot, END)
    assert run is not None and run.warehouse_version == scored.snapshot.version


@pytest.mark.parametrize("weeks", [0, 1])
def test_without_scores_of_its_own_it_says_that_an_import_was_taken_back(
    weeks: int, home, version
) -> None:
    taken_back = RunRecord(
        version.name, END + timedelta(weeks=weeks), "v2, taken back", family="risk"
    )
    predictions.write_run(open_store(home.settings), taken_back, [])

    (said,) = problems(home, version)
    assert "An import was undone" in said


@pytest.mark.parametrize(("days", "stale"), [(21, False), (27, False), (28, True)])
def test_data_are_stale_after_the_weeks_of_the_setting(scored, version, days, stale) -> None:
    found = problems(scored, version, today=END + timedelta(days=days))

    assert bool(found) is stale
    if stale:
        assert "Mar 1, 2026, 4 weeks ago" in found[0]
