"""Fictional districts with known causes: windows of some weeks, and what was planted in each."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk import shipping
from edupulse_core.families.risk.score import school_norms
from edupulse_core.features import sequences
from edupulse_core.features.built import group_places
from edupulse_core.features.catalogue import FEATURES, GROUPS, NAMES

GROUP_OF = np.array(group_places(NAMES))  # (F,)
WEEKS = """
select distinct week_start from student_weeks order by week_start desc
"""
ROSTER = """
select student_id, week_start, school_id
from student_weeks
where week_start = $week_start and history_weeks >= 4
order by student_id
"""
APART = 5  # weeks between the weeks that are read
TOP = 3
SHOWS = 1.0  # spreads of the district's week between a value and the school's norm
HELPS = "support"  # the one planted episode that lowers risk


@dataclass(frozen=True)
class Planted:
    """Windows of N student-weeks and the causes that acted on them."""

    values: NDArray[np.float32]  # (N, T, F) as built
    observed: NDArray[np.bool_]  # (N, T)
    norms: NDArray[np.float64]  # (N, F)
    strength: NDArray[np.float64]  # (N, episodes, G): what each adds to a group; support left out

    def of(self, rows: Any) -> "Planted":
        """Chosen student-weeks."""
        return Planted(
            self.values[rows], self.observed[rows], self.norms[rows], self.strength[rows]
        )

    @property
    def shows(self) -> NDArray[np.bool_]:
        """Whether a feature of a group is well worse than the school's norm this week, (N, G)."""
        sign = np.array([1 if feature.higher_is_worse else -1 for feature in FEATURES])
        spread = np.nanstd(self.values[:, -1], axis=0)
        far = sign * (self.values[:, -1] - self.norms) > SHOWS * spread  # unknown is not far
        return (far.astype(int) @ np.eye(len(GROUPS), dtype=int)[GROUP_OF]) > 0

    @property
    def by_group(self) -> NDArray[np.float64]:
        """The strongest cause of each group, (N, G)."""
        return self.strength.max(axis=1)


def read(folder: Path, *, seed: int, students: int, end: date, weeks: int, n_weeks: int) -> Planted:
    """Write a district with its truth, build its features, and read its last weeks."""
    size = {"students": students, "weeks": weeks, "seed": seed, "every": weeks}
    parts, keys = [], []
    with shipping.simulated(folder, end=end, futures=1, **size) as con:
        mondays = [row[0] for row in con.execute(WEEKS).fetchall()][::APART][:n_weeks]
        for monday in mondays:
            roster = con.sql(ROSTER, params={"week_start": monday}).to_arrow_table()
            found = sequences.windows(con, roster.select(["student_id", "week_start"]))
            typical = school_norms(con, monday)
            norms = np.stack([typical[school] for school in roster["school_id"].to_pylist()])
            parts.append((found.values, found.observed, norms))
            keys += [(student, str(monday)) for student in roster["student_id"].to_pylist()]
    values, observed, norms = (np.concatenate(part) for part in zip(*parts, strict=True))
    causes = folder / "bundle" / "truth" / "causes.csv"
    return Planted(values, observed, norms, _strength(causes, keys))


def _strength(path: Path, keys: list[tuple[str, str]]) -> NDArray[np.float64]:
    at = {key: row for row, key in enumerate(keys)}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["cause"] != HELPS]
    episodes = sorted({row["cause"] for row in rows})
    strength = np.zeros((len(keys), len(episodes), len(GROUPS)))
    for row in rows:
        where = at.get((row["student_id"], row["week_start"]))
        if where is not None:
            cell = (where, episodes.index(row["cause"]), GROUPS.index(row["feature_group"]))
            strength[cell] = max(strength[cell], float(row["strength"]))
    return strength


def recall(planted: Planted, top: NDArray[np.bool_], clear: float) -> dict[str, float]:
    """How many planted causes of at least this strength are among the strongest reasons.

    top: (N, G), whether a group is one of the three. `strongest`: of the student-weeks with a clear
    cause, those whose strongest group is found.  `groups`: of the up to three strongest clear
    groups, those found.  `episodes`: of the clear episodes, those of which a clear group is found.
    `shown`: as `strongest`, of the student-weeks whose strongest group shows in the records at all.
    """
    by_group = planted.by_group
    order = np.argsort(-by_group, axis=1, kind="stable")[:, :TOP]
    shows = planted.shows[np.arange(len(top)), order[:, 0]]
    is_clear = np.take_along_axis(by_group, order, axis=1) >= clear
    found = np.take_along_axis(top, order, axis=1)
    acts = planted.strength >= clear
    named = (acts & top[:, None, :]).any(axis=2)
    return {
        "student_weeks": int(is_clear[:, 0].sum()),
        "strongest": float(found[is_clear[:, 0], 0].mean()),
        "shown": float(found[is_clear[:, 0] & shows, 0].mean()),
        "share_shown": float(shows[is_clear[:, 0]].mean()),
        "groups": float(found[is_clear].mean()),
        "episodes": float(named[acts.any(axis=2)].mean()),
    }


def ceiling(known: Planted, unseen: Planted, clear: float) -> dict[str, float]:
    """The recall of gradient boosting that was shown the planted causes of another district."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    guess = np.stack(
        [
            HistGradientBoostingRegressor(max_iter=80, random_state=0)
            .fit(_summary(known), known.by_group[:, group])
            .predict(_summary(unseen))
            for group in range(len(GROUPS))
        ],
        axis=1,
    )
    return recall(unseen, strongest(guess), clear)


def strongest(scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which three groups score highest, (N, G)."""
    top = np.zeros(scores.shape, bool)
    np.put_along_axis(top, np.argsort(-scores, axis=1, kind="stable")[:, :TOP], True, axis=1)
    return top


def _summary(planted: Planted) -> NDArray[np.float64]:
    """Last week, its distance to the norm, earlier weeks, and changes: (N, 7 F)."""
    weeks, last = planted.values, planted.values[:, -1]
    earlier = [weeks[:, -2], weeks[:, -3], weeks[:, -5], weeks[:, -9]]
    return np.concatenate([last, last - planted.norms, *earlier, last - weeks[:, -5]], axis=1)
