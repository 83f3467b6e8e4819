"""A 43rd feature: built by a SQL step, trained with, and served beside versions of 42."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.risk import checkpoint, serve
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.network import RiskNetwork
from edupulse_core.families.risk.serve import export  # before it is patched
from edupulse_core.features import built, sequences
from edupulse_core.features.built import Trial
from edupulse_core.features.catalogue import NAMES, Feature
from edupulse_core.lifecycle import registry, retraining, serving
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests.families.risk.small import PLAN, evaluate_few, export_nothing

NAME = "dsc_new_this_year"
LINE = Feature(NAME, "yes_no", "An incident this school year", grouped="incidents")
STEP = f"""
alter table features.features add column {NAME} double;
update features.features set {NAME} = (dsc_incidents_ytd > 0)::int::double;
"""


@dataclass(frozen=True)
class Home:
    settings: Settings
    wide: Path  # a version of 43 inputs
    narrow: Path  # the shipped one, of 42


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A copy of the demo in which the feature is on trial."""
    folder = tmp_path_factory.mktemp("more") / "home"
    shutil.copytree(demo_home.home, folder)
    settings = load_settings(home=folder)
    with built.trying(Trial(LINE, STEP)), pytest.MonkeyPatch.context() as patch:
        evaluate_few(patch)
        export_nothing(patch)
        narrow = registry.active_version(settings, "risk")
        made = retraining.train(settings, "risk", plan=PLAN)
        yield Home(settings, Path(made["folder"]), narrow)


def test_a_version_names_the_features_that_it_was_trained_with(home: Home) -> None:
    assert folders.check(home.wide).features == (*NAMES, NAME)
    assert folders.check(home.narrow).features == NAMES


def test_a_version_of_43_inputs_has_the_files_that_serve(home: Home, tmp_path: Path) -> None:
    model = checkpoint.load(home.wide)
    four_weeks = replace(model.config, length=4)  # exported in a third of the time
    short = RiskNetwork(four_weeks).eval()
    short.load_state_dict(model.network.state_dict())
    checkpoint.save(replace(model, learned=short, length=4), tmp_path / "short")
    export(tmp_path / "short")
    weeks = np.random.default_rng(0).normal(0.5, 1.0, (50, 4, 43)).astype(np.float32)
    observed = np.ones((50, 4), dtype=bool)

    engines = [serve.load(tmp_path / "short", form=form) for form in ("eager", "onnx")]
    eager, onnx = (engine.predict(weeks, observed).score for engine in engines)

    assert [engine.form for engine in engines] == ["eager", "onnx"]
    assert np.ptp(eager) > 0
    assert np.abs(onnx - eager).max() < 1e-6


def test_the_step_fills_the_column_that_the_windows_then_hold(home: Home) -> None:
    with snapshots.connect(home.settings, features=True) as con:
        ends = con.sql("select student_id, week_start from student_weeks limit 40")
        found = sequences.windows(con, ends.to_arrow_table())

    assert found.features[-1] == NAME
    incidents = found.values[:, -1, found.features.index("dsc_incidents_ytd")]
    assert np.array_equal(found.values[:, -1, -1], (incidents > 0).astype(np.float32))


def test_versions_of_42_and_43_inputs_score_the_same_week_with_reasons(home: Home) -> None:
    store = open_store(home.settings)
    before = runs.latest_run(store, "risk")
    assert before is not None and before.run_id is not None

    registry.activate(home.settings, "risk", home.wide.name, Switch("operator"))
    wide = serving.night(home.settings, "risk")
    registry.activate(home.settings, "risk", home.narrow.name, Switch("operator"))
    narrow = serving.night(home.settings, "risk")

    assert (wide.version, narrow.version) == (home.wide.name, home.narrow.name)
    assert wide.rows["risk_score"].null_count == narrow.rows["risk_score"].null_count
    assert wide.rows["student_id"].equals(narrow.rows["student_id"])
    kept = predictions.run_rows(store, before.run_id)
    assert narrow.rows["tier"].equals(kept["tier"])
    told = narrow.rows["risk_score"].to_numpy(), kept["risk_score"].to_numpy()
    np.testing.assert_allclose(*told, atol=1e-6)
    assert any(reasons.as_py() != "[]" for reasons in wide.rows["factors"])


def test_a_version_of_43_inputs_is_evaluated(home: Home) -> None:
    found = retraining.evaluate(home.settings, "risk", home.wide.name)

    assert isinstance(found, RiskEvaluation) and found.importance is not None
    assert NAME in found.importance.gradient["feature"]
    assert found.version == home.wide.name


def test_where_the_feature_is_not_built_its_version_is_refused_by_name(home: Home) -> None:
    trial = built._tried.pop(NAME)
    try:
        with pytest.raises(ModelError, match=f"reads the feature '{NAME}', which is not built"):
            serve.load(_copied(home.wide))
    finally:
        built._tried[NAME] = trial


def _copied(folder: Path) -> Path:
    """The same version in a folder that was not read yet."""
    return Path(shutil.copytree(folder, folder.with_name(f"{folder.name}-copy")))
