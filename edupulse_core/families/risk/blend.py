"""A blend: the mean of several algorithms' calibrated predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.risk.learned import (
    LEAST,
    Array,
    Learned,
    Logits,
    Mask,
    Scale,
    Values,
    softmax,
)
from edupulse_core.training.calibration import Calibration

FILE = "blend.json"


@dataclass
class Mix:
    """How the members' logits become one."""

    calibrations: dict[str, Calibration]  # of each member's score, by algorithm
    scale: float = 1.0
    shift: Array = field(default_factory=lambda: np.zeros(4))

    @property
    def names(self) -> tuple[str, ...]:
        """The members' algorithms, in order."""
        return tuple(self.calibrations)

    def of(self, each: Sequence[Logits]) -> Logits:
        """The mean of the calibrated score logits, and the logarithm of the mean probabilities."""
        pairs = list(zip(self.calibrations.values(), each, strict=True))
        score = np.mean([one.logit(raw.astype(np.float64)) for one, (raw, _) in pairs], axis=0)
        shares = np.mean([softmax(levels) for _, levels in each], axis=0)
        return score, self.scale * np.log(np.maximum(shares, LEAST)) + self.shift


@dataclass
class Blend:
    """Several trained algorithms that answer as one."""

    members: Mapping[str, Learned]  # by algorithm
    mix: Mix

    def logits(self, values: Values, observed: Mask, scale: Scale) -> Logits:
        """See `Learned.logits`."""
        return self.mix.of([one.logits(values, observed, scale) for one in self.members.values()])

    def rescale(self, scale: float, shift: Array) -> None:
        """See `Learned.rescale`."""
        self.mix.scale, self.mix.shift = self.mix.scale * scale, self.mix.shift * scale + shift

    def put(self, folder: Path) -> None:
        """See `Learned.put`: the members' files lie side by side, and each has its own names."""
        for member in self.members.values():
            member.put(folder)
        told = {name: one.as_json() for name, one in self.mix.calibrations.items()}
        line = {"members": told, "scale": self.mix.scale, "shift": self.mix.shift.tolist()}
        whole.write_json(folder / FILE, line)


def read(folder: Path) -> Mix:
    """Read how a saved blend mixes. Raises ModelError when it is damaged."""
    value = whole.read_json(folder, FILE)
    try:
        members = {name: Calibration.from_json(one) for name, one in value["members"].items()}
        return Mix(members, float(value["scale"]), np.asarray(value["shift"], np.float64))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ModelError(f"version {folder.name} is damaged: {FILE} is incomplete") from None
