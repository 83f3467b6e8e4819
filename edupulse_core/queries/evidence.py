"""What was measured of the active risk model, for those who answer for it."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, MissingError, ModelError
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import Comparison
from edupulse_core.lifecycle import benchmarks, evaluations, registry
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

ROLES = frozenset({"principal", "district", "steward"})


@dataclass(frozen=True)
class Evidence:
    """The active version, and what was measured."""

    version: str
    test: Comparison | None  # the version's own where none was kept here
    fictional: bool  # whether the test was on fictional students
    report: RiskEvaluation | None  # of `edupulse evaluate risk`; None until it was run here
    problem: str  # why an evaluation that was kept here cannot be shown; empty for none
    benchmarks: list[dict[str, Any]]  # as `lifecycle.benchmarks.kept` finds them


def evidence(viewer: Viewer, district: District) -> Evidence | None:
    """The active version's figures; None where no version can be used.

    Small cells are hidden in the report already. Raises AccessError for anybody but a principal,
    the district's lead or the steward.
    """
    if not viewer.roles & ROLES:
        raise AccessError("Page not found, or you don't have access.")
    settings = district.settings
    try:
        folder = registry.active_version(settings, "risk")
        metrics = registry.metrics_of(folder)
    except (MissingError, ModelError):
        return None
    report, problem = _kept(settings, folder.name, district.name)
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


def _kept(settings: Settings, version: str, district: str) -> tuple[RiskEvaluation | None, str]:
    """The evaluation that was kept of a version on this district, or why it cannot be read."""
    try:
        report = evaluations.kept(settings, "risk", version, RiskEvaluation)
    except ModelError as error:
        return None, str(error)
    if report is None or report.evaluated_on.district != district:
        return None, ""
    if report.rules != settings.rules:
        return None, (
            f"the evaluation of {version} was made before this district's settings changed; run "
            "`edupulse evaluate risk` again"
        )
    return report, ""


def _own_test(metrics: dict[str, Any]) -> Comparison | None:
    """The test that a version was saved with; None for one that carries no such figures."""
    try:
        return Comparison.model_validate(metrics["test"])
    except (KeyError, ValidationError):
        return None
