"""Searches for hyperparameters as they are kept: a journal file a study, in the home."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families.shelf import family_named
from edupulse_core.training.results import Result

if TYPE_CHECKING:
    import optuna

STOPPED = "stopped"  # the study's list of trials that ended before their result


class Trial(Result):
    """One choice of hyperparameters, and how it did."""

    number: int
    state: str  # complete, pruned, fail, running, waiting
    value: float | None  # the mean over the folds
    folds: tuple[float, ...]
    params: dict[str, Any]
    seconds: float | None
    reason: str = ""  # why it failed


class Study(Result):
    """A search, as its page and the command line show it."""

    name: str
    family: str
    algorithm: str
    method: str
    metric: str
    higher_is_better: bool
    data: str  # the version of the warehouse that it was made on
    trials: list[Trial]
    best: Trial | None
    importance: dict[str, float]  # share of the spread that each choice explains; sums to 1


def folder(settings: Settings, family: str) -> Path:
    """Where a family's studies are."""
    return settings.data / "tuning" / family


def studies(settings: Settings, family: str) -> list[str]:
    """The names of all studies of a family, the newest first."""
    found = folder(settings, family).glob("*.journal")
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.stem for path in newest]


def study(settings: Settings, family: str, name: str) -> Study:
    """A study with all its trials. Raises InputError if there is none, or it has only begun."""
    if not (folder(settings, family) / f"{name}.journal").is_file():
        known = ", ".join(studies(settings, family)) or "none"
        raise InputError(f"no study {name!r} of {family!r}; there are: {known}")
    try:
        return _told(name, opened(settings, family, name))
    except KeyError:  # its file is there before what it holds
        raise InputError(f"the search {name!r} has only begun: it has no trial yet") from None


def best_plan(settings: Settings, family: str, name: str) -> tuple[str, Any]:
    """The algorithm of a study and the best plan that it found.

    Raises RefusedError if no trial came to an end.
    """
    from optuna.trial import FixedTrial

    found = study(settings, family, name)
    if found.best is None:
        raise RefusedError(f"the study {name!r} has no finished trial: {_why_none(found)}")
    how = family_named(family).algorithms[found.algorithm]
    return found.algorithm, how.space(FixedTrial(found.best.params))


def opened(
    settings: Settings, family: str, name: str, *, direction: Any = None, worker: int = 0
) -> "optuna.Study":
    """A study of this process."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = folder(settings, family) / f"{name}.journal"
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
    if direction is None:
        found = optuna.load_study(study_name=name, storage=storage)
    else:
        found = optuna.create_study(
            study_name=name, storage=storage, load_if_exists=True, direction=direction
        )
    asked = found.user_attrs.get("asked", {})
    seed = int(asked.get("seed", 0)) + 1000 * worker + len(found.get_trials(deepcopy=False))
    if asked.get("method") == "tpe":
        found.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        found.pruner = optuna.pruners.MedianPruner(n_startup_trials=5)
    else:
        found.sampler = optuna.samplers.RandomSampler(seed=seed)
        found.pruner = optuna.pruners.NopPruner()
    return found


def _told(name: str, found: "optuna.Study") -> Study:
    asked = found.user_attrs["asked"]
    stopped = found.user_attrs.get(STOPPED, ())
    trials = [
        Trial(
            number=each.number,
            state=each.state.name.lower(),
            value=each.value if each.state.name == "COMPLETE" else None,
            folds=tuple(each.user_attrs.get("folds", ())),
            params=each.params or dict(each.system_attrs.get("fixed_params", {})),
            seconds=each.duration.total_seconds() if each.duration else None,
            reason=each.user_attrs.get("reason", ""),
        )
        for each in found.get_trials(deepcopy=False)
        if each.number not in stopped
    ]
    higher = found.direction.name == "MAXIMIZE"
    complete = [each for each in trials if each.value is not None]
    rank = 1.0 if higher else -1.0
    best = max(complete, key=lambda each: rank * (each.value or 0.0), default=None)
    return Study(
        name=name,
        family=asked["family"],
        algorithm=asked["algorithm"],
        method=asked["method"],
        metric=asked["metric"],
        higher_is_better=higher,
        data=asked["data"],
        trials=trials,
        best=best,
        importance=_importance(found, len(complete)),
    )


def _importance(found: "optuna.Study", complete: int) -> dict[str, float]:
    """How much each choice matters (fANOVA, Hutter et al. 2014); empty under ten trials."""
    if complete < 10:
        return {}
    from optuna.importance import get_param_importances

    try:
        return {name: float(value) for name, value in get_param_importances(found).items()}
    except (ValueError, RuntimeError):  # all trials alike, or choices that some trials lack
        return {}


def _why_none(found: Study) -> str:
    reasons = [each.reason for each in found.trials if each.reason]
    return reasons[0] if reasons else "none has run yet"
