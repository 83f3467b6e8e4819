"""Ridge regression on how alike cases are, instead of on what each of them is (kernel ridge)."""

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


def pull_of(alike: Array, target: Array) -> tuple[Array, Array]:
    """The pull of each case on others, and what others say of it when it is left out, (N,) each.

    alike: (N, N).  target: (N,), of mean 0. The penalty is the one under which cases that are left
    out are told best; the eigenvectors give that without training again.
    """
    values, vectors = np.linalg.eigh(alike.astype(np.float32))  # twice as fast, and exact enough
    turned = vectors.T @ target
    best, found = np.inf, (np.zeros(len(target)), np.zeros(len(target)))
    for penalty in PENALTIES:
        shrunk = 1.0 / (np.maximum(values, 0.0) + penalty)
        pull = vectors @ (turned * shrunk)
        off = pull / ((vectors**2) @ shrunk)  # the target less what the others say
        error = float(np.mean(off**2))
        if error < best:
            best, found = error, (pull, target - off)
    return found
