"""What an evaluation says of each group: calibration, bands, alarms; small cells stay hidden."""

import functools
from collections.abc import Callable
from typing import Any

import streamlit as st

from app import ui
from edupulse_core.queries import evidence
from edupulse_core.queries.small_cells import SMALLEST

GROUPS = {
    "race": "Race and ethnicity",
    "sex": "Sex",
    "language": "Language",
    "disability": "Disability",
    "meal": "Meal status",
    "school": "School",
    "grade": "Grade today",
}
RATES = {
    "base_rate": "Had the outcome",
    "selection": "Called",
    "precision": "Right of those called",
    "recall": "Found of those who had it",
    "fpr": "Called of those without it",
}

GRADE_TODAY = (
    "A student's grade is today's, also in weeks of earlier years, when it was a lower one: an "
    "import replaces it and keeps none of before. Students who have left keep their last."
)
Cell = Callable[[dict[str, Any]], str]


def show(report: dict[str, Any]) -> None:
    """The same questions of each group: calibration, bands, alarms."""
    st.subheader("For whom", anchor=False)
    st.caption(
        "Ranges are 95 % intervals over students. Groups with fewer than "
        f"{SMALLEST} students in a cell are not shown, nor what would give them away. Groups never "
        "enter the model."
    )
    by = st.selectbox(
        "By",
        list(report["calibration"]["groups"]),
        format_func=lambda name: GROUPS.get(name, name.capitalize()),
        width=260,
    )
    if by == "grade":
        st.caption(GRADE_TODAY)
    calibration_by(report, by)
    if report["bands"]:
        bands_by(report["bands"], by)
    alarms_by(report, by)


def calibration_by(report: dict[str, Any], by: str) -> None:
    st.markdown("**Does a score mean the same for each?**")
    st.caption(
        "Too high: mean score less mean severity that came; below 0 it is too low. A group is in "
        f"range with an error of at most {evidence.GOAL:.3f} ({evidence.ENOUGH:,} weeks or more), "
        "else with no more than a perfect score of its size shows by chance. Of many groups, one "
        "in forty is out of range by chance."
    )
    table(
        f"Calibration by {by}",
        evidence.lines(report["calibration"], by),
        {
            "Too high by": lambda each: spread(each["off"], 1, "{:+.3f}"),
            "Error": lambda each: f"{each['ece']:.3f}",
            "At most": lambda each: f"{evidence.most_error(each):.3f}",
            "Says what it means": lambda each: in_range(each["met"]),
        },
    )


def bands_by(bands: dict[str, Any], by: str) -> None:
    st.markdown("**Does what comes lie inside the band?**")
    st.caption(
        f"A group of {evidence.JUDGED} weeks or more is in range where at least "
        f"{ui.percent(evidence.COVERAGE_GOAL)} of what came lies inside a band made for "
        f"{ui.percent(bands['level'])}."
    )
    table(
        f"Bands by {by}",
        evidence.lines(bands, by),
        {
            "Inside": lambda each: percents(each["coverage"]),
            "Holds": lambda each: in_range(evidence.band_holds(each)),
            "Width in tiers": lambda each: f"{each['width']:.1f}",
            "Uncertain": lambda each: f"{100 * each['uncertain']:.0f} %",
        },
    )


def alarms_by(report: dict[str, Any], by: str) -> None:
    st.markdown("**Who is called, and how often wrongly?**")
    found = report["fairness"]
    kinds = {name: f"{each['flagged']}".capitalize() for name, each in found.items()}
    kind = st.segmented_control(
        "Called are",
        list(kinds),
        format_func=kinds.__getitem__,
        default=next(iter(kinds)),
        required=True,
    )
    st.caption(f"Right means that {found[kind]['outcome']} came in the weeks after.")
    table(
        f"Alarms by {by}",
        evidence.lines(found[kind], by),
        {
            words: functools.partial(lambda name, each: percents(each[name]), name)
            for name, words in RATES.items()
        },
    )


def table(label: str, lines: list[dict[str, Any]], cells: dict[str, Cell]) -> None:
    """A row for each group, with how many it is of; a hidden one is named and nothing more."""
    more: dict[str, Cell] = {"Students": lambda each: f"{each['students']:,}"}
    if any(each["students"] is None for each in lines if not each["hidden"]):
        more = {"Weeks": lambda each: f"{each['rows']:,}"}  # a student may be in two of the groups
    ui.table(
        label,
        {
            "Group": [ui.group(each["group"]) for each in lines],
            **{
                words: [ui.HIDDEN if each["hidden"] else cell(each) for each in lines]
                for words, cell in (cells | more).items()
            },
        },
    )


def in_range(met: bool | None) -> str:
    if met is None:
        return "– (too few)"
    return "✓ in range" if met else "✗ out of range"


def percents(found: dict[str, Any]) -> str:
    """A share in percent with its interval."""
    return spread(found, 100, "{:.0f}", " %")


def spread(found: dict[str, Any], scale: float, form: str, unit: str = "") -> str:
    """A value with its interval; a dash where it is not defined."""
    if found["value"] is None:
        return "–"
    value, low, high = (
        form.format(scale * found[name]).replace("-", "−") for name in ("value", "low", "high")
    )
    return ui.tidy(f"{value}{unit} ({low} to {high})")
