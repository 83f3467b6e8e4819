"""The strongest reasons of a score: sentences with the value, the norm and the direction.

A reason is a group of features. Features of a group rise and fall together, so that one of them
often gets what another took away, and another training shares it out otherwise; only their sum
means something. The sentence tells the feature of the group that shows it best today: the one
furthest from the school's norm on the side that the direction says. A share of few pieces of work
stands back there, and is told in counts. Ranked by the last eight weeks,
about a marking period: on the validation district that finds more of the planted causes than all
twenty (.79 against .76), and another training repeats it more often. What bears a reason out is
the mean of what the score loses without the group and gains with it alone: where several groups
raise a score, taking one away changes little, as the others hold it up. On the validation district
another training repeats .81 of the reasons (.79 by deletion alone); .71 of the causes are told
(.70).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.serve import Values
from edupulse_core.features import built
from edupulse_core.features.catalogue import GROUPS, NAMES, Feature

COUNT = 5
RECENT = 8  # weeks that reasons are ranked by
FAINT = 0.01  # of the score's logit: a group that moves it by less is no reason
FEWEST_HANDED_IN = 3  # pieces of work; a share of fewer says little


@dataclass(frozen=True)
class Factor:
    """One group of features that moved a score, told by one of them."""

    feature: str
    value: float  # this week's, in the feature's unit
    norm: float | None  # the school's median this week; None where it knows none
    direction: str  # raises or lowers
    attribution: float  # of the whole group over the last eight weeks, in the score's logit
    sentence: str

    @property
    def group(self) -> str:
        """The group of features, one of catalogue.GROUPS."""
        return built.named(self.feature).group

    def as_json(self) -> dict[str, Any]:
        """What store and command line keep."""
        return {**asdict(self), "group": self.group}


_LATE = "grd_late_rate_4w"


def strongest(
    attributions: NDArray[np.floating[Any]],
    margins: NDArray[np.float64],
    values: Values,
    norms: NDArray[np.float64],
    spread: NDArray[np.float32],
    handed_in: NDArray[np.int64] | None = None,
    mark_age: NDArray[np.float64] | None = None,
    features: Sequence[str] = NAMES,
) -> list[list[Factor]]:
    """At most five factors of each student, strongest group first.

    attributions: (N, T, F).  margins: (N, G), what a group adds to the score, last and first, as
    `parts.margins`.  values: (N, T, F), as built.  norms: (N, F).  spread: (F,), of the
    training weeks.  handed_in: (N,), pieces of work over four weeks; None: enough.
    mark_age: (N,), as `marks.ages`; None takes all marks as of this week.  features: (F,) names.
    A group is a reason only where both say the same direction and a feature known this week bears
    it out: worse than the norm for what raises the score, better for what lowers it. Groups that
    read like the norm today, and moved the score by earlier weeks alone, come last. So there may be
    fewer than five, or none.
    """
    age = np.zeros(len(values)) if mark_age is None else mark_age
    now = values[:, -1].astype(np.float64)  # (N, F)
    if handed_in is None:
        handed_in = np.full(len(now), FEWEST_HANDED_IN)
    share = attributions[:, -RECENT:].sum(axis=1, dtype=np.float64)  # (N, F)
    read = [built.named(name) for name in features]
    groups = np.array(built.group_places(features))
    members = [np.flatnonzero(groups == group).tolist() for group in range(len(GROUPS))]
    total = share @ np.eye(len(GROUPS))[groups]  # (N, G)
    gap = np.nan_to_num(np.abs(now - norms) / spread)
    weight = np.where((np.abs(total) >= FAINT) & (total * margins > 0), np.abs(total), 0.0)
    order = np.argsort(-weight, axis=1, kind="stable")
    chosen = []
    for i, ranked in enumerate(order):
        n = int(handed_in[i])
        apart: list[Factor] = []
        alike: list[Factor] = []
        for group in ranked[weight[i, ranked] > 0]:
            sign = float(np.sign(total[i, group]))
            told = _telling(read, members[group], sign, gap[i], share[i], now[i], norms[i], n)
            if told is not None:
                f, is_apart = told
                few = read[f].name == _LATE and n < FEWEST_HANDED_IN
                beside = now[i, f], norms[i, f], total[i, group]
                made = factor(read[f], *beside, is_apart, n if few else None, age[i])
                (apart if is_apart else alike).append(made)
        chosen.append([*apart, *alike][:COUNT])
    return chosen


def _telling(
    read: Sequence[Feature],
    group: list[int],
    sign: float,
    gap: NDArray[np.float64],
    share: NDArray[np.float64],
    now: NDArray[np.float64],
    norms: NDArray[np.float64],
    handed_in: int,
) -> tuple[int, bool] | None:
    """The feature that shows best how a group moved the score, and whether today tells it.

    sign: 1 where the group raises the score.  gap: (F,), between value and norm, in spreads.
    """
    members = [
        f for f in group if not np.isnan(now[f]) and not (read[f].name == _LATE and handed_in == 0)
    ]
    last = _LATE if handed_in < FEWEST_HANDED_IN else None
    ranked = sorted(members, key=lambda f: (read[f].name == last, -gap[f], -sign * share[f]))
    sides = {f: _side(read[f], now[f], norms[f]) for f in ranked}
    for f in ranked:
        if sides[f] == sign or (sides[f] is None and sign * share[f] > 0):
            return f, True
    for f in ranked:
        if sides[f] == 0 and sign * share[f] > 0:
            return f, False
    return None


def _side(feature: Feature, value: float, norm: float) -> float | None:
    """1 worse than the norm, -1 better, 0 the same in words; None where no norm is known."""
    if np.isnan(norm):
        return None
    if feature.words(value) == feature.words(norm):
        return 0.0
    return 1.0 if (value > norm) == feature.higher_is_worse else -1.0


def factor(
    feature: Feature,
    value: float,
    norm: float,
    attribution: float,
    is_apart: bool = True,
    pieces: int | None = None,
    mark_age: float = 0,
) -> Factor:
    """A factor and its sentence; norm may be NaN.

    is_apart: whether this week's value shows it; else the sentence says that earlier weeks did it.
    pieces: as `Feature.sentence`.  mark_age: school weeks since the week of the student's last
    mark, as `marks.ages`.
    """
    known = None if np.isnan(norm) else float(norm)
    direction = "raises" if attribution > 0 else "lowers"
    mover = direction if is_apart else f"earlier weeks {direction.removesuffix('s')}"
    told = feature.sentence(value, known, pieces, mark_age)
    sentence = f"{told}; {mover} the score"
    return Factor(feature.name, float(value), known, direction, float(attribution), sentence)
