"""A family is a folder and a line of the shelf: with nothing else changed, the house works it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient

from edupulse_core import cli
from edupulse_core.actions import models, versions
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import InputError, ModelError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families import version as folders
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.family import Algorithm, Run
from edupulse_core.lifecycle import evaluations, registry, retraining, serving
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import audit, estimates, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests.families.toy.family import TOY, Question


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shelf.SHELF, "toy", "tests.families.toy.family:TOY")
        yield


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("toy") / "home"
    shutil.copytree(demo_home.home, folder)
    return load_settings(home=folder)


@pytest.fixture(scope="module")
def trained(home: Settings) -> dict[str, Any]:
    return models.train_version(OPERATOR, home, "toy")


@pytest.fixture(scope="module")
def folder(home: Settings, trained: dict[str, Any]) -> Path:
    return registry.version_folder(home, "toy", trained["version"])


def test_a_version_records_its_algorithm_inputs_rules_and_plan(
    home: Settings, folder: Path
) -> None:
    about = folders.check(folder)

    assert (about.family, about.algorithm) == ("toy", "ridge")
    assert about.features == ("att_absence_rate_ytd", "grd_courses_failing", "dsc_incidents_ytd")
    assert about.rules["outcomes"]["tiers"] == list(home.outcomes.tiers)
    assert json.loads((folder / "plan.json").read_text()) == {"alpha": 1.0}


def test_a_file_in_a_subfolder_is_checked_too(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "parts" / "ridge.json").write_text("{}")

    with pytest.raises(ModelError, match=r"parts/ridge\.json is not the file that was saved"):
        folders.check(copy)


def test_it_is_evaluated_and_the_report_is_kept(home: Settings, trained: dict[str, Any]) -> None:
    found, page = models.evaluate_version(OPERATOR, home, "toy")

    assert found.version == trained["version"] and page is not None
    assert found.model_dump()["mae"] == pytest.approx(trained["mae"])  # of the same test rows
    assert evaluations.kept(home, "toy", found.version, Evaluation) == found


def test_a_training_is_told_to_mlflow_where_a_setting_asks(home: Settings, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/runs.db"

    made = models.train_version(
        OPERATOR, load_settings(home=home.home, tracking_uri=address), "toy"
    )

    told = MlflowClient(address, address).search_model_versions("name = 'edupulse-toy'")
    assert [each.tags["version"] for each in told] == [made["version"]]


def test_it_is_activated_with_a_note_and_compared(home: Settings, trained: dict[str, Any]) -> None:
    version = trained["version"]

    serving_now = versions.activate_version(OPERATOR, home, "toy", version).serving
    compared = versions.compare_versions(home, "toy", version, version)

    assert serving_now == version
    assert compared[version]["headline"] == {"mae": pytest.approx(trained["mae"])}
    entry = audit.entries(open_store(home), action="activate")[0]
    assert entry.subject == f"toy {version}"


def test_it_answers_for_the_district_at_night_and_for_one_student_when_asked(
    home: Settings, trained: dict[str, Any]
) -> None:
    store = open_store(home)
    shown = runs.latest_run(store, "risk")

    everyone = serving.night(home, "toy")
    student = everyone.rows["subject"][0].as_py()
    one = serving.ask(home, "toy", [student], Question(add=0.25))

    usual = everyone.rows["value"][0].as_py()
    assert one.rows.to_pylist()[0]["value"] == pytest.approx(usual + 0.25)
    assert estimates.run_rows(store, one.run_id).equals(one.rows)
    assert runs.latest_run(store, "risk") == shown
    newest = runs.latest_run(store, "toy")
    assert newest is not None and newest.n_students == len(everyone.rows)
    assert newest.version == trained["version"]


def test_a_page_shows_what_is_stored_until_the_version_changes(
    home: Settings, folder: Path, trained: dict[str, Any]
) -> None:
    student = serving.night(home, "toy").rows["subject"][0].as_py()

    first = serving.shown(home, "toy", student)
    again = serving.shown(home, "toy", student)

    assert (first.is_new, again.is_new) == (True, False)
    assert again.run_id == first.run_id and again.rows.equals(first.rows)
    earlier = serving.shown(home, "toy", student, as_of=first.as_of - timedelta(days=7))
    assert earlier.is_new and earlier.as_of < first.as_of


def test_one_connection_serves_all_answers_until_the_records_change(
    home: Settings, trained: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = [], snapshots.connect

    def counted(*given: Any, **more: Any) -> Any:
        opened.append(given)
        return connect(*given, **more)

    monkeypatch.setattr(snapshots, "connect", counted)
    serving.ask(home, "toy", ["nobody"])
    before = len(opened)
    serving.ask(home, "toy", ["nobody"])
    path = snapshots.current(home).features_path
    path.touch()
    serving.ask(home, "toy", ["nobody"])

    assert before <= 1 and len(opened) == before + 1


def test_a_page_keeps_nothing_of_a_student_without_an_answer(
    home: Settings, trained: dict[str, Any]
) -> None:
    for _ in range(2):
        found = serving.shown(home, "toy", "nobody")
        assert (found.run_id, len(found.rows), found.is_new) == (0, 0, True)


def test_two_models_can_be_compared_in_pairs(home: Settings, folder: Path) -> None:
    model = TOY.algorithms["ridge"].open(folder, "")
    with snapshots.connect(home, features=True) as con:
        examples = TOY.read(con, home.all_rules)
    draws = np.ones((2, len(np.unique(examples.who))))

    found = TOY.measure(TOY.predict(model, examples, home.all_rules), examples, draws)

    assert found["mae"].shape == (2,) and found["mae"][0] == found["mae"][1] > 0


def test_the_command_line_works_it_as_it_does_any_other(
    home: Settings,
    trained: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    version = trained["version"]
    said = {}

    for words in (
        ["evaluate", "toy", version],
        ["compare", "toy", version, version],
        ["activate", "toy", version],
        ["versions", "toy"],
    ):
        cli.app(words, standalone_mode=False)
        said[words[0]] = capsys.readouterr().out

    assert all("Mean absolute error" in said[each] for each in ("evaluate", "compare"))
    assert f"* {version}" in said["versions"] and version in said["activate"]


def test_a_family_that_ships_nothing_says_so(home: Settings) -> None:
    with pytest.raises(InputError, match="ships no version of 'toy'"):
        models.ship_version(OPERATOR, home, "toy", "toy-1")


def test_a_training_does_not_go_on_from_the_checkpoint_of_another_algorithm(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_on_from: list[str] = []

    def stopped(name: str) -> Algorithm:
        def fit(split: Any, plan: Any, run: Run) -> Any:
            left = run.checkpoint
            assert left is not None
            went_on_from.append(left.read_text() if left.exists() else "nothing")
            left.parent.mkdir(parents=True, exist_ok=True)
            left.write_text(name)
            raise RefusedError("stopped")

        return replace(TOY.algorithms["ridge"], fit=fit)

    monkeypatch.setattr(TOY, "algorithms", {name: stopped(name) for name in ("ridge", "other")})
    for name in ("ridge", "other", "ridge", "other"):
        with pytest.raises(RefusedError, match="stopped"):
            retraining.train(home, "toy", algorithm=name)

    assert went_on_from == ["nothing", "nothing", "ridge", "other"]
