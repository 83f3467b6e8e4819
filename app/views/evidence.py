"""Evidence: how right the risk model is here, for whom it errs, and what it weighs."""

import functools
from datetime import date, datetime
from typing import Any

import streamlit as st

from app import charts, ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries import evidence
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import Evidence
from edupulse_core.queries.small_cells import SMALLEST

PREDICTORS = {
    "gru": "This model",
    "abc_rule": "Plain ABC rule",
    "logistic": "Logistic regression",
    "boosting": "Gradient boosting",
    "ceiling": "Oracle of the made-up district",
}
MEASURES = {
    "score_auc_any": "AUC, any flag",
    "score_auc_high": "AUC, two flags",
    "caseload_precision": "Right at the top",
    "caseload_recall": "Found by the top",
    "ece": "Calibration error",
}
GROUPS = {
    "race": "Race and ethnicity",
    "sex": "Sex",
    "language": "Language",
    "disability": "Disability",
    "meal": "Meal status",
    "school": "School",
    "grade": "Grade",
}
HIDDEN = "not shown"


def span(part: dict[str, Any]) -> str:
    """The first and the last week of what was measured."""
    first, last = (ui.day(date.fromisoformat(each)) for each in part["weeks"])
    return f"{first} to {last}"


def beside(found: Evidence) -> None:
    st.subheader("Beside what you could use instead", anchor=False)
    test = found.test
    if test is None:
        st.info("This version carries no figures of a test.")
        return
    kind = "made-up students" if found.made_up else "students"
    st.caption(
        f"{test['rows']:,} weeks of {test['students']:,} {kind} whom no one here learned from, "
        f"{span(test)}. AUC: the chance that a student with the "
        "outcome is ranked above one without; .5 is a coin. The top of the list is as long as a "
        "counselor can support."
    )
    shown = [name for name in PREDICTORS if name in test["table"]]
    st.dataframe(
        {
            "": [PREDICTORS[name] for name in shown],
            **{
                words: [f"{test['table'][name][measure]:.3f}" for name in shown]
                for measure, words in MEASURES.items()
            },
        },
        hide_index=True,
        alt="The model beside its baselines",
    )


def goals(report: dict[str, Any]) -> None:
    st.subheader("What was aimed at", anchor=False)
    st.markdown(
        "\n".join(
            f"- **{'✓ Reached' if each['met'] else '✗ Missed'}**: {ui.plain(each['goal'])}. "
            f"{ui.plain(each['found'])}."
            for each in report["goals"]
        )
    )


def calibration(report: dict[str, Any]) -> None:
    found = report["calibration"]
    whole = found["overall"]
    st.subheader("Does a score mean what it says?", anchor=False)
    st.caption(
        f"Weeks in ten parts of equal size, by score. Calibration error {whole['ece']:.3f} on "
        f"{whole['rows']:,} weeks of {whole['students']:,} students."
    )
    ui.chart(
        charts.calibration(found["curve"], "Predicted, and what came"),
        "Mean score and mean outcome of ten parts of the held-out weeks",
        {
            "Score (mean)": [f"{part['predicted']:.3f}" for part in found["curve"]],
            "Severity that came (mean)": [f"{part['observed']:.3f}" for part in found["curve"]],
            "Weeks": [int(part["rows"]) for part in found["curve"]],
        },
        key="calibration",
    )
    if bands := report["bands"]:
        held = bands["overall"]
        st.markdown(
            f"The band around a score was made to hold what comes for **{bands['level']:.0%}** of "
            f"students; here it held **{held['coverage']['value']:.1%}**. "
            f"{held['uncertain']:.0%} of weeks have a band of three tiers or more and are called "
            "uncertain."
        )


def tiers(report: dict[str, Any]) -> None:
    st.subheader("Which tier came, by the tier shown", anchor=False)
    st.caption("Student-weeks. A row is a tier as it was shown, a column what came after.")
    names = [ui.tier(name) for name in reversed(ui.TIERS)]
    counts = report["tiers"]["shown"]["confusion"]  # came by shown
    st.dataframe(
        {
            "Shown": names,
            **{
                f"Came: {name}": [row[at] for at in range(4)]
                for name, row in zip(names, counts, strict=True)
            },
        },
        hide_index=True,
        alt="Tier that came by tier shown",
    )


