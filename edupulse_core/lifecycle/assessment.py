"""A version on held-out student-weeks: is its score right, its band honest, its alarms fair."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.inference.bands import UNCERTAIN
from edupulse_core.models import risk_examples, risk_fit
from edupulse_core.models.checkpoint import RiskModel
from edupulse_core.models.risk_examples import Examples, Oracle
from edupulse_core.training import evaluation, fairness, hiding, reliability
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED, Bands
from edupulse_core.training.evaluation import Actual
from edupulse_core.training.fairness import Alarm, Students
from edupulse_core.warehouse.grades import place_of

Array = NDArray[np.float64]
Groups = dict[str, NDArray[Any]]

_GROUPS = (files("edupulse_core.lifecycle") / "groups.sql").read_text(encoding="utf-8")
ALARMS = {
    "support": ("tier medium or above", "any flag"),
    "intervention": ("tier high or above", "high or critical"),
    "caseload": ("the highest 25 in 300 of each week", "any flag"),
}
MAIN = "support"  # the first tier that asks for an action; goals are judged on it
GAP_GOAL = 0.05


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
    found = {
        "rows": len(held_out),
        "students": int(students.drawn.shape[1]),
        "weeks": list(held_out.data_range),
        "calibration": _calibration(scored, actual, groups, students, resamples),
        "bands": _bands(model.bands, scored, actual, groups, students),
        "fairness": _fairness(scored, actual, groups, students),
        "tiers": _tiers(scored, actual),
    }
    _in_order(found)
    return found | {"goals": _goals(found)}


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
            name: fairness.alarms_by_group(alarm, groups, students)["gaps"]
            for name, alarm in scored.alarms(actual).items()
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

    everyone = np.arange(len(scored.score))
    cells = np.eye(2)[actual.any_flag.astype(int)]
    return {
        "overall": one(everyone),
        "curve": evaluation.reliability(scored.score, actual.severity),
        "groups": _by_group(groups, students, cells, one),
    }


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

    def one(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {
            "rows": len(rows),
            "students": len(np.unique(students.codes[rows])),
            "coverage": students.mean(rows, inside),
            "width": round(float(width[rows].mean()), 4),
            "uncertain": round(float((width[rows] >= UNCERTAIN).mean()), 4),
        }

    everyone = np.arange(len(inside))
    return {
        "level": bands.level,
        "calibrated_on": {"rows": bands.rows, "students": bands.students},
        "overall": one(everyone),
        "widths": np.bincount(width.astype(int), minlength=5)[1:].tolist(),
        "groups": _by_group(groups, students, np.eye(2)[inside.astype(int)], one),
    }


def _fairness(scored: Scored, actual: Actual, groups: Groups, students: Students) -> dict[str, Any]:
    return {
        name: {
            "flagged": ALARMS[name][0],
            "outcome": ALARMS[name][1],
            **fairness.alarms_by_group(alarm, groups, students),
        }
        for name, alarm in scored.alarms(actual).items()
    }


def _tiers(scored: Scored, actual: Actual) -> dict[str, Any]:
    """Which tier came, by the tier that was shown, and by the likeliest of the second head."""
    return {
        name: {
            "confusion": evaluation.confusion(said, actual.tier).tolist(),
            "by_tier": evaluation.by_tier(said, actual.tier),
            "accuracy": round(float((said == actual.tier).mean()), 6),
            "students": _students(said, actual),
        }
        for name, said in (
            ("shown", risk_examples.tier_of(scored.score)),
            ("likeliest", scored.tiers.argmax(axis=1)),
        )
    }


def _in_order(found: dict[str, Any]) -> None:
    """Put grades as students go through them wherever they are told apart."""
    for part in (found["calibration"], found["bands"], *found["fairness"].values()):
        if part is not None and "grade" in part["groups"]:
            part["groups"]["grade"].sort(key=lambda line: place_of(line["group"]))


def _students(said: NDArray[Any], actual: Actual) -> list[list[int]]:
    """Students with a week of each tier (4): after which not two flags came, and after which."""
    return [
        [
            len(np.unique(actual.student[(said == tier) & (actual.high == is_high)]))
            for tier in range(4)
        ]
        for is_high in (False, True)
    ]


def _by_group(groups: Groups, students: Students, cells: Array, one: Any) -> dict[str, Any]:
    """`one` of each group's rows, except where few students stand in one of the cells (N, K)."""
    found = {}
    for attribute, hide in hiding.to_hide(groups, students.codes, cells).items():
        found[attribute] = [
            {"group": name, "hidden": dark}
            | ({} if dark else one(np.flatnonzero(groups[attribute] == name)))
            for name, dark in hide.items()
        ]
    return found


def _goals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What was aimed at and what was reached; groups that are hidden are not judged."""
    whole = found["calibration"]["overall"]
    parts = _shown(found["calibration"]["groups"])
    over = [name for name, each in parts if not each["met"]]
    goals = [
        {
            "goal": "Calibration error at most .02 on 10,000 weeks or more",
            "found": f"{whole['ece']:.4f} on {whole['rows']:,} weeks",
            "met": whole["ece"] <= reliability.GOAL and whole["rows"] >= reliability.ENOUGH,
        },
        {
            "goal": "Calibration error of every group at most .02 (10,000 weeks or more), else "
            "within the 95 % range of a perfect score of its size",
            "found": f"{len(parts) - len(over)} of {len(parts)} groups"
            + (f"; not {', '.join(over)}" if over else "")
            + "; by chance alone one in forty is over its range",
            "met": bool(parts) and not over,
        },
    ]
    if found["bands"] is not None:
        goals.append(_band_goal(found["bands"]))
    gaps = found["fairness"][MAIN]["gaps"]
    return [
        *goals,
        _gap_goal("Recall", "recall", gaps),
        _gap_goal("False-positive rate", "fpr", gaps),
    ]


def _band_goal(bands: dict[str, Any]) -> dict[str, Any]:
    judged = {
        name: each["coverage"]["value"]
        for name, each in _shown(bands["groups"])
        if each["rows"] >= JUDGED
    }
    least = min(judged, key=lambda name: judged[name], default=None)
    return {
        "goal": f"A {100 * bands['level']:.0f} % band holds the outcome of at least 88 % in every "
        f"group of {JUDGED} weeks or more",
        "found": "no group is large enough"
        if least is None
        else f"everyone {100 * bands['overall']['coverage']['value']:.1f} %, least "
        f"{100 * judged[least]:.1f} % "
        f"({least}), of {len(judged)} groups",
        "met": least is not None and judged[least] >= COVERAGE_GOAL,
    }


def _gap_goal(words: str, rate: str, gaps: dict[str, Any]) -> dict[str, Any]:
    known = {name: gap[rate]["value"] for name, gap in gaps.items() if gap[rate] is not None}
    told = [f"{name} {100 * value:.1f}" for name, value in known.items()]
    told += [f"{name} not shown" for name in gaps if name not in known]
    return {
        "goal": f"{words} differs by at most 5 points between groups",
        "found": f"in points: {', '.join(told)}"
        if known
        else "no groups are large enough to compare",
        "met": bool(known) and max(known.values()) <= GAP_GOAL,
    }


def _shown(groups: dict[str, list[dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Every group that is not hidden, under its full name."""
    return [
        (f"{attribute} “{each['group']}”", each)
        for attribute, lines in groups.items()
        for each in lines
        if not each["hidden"]
    ]
