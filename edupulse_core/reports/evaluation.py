"""Shows an evaluation of any family: as tables for a terminal, and as a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from edupulse_core.families import shelf
from edupulse_core.families.admission.measured import AdmissionEvaluation
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.study_time.measured import StudyEvaluation
from edupulse_core.reports import family as plain
from edupulse_core.reports import figures, html
from edupulse_core.reports.admission import evaluation as admission
from edupulse_core.reports.blocks import Section, Table
from edupulse_core.reports.risk import evaluation as risk
from edupulse_core.reports.study_time import evaluation as study_time

REPORTS = "edupulse_core.reports"


@dataclass(frozen=True)
class Drawing:
    """How to show a family's evaluations; each function takes an evaluation of its type."""

    title: str  # of what was evaluated
    facts: Callable[[Any], Mapping[str, str]]
    sections: Callable[[Any, Sequence[Mapping[str, Any]]], list[Section]]
    tables: Callable[[Any], list[Table]]  # for a terminal, beside the goals
    plots: str  # the module with its PLOTS, which draw with a slow library


DRAWINGS: Mapping[type[Evaluation], Drawing] = {
    AdmissionEvaluation: Drawing(
        "Admission model",
        admission.facts,
        admission.sections,
        admission.tables,
        f"{REPORTS}.admission.plots",
    ),
    RiskEvaluation: Drawing(
        "Risk model", risk.facts, risk.sections, risk.tables, f"{REPORTS}.risk.plots"
    ),
    StudyEvaluation: Drawing(
        "Study time model",
        study_time.facts,
        study_time.sections,
        study_time.tables,
        f"{REPORTS}.study_time.plots",
    ),
}


def summary(family: str, found: Evaluation) -> list[Table]:
    """The few tables for a terminal: the goals, or the figures of a family without goals."""
    record = shelf.family_named(family)
    title = f"{record.title} {found.version}, on cases that it has not seen"
    checks = [(figures.reached(each.met), each.goal, each.found) for each in found.aims]
    measured = [
        (plain.words(name, record.metrics), f"{value:.4f}")
        for name, value in found
        if isinstance(value, float)
    ]
    first = (
        Table(title, ("", "Goal", "Found"), checks)
        if checks
        else Table(title, ("Figure", "Value"), measured)
    )
    drawing = DRAWINGS.get(type(found))
    return [first, *(drawing.tables(found) if drawing else ())]


def page(family: str, found: Evaluation, measured: Sequence[Mapping[str, Any]] = ()) -> str:
    """An evaluation as one HTML page.  measured: from `lifecycle.benchmarks.kept`."""
    drawing = DRAWINGS.get(type(found))
    record = shelf.family_named(family)
    told = drawing.facts(found) if drawing else plain.facts(found, record.whose)
    head = drawing.title if drawing else f"{record.title} model"
    return html.page(f"{head} {found.version}: evaluation", told, sections(family, found, measured))


def sections(
    family: str, found: Evaluation, measured: Sequence[Mapping[str, Any]] = ()
) -> list[Section]:
    """Every part of an evaluation, for the page of a family or a file."""
    drawing = DRAWINGS.get(type(found))
    if drawing is not None:
        return drawing.sections(found, measured)
    return plain.sections(found, shelf.family_named(family).metrics, measured)


def plot(found: Evaluation, name: str) -> bytes | None:
    """A picture of an evaluation (PNG); None for a name that is nobody's.

    The four that every version has say so where its family does not measure them.
    """
    drawing = DRAWINGS.get(type(found))
    plots = import_module(drawing.plots).PLOTS if drawing else {}
    draw = plots.get(name) or import_module(f"{REPORTS}.plots").PLOTS.get(name)
    made: bytes | None = draw(found) if draw else None
    return made
