"""Searches for a family's best hyperparameters by cross-validation, and keeps every trial.

A study is a journal file in the home: several processes may work on it, and a search that was
stopped or killed goes on from its last finished trial. The test weeks and the students of the test
part are never looked at here.
"""

import itertools
import math
import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from filelock import FileLock

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, EduPulseError, InputError, RefusedError
from edupulse_core.families.family import Algorithm, Family, Run, Split
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import parts, retraining, studies
from edupulse_core.progress import Progress
from edupulse_core.training.results import Interval
from edupulse_core.warehouse import snapshots

if TYPE_CHECKING:
    import optuna

BUSY = "another search works on this study; wait for it, or give this one another --name"
ENDED = ("COMPLETE", "PRUNED", "FAIL")

Method = Literal["grid", "random", "tpe"]
Engine = Literal["processes", "ray"]


@dataclass(frozen=True)
class Search:
    """What to try, and how often."""

    method: Method = "tpe"  # Tree-structured Parzen Estimator (Bergstra et al. 2011), with pruning
    trials: int = 20  # in all, those of an earlier run of the same study included
    folds: int = 3  # of the students
    workers: int = 1  # processes that try at once
    seed: int = 0
    name: str = ""  # of the study; the method unless given
    metric: str = ""  # what to do best in; the family's first unless given
    minutes: float = 0.0  # begin no trial after so many; 0: no limit
    engine: Engine = "processes"  # whose the workers are: this machine's, or Ray's

    def __post_init__(self) -> None:
        if self.method not in ("grid", "random", "tpe"):
            raise ConfigError(f"--method: grid, random or tpe, found {self.method!r}")
        if self.engine not in ("processes", "ray"):
            raise ConfigError(f"--engine: processes or ray, found {self.engine!r}")
        if self.trials < 1 or self.workers < 1:
            raise ConfigError("--trials and --workers must be at least 1")
        if not 3 <= self.folds <= 10:
            raise ConfigError(f"--folds must be 3 to 10, found {self.folds}")
        if not all(each.isalnum() or each in "-_" for each in self.name):
            raise ConfigError(f"--name: letters, digits, - and _ only, found {self.name!r}")


def make_version(
    settings: Settings,
    study: studies.Study,
    *,
    by: str = "",
    version_tag: str = "",
    notes: str = "",
    progress: Progress | None = None,
    cancel: Any = None,
) -> dict[str, Any]:
    """Train a version with the best plan of a study; returns its metrics.

    `beside` compares it on the test weeks with the plan that the algorithm uses otherwise: the
    difference of each metric, and its 95% interval over resampled students.  by: who asked for it.
    version_tag, notes: a person's own words for the version.
    """
    algorithm, plan = studies.best_plan(settings, study.family, study.name)
    course = retraining.course(settings, study.family, progress=progress, cancel=cancel)
    own = {"version_tag": version_tag, "notes": notes}
    noted = {"created_by": by, "study": study.name, **own}
    folds = study.best.folds if study.best else ()
    metrics = course.train(algorithm, plan, noted=noted, more=cv(study.metric, folds)).as_json()
    family = family_named(study.family)
    how = family.algorithms[algorithm]
    split = course.split
    run = Run(settings.all_rules, device=settings.device, progress=progress, cancel=cancel)
    usual = how.fit(split, how.plan(), run)
    tuned = how.open(Path(metrics["folder"]), "")
    who = np.unique(split.test.who)
    draws = np.random.default_rng(0).multinomial(len(who), np.full(len(who), 1 / len(who)), 400)
    weights = np.vstack([np.ones((1, len(who))), draws.astype(float)])
    said = [family.predict(each, split.test, settings.all_rules) for each in (usual, tuned)]
    before, after = (family.measure(each, split.test, weights) for each in said)
    beside = {
        name: {
            "usual": float(before[name][0]),
            "tuned": float(after[name][0]),
            "difference": Interval.of(
                float(after[name][0] - before[name][0]), after[name][1:] - before[name][1:]
            ).model_dump(),
        }
        for name in family.metrics
    }
    return {**metrics, "study": study.name, "beside": beside}


def cv(metric: str, scores: Sequence[float]) -> dict[str, Any]:
    """What a version's metrics keep of a cross-validation."""
    if not scores:
        return {}
    return {
        "cv_metric": metric,
        "cv_scores": [round(each, 6) for each in scores],
        "cv_mean": round(float(np.mean(scores)), 6),
        "cv_std": round(float(np.std(scores)), 6),
    }


