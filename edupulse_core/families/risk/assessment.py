"""A version on held-out student-weeks: is its score right, its band honest, its alarms fair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import SMALLEST
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.bands import UNCERTAIN
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples, Oracle
from edupulse_core.families.risk.goals import goals
from edupulse_core.training import evaluation, fairness, hiding, reliability
from edupulse_core.training.conformal import Bands
from edupulse_core.training.evaluation import TIERS, Actual
from edupulse_core.training.fairness import Alarm, Students
from edupulse_core.warehouse.grades import place_of

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Groups = dict[str, NDArray[Any]]

_GROUPS = sql.load("families/risk/groups")
ALARMS = {
    "support": ("tier medium or above", "any flag"),
    "intervention": ("tier high or above", "high or critical"),
    "caseload": ("the highest 25 in 300 of each week", "any flag"),
}
FEWEST = 100  # student-weeks, of which a share is told as so many of 100
APART = (0, 1, 2, 3)  # tiers as they are counted: each by itself, or
TOGETHER = (0, 1, 2, 2)  # the two highest as one


@dataclass(frozen=True)
class Scored:
    """What a predictor said of N held-out rows."""

    score: Array  # (N,)
    tiers: Array  # (N, 4)

    def alarms(self, actual: Actual) -> dict[str, Alarm]:
        """Who would be called, by each kind of alarm."""
        shown = risk_examples.tier_of(self.score)
        any_flag, high = 1.0 - self.tiers[:, 0], self.tiers[:, 2] + self.tiers[:, 3]
        caseload = evaluation.top_of_each_week(self.score, actual.week, evaluation.CASELOAD)
        return {
            "support": Alarm(shown >= 1, actual.any_flag, any_flag),
            "intervention": Alarm(shown >= 2, actual.high, high),
            "caseload": Alarm(caseload, actual.any_flag, any_flag),
        }


def assess(
    model: RiskModel, held_out: Examples, groups: Groups, *, resamples: int = 1000
) -> dict[str, Any]:
    """Calibration, bands, fairness and tiers of rows that the version has not seen.

    groups: attribute -> (N,), as `read_groups` finds them.
    """
    scored = Scored(*risk_fit.probabilities(model, held_out))
    actual = held_out.actual
    students = Students.of(held_out.students, resamples)
    alarms = scored.alarms(actual)
    fair = _fairness(alarms, groups, students)
    beside = [alarms[name] for name, each in fair.items() if not each["overall"]["hidden"]]
    found = {
        "rows": len(held_out),
        "students": int(students.drawn.shape[1]),
        "weeks": list(held_out.data_range),
        "calibration": _calibration(scored, actual, groups, students, resamples),
        "bands": _bands(model.bands, scored, actual, groups, students),
        "fairness": fair,
        "tiers": _tiers(scored, actual, beside),
    }
    _in_order(found)
    return found | {"goals": goals(found)}


def beside_the_ceiling(
    model: RiskModel, test: Examples, oracle: Oracle, groups: Groups, *, resamples: int = 1000
) -> dict[str, Any]:
    """The gaps that a simulation's own oracle has, beside the version's, on the same rows.

    The oracle knows each student's hidden state: no calibrated score can be fairer than that.
    """
    actual = test.actual
    students = Students.of(test.students, resamples)
    by = {
        "version": Scored(*risk_fit.probabilities(model, test)),
        "oracle": Scored(oracle.severity, oracle.expected.tiers),
    }
    gaps = {
        who: {
            name: each["gaps"]
            for name, each in _fairness(scored.alarms(actual), groups, students).items()
        }
        for who, scored in by.items()
    }
    return {"rows": len(test), "students": int(students.drawn.shape[1]), "gaps": gaps}


def read_groups(con: duckdb.DuckDBPyConnection, held_out: Examples) -> Groups:
    """Race, sex, language, disability, meal status, school and grade of each row's student."""
    con.register(
        "held_out",
        pa.table(
            {
                "student_id": pa.array(held_out.students.tolist(), pa.string()),
                "week_start": pa.array(held_out.weeks.astype("datetime64[D]")),
                "place": pa.array(np.arange(len(held_out))),
            }
        ),
    )
    try:
        table = con.sql(_GROUPS).to_arrow_table()
    finally:
        con.unregister("held_out")
    return {name: np.asarray(table[name].to_pylist(), dtype=np.str_) for name in table.column_names}


