"""What both pages of an evaluation say alike: its parts in words, gaps, and wrong alarms."""

from collections.abc import Mapping
from typing import Any

GRADE_TODAY = (
    "A student's grade is today's, also in weeks of earlier years, when it was a lower one: an "
    "import replaces it and keeps none of before. Students who have left keep their last."
)
GAPS = (
    "A gap is the highest rate among groups of 30 students or more less the lowest, in points of "
    "a hundred. Groups drawn by lot differ too: in 95 of 100 draws of groups of these sizes the "
    "gap stays under what is called chance. From the scores alone: the gap, had each outcome "
    "come as often as predicted."
)
SEEDS = (
    "Whether networks trained with other seeds weigh alike is under Benchmarks: the last line of "
    "What weighs over all students."
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
