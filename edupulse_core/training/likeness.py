"""Ridge regression on how alike cases are, instead of on what each of them is (kernel ridge)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PENALTIES = tuple(float(x) for x in np.geomspace(0.05, 12.8, 9))
FAR = 4.0  # standard deviations; what is farther out counts as so far


def scale(raw: Array, mean: Array, spread: Array) -> Array:
    """Measures in standard deviations from what is usual, (N, S)."""
    found: Array = np.clip((raw - mean) / spread, -FAR, FAR)
    return found


def likeness(a: Array, b: Array, reach: float) -> Array:
    """How alike two sets of cases are, 1 for the same, (N, P).

    a: (N, S) and b: (P, S), standardized.  reach: how fast likeness fades; larger is faster.
    """
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    found: Array = np.exp(-reach * np.maximum(apart, 0.0) / max(a.shape[1], 1))
    return found


@dataclass(frozen=True)
class Alike:
    """How alike cases are, taken apart once so that several targets can be learned."""

    values: Array  # (N,)
    vectors: NDArray[np.float32]  # (N, N)

    @classmethod
    def of(cls, alike: Array) -> "Alike":
        """Take a matrix of likenesses apart, (N, N)."""
        values, vectors = np.linalg.eigh(alike.astype(np.float32))  # half the time of float64
        return cls(np.maximum(values.astype(np.float64), 0.0), vectors)

    def under(self, penalty: float, target: Array) -> Array:
        """The pull of each case under a penalty that was chosen elsewhere, (N,)."""
        found: Array = self.vectors @ ((self.vectors.T @ target) / (self.values + penalty))
        return found

    def pull(self, target: Array) -> tuple[Array, Array]:
        """The pull of each case, and what others say of it when it is left out, (N,) each.

        target: (N,), of mean 0. The penalty is the one under which cases that are left out are
        told best; the eigenvectors give that without training again.
        """
        squares, turned = self.vectors**2, self.vectors.T @ target
        best, found = np.inf, (np.zeros(len(target)), np.zeros(len(target)))
        for penalty in PENALTIES:
            shrunk = 1.0 / (self.values + penalty)
            pull = self.vectors @ (turned * shrunk)
            off = pull / (squares @ shrunk)  # the target less what the others say
            error = float(np.mean(off**2))
            if error < best:
                best, found = error, (pull, target - off)
        return found


def pull_of(alike: Array, target: Array) -> tuple[Array, Array]:
    """The pull of each case, and what others say of it when it is left out, as `Alike.pull`."""
    return Alike.of(alike).pull(target)