def metric_of(family: Family, name: str) -> str:
    """A metric by its name, the family's first if that is empty. InputError lists them."""
    if name and name not in family.metrics:
        known = ", ".join(family.metrics)
        raise InputError(f"{family.name} has no metric {name!r}; there are: {known}")
    return name or next(iter(family.metrics))


def search(
    settings: Settings,
    family: str,
    wanted: Search,
    *,
    algorithm: str = "",
    progress: Progress | None = None,
    cancel: Any = None,
) -> studies.Study:
    """Try until the study has as many finished trials as wanted; returns the study.

    Raises RefusedError when it is stopped, when another search works on the same study, or when the
    history is too short; ConfigError when the study was begun with other settings.
    """
    record = family_named(family)
    algorithm = algorithm or next(iter(record.algorithms))
    if algorithm not in record.algorithms:
        raise ConfigError(f"--algorithm: {', '.join(record.algorithms)}, found {algorithm!r}")
    version = snapshots.current(settings).version
    name = f"{algorithm}-{wanted.name or wanted.method}-{version}"
    place = studies.folder(settings, family)
    place.mkdir(parents=True, exist_ok=True)
    with files.alone(place / f"{name}.lock", BUSY):
        _begin(settings, record, algorithm, wanted, name, version)
        if wanted.engine == "ray":
            from edupulse_core.lifecycle import remote  # which imports this module

            remote.search(settings, family, name, wanted, progress=progress, cancel=cancel)
            return studies.study(settings, family, name)
        with _others(settings, family, name, wanted) as workers:
            until = time.monotonic() + 60 * wanted.minutes if wanted.minutes else None
            _work(settings, family, name, wanted.trials, progress, cancel, workers, until=until)
    return studies.study(settings, family, name)


def _begin(
    settings: Settings, record: Family, algorithm: str, wanted: Search, name: str, version: str
) -> None:
    """Make the study, or make an interrupted one ready to go on."""
    how = record.algorithms[algorithm]
    metric = metric_of(record, wanted.metric)
    about = record.metrics[metric]
    found = studies.opened(
        settings, record.name, name, direction="maximize" if about.higher_is_better else "minimize"
    )
    asked = {
        **{k: v for k, v in asdict(wanted).items() if k in ("method", "folds", "seed")},
        "algorithm": algorithm,
        "family": record.name,
        "metric": metric,
        "data": version,
    }
    known = found.user_attrs.get("asked")
    if known is not None and known != asked:
        other = next(key for key in asked if known.get(key) != asked[key])
        raise ConfigError(
            f"the study {name!r} was begun with {other} {known.get(other)!r}, not "
            f"{asked[other]!r}: give this search another --name"
        )
    if known is None:
        found.set_user_attr("asked", asked)
    for trial in found.get_trials(deepcopy=False):
        if trial.state.name == "RUNNING":  # its process was killed: the same choice again
            found.set_user_attr(
                studies.STOPPED, [*found.user_attrs.get(studies.STOPPED, ()), trial.number]
            )
            found.enqueue_trial(trial.params)
            found.tell(trial.number, state=states().FAIL)
    if wanted.method == "grid":
        for params in _points(how, wanted)[: wanted.trials]:
            found.enqueue_trial(params, skip_if_exists=True)


def grid_size(family: str, algorithm: str) -> int:
    """How many points the grid of an algorithm has; the family's first unless given."""
    known = family_named(family).algorithms
    how = known[algorithm or next(iter(known))]
    return math.prod(map(len, how.grid.values())) if how.grid else 0


def _points(how: Algorithm, wanted: Search) -> list[dict[str, Any]]:
    """Every point of the grid, in an order that the seed draws. ConfigError if it has no grid."""
    if not how.grid:
        raise ConfigError("--method grid: this algorithm has no grid; use random or tpe")
    found = [
        dict(zip(how.grid, values, strict=True)) for values in itertools.product(*how.grid.values())
    ]
    random.Random(wanted.seed).shuffle(found)
    if wanted.trials > len(found):
        raise ConfigError(f"--trials: the grid has {len(found)} points, found {wanted.trials}")
    return found


