"""Judges a version on held-out student-weeks: its scores, its bands and its alarms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import OutcomeRules
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples, Oracle
from edupulse_core.families.risk.levels import levels
from edupulse_core.families.risk.results import (
    UNCERTAIN,
    BandCheck,
    Bands,
    Calibration,
    Ceiling,
    Curve,
    Levels,
    RiskAlarm,
    Size,
)
from edupulse_core.families.risk.tiers import places_of
from edupulse_core.training import conformal, evaluation, fairness, hiding, reliability
from edupulse_core.training.curves import curves
from edupulse_core.training.evaluation import Actual, Part
from edupulse_core.training.fairness import Alarm, Gaps, Students
from edupulse_core.training.reliability import Calibrated
from edupulse_core.training.results import Hidden, Told
from edupulse_core.warehouse.grades import place_of

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Groups = dict[str, NDArray[Any]]
Line = TypeVar("Line", bound=Told)

_GROUPS = sql.load("families/risk/groups")
ALARMS = {
    "support": ("risk level Medium or above", "any flag"),
    "intervention": ("risk level High or above", "two flags or more"),
    "caseload": ("the highest 25 in 300 of each week", "any flag"),
}


@dataclass(frozen=True)
class Scored:
    """A predictor's output for N held-out rows, and the district's rules."""

    score: Array  # (N,)
    tiers: Array  # (N, 4)
    rules: OutcomeRules

    @property
    def shown(self) -> Whole:
        """The risk level that is shown, (N,): 0 low to 3 critical."""
        return places_of(self.score, self.rules)

    def alarms(self, actual: Actual) -> dict[str, Alarm]:
        """Who is flagged, by each kind of alarm."""
        shown = self.shown
        any_flag, high = 1.0 - self.tiers[:, 0], self.tiers[:, 2] + self.tiers[:, 3]
        caseload = evaluation.top_of_each_week(self.score, actual.week, evaluation.CASELOAD)
        return {
            "support": Alarm(shown >= 1, actual.any_flag, any_flag),
            "intervention": Alarm(shown >= 2, actual.high, high),
            "caseload": Alarm(caseload, actual.any_flag, any_flag),
        }


@dataclass(frozen=True)
class Assessment:
    """Everything that was measured on rows that the version has not seen."""

    calibration: Calibration
    bands: Bands | None  # None for a version without bands
    fairness: dict[str, RiskAlarm]
    tiers: Levels
    curves: dict[str, Curve] | None  # None where they would tell of few


def assess(
    model: RiskModel,
    held_out: Examples,
    groups: Groups,
    *,
    resamples: int = 1000,
) -> Assessment:
    """Measure calibration, bands, fairness, levels and curves on rows the version has not seen.

    groups: attribute -> (N,), as `read_groups` finds them.
    """
    scored = Scored(*risk_fit.probabilities(model, held_out), held_out.rules)
    actual = held_out.actual
    students = Students.of(held_out.students, resamples)
    alarms = scored.alarms(actual)
    fair = _fairness(alarms, groups, students)
    beside = [
        alarms[name].cells.argmax(axis=1) for name, each in fair.items() if not each.overall.hidden
    ]
    told, counted = levels(scored.shown, scored.tiers.argmax(axis=1), actual, students, beside)
    calibration = _calibration(scored, actual, groups, students, resamples)
    outcomes = {"any_flag": actual.any_flag, "high": actual.high}
    return Assessment(
        calibration=calibration,
        bands=_bands(model.bands, scored, actual, groups, students),
        fairness=fair,
        tiers=told,
        curves=curves(
            scored.score, outcomes, actual.student, held_out.rules.tiers, [*beside, *counted]
        ),
    )


def beside_the_ceiling(
    model: RiskModel,
    test: Examples,
    oracle: Oracle,
    groups: Groups,
    *,
    resamples: int = 1000,
) -> Ceiling:
    """The gaps of the simulation's oracle and of the version, on the same rows.

    The oracle knows each student's hidden state: no calibrated score can be fairer.
    """
    actual = test.actual
    students = Students.of(test.students, resamples)

    def gaps(scored: Scored) -> dict[str, dict[str, Gaps]]:
        found = _fairness(scored.alarms(actual), groups, students)
        return {name: each.gaps for name, each in found.items()}

    ours = Scored(*risk_fit.probabilities(model, test), test.rules)
    its_own = Scored(oracle.severity, oracle.expected.tiers, test.rules)
    return Ceiling(
        rows=len(test),
        students=students.drawn.shape[1],
        gaps={"version": gaps(ours), "oracle": gaps(its_own)},
    )


def read_groups(con: duckdb.DuckDBPyConnection, held_out: Examples) -> Groups:
    """Race, sex, language, disability, meal status, school and grade of each row's student."""
    places = pa.array(np.arange(len(held_out)))
    con.register("held_out", held_out.ends.append_column("place", places))
    try:
        table = con.sql(_GROUPS).to_arrow_table()
    finally:
        con.unregister("held_out")
    return {name: np.asarray(table[name].to_pylist(), dtype=np.str_) for name in table.column_names}


