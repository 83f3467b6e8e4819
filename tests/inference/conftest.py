"""A small network with made-up weights, saved as a version, and windows to score with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from edupulse_core.features.catalogue import NAMES
from edupulse_core.inference import forms
from edupulse_core.models.checkpoint import RiskModel, save
from edupulse_core.models.risk import RiskConfig, RiskNetwork, Standardiser
from edupulse_core.training.calibration import Calibration


def write_version(folder: Path, *, seed: int = 0, config: RiskConfig | None = None) -> Path:
    """A version with random weights, wide enough apart that scores differ."""
    torch.manual_seed(seed)
    network = RiskNetwork(config or RiskConfig(hidden=10, projection=32)).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter *= 1.5 if name.startswith("grus") else 2.0
    rng = np.random.default_rng(seed)
    mean = rng.uniform(0, 1, len(NAMES)).astype(np.float32)
    std = rng.uniform(0.5, 2, len(NAMES)).astype(np.float32)
    calibration = Calibration((-1.0, 0.0, 1.0), (-2.5, 0.0, 3.0))
    model = RiskModel(
        network,
        Standardiser(mean, std),
        calibration,
        data_range=("2025-09-01", "2026-03-02"),
        created_at="2026-03-09T06:00:00+00:00",
    )
    save(model, folder)
    return folder


@dataclass(frozen=True)
class Batch:
    """Windows of N students, some unknown values, some short histories."""

    values: np.ndarray
    observed: np.ndarray

    def of(self, chosen: object) -> "Batch":
        return Batch(self.values[chosen], self.observed[chosen])


def made_batch(n: int, *, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.5, 1.0, (n, 20, len(NAMES))).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    first = np.where(rng.random(n) < 0.3, rng.integers(1, 17, n), 0)
    observed = np.arange(20)[None, :] >= first[:, None]
    values[~observed] = np.nan
    return Batch(values, observed)


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole version, its ONNX files beside it; nobody writes to it."""
    folder = write_version(tmp_path_factory.mktemp("models") / "made-up")
    forms.export(folder)
    return folder


@pytest.fixture
def new_version(tmp_path: Path) -> Callable[..., Path]:
    """Makes a version that a test may damage."""
    return lambda **given: write_version(tmp_path / "mine", **given)


@pytest.fixture(scope="session")
def batch() -> Batch:
    return made_batch(512)