@contextmanager
def _others(settings: Settings, family: str, name: str, wanted: Search) -> Iterator[list[Any]]:
    """The further processes that work on the study, ended with the block."""
    spawn = multiprocessing.get_context("spawn")
    working = [
        spawn.Process(
            target=_help, args=(settings, family, name, wanted.trials, at, os.getpid()), daemon=True
        )
        for at in range(1, wanted.workers)
    ]
    for each in working:
        each.start()
    try:
        yield working
    finally:
        for each in working:
            each.terminate()
            each.join(10)


def _help(settings: Settings, family: str, name: str, trials: int, at: int, parent: int) -> None:
    """A further process: it tries until the study has enough, or its parent is gone."""
    with suppress(RefusedError):
        _work(settings, family, name, trials, None, lambda: os.getppid() != parent, [], at)


def _work(
    settings: Settings,
    family: str,
    name: str,
    trials: int,
    progress: Progress | None,
    cancel: Any,
    others: list[Any],
    worker: int = 0,
    until: float | None = None,
) -> None:
    """Try one choice after the other, until the study has enough finished trials.

    until: a time after which none is begun, unless there is none yet.
    """
    found = studies.opened(settings, family, name, worker=worker)
    record = family_named(family)
    asked = found.user_attrs["asked"]
    how = record.algorithms[asked["algorithm"]]
    folds: list[Split[Any]] | None = None
    while True:
        if cancel is not None and cancel():
            raise RefusedError("the search was stopped; run it again to go on from here")
        with FileLock(studies.folder(settings, family) / f"{name}.ask"):  # one asks at a time
            done, open_ones = counted(found)
            if until is not None and done and time.monotonic() > until:
                return
            trial = None if done + open_ones >= trials else found.ask()
        if progress is not None:
            progress("trials", min(done, trials), trials)
        if trial is None:
            if done >= trials or not any(each.is_alive() for each in others):
                return
            time.sleep(0.2)
            continue
        if folds is None:
            examples = retraining.labeled(settings, record, None)[0]
            split = record.splits(examples)[0]
            folds = parts.folds(record, examples, split, asked["folds"], asked["seed"])
        _try(settings, record, how, found, trial, folds, asked, cancel)


def _try(
    settings: Settings,
    record: Family,
    how: Algorithm,
    found: "optuna.Study",
    trial: "optuna.Trial",
    folds: list[Split[Any]],
    asked: dict[str, Any],
    cancel: Any,
) -> None:
    """Train and measure one choice on every fold; tell the study how it went."""
    values: list[float] = []
    try:
        plan = how.space(trial)
        for at, fold in enumerate(folds):
            run = Run(settings.all_rules, asked["seed"], settings.device, cancel=cancel, trial=True)
            model = how.fit(fold, plan, run)
            values.append(
                measured(settings, record, model, parts.judged(record, fold), asked["metric"])
            )
            trial.set_user_attr("folds", values)
            trial.report(float(np.mean(values)), at)
            if at + 1 < len(folds) and trial.should_prune():
                found.tell(trial, state=states().PRUNED)
                return
    except BaseException as error:
        stopped = not isinstance(error, EduPulseError) or (cancel is not None and cancel())
        if stopped:
            found.set_user_attr(
                studies.STOPPED, [*found.user_attrs.get(studies.STOPPED, ()), trial.number]
            )
            found.enqueue_trial(trial.params)
            found.tell(trial, state=states().FAIL)
            raise
        failed(found, trial, str(error))
        return
    found.tell(trial, float(np.mean(values)))


def failed(found: "optuna.Study", trial: "optuna.Trial", reason: str) -> None:
    """Tell the study that a choice cannot be measured, and why."""
    trial.set_user_attr("reason", reason)
    found.tell(trial, state=states().FAIL)


def measured(settings: Settings, record: Family, model: Any, examples: Any, metric: str) -> float:
    """A metric on some cases, every student counted once."""
    said = record.predict(model, examples, settings.all_rules)
    once = np.ones((1, len(np.unique(examples.who))))
    return float(record.measure(said, examples, once)[metric][0])


def counted(found: "optuna.Study") -> tuple[int, int]:
    """How many trials have ended, without those that were stopped, and how many are open."""
    trials = found.get_trials(deepcopy=False)
    stopped = found.user_attrs.get(studies.STOPPED, ())
    done = sum(t.state.name in ENDED and t.number not in stopped for t in trials)
    return done, sum(t.state.name == "RUNNING" for t in trials)


def states() -> Any:
    """The states of a trial, from a library that is slow to import."""
    from optuna.trial import TrialState

    return TrialState
