"""A version of the risk model as a folder: plain files, each with its checksum."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from edupulse_core.config import OutcomeRules, Rules
from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.risk import NAME
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardizer
from edupulse_core.families.risk.version import BANDS, verify
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.calibration import Calibration
from edupulse_core.training.conformal import Bands

ALGORITHM = "network"


@dataclass
class RiskModel:
    """A trained risk network with everything that its scores depend on."""

    network: RiskNetwork  # in eval mode
    standardizer: Standardizer
    calibration: Calibration
    bands: Bands | None = None
    version: str = ""
    features: tuple[str, ...] = NAMES
    metrics: dict[str, Any] = field(default_factory=dict)
    card: str = ""
    data_range: tuple[str, str] = ("", "")  # first and last week_start of the training windows
    created_at: str = ""
    edges: tuple[float, ...] = OutcomeRules().tiers  # of the levels that it was calibrated for

    @property
    def config(self) -> RiskConfig:
        """The network's sizes."""
        return self.network.config

    def calibrate(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """Turn score logits (N,) into risk scores (N,) in 0..1."""
        return self.calibration.apply(np.asarray(raw, dtype=np.float64))


def save(model: RiskModel, folder: Path, rules: Rules | None = None) -> None:
    """Write a whole version, metrics and card included.

    rules: of the district that it was trained on.  Raises ModelError when the folder exists.
    """

    def fill(half: Path) -> None:
        put(model, half)
        whole.write_json(half / whole.METRICS, model.metrics)
        (half / whole.CARD).write_text(model.card, encoding="utf-8", newline="\n")

    about = whole.Header(
        version=model.version or folder.name,
        family=NAME,
        created_at=model.created_at,
        data_range=model.data_range,
        features=model.features,
        algorithm=ALGORITHM,
        rules=(rules or Rules()).as_json(),
    )
    whole.save(folder, about, fill)


def put(model: RiskModel, folder: Path) -> None:
    """Write what the scores need: network, statistics of the inputs, calibration and bands."""
    whole.write_json(folder / "config.json", model.config.as_json())
    state = {name: value.contiguous() for name, value in model.network.state_dict().items()}
    (folder / "weights.safetensors").write_bytes(safetensors.torch.save(state))
    statistics = {
        "features": list(model.features),
        "mean": [float(x) for x in model.standardizer.mean],
        "std": [float(x) for x in model.standardizer.std],
    }
    whole.write_json(folder / "statistics.json", statistics)
    whole.write_json(folder / "calibration.json", model.calibration.as_json())
    if model.bands is not None:
        whole.write_json(folder / BANDS, model.bands.as_json())


def load(folder: Path) -> RiskModel:
    """Read a version, to train on or to measure; ModelError says what is wrong with it."""
    trained, about = verify(folder), whole.header(folder)
    network = RiskNetwork(RiskConfig.from_json(whole.read_json(folder, "config.json")))
    try:
        network.load_state_dict(safetensors.torch.load(whole.read(folder, "weights.safetensors")))
    except SafetensorError as error:
        raise ModelError(f"version {folder.name}: weights.safetensors: {error}") from None
    except RuntimeError:
        raise ModelError(
            f"version {folder.name}: weights.safetensors does not fit config.json"
        ) from None
    network.eval()
    return RiskModel(
        network,
        Standardizer(trained.mean, trained.std),
        trained.calibration,
        bands=trained.bands,
        version=trained.name,
        features=trained.features,
        metrics=whole.read_json(folder, whole.METRICS),
        card=whole.read(folder, whole.CARD).decode("utf-8"),
        data_range=about.data_range,
        created_at=about.created_at,
        edges=trained.edges,
    )
