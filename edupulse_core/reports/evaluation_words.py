"""What both pages of an evaluation say alike: its parts in words, gaps, and wrong alarms."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.training.evaluation import SHARES
from edupulse_core.training.reliability import BINS

GRADE_TODAY = (
    "A student's grade is today's, also in weeks of earlier years, when it was a lower one: an "
    "import replaces it and keeps none of before. Students who have left keep their last."
)
GAPS = (
    "A gap is the highest rate among groups of 30 students or more less the lowest, in points of "
    "a hundred. Groups drawn by lot differ too: in 95 of 100 draws of groups of these sizes the "
    "gap stays under what is called chance. Whether there is a gap at all is told by that, not by "
    "the interval: it is of these two groups, picked because they lie furthest apart, and may "
    "leave out 0 where no groups differ. From the scores alone: the gap, had each outcome come as "
    "often as predicted."
)
UNTOLD = f"Figures of everyone are hidden, as they would tell of fewer than {SMALLEST} students."
SEEDS = (
    "Whether networks trained with other seeds weigh alike is under Benchmarks: the last line of "
    "What weighs over all students."
)
FEW_TESTED = (
    f"Shares of counted weeks are hidden, as they would tell of fewer than {SMALLEST} students."
)
PARTS = {
    "group": "Group of numbers",
    "modality": "Kind of record",
    "weeks_before": "Weeks before",
}


def part(kind: str, name: str) -> str:
    """A part of what the model reads; kind: one of `PARTS`."""
    if kind != "weeks_before":
        return name.capitalize()
    return "The last week" if name == "0" else f"{name.replace('-', ' to ')} weeks before"


def in_order(kind: str, sizes: Mapping[str, float]) -> list[str]:
    """The parts of a kind as one reads them: weeks back from the last, others by size."""
    return list(sizes) if kind == "weeks_before" else sorted(sizes, key=lambda name: -sizes[name])


def reached(goal: Mapping[str, Any]) -> str:
    """Reached, missed or not judged: a goal of `evaluation_goals.goals`."""
    return "Not judged" if goal["met"] is None else "Reached" if goal["met"] else "Missed"


def without(grades: Sequence[str]) -> str:
    """Why grades are not shown."""
    return (
        f"Not shown: grade {', '.join(grades)}. One with fewer than {SMALLEST} students is hidden, "
        "and with it whatever others it takes so that nobody can work it out."
    )


def parts_of_curve(curve: Sequence[Any]) -> str:
    """Into how many parts the weeks are cut along the score, and why not into ten."""
    parts = "one part" if len(curve) == 1 else f"{len(curve)} parts of equal size, by score"
    why = (
        f": in more, one would tell of fewer than {SMALLEST} students" if len(curve) < BINS else ""
    )
    return f"Weeks in {parts}{why}."


def figure_of(test: Mapping[str, Any], name: str, metric: str, hidden: str) -> str:
    """A predictor's figure of a test's table, or what stands where it would tell of few."""
    dark = metric in SHARES and test.get("few")
    return hidden if dark else f"{test['table'][name][metric]:.3f}"


def beyond_chance(gap: Mapping[str, Any]) -> str:
    """Whether a gap is larger than chance alone makes one: yes or no."""
    return "yes" if gap["value"] > gap["by_chance"] else "no"


def wrong(precision: Mapping[str, Any]) -> dict[str, float | None]:
    """The share of wrong alarms with its interval, from that of right ones."""
    if precision["value"] is None:
        return {"value": None, "low": None, "high": None}
    return {
        "value": 1 - precision["value"],
        "low": 1 - precision["high"],
        "high": 1 - precision["low"],
    }
