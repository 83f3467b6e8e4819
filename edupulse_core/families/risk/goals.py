"""What an evaluation aims at, and what was reached or cannot be judged."""

from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED

MAIN = "support"  # the first tier that asks for an action; goals are judged on it
GAP_GOAL = 0.05
UNTOLD = f"the error would tell of fewer than {SMALLEST} students"
TOO_SMALL = "no group is large enough"
ALIKE = "no groups are large enough to compare"
Groups = dict[str, list[dict[str, Any]]]


def goals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What was aimed at and what was reached; how many groups are hidden, so not judged.

    found: calibration, bands and fairness of `assessment.assess`. "met" is None where a goal cannot
    be judged.
    """
    judged = [
        _calibration_goal(found["calibration"]["overall"]),
        _groups_goal(found["calibration"]["groups"]),
    ]
    if found["bands"] is not None:
        judged.append(_band_goal(found["bands"]))
    alarm = found["fairness"][MAIN]
    return [
        *judged,
        _gap_goal("Recall", "recall", alarm),
        _gap_goal("False-positive rate", "fpr", alarm),
    ]


def _calibration_goal(whole: dict[str, Any]) -> dict[str, Any]:
    goal = (
        "Calibration error at most .02 (10,000 weeks or more), else within the 95 % range of a "
        "perfect score of its size"
    )
    if whole["hidden"]:
        return {"goal": goal, "found": UNTOLD, "met": None}
    reach = f", range to {whole['limit']:.4f}" if whole["judged_by"] == "limit" else ""
    said = f"{whole['ece']:.4f} on {whole['rows']:,} weeks{reach}"
    return {"goal": goal, "found": said, "met": whole["met"]}


def _groups_goal(groups: Groups) -> dict[str, Any]:
    parts = _shown(groups)
    over = [name for name, each in parts if not each["met"]]
    said = (
        f"{len(parts) - len(over)} of {len(parts)} groups"
        + (f"; not {', '.join(over)}" if over else "")
        + _not_judged(groups)
        + "; by chance alone one in forty is over its range"
    )
    return {
        "goal": "Calibration error of every group at most .02 (10,000 weeks or more), else "
        "within the 95 % range of a perfect score of its size",
        "found": said if parts else TOO_SMALL,
        "met": not over if parts else None,
    }


def _band_goal(bands: dict[str, Any]) -> dict[str, Any]:
    judged = {
        name: each["coverage"]["value"]
        for name, each in _shown(bands["groups"])
        if each["rows"] >= JUDGED
    }
    goal = (
        f"A {100 * bands['level']:.0f} % band holds the outcome of at least 88 % in every group of "
        f"{JUDGED} weeks or more"
    )
    if not judged:
        return {"goal": goal, "found": TOO_SMALL, "met": None}
    least = min(judged, key=lambda name: judged[name])
    whole = bands["overall"]
    everyone = "" if whole["hidden"] else f"everyone {100 * whole['coverage']['value']:.1f} %, "
    said = f"{everyone}least {100 * judged[least]:.1f} % ({least}), of {len(judged)} groups"
    return {
        "goal": goal,
        "found": said + _not_judged(bands["groups"]),
        "met": judged[least] >= COVERAGE_GOAL,
    }


def _gap_goal(words: str, rate: str, alarm: dict[str, Any]) -> dict[str, Any]:
    gaps = alarm["gaps"]
    known = {name: gap[rate]["value"] for name, gap in gaps.items() if gap[rate] is not None}
    told = [f"{name} {100 * value:.1f}" for name, value in known.items()]
    told += [f"{name} not shown" for name in gaps if name not in known]
    return {
        "goal": f"{words} differs by at most 5 points between groups"
        + ", as far as they are shown" * (len(known) < len(gaps)),
        "found": f"in points: {', '.join(told)}{_not_judged(alarm['groups'])}" if known else ALIKE,
        "met": max(known.values()) <= GAP_GOAL if known else None,
    }


def _not_judged(groups: Groups) -> str:
    """How many groups a goal says nothing of; empty for none."""
    n = sum(each["hidden"] for lines in groups.values() for each in lines)
    return f"; not judged: {n} that {'is' if n == 1 else 'are'} hidden" if n else ""


def _shown(groups: Groups) -> list[tuple[str, dict[str, Any]]]:
    """Every group that is not hidden, under its full name."""
    return [
        (f"{attribute} “{each['group']}”", each)
        for attribute, lines in groups.items()
        for each in lines
        if not each["hidden"]
    ]
