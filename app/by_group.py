"""What an evaluation says about each group: calibration, ranges, alarms; small counts hidden."""

import functools
from collections.abc import Callable
from typing import Any

import streamlit as st

from app import ui
from edupulse_core.queries import evidence
from edupulse_core.queries.small_cells import SMALLEST
from edupulse_core.reports.evaluation_words import GAPS, GRADE_TODAY, beyond_chance, wrong

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
    "selection": "Flagged",
    "precision": "Correct, of those flagged",
    "recall": "Found, of those who had it",
    "fpr": "Flagged, of those without it",
}

COUNTS = {"flagged": "alarms", "correct": "right", "false": "false", "missed": "missed"}
GAP_OF = {  # who is counted, as in RATES
    "recall": "Found, of those who had the outcome (recall)",
    "fpr": "Flagged, of those without it (false-positive rate)",
}
Cell = Callable[[dict[str, Any]], str]


def show(report: dict[str, Any]) -> None:
    """The same questions of each group: calibration, bands, alarms."""
    st.header("For whom is it right?", anchor=False)
    st.caption(
        "Ranges are 95% intervals over students. Groups with fewer than "
        f"{SMALLEST} students in a count are hidden, with any total that would give them away. The "
        "model never sees these groups."
    )
    by = st.selectbox(
        "By",
        list(report["calibration"]["groups"]),
        format_func=attribute,
        width=260,
    )
    if by == "grade":
        st.caption(GRADE_TODAY)
    calibration_by(report, by)
    if report["bands"]:
        bands_by(report["bands"], by)
    alarms_by(report, by)


def attribute(name: str) -> str:
    """What groups are made by, in words."""
    return GROUPS.get(name, name.capitalize())


def calibration_by(report: dict[str, Any], by: str) -> None:
    st.subheader("Does a score mean the same for each group?", anchor=False)
    st.caption(
        "Too high by: average score minus average severity after; below 0 the score is too low. A "
        f"group is in range with an error of at most {evidence.GOAL:.3f} ({evidence.ENOUGH:,} "
        "weeks or more); a smaller group, with no more error than chance alone would give. About "
        "one group in forty is out of range by chance."
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
    st.subheader("Does the range of levels hold?", anchor=False)
    st.caption(
        f"A group of {evidence.JUDGED} weeks or more is in range when at least "
        f"{ui.percent(evidence.COVERAGE_GOAL)} of outcomes lie inside ranges meant to hold "
        f"{ui.percent(bands['level'])}."
    )
    table(
        f"Bands by {by}",
        evidence.lines(bands, by),
        {
            "Inside": lambda each: percents(each["coverage"]),
            "Holds": lambda each: in_range(evidence.band_holds(each)),
            "Width in levels": lambda each: f"{each['width']:.1f}",
            "Uncertain": lambda each: f"{100 * each['uncertain']:.0f}%",
        },
    )


def alarms_by(report: dict[str, Any], by: str) -> None:
    st.subheader("Who is flagged, and how often is that wrong?", anchor=False)
    found = report["fairness"]
    kinds = {name: f"{each['flagged']}".capitalize() for name, each in found.items()}
    kind = st.segmented_control(
        "Flagged are",
        list(kinds),
        format_func=kinds.__getitem__,
        default=next(iter(kinds)),
        required=True,
    )
    st.caption(f"Correct means that {found[kind]['outcome']} followed in the next weeks.")
    table(
        f"Alarms by {by}",
        evidence.lines(found[kind], by),
        {
            words: functools.partial(lambda name, each: percents(each[name]), name)
            for name, words in RATES.items()
        },
    )
    wrong_by(found[kind], by)
    gaps(found[kind])


def wrong_by(alarms: dict[str, Any], by: str) -> None:
    st.subheader("How many alarms were false, and for whom?", anchor=False)
    st.caption(
        f"Flagged here: {alarms['flagged']}. Counts are student-weeks, so a student may count many "
        f"times. False: {alarms['outcome']} did not follow. Missed: it followed for a student who "
        "was not flagged."
    )
    table(
        f"False alarms by {by}",
        evidence.lines(alarms, by),
        {
            "False, of those flagged": lambda each: percents(wrong(each["precision"])),
            **{
                name.capitalize(): functools.partial(lambda key, each: f"{each[key]:,}", key)
                for name, key in COUNTS.items()
            },
        },
    )


def gaps(alarms: dict[str, Any]) -> None:
    """How far apart the groups of each attribute are, beside what chance makes of them."""
    st.subheader("How far apart are the groups?", anchor=False)
    st.caption(f"Flagged here: {alarms['flagged']}. {GAPS}")
    for rate, words in GAP_OF.items():
        known = {by: each[rate] for by, each in alarms["gaps"].items()}
        shown = {by: gap for by, gap in known.items() if gap is not None}
        st.markdown(words)
        if shown:
            ui.table(
                f"Gaps: {words}",
                {
                    "Groups by": [attribute(by) for by in shown],
                    "Gap, points": [spread(gap, 100, "{:.1f}") for gap in shown.values()],
                    "Highest": [ui.group(gap["most"]) for gap in shown.values()],
                    "Lowest": [ui.group(gap["least"]) for gap in shown.values()],
                    "Chance, up to": [f"{100 * gap['by_chance']:.1f}" for gap in shown.values()],
                    "More than chance": [beyond_chance(gap) for gap in shown.values()],
                    "From the scores alone": [
                        f"{round(100 * gap['implied'], 1) + 0.0:.1f}" for gap in shown.values()
                    ],
                },
            )
        if few := [attribute(by).lower() for by in known if by not in shown]:
            st.caption(f"Too few groups to compare by {', '.join(few)}.")


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
    return spread(found, 100, "{:.0f}", "%")


def spread(found: dict[str, Any], scale: float, form: str, unit: str = "") -> str:
    """A value with its interval; a dash where it is not defined."""
    if found["value"] is None:
        return "–"
    value, low, high = (
        form.format(scale * found[name]).replace("-", "−") for name in ("value", "low", "high")
    )
    return ui.tidy(f"{value}{unit} ({low} to {high})")
