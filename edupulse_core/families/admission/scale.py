"""The numbers as regressions and networks read them: of one size, and none unknown."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Centers each number, fills what is unknown with the mean, and says where it did."""

    mean: Array  # (F,)
    spread: Array  # (F,) 1 where all are alike, or where numbers keep their size
    gaps: NDArray[np.bool_]  # (F,) where some were unknown in training: these get a column more

    @classmethod
    def fit(cls, x: Array, *, sized: bool = True) -> "Scale":
        """Of some cases (N, F).  sized: false keeps the numbers' own size."""
        known = ~np.isnan(x)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, x, 0.0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, x - mean, 0.0) ** 2).sum(axis=0) / count)
        spread = np.where((spread > 0) & sized, spread, 1.0)
        gaps = np.asarray(~known.all(axis=0) & known.any(axis=0), bool)
        return cls(mean, spread, gaps)

    def __call__(self, x: Array) -> Array:
        """(N, F) -> (N, F + G), with a column for each number that may be unknown."""
        known = ~np.isnan(x)
        filled = np.where(known, (x - self.mean) / self.spread, 0.0)
        made: Array = np.concatenate([filled, ~known[:, self.gaps]], axis=1)
        return made

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {name: getattr(self, name).tolist() for name in ("mean", "spread", "gaps")}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Scale":
        """Read a saved scale."""
        mean, spread = (np.asarray(value[name], np.float64) for name in ("mean", "spread"))
        return cls(mean, spread, np.asarray(value["gaps"], bool))


def squared(x: Array) -> Array:
    """The numbers, their squares, and their products by two."""
    one, other = np.triu_indices(x.shape[1])
    return np.concatenate([x, x[:, one] * x[:, other] / 2], axis=1)