def _calibration(
    scored: Scored, actual: Actual, groups: Groups, students: Students, resamples: int
) -> dict[str, Any]:
    """The error of everyone and of each group, and the curve."""

    def one(rows: NDArray[np.int64]) -> dict[str, Any]:
        score, severity = scored.score[rows], actual.severity[rows]
        found = reliability.calibration(score, severity, actual.student[rows], resamples=resamples)
        large = len(rows) >= reliability.ENOUGH
        met = found["ece"] <= reliability.GOAL if large else found["within"]
        return found | {
            "off": students.mean(rows, scored.score - actual.severity),
            "judged_by": "goal" if large else "limit",
            "met": bool(met),
        }

    came = np.eye(2)[actual.any_flag.astype(int)]
    return {
        "overall": _everyone(students, came, one),
        "curve": _curve(scored.score, actual),
        "groups": _by_group(groups, students, came, one),
    }


def _curve(score: Array, actual: Actual) -> list[dict[str, float]]:
    """The curve in ten parts, or in fewer until none of them tells of few; else empty.

    Not by joining two tenths: the calibration error is of all ten and could tell one of the two.
    """
    for n in range(reliability.BINS, 0, -1):
        place = np.empty(len(score), dtype=np.int64)
        for at, rows in enumerate(evaluation.by_score(score, n)):
            place[rows] = 2 * at
        if not hiding.few_stand_in(np.eye(2 * n)[place + actual.any_flag], actual.student):
            return evaluation.reliability(score, actual.severity, n)
    return []


