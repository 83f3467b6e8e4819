"""A Gaussian process: a straight line through the chances, and whatever is smooth around it.

It learns the chance itself, not its log odds, so it suits shares as well as decisions. How wavy,
how smooth and how noisy, the likelihood of the training cases says (Rasmussen and Williams 2006,
chapter 5).
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from edupulse_core.families import version as whole
from edupulse_core.families.admission.learned import logit
from edupulse_core.families.admission.plans import ProcessPlan
from edupulse_core.families.admission.scale import Scale

Array = NDArray[np.float64]
PROCESS, SCALE = "process.safetensors", "process.json"
SMOOTH = (0.03, 0.1, 0.3)  # variance of what is smooth, beside the line's: these are tried
NOISE = (0.05, 0.2, 0.8, 2.0)  # and of what no input explains, in variances of the outcome
LENGTHS = (0.7, 1.0, 1.5, 2.0, 3.0)  # where the plan leaves it open


@dataclass(frozen=True)
class Process:
    """The mean of the process at any case."""

    scale: Scale
    seen: Array  # (M, F) cases as they are read
    weights: Array  # (M,)
    middle: float
    spread: float
    smooth: float
    length: float

    def logits(self, x: Array) -> Array:
        """See `Learned.logits`."""
        kernel = _kernel(self.scale(x), self.seen, self.smooth, self.length)
        return logit(self.middle + self.spread * kernel @ self.weights)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        kept = {"seen": self.seen, "weights": self.weights}
        safetensors.numpy.save_file(kept, folder / PROCESS)
        names = ("middle", "spread", "smooth", "length")
        about = {name: getattr(self, name) for name in names}
        whole.write_json(folder / SCALE, about | {"scale": self.scale.as_json()})

    @classmethod
    def open(cls, folder: Path) -> "Process":
        """Read a saved process."""
        about = whole.read_json(folder, SCALE)
        kept = safetensors.numpy.load(whole.read(folder, PROCESS))
        scale = Scale.from_json(about.pop("scale"))
        return cls(scale, kept["seen"], kept["weights"], **about)


def fit(x: Array, came: Array, plan: ProcessPlan, seed: int) -> Process:
    """Learn from cases (N, 12), or from as many of them as the plan allows."""
    from scipy.linalg import solve_triangular

    rows = np.random.default_rng(seed).permutation(len(x))[: plan.most]
    scale = Scale.fit(x[rows])
    seen = scale(x[rows])
    middle, spread = float(came[rows].mean()), float(came[rows].std())
    y = (came[rows] - middle) / spread
    best: tuple[float, Array, float, float] = (-np.inf, y, SMOOTH[0], 1.0)
    lengths = (plan.length,) if plan.length else LENGTHS
    for smooth, length in product(SMOOTH, lengths):
        kernel = _kernel(seen, seen, smooth, length)
        for noise in NOISE:
            factor = np.linalg.cholesky(kernel + noise * np.eye(len(y)))
            half = solve_triangular(factor, y, lower=True)
            likelihood = float(-half @ half / 2 - np.log(np.diag(factor)).sum())
            if likelihood > best[0]:
                weights = solve_triangular(factor, half, lower=True, trans="T")
                best = likelihood, np.asarray(weights, np.float64), smooth, length
    _, weights, smooth, length = best
    return Process(scale, seen, weights, middle, spread, smooth, length)


def _kernel(a: Array, b: Array, smooth: float, length: float) -> Array:
    """How alike cases are, (N, M): on a line, and near each other."""
    products = a @ b.T
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * products
    found: Array = 1.0 + products + smooth * np.exp(-np.maximum(apart, 0.0) / (2 * length**2))
    return found
