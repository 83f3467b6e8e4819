"""Evidence: how often the risk model is right here, for whom it errs, and what it relies on."""

import functools
from datetime import date, datetime
from typing import Any

import streamlit as st

from app import by_group, charts, ui
from edupulse_core.actions.models import download_evaluation
from edupulse_core.lifecycle import benchmarks as kept
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import evidence
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import Evidence
from edupulse_core.queries.small_cells import SMALLEST
from edupulse_core.reports.evaluation_words import (
    FEW_TESTED,
    GRADE_TODAY,
    PARTS,
    SEEDS,
    UNTOLD,
    figure_of,
    in_order,
    part,
    parts_of_curve,
    reached,
    without,
)

PREDICTORS = {
    "gru": "This model",
    "abc_rule": "Flags alone (ABC rule)",
    "logistic": "Logistic regression",
    "boosting": "Gradient boosting",
    "ceiling": "Best possible in the fictional district",
}
MEASURES = {
    "score_auc_any": "AUC, any flag",
    "score_auc_high": "AUC, two flags",
    "caseload_precision": "Correct at the top",
    "caseload_recall": "Found at the top",
    "ece": "Calibration error",
}


def span(part: dict[str, Any]) -> str:
    """The first and the last week of what was measured."""
    first, last = (ui.day(date.fromisoformat(each)) for each in part["weeks"])
    return f"{first} to {last}"


def beside(found: Evidence) -> None:
    st.header("Compared with simpler methods", anchor=False)
    test = found.test
    if test is None:
        st.info("This version has no test results.")
        return
    kind = "fictional students" if found.made_up else "students"
    st.caption(
        f"Tested on {test['rows']:,} weeks of {test['students']:,} {kind} that none of these "
        f"methods had learned from, {span(test)}. AUC: how often a student with the outcome ranks "
        "above one without it; 0.5 is a coin toss. The top of the list is as many students as a "
        "counselor can support."
        + (
            ""
            if found.report is None
            else " Regression and boosting learned only from this district's earlier weeks, so in "
            "a small district they look worse than they can be."
        )
        + (f" {FEW_TESTED}" if test.get("few") else "")
    )
    shown = [name for name in PREDICTORS if name in test["table"]]
    ui.table(
        "The model compared with simpler methods",
        {
            "Method": [PREDICTORS[name] for name in shown],
            **{
                words: [figure_of(test, name, measure, ui.HIDDEN) for name in shown]
                for measure, words in MEASURES.items()
            },
        },
    )


MARKS = {"Reached": "✓", "Missed": "✗", "Not judged": "–"}


def goals(report: dict[str, Any]) -> None:
    st.header("Goals", anchor=False)
    st.markdown(
        "\n".join(
            f"- **{MARKS[reached(each)]} {reached(each)}**: {ui.plain(each['goal'])}. "
            f"{ui.plain(each['found'][:1].upper() + each['found'][1:])}."
            for each in report["goals"]
        )
    )


def calibration(report: dict[str, Any]) -> None:
    found = report["calibration"]
    whole, curve = found["overall"], found["curve"]
    st.header("Does a score mean what it says?", anchor=False)
    if whole["hidden"]:
        st.caption(UNTOLD)
    else:
        st.caption(
            f"{parts_of_curve(curve)} Calibration error {whole['ece']:.3f} on {whole['rows']:,} "
            f"weeks of {whole['students']:,} students."
        )
        ui.chart(
            charts.calibration(curve, "Predicted and actual severity"),
            "Average score and average outcome of the held-out weeks",
            {
                "Average score": [f"{part['predicted']:.3f}" for part in curve],
                "Average severity after": [f"{part['observed']:.3f}" for part in curve],
                "Weeks": [int(part["rows"]) for part in curve],
            },
            key="calibration",
        )
    if bands := report["bands"]:
        held = bands["overall"]
        st.markdown(
            "The range of levels around a score is meant to be right for "
            f"**{ui.percent(bands['level'])}** of students. "
            + (
                UNTOLD
                if held["hidden"]
                else f"Here it was right for **{ui.percent(held['coverage']['value'], 1)}**. In "
                f"{ui.percent(held['uncertain'])} of weeks it spans three levels or more, and the "
                "score is called uncertain."
            )
        )


def levels(report: dict[str, Any]) -> None:
    st.header("Risk levels shown, and what happened", anchor=False)

    def words(names: list[str]) -> str:
        return " or ".join(map(ui.level, names))

    found = report["tiers"]["shown"]
    if found["confusion"] is None:
        st.caption(f"{ui.HIDDEN}.")
        return
    st.caption(
        "Student-weeks. Each row is a level as it was shown; the columns count what happened in "
        "the weeks after. High and Critical are combined where a count could identify fewer than "
        f"{SMALLEST} students."
    )
    ui.table(
        "What happened, by the level shown",
        {
            "Shown": [words(names) for names in found["said"]],
            **{
                f"After: {words(names)}": [f"{n:,}" for n in counts]
                for names, counts in zip(found["came"], found["confusion"], strict=True)
            },
        },
    )


