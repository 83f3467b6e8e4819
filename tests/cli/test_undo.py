"""An import taken back, from the operator's door: what then stands, and which scores."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.actions.imports import import_bundle
from edupulse_core.config import load_settings
from edupulse_core.lifecycle import registry
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries.district import open_district
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests import bundles
from tests.cli.conftest import Audited, Edupulse

pytestmark = pytest.mark.slow

WEEK_AFTER = "2025-09-15"  # the Monday after the data of the small school end


def back(version: str) -> str:
    return f"Everyone sees the data of {version} again."


@pytest.fixture(scope="module")
def two_imports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home after two imports, only ever copied, and the version of the first."""
    folder = tmp_path_factory.mktemp("twice")
    settings = load_settings(home=folder / "home", import_day=WEEK_AFTER)
    first = import_bundle(OPERATOR, settings, bundles.write(folder / "one", bundles.small()))
    later = {"attendance": [bundles.absence("ben", date(2025, 9, 8))]}
    import_bundle(OPERATOR, settings, bundles.write(folder / "two", later))
    assert first.published is not None
    return settings.home, first.published


@pytest.fixture
def imported_twice(
    two_imports: tuple[Path, str], empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The version of the first of two imports."""
    monkeypatch.setenv("EDUPULSE_IMPORT_DAY", WEEK_AFTER)
    home, first = two_imports
    shutil.copytree(home, empty_home, dirs_exist_ok=True)
    return first


def scored(warehouse: str, as_of: date, *, by: str = "") -> None:
    """Note a run, by the active model unless by another."""
    settings = load_settings()
    version = by or registry.active_version(settings, "risk").name
    run = runs.RunRecord(version, as_of, warehouse, family="risk")
    predictions.write_run(open_store(settings), run, [])


def test_the_last_import_is_taken_back(
    empty_home: Path,
    imported_twice: str,
    edupulse: Edupulse,
    audited: Audited,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = edupulse("undo")

    assert code == 0
    said = "No scores yet. Run `edupulse score`."
    assert capsys.readouterr().out.splitlines() == [back(imported_twice), said]
    assert [entry.details for entry in audited(empty_home, "undo_import")] == [
        {"now": imported_twice}
    ]


@pytest.mark.parametrize(
    ("as_of", "by", "said"),
    [
        (date(2025, 9, 14), "", "Its scores are back"),
        (
            date(2025, 9, 7),
            "",
            "The scores are as of Sep 7, 2025, but the data go up to Sep 14, 2025. "
            "Run `edupulse score`.",
        ),
        (date(2025, 9, 14), "another", "The scores come from model another, but "),
    ],
)
def test_an_undo_says_what_the_pages_will_say_of_the_scores(
    imported_twice: str,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
    as_of: date,
    by: str,
    said: str,
) -> None:
    scored(imported_twice, as_of, by=by)

    edupulse("undo")

    told = capsys.readouterr().out.splitlines()[1:]
    standing = open_district(load_settings()).standing
    assert len(told) == 1 and told[0].startswith(said)
    assert standing.problems == (() if standing.run else tuple(told))


def test_an_undo_to_scores_of_what_was_taken_back_says_so(
    imported_twice: str, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(snapshots.current(load_settings()).version, date(2025, 9, 14))

    edupulse("undo")

    (said,) = capsys.readouterr().out.splitlines()[1:]
    assert "undone" in said and "`edupulse score`" in said


def test_an_undo_is_done_also_without_a_model(
    imported_twice: str,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", "no-such-version")

    code = edupulse("undo")

    done, problem = capsys.readouterr().out.splitlines()
    assert code == 0 and done == back(imported_twice)
    assert problem.startswith("The model cannot be used: no version 'no-such-version'")


def test_an_undo_to_a_warehouse_before_the_first_week_is_done_and_says_so(
    empty_home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_IMPORT_DAY", "2025-09-01")
    files = bundles.small()
    files |= {"attendance": [], "incidents": [], "results": []}
    edupulse("ingest", bundles.write(empty_home / "one", files), "--json")
    first = json.loads(capsys.readouterr().out)["published"]
    monkeypatch.setenv("EDUPULSE_IMPORT_DAY", WEEK_AFTER)
    edupulse("ingest", bundles.write(empty_home / "two", bundles.small()))
    capsys.readouterr()

    code = edupulse("undo")

    said = "No score can be shown: no week of school has ended yet: there are no features."
    assert code == 0
    assert capsys.readouterr().out.splitlines() == [back(first), said]
