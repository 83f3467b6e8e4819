"""Whether alarms are equally right for every group of students, with intervals.

Groups come in as arrays: whom they stand for is never known here, and no model sees them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.training.hiding import few_stand_in, in_several, to_hide, told
from edupulse_core.training.results import ByGroup, Hidden, Interval, Result, Told

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Names = NDArray[Any]

COMPARED = 30  # students; a smaller group is shown, but no gap is measured to it
PERMUTATIONS = 200
RIGHT, FALSE, MISSED, QUIET = range(4)  # what an alarm, or none, turned out to be
RATES = ("base_rate", "selection", "recall", "fpr", "precision")


class AlarmRates(Told):
    """How often an alarm is right for some students; it counts student-weeks."""

    alarms: int
    right: int
    false: int
    missed: int
    base_rate: Interval  # had the outcome, of all
    selection: Interval  # called, of all
    recall: Interval  # called, of those with the outcome
    fpr: Interval  # called, of those without it
    precision: Interval  # had the outcome, of those called


class Gap(Result):
    """How far apart two groups of an attribute are in a rate: the highest and the lowest."""

    value: float
    low: float
    high: float
    most: str
    least: str
    implied: float  # the gap, had each outcome come as often as predicted
    by_chance: float  # 95 of 100 gaps between groups drawn by lot are smaller


class Gaps(Result):
    """The gaps of an attribute; None where too few groups can be compared."""

    recall: Gap | None
    fpr: Gap | None


class AlarmsByGroup(ByGroup[AlarmRates]):
    """An alarm's rates for everyone and for each group, and the gaps between groups."""

    gaps: dict[str, Gaps]


@dataclass(frozen=True)
class Alarm:
    """For N student-weeks: who is flagged, who had the outcome, and the predicted chance."""

    flagged: Flags  # (N,)
    outcome: Flags  # (N,)
    chance: Array  # (N,) the outcome's probability, as predicted

    @cached_property
    def cells(self) -> Array:
        """Right, false, missed or rightly quiet, (N, 4): a 1 in one of them."""
        kind = np.where(self.flagged, np.where(self.outcome, RIGHT, FALSE), QUIET)
        kind = np.where(~self.flagged & self.outcome, MISSED, kind)
        return np.eye(4)[kind]

    @cached_property
    def expected(self) -> Array:
        """As `cells`, (N, 4), if every outcome came true as often as predicted."""
        chance, rest = self.chance, 1.0 - self.chance
        empty = np.zeros_like(chance)
        flagged = np.stack([chance, rest, empty, empty], axis=1)
        quiet = np.stack([empty, empty, chance, rest], axis=1)
        return np.where(self.flagged[:, None], flagged, quiet)


@dataclass(frozen=True)
class Students:
    """Which student each row belongs to, and how often each is drawn in every resample."""

    codes: NDArray[np.int64]  # (N,) 0..S-1
    drawn: NDArray[np.uint8]  # (R, S)

    @classmethod
    def of(cls, student: Names, resamples: int, seed: int = 0) -> "Students":
        """Number the students and draw them with replacement, each with all rows."""
        names, codes = np.unique(student, return_inverse=True)
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
        return cls(codes, drawn.astype(np.uint8))

    def sums(self, rows: NDArray[Any], columns: Array) -> Array:
        """Each student's sums over chosen rows, (S, K). columns: (N, K)."""
        codes, size = self.codes[rows], self.drawn.shape[1]
        return np.stack(
            [np.bincount(codes, column[rows], minlength=size) for column in columns.T], axis=1
        )

    def resampled(self, sums: Array) -> Array:
        """The totals of every resample, (R, K). sums: (S, K)."""
        parts = [self.drawn[at : at + 50] @ sums for at in range(0, len(self.drawn), 50)]
        return np.concatenate(parts)

    def mean(self, rows: NDArray[Any], values: Array) -> Interval:
        """The mean of values (N,) over chosen rows, with its interval."""
        sums = self.sums(rows, np.stack([values, np.ones(len(values))], axis=1))
        total, count = self.resampled(sums).T
        return Interval.of(float(values[rows].mean()), _over(total, count))


