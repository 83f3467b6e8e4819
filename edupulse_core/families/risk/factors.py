"""The strongest reasons for a score, as fields: the value, the norm, the direction.

A reason is a group of features. The features of a group rise and fall together: one often gets the
credit that belongs to another, and the next training divides it differently. Only their sum is
stable. One feature speaks for the group: the one furthest from the school's norm, among those that
moved the score in the group's direction themselves and are on that side of the norm today. A share
of only a few pieces of work comes last, and is said in counts.

Groups are ranked by the last eight weeks, about a marking period. On the validation district this
finds more of the planted causes than all twenty weeks do (.79 against .76), and another training
repeats it more often. To confirm a reason, we average what the score loses without the group and
what it gains with the group alone: where several groups raise a score, removing one changes little,
because the others still hold it up. On the validation district another training repeats .81 of the
reasons (.79 by deletion alone), and the reasons name .71 of the causes (.70).

`reasons` turns these fields into words where a reason is shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.learned import Values
from edupulse_core.features import built
from edupulse_core.features.built import named
from edupulse_core.features.catalogue import GROUPS, NAMES, Feature

COUNT = 5
RECENT = 8  # weeks that reasons are ranked by
FAINT = 0.01  # of the score's logit: a group that moves it by less is no reason
TRACE = 0.001  # of the logit: a feature that moves it by less tells of no group
FEWEST_HANDED_IN = 3  # pieces of work; a share of fewer says little


@dataclass(frozen=True)
class Factor:
    """One group of features that moved a score, and the feature that speaks for it."""

    feature: str
    value: float  # this week's, in the feature's unit
    norm: float | None  # the school's median this week; None where it knows none
    direction: str  # raises or lowers
    attribution: float  # of the whole group over the last eight weeks, in the score's logit
    is_apart: bool = True  # whether this week's value shows it; else earlier weeks did it
    pieces: int | None = None  # the graded pieces of work that it rests on, if they are few
    mark_age: int | None = None  # school weeks since the week of the last grade, where told
    recent: int | None = None  # incidents of the last 8 weeks, where the sentence needs them
    earlier: int | None = None  # incidents of this year before those
    said: str = ""  # the whole sentence, of a factor that an earlier EduPulse kept as one

    @property
    def group(self) -> str:
        """The group of features, one of catalogue.GROUPS."""
        return named(self.feature).group

    def as_json(self) -> dict[str, Any]:
        """What the store keeps; what a sentence does not need is left out."""
        empty = {name for name in _OPTIONAL if getattr(self, name) in (None, "")}
        return {name: value for name, value in asdict(self).items() if name not in empty}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """A factor as the store kept it, also by an earlier EduPulse."""
        known = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(**{"norm": None, "said": kept.get("sentence", ""), **known})


def read(kept: str, most: int = COUNT) -> list[Factor]:
    """Read factors from the store's JSON, without those of features that no longer exist."""
    known = (one for one in json.loads(kept) if _is_known(one["feature"]))
    return [Factor.from_json(one) for one in islice(known, most)]


def _is_known(feature: str) -> bool:
    try:
        return bool(named(feature))
    except KeyError:
        return False


_OPTIONAL = ("pieces", "mark_age", "recent", "earlier", "said")
LATE = "grd_late_rate_4w"
MONTH = "grd_score_mean_4w"
SPREAD, YEAR = "grd_course_spread", "grd_gpa_ytd"
OF_MARKS = (  # counts and changes of grades; 0 before a year's first one
    "grd_gpa_change_4w",
    "grd_trend_8w",
    "grd_volatility_8w",
    "grd_courses_failing",
    LATE,
)
AGED = ("grd_score_mean_1w", MONTH)  # carried forward if no grade came
DATED = ("dsc_severity_trend_8w", "dsc_weeks_since_last")  # told by when incidents were


@dataclass(frozen=True)
class _Columns:
    """The features that a version reads, in its order."""

    features: tuple[Feature, ...]
    groups: NDArray[np.int64]  # (F,): the place of each one's group in GROUPS

    def place(self, name: str) -> int | None:
        """Where a feature stands; None where the version does not read it."""
        names = [feature.name for feature in self.features]
        return names.index(name) if name in names else None


def _columns(names: tuple[str, ...]) -> _Columns:
    return _Columns(tuple(map(named, names)), np.array(built.group_places(names)))


