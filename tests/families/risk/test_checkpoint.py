import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from edupulse_core.errors import ModelError
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardizer
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.calibration import Calibration
from edupulse_core.training.conformal import Bands

FILES = (
    "config.json",
    "weights.safetensors",
    "statistics.json",
    "calibration.json",
    "metrics.json",
    "card.md",
)


def model() -> RiskModel:
    torch.manual_seed(0)
    config = RiskConfig(hidden=4, layers=1, projection=8, heads=2, fusion=(8, 8), head=4)
    rng = np.random.default_rng(0)
    return RiskModel(
        RiskNetwork(config).eval(),
        Standardizer(
            rng.normal(size=42).astype(np.float32), rng.random(42).astype(np.float32) + 0.1
        ),
        Calibration((-2.0, 0.0, 2.0), (-1.5, -0.2, 1.0)),
        metrics={"headline": {"auc_any": 0.8}},
        card="# Card\n",
        data_range=("2024-09-02", "2025-05-05"),
        created_at="2026-11-21T05:00:00+00:00",
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    checkpoint.save(model(), tmp_path / "v1")
    return tmp_path / "v1"


def test_a_loaded_version_scores_exactly_as_the_saved_one(saved: Path) -> None:
    values = torch.randn(3, 20, 42, generator=torch.Generator().manual_seed(0))
    observed = torch.ones(3, 20, dtype=torch.bool)

    loaded = checkpoint.load(saved)

    assert torch.equal(loaded.network(values, observed)[0], model().network(values, observed)[0])
    assert np.array_equal(loaded.standardizer.mean, model().standardizer.mean)
    assert np.array_equal(loaded.standardizer.std, model().standardizer.std)
    assert loaded.calibrate(np.zeros(1))[0] == pytest.approx(1 / (1 + np.exp(0.2)))
    assert loaded.version == "v1"
    assert loaded.data_range == ("2024-09-02", "2025-05-05")
    assert loaded.metrics == {"headline": {"auc_any": 0.8}}


def test_a_version_whose_modalities_attend_to_each_other_is_kept(tmp_path: Path) -> None:
    crossed = model()
    crossed.learned = RiskNetwork(replace(crossed.config, cross=True)).eval()
    checkpoint.save(crossed, tmp_path / "v1")
    values, observed = torch.ones(3, 20, 42), torch.ones(3, 20, dtype=torch.bool)

    loaded = checkpoint.load(tmp_path / "v1")

    assert loaded.config == crossed.config and loaded.config.cross
    assert torch.equal(loaded.network(values, observed)[0], crossed.network(values, observed)[0])


def test_bands_are_kept_in_a_file_of_their_own_that_is_checked(tmp_path: Path) -> None:
    banded = model()
    banded.bands = Bands(0.9, (0.2,), (0.7, 0.8), rows=500, students=40)
    checkpoint.save(banded, tmp_path / "v1")

    loaded = checkpoint.load(tmp_path / "v1").bands
    (tmp_path / "v1" / checkpoint.BANDS).write_text("{}")

    assert loaded == banded.bands
    with pytest.raises(ModelError, match=r"conformal\.json is not the file that was saved"):
        checkpoint.load(tmp_path / "v1")


def test_a_version_that_was_saved_without_bands_has_none(saved: Path) -> None:
    assert checkpoint.load(saved).bands is None


def test_the_manifest_names_the_features_and_every_file(saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())

    assert manifest["features"] == list(NAMES)
    assert sorted(manifest["files"]) == sorted(FILES)
    assert {p.name for p in saved.iterdir()} == {*FILES, "manifest.json"}


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()

    with pytest.raises(ModelError, match=f"{name} is missing"):
        checkpoint.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[-1] ^= 1
    (saved / name).write_bytes(content)

    with pytest.raises(ModelError, match=f"{name} is not the file that was saved"):
        checkpoint.load(saved)


def test_a_version_that_reads_a_feature_nobody_builds_is_refused(tmp_path: Path) -> None:
    old = model()
    old.features = (*NAMES[:-1], "dsc_something_else")
    checkpoint.save(old, tmp_path / "v1")

    with pytest.raises(ModelError, match="'dsc_something_else', which is not built today"):
        checkpoint.load(tmp_path / "v1")


def test_weights_that_do_not_fit_the_config_are_refused(tmp_path: Path) -> None:
    wrong = model()
    wrong.network.config = RiskConfig()
    checkpoint.save(wrong, tmp_path / "v1")

    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        checkpoint.load(tmp_path / "v1")


@pytest.mark.parametrize("text", ["{", "[]", '{"version": "v1"}'])
def test_a_damaged_manifest_is_refused(saved: Path, text: str) -> None:
    (saved / "manifest.json").write_text(text)

    with pytest.raises(ModelError, match=r"manifest\.json"):
        checkpoint.load(saved)


def test_no_folder_is_a_missing_version(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        checkpoint.load(tmp_path / "none")


def test_a_version_is_never_overwritten(saved: Path) -> None:
    with pytest.raises(ModelError, match="exists already"):
        checkpoint.save(model(), saved)
