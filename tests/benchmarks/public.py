"""Public data that is not part of the project: where it is, and intervals over whole groups."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import REPOSITORY
from edupulse_core.errors import MissingError

DATA = REPOSITORY.parent / "shared" / "data"
RESAMPLES = 1000
OPTION = {"help": "the folder with the public data", "default": str(DATA), "metavar": "DIR"}
Array = NDArray[np.float64]


def place(data: str, *parts: str) -> Path:
    """A file or folder of the public data. Raises MissingError where it is not there."""
    found = Path(data, *parts)
    if not found.exists():
        raise MissingError(f"{found} is not there: give the folder of the public data with --data")
    return found


def folds_of(group: NDArray[Any], folds: int, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row, (N,): all rows of a group are in one, and groups are drawn by lot."""
    names, at = np.unique(group, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    found: NDArray[np.int64] = (order % folds)[at]
    return found


def interval(
    measure: Callable[[NDArray[np.int64]], float], group: NDArray[Any], seed: int = 0
) -> tuple[float, float, float]:
    """A figure with its 95% interval from resampling whole groups.  measure: rows -> figure."""
    rows = [np.flatnonzero(group == each) for each in np.unique(group)]
    rng = np.random.default_rng(seed)
    drawn = [
        measure(np.concatenate([rows[at] for at in rng.integers(len(rows), size=len(rows))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return measure(np.arange(len(group))), float(low), float(high)


def in_words(figure: tuple[float, float, float], digits: int = 3) -> str:
    """Such as ".598 (.570 to .625)"."""
    whole, low, high = (f"{x:.{digits}f}" for x in figure)
    return f"{whole} ({low} to {high})"