def alarms(report: dict[str, Any]) -> None:
    found = report["fairness"]
    st.subheader("Who is called, and how often wrongly", anchor=False)
    kinds = {name: f"{each['flagged']}".capitalize() for name, each in found.items()}
    kind = st.segmented_control(
        "Called are",
        list(kinds),
        format_func=kinds.__getitem__,
        default=next(iter(kinds)),
        required=True,
    )
    attributes = [name for name in found[kind]["groups"]]
    by = st.selectbox(
        "By", attributes, format_func=lambda name: GROUPS.get(name, name.capitalize()), width=260
    )
    outcome = found[kind]["outcome"]
    st.caption(
        f"Right means that {outcome} came in the weeks after. Ranges are 95 % intervals. Groups "
        f"with fewer than {SMALLEST} students in a cell are not shown, nor what would give them "
        "away. Groups never enter the model."
    )
    lines = [{"group": "Everyone", "hidden": False, **found[kind]["overall"]}]
    lines += found[kind]["groups"][by]
    st.dataframe(
        {
            "Group": [each["group"] or "unknown" for each in lines],
            "Had the outcome": [rate(each, "base_rate") for each in lines],
            "Called": [rate(each, "selection") for each in lines],
            "Right of those called": [rate(each, "precision") for each in lines],
            "Found of those who had it": [rate(each, "recall") for each in lines],
            "Called of those who had not": [rate(each, "fpr") for each in lines],
            "Students": [HIDDEN if each["hidden"] else f"{each['students']:,}" for each in lines],
        },
        hide_index=True,
        alt=f"Alarms by {by}",
    )


def rate(line: dict[str, Any], name: str) -> str:
    """A share in percent with its interval."""
    if line["hidden"]:
        return HIDDEN
    found = line[name]
    if found["value"] is None:
        return "–"
    return f"{100 * found['value']:.0f} % ({100 * found['low']:.0f}–{100 * found['high']:.0f})"


def importance(report: dict[str, Any]) -> None:
    found = report.get("importance")
    if not found:
        return
    st.subheader("What the model weighs", anchor=False)
    st.caption(
        f"Over {found['student_weeks']:,} weeks. Attribution: how far a group of numbers moved the "
        "scores (mean size, in logits). Permutation: AUC lost when the group is another student's."
    )
    names = list(found["gradient"]["group"])
    ui.chart(
        charts.importance(found, "Groups of numbers, by weight"),
        "Importance of each group of numbers",
        {
            "Group": [name.capitalize() for name in names],
            "Attribution (logits)": [f"{found['gradient']['group'][name]:.3f}" for name in names],
            "AUC lost": [f"{found['permutation']['group'][name]:.4f}" for name in names],
        },
        key="importance",
    )


def page(viewer: Viewer, district: District) -> None:
    st.title("Evidence", anchor=False)
    found = evidence.evidence(viewer, district)
    if found is None:
        st.info("No risk model can be used, so there is nothing to show evidence of.")
        return
    report = found.report
    st.caption(
        f"Risk model {found.version}. "
        + (
            f"Evaluated on {ui.day(datetime.fromisoformat(report['evaluated_at']))}, on the weeks "
            f"of {span(report)}."
            if report
            else f"Data as of {ui.day(district.as_of)}."
        )
    )
    if report is None:
        st.info(
            "This version was not yet evaluated on this district's held-out weeks, so calibration, "
            "bands and errors by group are unknown here. Ask whoever runs EduPulse to run "
            "`edupulse evaluate risk`; it takes minutes. Below are the figures that the version "
            "brought with it." + (" The demo's list trusts them." if district.is_demo else "")
        )
        beside(found)
        return
    goals(report)
    beside(found)
    calibration(report)
    tiers(report)
    alarms(report)
    importance(report)
    st.download_button(
        "Everything as one page",
        data=functools.partial(export, viewer),
        file_name=f"evaluation-{found.version}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
    )


def export(viewer: Viewer) -> bytes:
    """The page, made when it is asked for, for those who may still have it."""
    asking, now = ui.at_download(viewer, "the evaluation")
    return evidence.page(asking, now)


looking, here = ui.looking()
ui.left_student()
page(looking, here)
