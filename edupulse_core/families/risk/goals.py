"""The goals of an evaluation, and whether each was reached, missed or cannot be judged."""

from collections.abc import Mapping
from typing import Literal

from edupulse_core import words
from edupulse_core.config import SMALLEST
from edupulse_core.families.evaluation import Goal
from edupulse_core.families.risk.results import MAIN, Bands, Calibration, RiskAlarm
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED
from edupulse_core.training.results import ByGroup, Hidden, Line

GAP_GOAL = 0.05
RANGE = (
    "at most 0.02 with 10,000 weeks or more; with fewer, no larger than chance alone could make it "
    "for a perfect score"
)
UNTOLD = f"hidden for privacy (under {SMALLEST})"
TOO_SMALL = "no group is large enough"
ALIKE = "no groups are large enough to compare"


def goals(
    calibration: Calibration, bands: Bands | None, fairness: Mapping[str, RiskAlarm]
) -> list[Goal]:
    """Every goal with the figure reached, and how many hidden groups it does not judge."""
    alarm = fairness[MAIN]
    return [
        _calibration_goal(calibration),
        _groups_goal(calibration),
        *([_band_goal(bands)] if bands is not None else []),
        _gap_goal("Recall", "recall", alarm),
        _gap_goal("The false-positive rate", "fpr", alarm),
    ]


def _calibration_goal(calibration: Calibration) -> Goal:
    goal, whole = f"Calibration error {RANGE}", calibration.overall
    if isinstance(whole, Hidden):
        return Goal(goal=goal, found=UNTOLD, met=None)
    reach = f"; chance alone: up to {whole.limit:.3f}" if whole.judged_by == "limit" else ""
    return Goal(goal=goal, found=f"{whole.ece:.3f} on {whole.rows:,} weeks{reach}", met=whole.met)


def _groups_goal(calibration: Calibration) -> Goal:
    parts = _named(calibration)
    over = [name for name, each in parts if not each.met]
    said = (
        f"{len(parts) - len(over)} of {len(parts)} groups"
        + (f"; not {', '.join(over)}" if over else "")
        + _not_judged(calibration)
        + "; by chance alone, one group in forty misses it"
    )
    return Goal(
        goal=f"Calibration error of every group {RANGE}",
        found=said if parts else TOO_SMALL,
        met=not over if parts else None,
    )


def _band_goal(bands: Bands) -> Goal:
    judged = {
        name: each.coverage.value
        for name, each in _named(bands)
        if each.rows >= JUDGED and each.coverage.value is not None
    }
    goal = (
        f"The range of levels is right in at least {COVERAGE_GOAL:.0%} of weeks in every group of "
        f"{JUDGED} weeks or more"
    )
    if not judged:
        return Goal(goal=goal, found=TOO_SMALL, met=None)
    least = min(judged, key=lambda name: judged[name])
    whole = bands.overall
    everyone = "" if isinstance(whole, Hidden) else f"{whole.coverage.value:.1%} for everyone; "
    said = f"{everyone}lowest of {len(judged)} groups: {judged[least]:.1%} ({least})"
    return Goal(goal=goal, found=said + _not_judged(bands), met=judged[least] >= COVERAGE_GOAL)


def _gap_goal(what: str, rate: Literal["recall", "fpr"], alarm: RiskAlarm) -> Goal:
    gaps = {name: getattr(each, rate) for name, each in alarm.gaps.items()}
    known = {name: gap.value for name, gap in gaps.items() if gap is not None}
    told = [f"{name} {100 * value:.1f}" for name, value in known.items()]
    told += [f"{name} hidden" for name in gaps if name not in known]
    found = f"in points: {', '.join(told)}{_not_judged(alarm)}" if known else ALIKE
    return Goal(
        goal=f"{what} differs by at most 5 points between groups"
        + ", as far as they are shown" * (len(known) < len(gaps)),
        found=found,
        met=max(known.values()) <= GAP_GOAL if known else None,
    )


def _not_judged(part: ByGroup[Line]) -> str:
    """How many hidden groups a goal does not judge; empty if none."""
    n = part.n_hidden
    return f"; {n} hidden group{'' if n == 1 else 's'} not judged" if n else ""


def _named(part: ByGroup[Line]) -> list[tuple[str, Line]]:
    """Every group that is not hidden, under its full name."""
    return [(f"{attribute} “{_plain(each.group)}”", each) for attribute, each in part.told()]


def _plain(group: str) -> str:
    """A group's name; a grade as people say it."""
    return group.lstrip("0") or "0" if group.isdigit() else words.GRADES.get(group, group)
