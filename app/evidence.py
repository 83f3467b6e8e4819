"""How often the models are right here, for whom they are wrong, and what they rely on."""

import streamlit as st

from app import blocks, exports, ui
from edupulse_core import words
from edupulse_core.actions.models import download_evaluation
from edupulse_core.families.shelf import family_named
from edupulse_core.people.access import Viewer
from edupulse_core.queries import evidence, jobs, models
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import Evidence
from edupulse_core.reports import benchmarks, figures
from edupulse_core.reports import evaluation as reports
from edupulse_core.reports import family as plain
from edupulse_core.reports.risk import evaluation


def show(viewer: Viewer, district: District) -> None:
    """Everything that was measured about the version that serves."""
    found = evidence.evidence(viewer, district)
    if found is None:
        st.info("No risk model can be used, so there is no evidence to show.")
        return
    if found.report is None:
        not_evaluated(found, district)
        return
    st.caption(
        f"Risk model {found.version}. Tested on {figures.day(found.report.evaluated_at)}, on weeks "
        f"from {figures.weeks(found.report.weeks)}."
    )
    blocks.show(evaluation.sections(found.report, found.benchmarks))
    exports.button(
        "Everything as one page",
        "the evaluation",
        download_evaluation,
        name=f"evaluation-{found.version}.html",
        kind="text/html",
    )


def missing(district: District, family: str) -> str:
    """Why there is no version of a family to show, and what to do."""
    if models.is_served(district.settings, family):
        return "The version that serves is damaged. Activate another one, or train one."
    if jobs.is_training(district.settings, family):
        return "A version is being trained: the Jobs page shows how far it is."
    if models.is_trained(district.settings, family):
        return (
            "No version serves: those that were trained do no better than a simple method. "
            "The Models page lets one serve all the same."
        )
    return "No version has been trained yet. Start a training on the Jobs page."


def of_family(viewer: Viewer, district: District, family: str) -> None:
    """Everything that was measured about another family's version that serves."""
    found = evidence.of_family(viewer, district, family)
    if found is None:
        st.info(f"{missing(district, family)} The evidence appears here once a version serves.")
        return
    record = family_named(family)
    if found.problem:
        st.warning(ui.sentence(found.problem))
    if found.report is None:
        st.info(
            "This version has not been evaluated here yet. The Jobs page does it, or `edupulse "
            f"evaluate {family}`. Below are the figures of its own test, when it was trained."
        )
        labels = [plain.words(name, record.metrics) for name in found.headline]
        values = [plain.cell(value) for value in found.headline.values()]
        ui.table(f"Test of {found.version}", {"Figure": labels, "Value": values})
        return
    st.caption(
        f"{record.title} {found.version}. Tested on {figures.day(found.report.evaluated_at)}: "
        f"{words.cases(found.report.rows, found.report.students, record.whose)}."
    )
    blocks.show(reports.sections(family, found.report))


def not_evaluated(found: Evidence, district: District) -> None:
    """The version's own test results, and how to get this district's."""
    st.caption(f"Risk model {found.version}. Data as of {figures.day(district.as_of)}.")
    below = "The figures below came with the version."
    if found.problem:
        st.warning(f"{ui.sentence(found.problem)} {below}")
    else:
        st.info(
            "This version has not been tested on this district's own weeks yet, so nobody knows "
            "how often it is right here. A data steward can start an evaluation on the Jobs page; "
            f"it takes a few minutes. {below}"
            + (" In the demo, the list relies on them." if district.is_demo else "")
        )
    if found.test is None:
        st.info("This version has no test results.")
    else:
        blocks.show([evaluation.comparison(found.test, found.fictional, is_own=True)])
    blocks.show(benchmarks.sections(found.benchmarks))
