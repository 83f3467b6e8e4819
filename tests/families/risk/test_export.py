"""An exported version scores on a computer that has numpy and ONNX Runtime and nothing of ours."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edupulse_core.actions.exports import export_version
from edupulse_core.config import SHIPPED_MODELS, OutcomeRules, Rules, load_settings
from edupulse_core.errors import InputError
from edupulse_core.families.risk import export, serve
from edupulse_core.families.risk.bands import bands_of
from edupulse_core.families.risk.score import score_week
from edupulse_core.features import export as features
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import audit
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests.families.risk.alone import run_alone
from tests.families.risk.conftest import MONDAYS, Home

SHIPPED = SHIPPED_MODELS / "risk" / "risk-4"
RULES = Rules()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "risk-4"
    home = load_settings(home=tmp_path_factory.mktemp("home"))
    export_version(OPERATOR, home, "risk", "risk-4", out)
    assert [one.subject for one in audit.entries(open_store(home), action="export")] == [
        "risk risk-4"
    ]
    return out


def test_scores_of_a_file_of_features_are_those_of_the_list(exported: Path, home: Home) -> None:
    features.export(home.settings, home.snapshot.features_path, home.settings.home / "in.csv")

    found = run_alone(exported, home.settings.home / "in.csv")

    engine = serve.load(SHIPPED, form="onnx")
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        table = score_week(home.settings, engine, con, MONDAYS[-1], explained=False)
    scored = {row["student_id"]: row for row in table.to_pylist() if row["risk_score"] is not None}
    assert len(table) == 50 and len(scored) == 48  # two are newcomers
    assert {row["student_id"] for row in found} == {*scored}
    for row in found:
        mine = scored[row["student_id"]]
        assert row["week_start"] == str(MONDAYS[-1])
        assert float(row["score"]) == pytest.approx(mine["risk_score"], abs=1e-6)
        assert row["tier"] == mine["tier"]


def test_arrays_are_scored_with_probabilities_and_bands(
    exported: Path, batch, tmp_path: Path
) -> None:
    np.savez(tmp_path / "in.npz", values=batch.values, observed=batch.observed)

    found = run_alone(exported, tmp_path / "in.npz")

    engine = serve.load(SHIPPED, form="onnx")
    mine = engine.predict(batch.values, batch.observed)
    bands = bands_of(RULES, engine.trained.bands, mine.score, mine.probabilities)
    shares = [[float(row[f"probability_{name}"]) for name in export.TIERS] for row in found]
    assert np.abs([float(row["score"]) for row in found] - mine.score).max() < 1e-6
    assert np.abs(shares - mine.probabilities).max() < 1e-6
    assert [(row["lowest"], row["highest"]) for row in found] == [
        (band.lowest, band.highest) for band in bands if band
    ]
    assert len({row["tier"] for row in found}) > 1


def test_the_network_takes_any_number_of_rows_and_tells_its_attention(
    exported: Path, batch
) -> None:
    session = onnxruntime.InferenceSession((exported / "model.onnx").read_bytes())

    for n in (1, 3, 70):
        given = {"values": batch.values[:n], "observed": batch.observed[:n]}
        attention = dict(zip(serve.OUTPUTS, session.run(serve.OUTPUTS, given), strict=True))[
            "attention"
        ]
        assert attention.shape[0] == n and attention.shape[2] == 20
        assert np.allclose(attention.sum(axis=2), 1, atol=1e-5)
        assert not attention.transpose(0, 2, 1)[~batch.observed[:n]].any()


def test_levels_begin_where_the_district_says_and_what_was_calibrated_for_others_is_left_out(
    batch, tmp_path: Path
) -> None:
    rules = replace(RULES, outcomes=OutcomeRules(tiers=(0.1, 0.2, 0.3)))
    for name, content in export.contents(SHIPPED, rules).items():
        (tmp_path / name).write_bytes(content)
    np.savez(tmp_path / "in.npz", values=batch.values, observed=batch.observed)

    found = run_alone(tmp_path, tmp_path / "in.npz")

    assert {*found[0]} == {"row", "score", "tier"}
    assert all((row["tier"] == "critical") == (float(row["score"]) >= 0.3) for row in found)


def test_a_folder_that_exists_is_never_written_to(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        export_version(OPERATOR, load_settings(home=tmp_path), "risk", "risk-4", tmp_path)


def test_a_file_without_a_feature_is_refused_in_one_sentence(
    exported: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("student_id,week_start\na,2026-01-05\n")

    done = subprocess.run(
        [sys.executable, exported / "score.py", tmp_path / "in.csv", "--out", tmp_path / "o.csv"],
        capture_output=True,
        text=True,
    )

    first = json.loads((exported / "model.json").read_text())["features"][0]
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"there is no column '{first}'" in done.stderr


def test_what_is_written_names_no_place_of_this_computer(exported: Path) -> None:
    for path in exported.iterdir():
        assert b"/home" not in path.read_bytes() and b"/tmp" not in path.read_bytes()
    assert (exported / "README.md").read_text().startswith("# EduPulse risk model risk-4")
