"""What was measured of the active risk model, for those who answer for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edupulse_core.errors import AccessError, MissingError, ModelError
from edupulse_core.lifecycle import benchmarks, evaluations, registry
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED
from edupulse_core.training.reliability import ENOUGH as ENOUGH
from edupulse_core.training.reliability import GOAL

ROLES = frozenset({"principal", "district", "steward"})


@dataclass(frozen=True)
class Evidence:
    """The active version, and what was measured."""

    version: str
    test: dict[str, Any] | None  # beside the baselines; the version's own where none was kept here
    made_up: bool  # whether the test was on made-up students
    report: dict[str, Any] | None  # all of `edupulse evaluate risk`; None until it was run here
    benchmarks: list[dict[str, Any]]  # as `lifecycle.benchmarks.kept` finds them


def evidence(viewer: Viewer, district: District) -> Evidence | None:
    """The active version's figures; None where no version can be used.

    Small cells are hidden in the report already. Raises AccessError for anybody but a principal,
    the district's lead or the steward.
    """
    if not viewer.roles & ROLES:
        raise AccessError("Page not found, or you don't have access.")
    try:
        folder = registry.active_version(district.settings, "risk")
        metrics = registry.metrics_of(folder)
    except (MissingError, ModelError):
        return None
    report = evaluations.kept(district.settings, "risk", folder.name)
    if report is not None and report["evaluated_on"].get("district") != district.name:
        report = None
    test = report["test"] if report else metrics.get("test")
    known = [report["evaluated_on"]] if report else metrics.get("evaluated_on", [])
    test = test and {**test, "few": evaluations.tells_of_few(test, known)}
    # what an earlier EduPulse kept may tell of few: a report of it is as if there were none
    safe = report is not None and "hidden" in report.get("calibration", {}).get("overall", {})
    measured = benchmarks.kept(district.settings, "risk", folder.name)
    made_up = evaluations.is_made_up(known)
    return Evidence(folder.name, test, made_up, report if safe else None, measured)


def lines(part: Mapping[str, Any], attribute: str) -> list[dict[str, Any]]:
    """Everyone and each group of an attribute: what `part` of a report says of them."""
    everyone = {"group": "Everyone", **part["overall"]}
    return [everyone, *part["groups"].get(attribute, [])]


def most_error(line: Mapping[str, Any]) -> float:
    """The calibration error up to which a group is in range: the goal, or its size's limit."""
    return GOAL if line["judged_by"] == "goal" else float(line["limit"])


def band_holds(line: Mapping[str, Any]) -> bool | None:
    """Whether a group's outcomes lie in their bands often enough; None for too few to say."""
    if line["rows"] < JUDGED:
        return None
    return bool(line["coverage"]["value"] >= COVERAGE_GOAL)
