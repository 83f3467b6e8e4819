"""A network whose explanations can be worked out by hand."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from edupulse_core.families.risk.parts import Parts
from edupulse_core.features.built import group_places
from edupulse_core.features.catalogue import NAMES

GROUP_OF = np.array(group_places(NAMES))


@dataclass(frozen=True)
class Trained:
    """The statistics of a version."""

    mean: np.ndarray
    std: np.ndarray
    features: tuple[str, ...] = NAMES

    def standardize(self, values, observed):
        known = ~np.isnan(values) & observed[..., None]
        return np.where(known, (values - self.mean) / self.std, 0).astype(np.float32)


@dataclass(frozen=True)
class ByHand:
    """A network of two features of the last week: 2 a + 3 b + c a b."""

    trained: Trained
    c: float
    folder: Path = Path("by-hand")

    def logits(self, values, observed):
        x = (values - self.trained.mean) / self.trained.std
        a, b = x[:, -1, 0], x[:, -1, 14]
        return 2 * a + 3 * b + self.c * a * b, None

    @property
    def learned(self):
        """What attributions are of: the network itself."""
        return self.network

    def network(self, x, observed, *, return_attention=False):
        """The same in torch, of standardized windows; two heads look at the last week or two."""
        a, b = x[:, -1, 0], x[:, -1, 14]
        heads = torch.zeros(len(x), 2, 20, 20)
        heads[:, 0, -1, -1], heads[:, 1, -1, -2:] = 1.0, 0.5
        return 2 * a + 3 * b + self.c * a * b, None, heads


def by_hand(c: float, kind: str = "group") -> Parts:
    """Two students: a = 1, b = 2 and a = -1, b = 0.5, away from a typical week of zeros."""
    way = np.zeros((2, 20, 42), np.float32)
    way[:, -1, 0], way[:, -1, 14] = [1.0, -1.0], [2.0, 0.5]
    trained = Trained(np.full(42, 0.25, np.float32), np.full(42, 2.0, np.float32))
    of = {
        "group": np.broadcast_to(GROUP_OF, (20, 42)),
        "feature": np.broadcast_to(np.arange(42), (20, 42)),
        "week": np.broadcast_to(np.arange(20)[:, None], (20, 42)),
    }[kind]
    return Parts(ByHand(trained, c), way, np.zeros_like(way), way, np.ones((2, 20), bool), of)


def in_groups(absence: list[float], marks: list[float]) -> np.ndarray:
    expected = np.zeros((2, 8))
    expected[:, 0], expected[:, 3] = absence, marks
    return expected
