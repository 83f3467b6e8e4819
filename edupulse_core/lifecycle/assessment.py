"""A version on held-out student-weeks: is its score right, its band honest, its alarms fair."""

from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST
from edupulse_core.inference.bands import UNCERTAIN
from edupulse_core.models import risk_examples, risk_fit
from edupulse_core.models.checkpoint import RiskModel
from edupulse_core.models.risk_examples import Examples, Oracle
from edupulse_core.training import evaluation, fairness, hiding, reliability
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED, Bands
from edupulse_core.training.evaluation import TIERS, Actual
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
            name: each["gaps"] for name, each in _fairness(scored, actual, groups, students).items()
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
    return {
        "overall": one(everyone),
        "curve": evaluation.reliability(scored.score, actual.severity),
        "groups": _by_group(groups, students, np.eye(2)[actual.any_flag.astype(int)], one),
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
    uncertain = (width >= UNCERTAIN).astype(np.float64)

    def one(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {
            "rows": len(rows),
            "students": len(np.unique(students.codes[rows])),
            "coverage": students.mean(rows, inside),
            "width": round(float(width[rows].mean()), 4),
            "uncertain": round(float(uncertain[rows].mean()), 4),
        }

    everyone = np.arange(len(inside))
    numbers = np.stack([np.ones(len(inside)), inside, width, uncertain], axis=1)
    return {
        "level": bands.level,
        "calibrated_on": {"rows": bands.rows, "students": bands.students},
        "overall": one(everyone),
        "widths": np.bincount(width.astype(int), minlength=5)[1:].tolist(),
        "groups": _by_group(groups, students, hiding.told(numbers), one),
    }


def _fairness(scored: Scored, actual: Actual, groups: Groups, students: Students) -> dict[str, Any]:
    alarms = scored.alarms(actual)
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


def _tiers(scored: Scored, actual: Actual) -> dict[str, Any]:
    """Which tier came, by the tier that was shown, and by the likeliest of the second head."""
    shown = risk_examples.tier_of(scored.score)
    return {
        "shown": _confusion(shown, actual)
        | {"grave_of_100": [_grave_of_100(shown == tier, actual) for tier in range(4)]},
        "likeliest": _confusion(scored.tiers.argmax(axis=1), actual),
    }


def _confusion(said: NDArray[np.int64], actual: Actual) -> dict[str, Any]:
    """What came by what was said, and the share of rows where both are the same.

    The two highest tiers count as one where few students stand in a cell of either; None where
    that does not suffice.
    """
    same = (said == actual.tier)[:, None]
    for came_as, said_as in product((APART, TOGETHER), repeat=2):
        came, of = np.eye(4)[list(came_as)], np.eye(4)[list(said_as)]
        cells = (came[actual.tier][:, :, None] * of[said][:, None, :]).reshape(len(said), -1)
        if not hiding.tells_of_few(actual.student, cells, same):
            counts = came.T @ evaluation.confusion(said, actual.tier) @ of
            return {
                "came": _names(came_as),
                "said": _names(said_as),
                "confusion": counts[: max(came_as) + 1, : max(said_as) + 1].astype(int).tolist(),
                "accuracy": round(float(same.mean()), 6),
            }
    return {"came": [], "said": [], "confusion": None, "accuracy": None}


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


def _goals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What was aimed at and what was reached; how many groups are hidden, so not judged."""
    whole = found["calibration"]["overall"]
    parts = _shown(found["calibration"]["groups"])
    over = [name for name, each in parts if not each["met"]]
    goals = [
        {
            "goal": "Calibration error at most .02 (10,000 weeks or more), else within the "
            "95 % range of a perfect score of its size",
            "found": f"{whole['ece']:.4f} on {whole['rows']:,} weeks"
            + f", range to {whole['limit']:.4f}" * (whole["judged_by"] == "limit"),
            "met": whole["met"],
        },
        {
            "goal": "Calibration error of every group at most .02 (10,000 weeks or more), else "
            "within the 95 % range of a perfect score of its size",
            "found": f"{len(parts) - len(over)} of {len(parts)} groups"
            + (f"; not {', '.join(over)}" if over else "")
            + _not_judged(found["calibration"]["groups"])
            + "; by chance alone one in forty is over its range",
            "met": bool(parts) and not over,
        },
    ]
    if found["bands"] is not None:
        goals.append(_band_goal(found["bands"]))
    alarm = found["fairness"][MAIN]
    return [
        *goals,
        _gap_goal("Recall", "recall", alarm),
        _gap_goal("False-positive rate", "fpr", alarm),
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
        f"({least}), of {len(judged)} groups{_not_judged(bands['groups'])}",
        "met": least is not None and judged[least] >= COVERAGE_GOAL,
    }


def _gap_goal(words: str, rate: str, alarm: dict[str, Any]) -> dict[str, Any]:
    gaps = alarm["gaps"]
    known = {name: gap[rate]["value"] for name, gap in gaps.items() if gap[rate] is not None}
    told = [f"{name} {100 * value:.1f}" for name, value in known.items()]
    told += [f"{name} not shown" for name in gaps if name not in known]
    return {
        "goal": f"{words} differs by at most 5 points between groups"
        + ", as far as they are shown" * (len(known) < len(gaps)),
        "found": f"in points: {', '.join(told)}{_not_judged(alarm['groups'])}"
        if known
        else "no groups are large enough to compare",
        "met": bool(known) and max(known.values()) <= GAP_GOAL,
    }


def _not_judged(groups: dict[str, list[dict[str, Any]]]) -> str:
    """How many groups a goal says nothing of; empty for none."""
    n = sum(each["hidden"] for lines in groups.values() for each in lines)
    return f"; not judged: {n} that {'is' if n == 1 else 'are'} hidden" if n else ""


def _shown(groups: dict[str, list[dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Every group that is not hidden, under its full name."""
    return [
        (f"{attribute} “{each['group']}”", each)
        for attribute, lines in groups.items()
        for each in lines
        if not each["hidden"]
    ]