def alarms_by_group(
    alarm: Alarm,
    groups: Mapping[str, Names],
    students: Students,
    *,
    beside: Sequence[Alarm] = (),
    seed: int = 0,
) -> AlarmsByGroup:
    """Rates of everyone and of each group, and the gaps between groups.

    groups: attribute -> (N,) the group of each row. A group is hidden if the four cells of this
    alarm, together with those of the alarms in `beside`, could identify a few students. So are
    other groups that would give it away. The rates of everyone are hidden for the same reason.
    If a student may be in two groups of an attribute, `students` of its groups is None.
    """
    cells = [each.cells for each in (*beside, alarm)]
    tables = [told(*cells[:n]) for n in range(1, len(cells) + 1)]
    hide = to_hide(groups, students.codes, *tables)
    everyone = students.sums(np.arange(len(alarm.flagged)), alarm.cells)
    few = few_stand_in(tables[-1], students.codes)
    lines: dict[str, list[Hidden | AlarmRates]] = {}
    gaps: dict[str, Gaps] = {}
    for attribute, names in groups.items():
        members = {str(name): np.flatnonzero(names == name) for name in np.unique(names)}
        sums = {name: students.sums(rows, alarm.cells) for name, rows in members.items()}
        lines[attribute], resampled = [], {}
        unsaid = {"students": None} if in_several(names, students.codes) else {}
        for name, each in sums.items():
            if hide[attribute][name]:
                lines[attribute].append(Hidden(group=name))
                continue
            line, draws = _described(each, students)
            if line["students"] >= COMPARED:
                resampled[name] = draws
            lines[attribute].append(AlarmRates(**line | unsaid, group=name))
        implied = {name: _rates(alarm.expected[members[name]].sum(axis=0)) for name in resampled}
        labels = _labels(students, names, list(resampled))
        found = {
            rate: _gap(
                {name: (_rates(sums[name].sum(axis=0))[rate], draws[rate], implied[name][rate])
                 for name, draws in resampled.items()},
                _by_chance(everyone, labels, rate, seed),
            )
            for rate in ("recall", "fpr")
        }  # fmt: skip
        gaps[attribute] = Gaps(**found)
    overall = Hidden() if few else AlarmRates(**_described(everyone, students)[0])
    return AlarmsByGroup(overall=overall, groups=lines, gaps=gaps)


def _described(sums: Array, students: Students) -> tuple[dict[str, Any], dict[str, Array]]:
    """A group's counts and rates with intervals, and each rate's resamples. sums: (S, 4)."""
    total = sums.sum(axis=0)
    draws = _rates(students.resampled(sums).T)
    values = _rates(total)
    line: dict[str, Any] = {
        "rows": int(total.sum()),
        "students": int((sums.sum(axis=1) > 0).sum()),
        "alarms": int(total[RIGHT] + total[FALSE]),
        "right": int(total[RIGHT]),
        "false": int(total[FALSE]),
        "missed": int(total[MISSED]),
    }
    return line | {name: Interval.of(values[name], draws[name]) for name in RATES}, draws


def _rates(cells: Array) -> dict[str, Any]:
    """The five rates from counts (4, ...); NaN where there is nothing to count."""
    right, false, missed, quiet = cells
    return {
        "base_rate": _over(right + missed, right + false + missed + quiet),
        "selection": _over(right + false, right + false + missed + quiet),
        "recall": _over(right, right + missed),
        "fpr": _over(false, false + quiet),
        "precision": _over(right, right + false),
    }


def _over(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0)


def _gap(groups: Mapping[str, tuple[float, Array, float]], chance: Array) -> Gap | None:
    """The largest rate minus the smallest; None with fewer than two groups.

    groups: name -> its rate, the rate's resamples and the rate implied by the predicted chances.
    chance: (P,) gaps when the same students are dealt to groups at random.
    """
    known = {name: each for name, each in groups.items() if not np.isnan(each[0])}
    if len(known) < 2:
        return None
    most = max(known, key=lambda name: known[name][0])
    least = min(known, key=lambda name: known[name][0])
    gap = Interval.of(known[most][0] - known[least][0], known[most][1] - known[least][1])
    if gap.value is None or gap.low is None or gap.high is None:
        return None
    return Gap(
        value=gap.value,
        low=gap.low,
        high=gap.high,
        most=most,
        least=least,
        implied=round(float(known[most][2] - known[least][2]), 6),
        by_chance=round(float(np.quantile(chance, 0.95)), 6),
    )


def _labels(students: Students, names: Names, compared: list[str]) -> NDArray[np.int64]:
    """The group of each student's first row as a number, (S,); -1 for a group not compared."""
    first = np.unique(students.codes, return_index=True)[1]
    number = {name: at for at, name in enumerate(compared)}
    return np.array([number.get(str(name), -1) for name in names[first]], dtype=np.int64)


def _by_chance(sums: Array, labels: NDArray[np.int64], rate: str, seed: int) -> Array:
    """Gaps between groups of the same sizes with students drawn by lot, (PERMUTATIONS,)."""
    rng = np.random.default_rng(seed)
    size = labels.max(initial=-1) + 1
    if size < 2:
        return np.zeros(1)
    gaps = np.zeros(PERMUTATIONS)
    for at in range(PERMUTATIONS):
        dealt = rng.permutation(labels) + 1
        cells = [np.bincount(dealt, weights=column, minlength=size + 1)[1:] for column in sums.T]
        found = _rates(np.stack(cells))[rate]
        known = found[~np.isnan(found)]
        gaps[at] = np.ptp(known) if len(known) else 0.0
    return gaps
