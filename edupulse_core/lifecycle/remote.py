"""Work on the workers of Ray, which is an optional extra: a lost worker's work is done again."""

import logging
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError, MissingError, RefusedError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import parts, retraining, studies, tuning
from edupulse_core.progress import Progress

if TYPE_CHECKING:
    import optuna

RETRIES = 3  # times that a piece of work is begun again
MEMORY = 80 * 2**20  # bytes for what workers hand over: plans and a few numbers
INSTALL = "this needs Ray: install EduPulse with it, as in `pip install 'edupulse[ray]'`"


@contextmanager
def workers(count: int) -> Iterator["Workers"]:
    """Processes that work side by side until the block ends. Raises MissingError without Ray."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    try:
        import ray
    except ImportError:
        raise MissingError(INSTALL) from None
    ray.init(
        address="local",
        num_cpus=count,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=MEMORY,
    )
    try:
        yield Workers(ray)
    finally:
        ray.shutdown()


class Workers:
    """The workers: each takes one piece of work at a time."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def begin(self, work: Callable[..., Any], *given: Any) -> Any:
        """Let the next free worker do something; returns a handle for `ended` and `result`."""
        return self._ray.remote(work).options(num_cpus=1, max_retries=RETRIES).remote(*given)

    def ended(self, handles: Collection[Any], seconds: float = 0.5) -> list[Any]:
        """Those that are done by now, after waiting for the first of them for a moment."""
        found: list[Any] = self._ray.wait(list(handles), timeout=seconds)[0]
        return found

    def result(self, handle: Any) -> Any:
        """What the work returned; raises what it raised.

        RefusedError if its worker was lost again and again.
        """
        try:
            return self._ray.get(handle)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, EduPulseError):
                raise error.cause from None
            raise
        except self._ray.exceptions.WorkerCrashedError:
            raise RefusedError(
                f"a worker was lost {RETRIES + 1} times at the same work; too little memory?"
            ) from None


def once(work: Callable[..., Any], *given: Any) -> Any:
    """What one piece of work returns, done by a worker of its own."""
    with workers(1) as pool:
        return pool.result(pool.begin(work, *given))


def search(
    settings: Settings,
    family: str,
    name: str,
    wanted: tuning.Search,
    *,
    progress: Progress | None = None,
    cancel: Any = None,
) -> None:
    """Try one choice after the other until the study has enough, several at once.

    Choices are made here, in their order, so that a grid or a random search finds the same numbers
    with any count of workers.
    """
    found = studies.opened(settings, family, name)
    asked = found.user_attrs["asked"]
    space = family_named(family).algorithms[asked["algorithm"]].space
    until = time.monotonic() + 60 * wanted.minutes if wanted.minutes else None
    running: dict[Any, optuna.Trial] = {}
    with workers(wanted.workers) as pool:
        while True:
            if cancel is not None and cancel():
                raise RefusedError("the search was stopped; run it again to go on from here")
            done, _ = tuning.counted(found)
            late = until is not None and done > 0 and time.monotonic() > until
            while not late and len(running) < min(wanted.workers, wanted.trials - done):
                trial = found.ask()
                try:
                    work = pool.begin(_on_folds, settings, family, space(trial), asked)
                except EduPulseError as error:  # choices that do not go together
                    tuning.failed(found, trial, str(error))
                    done += 1
                else:
                    running[work] = trial
            if progress is not None:
                progress("trials", min(done, wanted.trials), wanted.trials)
            if not running:
                return
            for work in pool.ended(running):
                _tell(found, running.pop(work), *pool.result(work))


def _on_folds(
    settings: Settings, family: str, plan: Any, asked: dict[str, Any]
) -> tuple[list[float], str]:
    """On a worker: the metric on each fold, and why it could not be measured on all of them."""
    record, values = family_named(family), list[float]()
    try:
        for fold in _folds(settings, family, asked["folds"], asked["seed"]):
            run = Run(settings.all_rules, asked["seed"], settings.device, trial=True)
            model = record.algorithms[asked["algorithm"]].fit(fold, plan, run)
            part, metric = parts.judged(record, fold), asked["metric"]
            values.append(tuning.measured(settings, record, model, part, metric))
    except EduPulseError as error:
        return values, str(error)
    return values, ""


@lru_cache(maxsize=1)
def _folds(settings: Settings, family: str, count: int, seed: int) -> list[Split[Any]]:
    record = family_named(family)
    examples = retraining.labeled(settings, record, None)[0]
    return parts.folds(record, examples, record.splits(examples)[0], count, seed)


def _tell(found: "optuna.Study", trial: "optuna.Trial", values: list[float], reason: str) -> None:
    """Tell the study what a worker measured; what would have been pruned on the way is pruned."""
    trial.set_user_attr("folds", values)
    if reason:
        tuning.failed(found, trial, reason)
        return
    for at in range(len(values) - 1):
        trial.report(float(np.mean(values[: at + 1])), at)
        if trial.should_prune():
            found.tell(trial, state=tuning.states().PRUNED)
            return
    found.tell(trial, float(np.mean(values)))