def _bands(
    bands: Bands | None, scored: Scored, actual: Actual, groups: Groups, students: Students
) -> dict[str, Any] | None:
    """How often the outcome lies inside, and how wide the bands are; None without bands."""
    if bands is None:
        return None
    shown = risk_examples.tier_of(scored.score)
    low, high = bands.of(scored.score, scored.tiers, shown)
    inside = ((low <= actual.tier) & (actual.tier <= high)).astype(np.float64)
    width = (high - low + 1).astype(np.float64)
    uncertain = (width >= UNCERTAIN).astype(np.float64)

    def one(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {
            "rows": len(rows),
            "students": len(np.unique(students.codes[rows])),
            "coverage": students.mean(rows, inside),
            "width": round(float(width[rows].mean()), 4),
            "uncertain": round(float(uncertain[rows].mean()), 4),
        }

    numbers = hiding.told(np.stack([np.ones(len(inside)), inside, width, uncertain], axis=1))
    widths = np.eye(5)[width.astype(int)][:, 1:]
    few = hiding.tells_of_few(students.codes, widths, inside[:, None])
    return {
        "level": bands.level,
        "calibrated_on": {"rows": bands.rows, "students": bands.students},
        "overall": _everyone(students, numbers, one),
        "widths": None if few else widths.sum(axis=0).astype(int).tolist(),
        "groups": _by_group(groups, students, numbers, one),
    }


def _fairness(alarms: dict[str, Alarm], groups: Groups, students: Students) -> dict[str, Any]:
    return {
        name: {
            "flagged": ALARMS[name][0],
            "outcome": ALARMS[name][1],
            **fairness.alarms_by_group(
                alarm, groups, students, beside=list(alarms.values())[:before]
            ),
        }
        for before, (name, alarm) in enumerate(alarms.items())
    }


def _tiers(scored: Scored, actual: Actual, alarms: Sequence[Alarm] = ()) -> dict[str, Any]:
    """Which tier came, by the tier that was shown, and by the likeliest of the second head.

    alarms: those whose counts stand beside.
    """
    shown = risk_examples.tier_of(scored.score)
    beside = [alarm.cells.argmax(axis=1) for alarm in alarms]
    by_shown, counted = _confusion(shown, actual, beside)
    by_likeliest, _ = _confusion(scored.tiers.argmax(axis=1), actual, [*beside, *counted])
    grave = [_grave_of_100(shown == tier, actual) for tier in range(4)]
    return {"shown": by_shown | {"grave_of_100": grave}, "likeliest": by_likeliest}


def _confusion(
    said: Whole, actual: Actual, beside: Sequence[Whole]
) -> tuple[dict[str, Any], list[Whole]]:
    """What came by what was said and the share of rows where both are the same; how that counts.

    beside: the cell of each row in each other count that is shown; this one's are given back. The
    two highest tiers count as one where few students stand in a cell of either, or would be told
    by two counts; None, and no count, where that does not suffice.
    """
    same = said == actual.tier
    merged = np.array(TOGETHER)
    # of the tiers that may be counted as one, the share tells no more than how often they agree
    agreed = 2 * (4 * merged[actual.tier] + merged[said]) + same
    for came_as, said_as in product((APART, TOGETHER), repeat=2):
        cell = 4 * np.array(came_as)[actual.tier] + np.array(said_as)[said]
        pairs = [(cell, agreed), *product((cell, agreed), beside)]
        if not any(hiding.two_counts_tell_of_few(actual.student, *pair) for pair in pairs):
            counts = np.bincount(cell, minlength=16).reshape(4, 4)
            return {
                "came": _names(came_as),
                "said": _names(said_as),
                "confusion": counts[: max(came_as) + 1, : max(said_as) + 1].tolist(),
                "accuracy": round(float(same.mean()), 6),
            }, [cell, agreed]
    return {"came": [], "said": [], "confusion": None, "accuracy": None}, []


def _names(counted_as: tuple[int, ...]) -> list[list[str]]:
    """The tiers of each row or column."""
    return [
        [name for name, place in zip(TIERS, counted_as, strict=True) if place == at]
        for at in range(max(counted_as) + 1)
    ]


def _grave_of_100(rows: NDArray[np.bool_], actual: Actual) -> int | None:
    """After how many of 100 rows two flags or more came; None of few rows, or few students."""
    students = [len(np.unique(actual.student[rows & (actual.high == came)])) for came in (0, 1)]
    if np.count_nonzero(rows) < FEWEST or min(students) < SMALLEST:
        return None
    return round(100 * float(actual.high[rows].mean()))


def _in_order(found: dict[str, Any]) -> None:
    """Put grades as students go through them wherever they are told apart."""
    for part in (found["calibration"], found["bands"], *found["fairness"].values()):
        if part is not None and "grade" in part["groups"]:
            part["groups"]["grade"].sort(key=lambda line: place_of(line["group"]))


def _everyone(students: Students, cells: Array, one: Any) -> dict[str, Any]:
    """`one` of all rows, except where few students stand in one of the cells (N, K)."""
    few = hiding.few_stand_in(cells, students.codes)
    return {"hidden": few} | ({} if few else one(np.arange(len(cells))))


def _by_group(groups: Groups, students: Students, cells: Array, one: Any) -> dict[str, Any]:
    """`one` of each group's rows, except where few students stand in one of the cells (N, K)."""
    found = {}
    for attribute, hide in hiding.to_hide(groups, students.codes, cells).items():
        names = groups[attribute]
        unsaid = {"students": None} if hiding.in_several(names, students.codes) else {}
        found[attribute] = [
            {"group": name, "hidden": dark}
            | ({} if dark else one(np.flatnonzero(names == name)) | unsaid)
            for name, dark in hide.items()
        ]
    return found
