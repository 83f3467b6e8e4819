"""How well the active versions do, for the people who are responsible for them."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, MissingError, ModelError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import Comparison
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import benchmarks, evaluations, registry
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

E = TypeVar("E", bound=Evaluation)

ROLES = frozenset({"principal", "district", "steward"})


@dataclass(frozen=True)
class Evidence:
    """The active version and its measurements."""

    version: str
    test: Comparison | None  # the version's own if it was not evaluated here
    fictional: bool  # whether the test was on fictional students
    report: RiskEvaluation | None  # of `edupulse evaluate risk`; None until it was run here
    problem: str  # why an evaluation that was kept here cannot be shown; empty if none
    benchmarks: list[dict[str, Any]]  # as `lifecycle.benchmarks.kept` finds them


def evidence(viewer: Viewer, district: District) -> Evidence | None:
    """The active version's figures; None if no version can be used.

    Small cells are already hidden in the report. Raises AccessError for everybody except a
    principal, the district lead and the steward.
    """
    if not viewer.roles & ROLES:
        raise AccessError("Page not found, or you don't have access.")
    settings = district.settings
    try:
        folder = registry.active_version(settings, "risk")
        metrics = registry.metrics_of(folder)
    except (MissingError, ModelError):
        return None
    report, problem = _kept(settings, "risk", folder.name, district.name, RiskEvaluation)
    known = [report.evaluated_on] if report else evaluations.tested_on(metrics)
    fictional = all(each.is_demo for each in known)
    test = report.test if report else _own_test(metrics)
    return Evidence(
        version=folder.name,
        test=test and test.told(fictional),
        fictional=fictional,
        report=report,
        problem=problem,
        benchmarks=benchmarks.kept(settings, "risk", folder.name),
    )


@dataclass(frozen=True)
class Tested:
    """What was measured about the version of a family that serves."""

    version: str
    report: Evaluation | None  # None until it was evaluated here
    problem: str  # why a kept one cannot be shown; empty if none
    headline: dict[str, float]  # of the version's own test, when it was trained


def of_family(viewer: Viewer, district: District, family: str) -> Tested | None:
    """The figures of a family's active version; None if no version can be used.

    Raises AccessError for everybody except a principal, the district lead and the steward.
    """
    if not viewer.roles & ROLES:
        raise AccessError("Page not found, or you don't have access.")
    settings, record = district.settings, family_named(family)
    try:
        folder = registry.active_version(settings, family)
        headline = registry.metrics_of(folder).get("headline", {})
    except (MissingError, ModelError):
        return None
    report, problem = _kept(settings, family, folder.name, district.name, record.evaluation)
    return Tested(folder.name, report, problem, headline)


def _kept(
    settings: Settings, family: str, version: str, district: str, shape: type[E]
) -> tuple[E | None, str]:
    """The kept evaluation of a version in this district, or why it cannot be read."""
    try:
        report = evaluations.kept(settings, family, version, shape)
    except ModelError as error:
        return None, str(error)
    if report is None or report.evaluated_on.district != district:
        return None, ""
    if report.rules != settings.all_rules:
        return None, (
            f"the evaluation of {version} was made before this district's settings changed; run "
            f"`edupulse evaluate {family}` again"
        )
    return report, ""


def _own_test(metrics: dict[str, Any]) -> Comparison | None:
    """The test results that a version was saved with; None if it has none."""
    try:
        return Comparison.model_validate(metrics["test"])
    except (KeyError, ValidationError):
        return None
