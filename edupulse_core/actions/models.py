"""Versions of models: train, evaluate, activate."""

from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.family import family_named
from edupulse_core.families.risk import importance, serve
from edupulse_core.families.risk.serve import load
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import evidence
from edupulse_core.warehouse import snapshots


def train_version(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    ship: str = "",
    weights: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train and register a version; returns its metrics.

    ship: a name, to make the shipped version again on simulated districts instead.  weights: the
    version whose trained network it then takes, so that only calibration and bands are new.
    """
    from edupulse_core.lifecycle import retraining, shipping

    actor.require()
    name = family_named(family).name
    if ship:
        taken = registry.version_folder(settings, name, weights) if weights else None
        metrics = shipping.ship(settings, ship, weights=taken, progress=progress)
    else:
        metrics = retraining.train_risk(settings, progress=progress)
    serve.export(Path(metrics["folder"]))
    trail.note(settings, actor, trail.TRAIN, f"{name} {metrics['version']}")
    return metrics


def evaluate_version(
    actor: Actor,
    settings: Settings,
    family: str,
    version: str | None = None,
    *,
    truth: Path | None = None,
    html: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Held-out metrics, calibration, bands, fairness and importance of a version.

    The report is kept: a district's list trusts a version that was evaluated on its own weeks. So
    is its page, with the benchmarks, in `html` or beside it; the result names it under "html".
    """
    from edupulse_core.lifecycle import benchmarks, evaluations, retraining
    from edupulse_core.reports import evaluation_page

    actor.require()
    name = family_named(family).name
    trail.check(settings)
    evaluations.check_places(settings, name, html)
    report = retraining.evaluate_risk(settings, version, truth=truth, progress=progress)
    engine = load(registry.version_folder(settings, name, report["version"]))
    with retraining.step(progress, "importance"):
        with snapshots.connect(settings, features=True) as con:
            rows = importance.read(con, min_history=settings.outcomes.min_history_weeks)
        report["importance"] = importance.importance(engine, rows)
    evaluations.keep(settings, name, report)
    measured = benchmarks.kept(settings, name, report["version"])
    page = html or evaluations.page_path(settings, name, report["version"])
    files.write(page, evaluation_page.page(report | {"benchmarks": measured}))
    trail.note(
        settings,
        actor,
        trail.EVALUATE,
        f"{name} {report['version']}",
        {
            "evaluated_on": report["evaluated_on"],
            "groups": sorted(report["calibration"]["groups"]),
            "rows": report["rows"],
            "page": page.name,
        },
    )
    return report | {"html": str(page)}


def activate_version(actor: Actor, settings: Settings, family: str, version: str) -> None:
    """Serve a version from now on."""
    actor.require()
    name = family_named(family).name
    registry.activate(settings, name, version, actor=actor.name, role=actor.role)


def download_evaluation(actor: Actor, district: District) -> bytes:
    """The evaluation as one HTML page. Raises MissingError where there is none."""
    from edupulse_core.reports import evaluation_page  # loads torch

    found = evidence(actor.looking(), district)
    if found is None or found.report is None:
        raise MissingError("no evaluation of this version is kept here")
    details = {"version": found.version}
    trail.note(district.settings, actor, trail.EXPORT, "evaluation", details)
    report = found.report | {"benchmarks": found.benchmarks}
    return evaluation_page.page(report).encode("utf-8")