def importance(report: dict[str, Any], measured: list[dict[str, Any]]) -> None:
    found = report.get("importance")
    if not found:
        return
    st.header("What the model relies on", anchor=False)
    st.caption(
        f"Over {found['student_weeks']:,} weeks. Attribution: how far a group moved the scores "
        "(average size, in log odds). AUC lost: how much worse the model predicts flags when the "
        "group's numbers are swapped with another student's."
        + (f" {SEEDS}" if any(each["name"] == "explanations" for each in measured) else "")
    )
    kinds = [*PARTS, "grade"]
    kind = st.segmented_control(
        "By", kinds, format_func=lambda name: PARTS.get(name, "Grade today"), default="group",
        required=True,
    )  # fmt: skip
    if kind == "grade":
        by_grade(found["by_grade"])
        return
    sizes, lost = found["gradient"][kind], found["permutation"][kind]
    names = in_order(kind, sizes)
    words = PARTS[kind]
    shown = {part(kind, name): sizes[name] for name in names}
    ui.chart(
        charts.weights(shown, f"{words}, by weight"),
        f"Importance by {words.lower()}",
        {
            words: list(shown),
            "Attribution (log odds)": [f"{size:.3f}" for size in shown.values()],
            "AUC lost": [f"{lost[name]:.4f}" for name in names],
        },
        key=f"importance_{kind}",
    )


def by_grade(found: dict[str, dict[str, float] | None]) -> None:
    """Groups of numbers in each grade; a hidden one is only named."""
    shown = {grade: sizes for grade, sizes in found.items() if sizes is not None}
    if dark := [grade for grade in found if grade not in shown]:
        st.caption(without(dark))
    if not shown:
        return
    st.caption(GRADE_TODAY)
    names = list(next(iter(shown.values())))
    capital = {
        grade: {name.capitalize(): sizes[name] for name in names} for grade, sizes in shown.items()
    }
    ui.chart(
        charts.weights_by_grade(capital, "Groups of numbers, by grade"),
        "How far each group of numbers moved the scores, by grade",
        {
            "Grade today": list(capital),
            **{
                name: [f"{sizes[name]:.2f}" for sizes in capital.values()]
                for name in map(str.capitalize, names)
            },
        },
        key="importance_grade",
    )


def benchmarks(found: Evidence) -> None:
    """What was measured apart from this district's weeks."""
    if not found.benchmarks:
        return
    st.header("Benchmarks", anchor=False)
    st.caption(
        "Measured on real students elsewhere and on fictional districts. The command with each "
        "measures it again."
    )
    for each in found.benchmarks:
        with st.expander(each["title"]):
            of = f" of risk model {ui.plain(each['version'])}" if each["version"] else ""
            said = f"Measured{of} on {ui.day(date.fromisoformat(each['measured_on']))}"
            if each["command"]:
                st.caption(f"{said}; again with:")
                st.code(each["command"], language=None, wrap_lines=True)
            else:
                st.caption(f"{said}. This benchmark is finished.")
            for one in each["tables"]:
                st.markdown(f"**{ui.plain(one['title'])}**")
                st.caption(ui.plain(one["words"]))
                names, rows = kept.cells(one["rows"])
                heads = [name[:1].upper() + name[1:] for name in names]
                ui.table(one["title"], dict(zip(heads, zip(*rows, strict=True), strict=True)))


def page(viewer: Viewer, district: District) -> None:
    st.title("Evidence", anchor=False)
    found = evidence.evidence(viewer, district)
    if found is None:
        st.info("No risk model can be used, so there is no evidence to show.")
        return
    report = found.report
    st.caption(
        f"Risk model {found.version}. "
        + (
            f"Tested on {ui.day(datetime.fromisoformat(report['evaluated_at']))}, on weeks from "
            f"{span(report)}."
            if report
            else f"Data as of {ui.day(district.as_of)}."
        )
    )
    if report is None:
        st.info(
            "This version has not been tested on this district's own weeks yet, so how right it is "
            "here, and for whom, is unknown. Ask whoever runs EduPulse to run "
            "`edupulse evaluate risk`; it takes minutes. Below are the figures that came with the "
            "version." + (" The demo's list relies on them." if district.is_demo else "")
        )
        beside(found)
        benchmarks(found)
        return
    goals(report)
    beside(found)
    calibration(report)
    levels(report)
    by_group.show(report)
    importance(report, found.benchmarks)
    benchmarks(found)
    st.download_button(
        "Download everything as one page",
        data=functools.partial(export, viewer),
        file_name=f"evaluation-{found.version}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
    )


def export(viewer: Viewer) -> bytes:
    """The page, made when it is asked for, for those who may still have it."""
    asking, now = ui.at_download(viewer, "the evaluation")
    return download_evaluation(person(asking), now)


looking, here = ui.looking()
ui.left_student()
page(looking, here)
