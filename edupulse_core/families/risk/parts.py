"""Cuts a student's window into parts, and scores it with some parts replaced by typical ones.

Every way to explain a score asks the same question: what would the model say if this part of the
record were as in the school's typical week? A part is a group of features, one feature or one week.
Padding and unknown values are never replaced, so they explain exactly nothing.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.attribution import path
from edupulse_core.families.risk.learned import Mask, Values
from edupulse_core.families.risk.serve import Engine
from edupulse_core.features import built

AT_ONCE = 2048  # windows in memory
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """N students' windows, cut into P parts."""

    engine: Engine
    values: Values  # (N, T, F) as built
    base: Values  # (N, T, F) standardized: the school's typical week
    way: Values  # (N, T, F) from there to the student's own; 0 where unknown or padded
    observed: Mask  # (N, T)
    of: NDArray[np.int64]  # (T, F): the part that each cell belongs to

    @property
    def n(self) -> int:
        """Parts of a window."""
        return int(self.of.max()) + 1

    def by(self, kind: str) -> "Parts":
        """The same windows, cut another way."""
        return replace(self, of=_cells(kind, len(self.of), self.engine.trained.features))

    def only(self, rows: NDArray[np.int64]) -> "Parts":
        """Some of the students."""
        return replace(
            self,
            values=self.values[rows],
            base=self.base[rows],
            way=self.way[rows],
            observed=self.observed[rows],
        )

    def windows(self, shares: Shares, rows: NDArray[np.int64]) -> Values:
        """Windows (M, T, F) with each part between typical and the student's own.

        shares: (M, P), from 0 typical to 1 the student's own.  rows: (M,), which student's window.
        """
        gone = shares.astype(np.float32)[:, self.of]
        made: Values = self.base[rows] + self.way[rows] * gone
        return made

    def logits(self, shares: Shares, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The score's logit (M,) of such windows."""
        mean, std = self.engine.trained.mean, self.engine.trained.std
        found = np.empty(len(rows))
        for start in range(0, len(rows), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            own = self.values[rows[part]]
            raw = self.windows(shares[part], rows[part]) * std + mean
            raw[np.isnan(own)] = np.nan  # trees tell unknown from the mean
            found[part] = self.engine.logits(raw, self.observed[rows[part]])[0]
        return found

    def summed(self, cells: NDArray[np.floating]) -> Shares:
        """Numbers of cells, (M, T, F), added up by part: (M, P)."""
        total: Shares = cells.reshape(len(cells), -1).astype(np.float64) @ self._belongs
        return total

    @cached_property
    def _belongs(self) -> Shares:
        return np.eye(self.n)[self.of.ravel()]


def cut(
    engine: Engine, values: Values, observed: Mask, norms: NDArray[np.float64], kind: str
) -> Parts:
    """Cut windows (N, T, F), as built, by group, feature or week; norms (N, F) as in `path`."""
    base, way = path(engine.trained, values, observed, norms)
    of = _cells(kind, values.shape[1], engine.trained.features)
    return Parts(engine, values, base, way, observed, of)


def _cells(kind: str, weeks: int, features: tuple[str, ...]) -> NDArray[np.int64]:
    part = {
        "group": np.array(built.group_places(features)),
        "feature": np.arange(len(features)),
        "week": np.arange(weeks)[:, None],
    }[kind]
    return np.broadcast_to(part, (weeks, len(features)))


def deletion(parts: Parts, shares: Shares | None = None) -> Shares:
    """What the score loses when a part is replaced by the typical week: (N, P).

    shares: (N, P), where to delete from; the student's own record unless given.
    """
    n, p = len(parts.base), parts.n
    whole = np.ones((n, p)) if shares is None else shares
    kept = np.concatenate([np.ones((1, p)), 1 - np.eye(p)])  # nothing deleted, then one part each
    tried = whole[:, None] * kept
    found = parts.logits(tried.reshape(-1, p), np.repeat(np.arange(n), p + 1)).reshape(n, p + 1)
    lost: Shares = found[:, :1] - found[:, 1:]
    return lost


def margins(parts: Parts, wanted: NDArray[np.bool_] | None = None) -> Shares:
    """What a part adds to the score, (N, P): the mean of adding it last and adding it first.

    These are the two ends of its Shapley value. Added last means that all the rest is the student's
    own record, added first that all the rest is typical.

    wanted: (N, P), which ones to work out; the others are 0. All of them unless given.
    """
    n, p = len(parts.base), parts.n
    made, everyone, part = np.zeros((n, p)), np.arange(n), np.eye(p)
    rows, places = np.nonzero(np.ones((n, p), bool) if wanted is None else wanted)
    whole = parts.logits(np.ones((n, p)), everyone)[rows]
    nothing = parts.logits(np.zeros((n, p)), everyone)[rows]
    last = whole - parts.logits(1 - part[places], rows)
    first = parts.logits(part[places], rows) - nothing
    made[rows, places] = (last + first) / 2
    return made
