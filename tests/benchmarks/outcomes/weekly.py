"""Students over weeks: what a model may see at each, and what came of them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RESULTS = ("Distinction", "Pass", "Fail", "Withdrawn")
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Weekly:
    """N students (of a course) by step of time."""

    values: NDArray[np.float32]  # (N, T, F), NaN where unknown
    known: Mask  # (N, T): had registered by then
    registered: Mask  # (N, T): and had not left by then
    result: NDArray[np.int64]  # (N,) place in RESULTS
    student: NDArray[np.int64]  # (N,)
    presentation: NDArray[np.object_]  # (N,) such as AAA-2013J
    names: tuple[str, ...]  # F
    sizes: tuple[int, ...]  # of the modalities

    def __len__(self) -> int:
        return len(self.student)

    @property
    def at_risk(self) -> Mask:
        """Failed or withdrew."""
        return self.result >= RESULTS.index("Fail")

    def of(self, rows: NDArray[np.int64] | Mask) -> "Weekly":
        """The same for some rows."""
        parts = [
            getattr(self, name)[rows]
            for name in ("values", "known", "registered", "result", "student", "presentation")
        ]
        return Weekly(*parts, self.names, self.sizes)


@dataclass(frozen=True)
class Case:
    """One data set, ready to be tried."""

    name: str
    weekly: Weekly
    cuts: dict[str, int]  # label of a time of prediction -> its step
    counted: Mask  # (N, T): rows that train, and that the main figure counts
    rule: NDArray[np.float64] | None = None  # (N, T) flags of the plain rule
    published: dict[str, str] = field(default_factory=dict)  # by label
