"""Search for better hyperparameters, and make a version of the best that were found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.families import shelf
from edupulse_core.lifecycle.studies import Study
from edupulse_core.lifecycle.tuning import Search
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress

ROLES = ("steward", "district")


def tune_family(
    actor: Actor,
    settings: Settings,
    family: str,
    wanted: Search,
    *,
    algorithm: str = "",
    train: bool = True,
    version_tag: str = "",
    notes: str = "",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[Study, dict[str, Any]]:
    """Search, then train a version with the best choices; returns the study and its metrics.

    The version stands beside the algorithm's usual plan in the metrics' `beside`, on test weeks
    that the search never looked at.  train: false keeps the study alone.
    version_tag, notes: a person's own words for the version.
    """
    from edupulse_core.lifecycle import drift, tuning

    actor.require(*ROLES)
    name = shelf.check_name(family)
    with trail.act(settings, actor, trail.TUNE, name) as act:
        study = tuning.search(
            settings, name, wanted, algorithm=algorithm, progress=progress, cancel=cancel
        )
        act.details = {"study": study.name, "trials": len(study.trials)}
        metrics: dict[str, Any] = {}
        if train:
            metrics = tuning.make_version(
                settings,
                study,
                by=actor.name,
                version_tag=version_tag,
                notes=notes,
                progress=progress,
                cancel=cancel,
            )
            drift.learn_ahead(settings, name, Path(metrics["folder"]), progress=progress)
            act.subjects = [f"{name} {metrics['version']}"]
    return study, metrics