def _calibration(
    scored: Scored, actual: Actual, groups: Groups, students: Students, resamples: int
) -> Calibration:
    """The error of everyone and of each group, and the curve."""

    def one(rows: Whole) -> Calibrated:
        return reliability.calibration(
            scored.score[rows],
            actual.severity[rows],
            actual.student[rows],
            off=students.mean(rows, scored.score - actual.severity),
            resamples=resamples,
        )

    came = np.eye(2)[actual.any_flag.astype(int)]
    overall, lines = _by_group(groups, students, came, one)
    return Calibration(overall=overall, groups=lines, curve=_curve(scored.score, actual))


def _curve(score: Array, actual: Actual) -> list[Part]:
    """The curve in ten parts, or in fewer, so that no part could identify a few students.

    Empty if even that is not enough. Two tenths are never joined: the calibration error covers all
    ten, so a reader could work out one of the two from it.
    """
    for n in range(reliability.BINS, 0, -1):
        place = 2 * _places(score, n)
        if not hiding.few_stand_in(np.eye(2 * n)[place + actual.any_flag], actual.student):
            return evaluation.reliability(score, actual.severity, n)
    return []


def _places(score: Array, n: int) -> Whole:
    """Which of n parts of equal size each row is in, (N,), 0 for the lowest scores."""
    place = np.empty(len(score), dtype=np.int64)
    for at, rows in enumerate(evaluation.by_score(score, n)):
        place[rows] = at
    return place


def _bands(
    bands: conformal.Bands | None,
    scored: Scored,
    actual: Actual,
    groups: Groups,
    students: Students,
) -> Bands | None:
    """How often the outcome is inside the band, and how wide bands are; None without bands."""
    if bands is None:
        return None
    low, high = bands.of(scored.score, scored.tiers, scored.shown)
    inside = ((low <= actual.tier) & (actual.tier <= high)).astype(np.float64)
    width = (high - low + 1).astype(np.float64)
    uncertain = (width >= UNCERTAIN).astype(np.float64)

    def one(rows: Whole) -> BandCheck:
        return BandCheck(
            rows=len(rows),
            students=len(np.unique(students.codes[rows])),
            coverage=students.mean(rows, inside),
            width=round(float(width[rows].mean()), 4),
            uncertain=round(float(uncertain[rows].mean()), 4),
        )

    numbers = hiding.told(np.stack([np.ones(len(inside)), inside, width, uncertain], axis=1))
    widths = np.eye(5)[width.astype(int)][:, 1:]
    few = hiding.tells_of_few(students.codes, widths, inside[:, None])
    overall, lines = _by_group(groups, students, numbers, one)
    return Bands(
        level=bands.level,
        calibrated_on=Size(rows=bands.rows, students=bands.students),
        overall=overall,
        widths=None if few else widths.sum(axis=0).astype(int).tolist(),
        groups=lines,
    )


def _fairness(alarms: dict[str, Alarm], groups: Groups, students: Students) -> dict[str, RiskAlarm]:
    found = {}
    for before, (name, alarm) in enumerate(alarms.items()):
        beside = list(alarms.values())[:before]
        each = fairness.alarms_by_group(alarm, groups, students, beside=beside)
        flagged, outcome = ALARMS[name]
        found[name] = RiskAlarm(
            flagged=flagged,
            outcome=outcome,
            overall=each.overall,
            groups=_in_order(each.groups),
            gaps=each.gaps,
        )
    return found


def _in_order(groups: dict[str, list[Hidden | Line]]) -> dict[str, list[Hidden | Line]]:
    """Put grades as students go through them; other groups stay as they are."""
    return {
        attribute: sorted(lines, key=lambda line: place_of(line.group))
        if attribute == "grade"
        else lines
        for attribute, lines in groups.items()
    }


def _by_group(
    groups: Groups, students: Students, cells: Array, one: Callable[[Whole], Line]
) -> tuple[Hidden | Line, dict[str, list[Hidden | Line]]]:
    """`one` for all rows and each group, except those where a cell (N, K) has few students."""
    lines: dict[str, list[Hidden | Line]] = {}
    for attribute, hide in hiding.to_hide(groups, students.codes, cells).items():
        names = groups[attribute]
        several = hiding.in_several(names, students.codes)
        lines[attribute] = []
        for name, dark in hide.items():
            if dark:
                lines[attribute].append(Hidden(group=name))
                continue
            line = one(np.flatnonzero(names == name))
            unsaid = {"students": None} if several else {}
            lines[attribute].append(line.model_copy(update={"group": name} | unsaid))
    few = hiding.few_stand_in(cells, students.codes)
    overall: Hidden | Line = Hidden() if few else one(np.arange(len(cells)))
    return overall, _in_order(lines)
