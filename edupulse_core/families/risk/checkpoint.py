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
from edupulse_core.families.risk import NAME, blend, linear, trees
from edupulse_core.families.risk.blend import Blend
from edupulse_core.families.risk.learned import BLEND, LOGISTIC, NETWORK, Learned
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardizer
from edupulse_core.families.risk.version import BANDS, verify
from edupulse_core.features import built
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.calibration import Calibration
from edupulse_core.training.conformal import Bands


@dataclass
class RiskModel:
    """What an algorithm learned, with everything that its scores depend on."""

    learned: Learned  # a network is in eval mode
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
    algorithm: str = NETWORK
    length: int = 20  # weeks of a window

    @property
    def has_network(self) -> bool:
        """Whether it is a network, or a blend with one."""
        members = self.learned.members if isinstance(self.learned, Blend) else (self.algorithm,)
        return NETWORK in members

    @property
    def network(self) -> RiskNetwork:
        """The network, or the one in a blend; only where there is one."""
        found = self.learned
        if isinstance(found, Blend):
            found = found.members[NETWORK]
        assert isinstance(found, RiskNetwork)
        return found

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
        algorithm=model.algorithm,
        rules=(rules or Rules()).as_json(),
    )
    whole.save(folder, about, fill)


def put(model: RiskModel, folder: Path) -> None:
    """Write what the scores need: what it learned, its inputs, calibration and bands."""
    model.learned.put(folder)
    if not model.has_network:  # which writes all its sizes
        sizes = list(built.modality_sizes(model.features))
        about = {"modality_sizes": sizes, "length": model.length}
        whole.write_json(folder / "config.json", about)
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
    return RiskModel(
        read(folder, trained.algorithm),
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
        algorithm=trained.algorithm,
        length=trained.length,
    )


def read(folder: Path, algorithm: str) -> Learned:
    """What an algorithm learned, from its files in a version's folder."""
    if algorithm == NETWORK:
        return _network(folder)
    if algorithm == BLEND:
        mix = blend.read(folder)
        return Blend({name: read(folder, name) for name in mix.names}, mix)
    return linear.read(folder) if algorithm == LOGISTIC else trees.read(folder)


def _network(folder: Path) -> RiskNetwork:
    network = RiskNetwork(RiskConfig.from_json(whole.read_json(folder, "config.json")))
    try:
        network.load_state_dict(safetensors.torch.load(whole.read(folder, "weights.safetensors")))
    except SafetensorError as error:
        raise ModelError(f"version {folder.name}: weights.safetensors: {error}") from None
    except RuntimeError:
        raise ModelError(
            f"version {folder.name}: weights.safetensors does not fit config.json"
        ) from None
    return network.eval()
