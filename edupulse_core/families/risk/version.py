"""Verifies and reads a version's folder without torch, so that serving stays small."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import OutcomeRules
from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.risk import learned
from edupulse_core.families.version import fingerprint as fingerprint
from edupulse_core.features import built
from edupulse_core.training.calibration import Calibration
from edupulse_core.training.conformal import Bands

NEEDED = ("config.json", "statistics.json", "calibration.json")
BANDS = "conformal.json"  # absent in versions that were saved before there were bands


@dataclass(frozen=True)
class Version:
    """What serving needs to know about a checkpoint, apart from what it learned."""

    name: str
    length: int  # weeks of a window
    features: tuple[str, ...]
    mean: NDArray[np.float32]  # (F,) of the training weeks
    std: NDArray[np.float32]  # (F,), never 0
    calibration: Calibration
    bands: Bands | None = None  # None: a version without them shows none
    edges: tuple[float, ...] = OutcomeRules().tiers  # of the levels that it was calibrated for
    algorithm: str = learned.NETWORK

    def fits(self, rules: OutcomeRules) -> bool:
        """Whether its bands and probabilities were made for this district's levels."""
        return self.edges == rules.tiers

    def bands_under(self, rules: OutcomeRules) -> Bands | None:
        """Its bands; None if it has none for this district's levels."""
        return self.bands if self.fits(rules) else None

    def standardize(
        self, values: NDArray[np.float32], observed: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """A network's input: mean 0, spread 1; unknown and padding are 0."""
        return learned.standardize(self, values, observed)


def verify(folder: Path) -> Version:
    """Check that a version is whole and that all its inputs are still built.

    ModelError names the first file that is missing, damaged or does not match. Cheap to call again:
    files are read again only after one of them has changed.
    """
    return _verify(folder, whole.signature(folder))


@lru_cache(maxsize=8)
def _verify(folder: Path, signature: whole.Signature) -> Version:
    about = whole.check(folder)
    sums = whole.read_json(folder, whole.MANIFEST)["files"]
    algorithm = about.algorithm or learned.NETWORK
    if algorithm not in learned.FILES:
        raise ModelError(f"version {folder.name}: there is no algorithm {algorithm!r} today")
    if not {*NEEDED, *learned.FILES[algorithm]} <= {*sums}:
        raise ModelError(f"version {folder.name} is damaged: manifest.json is incomplete")
    config = whole.read_json(folder, "config.json")
    statistics = whole.read_json(folder, "statistics.json")
    features = tuple(statistics.get("features", ()))
    unknown = [name for name in features if name not in built.names()]
    if unknown:
        raise ModelError(
            f"version {folder.name} reads the feature {unknown[0]!r}, which is not built today"
        )
    inputs = sum(config.get("modality_sizes", ()))
    if inputs != len(features):
        raise ModelError(
            f"version {folder.name}: config.json describes {inputs} inputs, not {len(features)}"
        )
    mean, std = (np.asarray(statistics.get(k, ()), np.float32) for k in ("mean", "std"))
    if mean.shape != (inputs,) or std.shape != mean.shape or not (std > 0).all():
        raise ModelError(f"version {folder.name}: statistics.json does not fit its features")
    calibration = Calibration.from_json(whole.read_json(folder, "calibration.json"))
    bands = Bands.from_json(whole.read_json(folder, BANDS)) if BANDS in sums else None
    return Version(
        about.version,
        int(config["length"]),
        features,
        mean,
        std,
        calibration,
        bands,
        _edges(about),
        algorithm,
    )


def _edges(about: whole.Header) -> tuple[float, ...]:
    """Where each level began in training; a manifest without rules used the defaults."""
    recorded = about.rules.get("outcomes", {}).get("tiers")
    return tuple(map(float, recorded)) if recorded else OutcomeRules().tiers
