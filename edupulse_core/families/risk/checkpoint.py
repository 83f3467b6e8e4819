"""A version of the risk model as a folder: plain files, each with its checksum."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from edupulse_core.errors import ModelError
from edupulse_core.families import whole
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardiser
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
BANDS = "conformal.json"  # absent in versions that were saved before there were bands


@dataclass
class RiskModel:
    """A trained risk network with all that its scores depend on."""

    network: RiskNetwork  # in eval mode
    standardiser: Standardiser
    calibration: Calibration
    bands: Bands | None = None
    version: str = ""
    features: tuple[str, ...] = NAMES
    metrics: dict[str, Any] = field(default_factory=dict)
    card: str = ""
    data_range: tuple[str, str] = ("", "")  # first and last week_start of the training windows
    created_at: str = ""

    @property
    def config(self) -> RiskConfig:
        """The network's sizes."""
        return self.network.config

    def calibrate(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """Turn score logits (N,) into risk scores (N,) in 0..1."""
        return self.calibration.apply(np.asarray(raw, dtype=np.float64))


def save(model: RiskModel, folder: Path) -> None:
    """Write a version; the folder appears whole or not at all.

    Raises ModelError when the folder exists.
    """
    if folder.exists():
        raise ModelError(f"version {folder.name} exists already: {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    half = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    _write_json(half / "config.json", model.config.as_json())
    state = {name: value.contiguous() for name, value in model.network.state_dict().items()}
    (half / "weights.safetensors").write_bytes(safetensors.torch.save(state))
    _write_json(half / "statistics.json", _statistics(model))
    _write_json(half / "calibration.json", model.calibration.as_json())
    if model.bands is not None:
        _write_json(half / BANDS, model.bands.as_json())
    _write_json(half / "metrics.json", model.metrics)
    (half / "card.md").write_text(model.card, encoding="utf-8", newline="\n")
    _write_json(half / "manifest.json", _manifest(model, half, folder.name))
    half.rename(folder)


def load(folder: Path) -> RiskModel:
    """Read a version; ModelError says what is missing, damaged or does not match the features."""
    manifest = whole.read_json(folder, "manifest.json")
    _check(folder, manifest)
    has_bands = BANDS in manifest["files"]
    statistics = whole.read_json(folder, "statistics.json")
    if tuple(statistics.get("features", ())) != NAMES:
        raise ModelError(f"version {folder.name} was trained on other features than today's 42")
    network = RiskNetwork(RiskConfig.from_json(whole.read_json(folder, "config.json")))
    try:
        network.load_state_dict(safetensors.torch.load_file(folder / "weights.safetensors"))
    except SafetensorError as error:
        raise ModelError(f"version {folder.name}: weights.safetensors: {error}") from None
    except RuntimeError:
        raise ModelError(
            f"version {folder.name}: weights.safetensors does not fit config.json"
        ) from None
    network.eval()
    return RiskModel(
        network,
        _standardiser(folder, statistics),
        Calibration.from_json(whole.read_json(folder, "calibration.json")),
        bands=Bands.from_json(whole.read_json(folder, BANDS)) if has_bands else None,
        version=str(manifest["version"]),
        metrics=whole.read_json(folder, "metrics.json"),
        card=(folder / "card.md").read_text(encoding="utf-8"),
        data_range=tuple(manifest["data_range"]),
        created_at=str(manifest["created_at"]),
    )


def _statistics(model: RiskModel) -> dict[str, Any]:
    return {
        "features": list(model.features),
        "mean": [float(x) for x in model.standardiser.mean],
        "std": [float(x) for x in model.standardiser.std],
    }


def _standardiser(folder: Path, statistics: dict[str, Any]) -> Standardiser:
    mean, std = (np.asarray(statistics.get(k, ()), dtype=np.float32) for k in ("mean", "std"))
    if mean.shape != (len(NAMES),) or std.shape != mean.shape or not (std > 0).all():
        raise ModelError(f"version {folder.name}: statistics.json does not fit its features")
    return Standardiser(mean, std)


def _manifest(model: RiskModel, folder: Path, version: str) -> dict[str, Any]:
    names = FILES if model.bands is None else (*FILES, BANDS)
    return {
        "version": model.version or version,
        "family": "risk",
        "created_at": model.created_at,
        "data_range": list(model.data_range),
        "features": list(model.features),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }


def _check(folder: Path, manifest: dict[str, Any]) -> None:
    """Every file is there and is the one that was saved."""
    saved = manifest.get("files", {})
    keys = {"version", "created_at", "data_range"}
    if not keys <= set(manifest) or not set(FILES) <= set(saved):
        raise ModelError(f"version {folder.name}: manifest.json is incomplete")
    whole.check(folder)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