def moved(
    attributions: NDArray[np.floating[Any]], features: Sequence[str] = NAMES
) -> NDArray[np.float64]:
    """How far each group moved the score lately, (N, G), from attributions (N, T, F)."""
    share = attributions[:, -RECENT:].sum(axis=1, dtype=np.float64)  # (N, F)
    total: NDArray[np.float64] = share @ np.eye(len(GROUPS))[_columns(tuple(features)).groups]
    return total


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

    features: the F that the version reads, in its order.
    attributions: (N, T, F).  margins: (N, G), what a group adds to the score, from
    `parts.margins`; those of groups that moved it by less than FAINT don't matter.
    values: (N, T, F), as built.  norms: (N, F).  spread: (F,), of the training weeks.
    handed_in: (N,), pieces of work over four weeks; None: enough.
    mark_age: (N,), from `marks.ages`; None treats every mark as this week's.
    A group is a reason only if attributions and margins have the same sign and a feature that is
    known this week confirms it: the feature pushed the score that way itself, both lately and over
    all weeks, and it is worse than the norm if it raises the score, better if it lowers it. Groups
    that look like the norm today, and moved the score only by earlier weeks, come last. So there
    may be fewer than five reasons, or none.
    """
    columns = _columns(tuple(features))
    age = np.zeros(len(values)) if mark_age is None else mark_age
    now = values[:, -1].astype(np.float64)  # (N, F)
    if handed_in is None:
        handed_in = np.full(len(now), FEWEST_HANDED_IN)
    share = attributions[:, -RECENT:].sum(axis=1, dtype=np.float64)  # (N, F)
    whole = attributions.sum(axis=1, dtype=np.float64)
    total = moved(attributions, features)
    gap = np.nan_to_num(np.abs(now - norms) / spread)
    recent, earlier = _incidents(values, columns)
    weight = np.where((np.abs(total) >= FAINT) & (total * margins > 0), np.abs(total), 0.0)
    order = np.argsort(-weight, axis=1, kind="stable")
    chosen = []
    for i, ranked in enumerate(order):
        n = int(handed_in[i])
        apart: list[Factor] = []
        alike: list[Factor] = []
        for group in ranked[weight[i, ranked] > 0]:
            sign = float(np.sign(total[i, group]))
            pushed = np.minimum(sign * share[i], sign * whole[i])
            told = _telling(columns, int(group), sign, gap[i], pushed, now[i], norms[i], n)
            if told is not None:
                f, is_apart = told
                name = features[f]
                beside = _beside(name, n, age[i], int(recent[i]), int(earlier[i]))
                made = factor(name, now[i, f], norms[i, f], total[i, group], is_apart, **beside)
                (apart if is_apart else alike).append(made)
        chosen.append([*apart, *alike][:COUNT])
    return chosen


def _telling(
    columns: _Columns,
    group: int,
    sign: float,
    gap: NDArray[np.float64],
    pushed: NDArray[np.float64],
    now: NDArray[np.float64],
    norms: NDArray[np.float64],
    handed_in: int,
) -> tuple[int, bool] | None:
    """The feature that shows best how a group moved the score, and whether this week shows it.

    sign: 1 where the group raises the score.  gap: (F,), between value and norm, in spreads.
    pushed: (F,), how far each feature itself moved the score that way, lately and in all its weeks.
    """
    unknown = np.isnan(now) | _of_no_mark(columns, now)
    late = columns.place(LATE)
    if late is not None:
        unknown[late] |= handed_in == 0
    members = np.flatnonzero((columns.groups == group) & ~unknown & (pushed >= TRACE))
    last = late if handed_in < FEWEST_HANDED_IN else None
    ranked = sorted(map(int, members), key=lambda f: (f == last, -gap[f], -pushed[f]))
    sides = {f: _side(columns.features[f], now[f], norms[f]) for f in ranked}
    for f in ranked:
        if sides[f] in (sign, None):
            return f, True
    for f in ranked:
        if sides[f] == 0:
            return f, False
    return None


def _of_no_mark(columns: _Columns, now: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The features, (F,), that are 0 only because there is nothing yet to count or to compare."""
    found = np.zeros(len(now), bool)
    spread, year = columns.place(SPREAD), columns.place(YEAR)
    if spread is not None and now[spread] == 0:
        found[spread] = True  # one course, as a rule
    if year is not None and np.isnan(now[year]):
        places = [columns.place(name) for name in (*OF_MARKS, SPREAD)]
        found[[place for place in places if place is not None]] = True
    return found


def _incidents(values: Values, columns: _Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each student's incidents in the last 8 weeks, and earlier this year: (N,) both."""
    week, year = columns.place("dsc_incidents_1w"), columns.place("dsc_incidents_ytd")
    if week is None or year is None:
        return np.zeros(len(values), np.int64), np.zeros(len(values), np.int64)
    lately = np.nan_to_num(values[:, -RECENT:, week]).sum(axis=1)
    this_year = np.nan_to_num(values[:, -1, year])
    earlier = np.maximum(this_year - lately, 0)  # a year that began since has none before
    recent: NDArray[np.int64] = np.rint(this_year - earlier).astype(np.int64)
    return recent, np.rint(earlier).astype(np.int64)


def _beside(name: str, handed_in: int, age: float, recent: int, earlier: int) -> dict[str, Any]:
    """The other fields that a feature's sentence needs."""
    if name == LATE and handed_in < FEWEST_HANDED_IN:
        return {"pieces": handed_in}
    if name in AGED and not np.isnan(age):
        few = handed_in < (FEWEST_HANDED_IN if name == MONTH else 2)  # a week may have only one
        return {"mark_age": int(age)} | ({"pieces": handed_in} if few and handed_in else {})
    if name in DATED:
        return {"recent": recent, "earlier": earlier}
    return {}


def _side(feature: Feature, value: float, norm: float) -> float | None:
    """1 if worse than the norm, -1 if better, 0 if it reads the same; None without a norm."""
    if np.isnan(norm):
        return None
    if feature.words(value) == feature.words(norm):
        return 0.0
    return 1.0 if (value > norm) == feature.higher_is_worse else -1.0


def factor(
    feature: str,
    value: float,
    norm: float,
    attribution: float,
    is_apart: bool = True,
    **beside: Any,
) -> Factor:
    """A factor that a feature speaks for; norm may be NaN.  beside: other fields of `Factor`."""
    known = None if np.isnan(norm) else float(norm)
    direction = "raises" if attribution > 0 else "lowers"
    told = float(value), known, direction, float(attribution), is_apart
    return Factor(feature, *told, **beside)
