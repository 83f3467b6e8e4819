"""What each kind of job does: it calls an action, as the one who asked for it."""

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress


@dataclass(frozen=True)
class Work:
    """A job as its process does it."""

    actor: Actor  # who asked for it
    settings: Settings
    family: str
    config: Mapping[str, Any]
    progress: Progress  # raises CancelledError once somebody cancelled the job
    cancel: Callable[[], bool]  # whether somebody did
    warn: Callable[[str], None]  # keeps a sentence with the job


Kind = Callable[[Work], Mapping[str, Any]]  # returns what is kept as the job's result


def train(work: Work) -> Mapping[str, Any]:
    """Train a version, or all algorithms; with "propose", it challenges the one that serves."""
    from edupulse_core.actions.jobs import TRAINING
    from edupulse_core.actions.models import train_version
    from edupulse_core.actions.retraining import retrain

    asked = {name: value for name, value in work.config.items() if name in TRAINING}
    do = retrain if work.config.get("propose") else train_version
    given = (work.actor, work.settings, work.family)
    return do(*given, **asked, progress=work.progress, cancel=work.cancel)


def update(work: Work) -> Mapping[str, Any]:
    """Let the version that serves learn lightly from what came since."""
    from edupulse_core.actions.retraining import update_version

    return update_version(
        work.actor,
        work.settings,
        work.family,
        propose_it=bool(work.config.get("propose")),
        progress=work.progress,
        cancel=work.cancel,
    )


def evaluate(work: Work) -> Mapping[str, Any]:
    """Evaluate a version, and write its page."""
    from edupulse_core.actions.models import evaluate_version

    version = work.config.get("version")
    report, page = evaluate_version(
        work.actor, work.settings, work.family, version, progress=work.progress
    )
    told = {"version": report.version, "rows": report.rows, "students": report.students}
    return told | {"page": str(page)}


def score(work: Work) -> Mapping[str, Any]:
    """Score the last week, draw it and watch the models, as a night does; or score a day's week."""
    from edupulse_core.actions.night import after_import
    from edupulse_core.actions.scores import score_week

    as_of = _day(work.config.get("as_of"))
    if as_of is None:
        return after_import(work.actor, work.settings, progress=work.progress)[0].as_json()
    return score_week(work.actor, work.settings, as_of=as_of, progress=work.progress).as_json()


def import_bundle(work: Work) -> Mapping[str, Any]:
    """Import a bundle that lies on this machine."""
    from edupulse_core.actions import imports

    path, replace = Path(str(work.config["path"])), bool(work.config.get("replace"))
    summary = imports.import_bundle(
        work.actor, work.settings, path, replace=replace, progress=work.progress
    )
    return summary.as_json()


def tune(work: Work) -> Mapping[str, Any]:
    """Search for hyperparameters, and train a version with the best; of each algorithm named."""
    from edupulse_core.actions.jobs import REQUEST
    from edupulse_core.actions.tuning import tune_family
    from edupulse_core.lifecycle.tuning import Search, grid_size

    asked = dict(work.config)
    algorithms, train = asked.pop("algorithm", ""), bool(asked.pop("train", True))
    said = {name: asked.pop(name) for name in ("version_tag", "notes") if name in asked}
    asked.pop(REQUEST, None)
    found: list[dict[str, Any]] = []
    for algorithm in algorithms.split(","):
        wanted = Search(**asked)
        if wanted.method == "grid":  # whoever asks for more than there are wants them all
            most = grid_size(work.family, algorithm) or wanted.trials
            wanted = replace(wanted, trials=min(wanted.trials, most))
        study, metrics = tune_family(
            work.actor,
            work.settings,
            work.family,
            wanted,
            algorithm=algorithm,
            train=train,
            **said,
            progress=work.progress,
            cancel=work.cancel,
        )
        best = study.best and study.best.model_dump(mode="json")
        told = {"study": study.name, "trials": len(study.trials), "best": best}
        found.append({**metrics, **told, "sign": 1 if study.higher_is_better else -1})
    return _best_of(found)


def _best_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The search whose best trial did best on validation students, and a line for each."""
    best = max(found, key=lambda one: one["sign"] * one["best"]["value"] if one["best"] else -1e9)
    if len(found) == 1 or "version" not in best:
        return {name: value for name, value in best.items() if name != "sign"}
    table = [
        {
            "algorithm": one["algorithm"],
            "version": one["version"],
            "metrics": {name: v for name, v in one.items() if isinstance(v, float)},
        }
        for one in found
    ]
    return {name: value for name, value in best.items() if name != "sign"} | {"table": table}


KINDS: dict[str, Kind] = {
    "score": score,
    "import": import_bundle,
    "report": evaluate,  # an evaluation that stands is not made again: its page is written
    "evaluate": evaluate,
    "train": train,
    "update": update,
    "tune": tune,
}
STEPS: dict[str, Mapping[str, float]] = {  # kind → step → percent of the job when it is done
    "score": {"features": 30, "score": 65, "heatmaps": 85, "reference": 98},
    "import": {"reading": 50, "features": 95},
    "report": {"features": 10, "baselines": 30, "groups": 40, "importance": 95},
    "evaluate": {"features": 10, "baselines": 30, "groups": 40, "importance": 95},
    "train": {"features": 10, "train": 90},
    "update": {"features": 10, "train": 70},
    "tune": {"trials": 80, "train": 95},
}


def plain(value: Any, home: Path) -> Any:
    """A result as JSON that every database takes, without the machine's folders.

    What has no number is null. Files below the home are named from there.
    """
    whole = json.loads(json.dumps(value, default=str))
    return _finite(_from(f"{home}{os.sep}", whole))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:  # what nobody can mend by trying again
        raise InputError(f"as_of: {value!r} is not a date such as 2026-01-31") from None


def _from(home: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _from(home, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_from(home, each) for each in value]
    return value.removeprefix(home) if isinstance(value, str) else value


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
