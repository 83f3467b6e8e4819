"""Train and evaluate versions of any family."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edupulse_core import files
from edupulse_core.actions.versions import activate_version
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk import NAME as RISK
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Cancel, Progress
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import evidence

if TYPE_CHECKING:  # slow to import
    from edupulse_core.lifecycle.algorithms import Ranking
    from edupulse_core.lifecycle.retraining import Trained

ROLES = ("steward", "district")


def train_version(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    algorithm: str = "",
    plan: str = "",
    hyperparameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    version_tag: str = "",
    notes: str = "",
    folds: int = 0,
    metric: str = "",
    minutes: float = 0.0,
    test_size: float = 0.0,
    validation_size: float = 0.0,
    engine: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> dict[str, Any]:
    """Train and register a version; returns its metrics, or the ranking of all algorithms.

    algorithm: the family's first unless given; several by commas, or "all", are compared.
    plan: one of the algorithm's plans by name, such as "reference".
    hyperparameters: field of the plan → value, over those of the settings.
    folds, metric, minutes and sizes: as in `lifecycle.algorithms.Asked`.
    engine: "ray" trains on a worker of Ray, and again if it is lost; else this process does.
    Of the first ones of a family, the best begins to serve, if the gate lets it pass.
    Raises InputError or MissingError, before any work, for what cannot be trained so.
    """
    from edupulse_core.lifecycle import algorithms

    actor.require(*ROLES)
    name = shelf.check_name(family)
    is_first = not registry.has_version(settings, name)
    asked = algorithms.Asked(
        algorithm,
        plan,
        hyperparameters or {},
        seed,
        version_tag,
        notes,
        actor.name,
        folds=folds,
        metric=metric,
        minutes=minutes,
        test_size=test_size,
        validation_size=validation_size,
    )
    algorithms.check(settings, name, asked)
    train = _by(engine, progress=progress, cancel=cancel)
    with trail.act(settings, actor, trail.TRAIN, name) as act:
        work = algorithms.train_all if asked.is_several else algorithms.train
        made: Ranking | Trained = train(work, settings, name, asked)
        act.subjects = _watched(settings, name, made, progress)
    if is_first:
        _serve_best(actor, settings, name, made)
    return made.as_json()


def _serve_best(actor: Actor, settings: Settings, name: str, made: "Ranking | Trained") -> None:
    """Let the best of several first versions serve, unless a person has chosen one meanwhile."""
    why = getattr(made, "why", "")
    is_chosen = registry.alias_path(settings, name).exists()
    if not why or is_chosen or registry.no_better(settings, name, made.version):
        return
    with suppress(RefusedError):  # by the gate: the first useful one goes on serving, if any
        activate_version(actor, settings, name, made.version, reason=why)


def _watched(
    settings: Settings, name: str, made: "Ranking | Trained", progress: Progress | None
) -> list[str]:
    """Let each new version know its own data, by which drift is seen; returns their names."""
    from edupulse_core.lifecycle import drift

    versions = [each.version for each in getattr(made, "table", [made])]
    for version in versions:
        folder = registry.version_folder(settings, name, version)
        drift.learn_ahead(settings, name, folder, progress=progress)
    return [f"{name} {version}" for version in versions]


def _by(engine: str, **watched: Any) -> Callable[..., Any]:
    """Lets the engine do some work.  watched: what only this process can be told."""
    if not engine:
        return lambda work, *given: work(*given, **watched)
    if engine != "ray":
        raise InputError(f"--engine: ray or nothing, found {engine!r}")
    from edupulse_core.lifecycle import remote

    return remote.once


def check_training(
    settings: Settings,
    family: str,
    *,
    algorithm: str = "",
    plan: str = "",
    hyperparameters: Mapping[str, Any] | None = None,
) -> None:
    """Raise InputError, before a job is begun, for what cannot be trained so."""
    from edupulse_core.lifecycle import algorithms

    asked = algorithms.Asked(algorithm, plan, hyperparameters or {})
    try:
        algorithms.check(settings, shelf.check_name(family), asked)
    except MissingError as error:
        raise InputError(str(error)) from None


def ship_version(
    actor: Actor,
    settings: Settings,
    family: str,
    version: str,
    *,
    weights: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a version to ship with EduPulse, from simulated districts; returns its metrics.

    weights: use this version's trained network, so that only calibration and bands are new.
    Raises InputError if the family ships no version.
    """
    from edupulse_core.lifecycle import benchmarks

    actor.require()
    name = shelf.check_name(family)
    with trail.act(settings, actor, trail.TRAIN, name) as act:
        make = shelf.family_named(name).ship
        if make is None:
            raise InputError(f"--ship: EduPulse ships no version of {name!r}")
        taken = registry.version_folder(settings, name, weights) if weights else None
        measured = benchmarks.in_markdown(name, version)
        metrics = make(settings, version, measured=measured, weights=taken, progress=progress)
        act.subjects = [f"{name} {metrics['version']}"]
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
) -> tuple[Evaluation, Path]:
    """Measure everything about a version that this home allows.

    The report is kept, because a district's list trusts a version only after an evaluation on its
    own weeks. It stands until the next period ends: until then the same report is returned, unless
    the settings change or a fictional district's truth is given. Its page, with the benchmarks, is
    written to `html` or next to the report.
    """
    from edupulse_core.lifecycle import evaluations, retraining

    actor.require(*ROLES)
    name = shelf.check_name(family)
    evaluations.check_places(settings, name, html)
    with trail.act(settings, actor, trail.EVALUATE, name) as act:
        report = None if truth else retraining.standing(settings, name, version)
        if report is None:
            report = retraining.evaluate(settings, name, version, truth=truth, progress=progress)
            evaluations.keep(settings, name, report)
        page = _write_page(settings, name, report, html)
        act.subjects = [f"{name} {report.version}"]
        act.details = {
            "evaluated_on": report.evaluated_on.model_dump(),
            "groups": report.groups,
            "rows": report.rows,
            "page": page.name,
        }
    return report, page


def download_evaluation(actor: Actor, district: District) -> bytes:
    """The evaluation as one HTML page. Raises MissingError if there is none."""
    from edupulse_core.reports import evaluation

    found = evidence(actor.looking(), district)
    if found is None or found.report is None:
        raise MissingError("this version was never evaluated here: run `edupulse evaluate risk`")
    page = evaluation.page(RISK, found.report, found.benchmarks)
    details = {"version": found.version}
    trail.note(district.settings, actor, trail.EXPORT, "evaluation", details)
    return page.encode("utf-8")


def _write_page(settings: Settings, name: str, report: Evaluation, html: Path | None) -> Path:
    """The evaluation as a page."""
    from edupulse_core.lifecycle import benchmarks, evaluations
    from edupulse_core.reports import evaluation

    text = evaluation.page(name, report, benchmarks.kept(settings, name, report.version))
    return files.write(html or evaluations.page_path(settings, name, report.version), text)
