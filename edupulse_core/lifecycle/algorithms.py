"""Trains one of a family's algorithms, or all of them, and says which one is best."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import numpy as np

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, InputError, MissingError, RefusedError
from edupulse_core.families.family import Family, Run, step
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import parts, registry, tuning
from edupulse_core.lifecycle.comparison import Weighed
from edupulse_core.lifecycle.retraining import Course, Trained, course
from edupulse_core.progress import Cancel, Progress, part
from edupulse_core.training import plans
from edupulse_core.training.results import Interval, Result

ALL = "all"
CHANCE = 0.05  # that any of several equally good algorithms seems better than the default


@dataclass(frozen=True)
class Asked:
    """How a version shall be trained."""

    algorithm: str = ""  # the family's first unless given; several by commas, or "all": compared
    plan: str = ""  # one of the algorithm's plans by name; the default one unless given
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)  # field of the plan → value
    seed: int = 0
    version_tag: str = ""  # a person's own words for the version
    notes: str = ""
    created_by: str = ""
    folds: int = 0  # of a cross-validation, 3 to 10; 0: none
    metric: str = ""  # what that and a comparison go by; the family's first unless given
    minutes: float = 0.0  # begin nothing after so many, and end with an error; 0: no limit
    test_size: float = 0.0  # share of the students, where the family can; 0: its own
    validation_size: float = 0.0

    def __post_init__(self) -> None:
        if self.folds and not 3 <= self.folds <= 10:
            raise ConfigError(f"--folds must be 3 to 10, found {self.folds}")

    @property
    def is_several(self) -> bool:
        """Whether several algorithms are trained and compared."""
        return self.algorithm == ALL or "," in self.algorithm

    def noted(self) -> dict[str, Any]:
        """What the version's metrics keep of it."""
        return {
            "plan": self.plan,
            "hyperparameters": dict(self.hyperparameters),
            "version_tag": self.version_tag,
            "notes": self.notes,
            "created_by": self.created_by,
        }


class Placed(Result):
    """One algorithm among all, on the same held-out weeks."""

    algorithm: str
    version: str
    metrics: dict[str, float]
    ahead: dict[str, Interval] = {}  # by metric: less the default's; empty for the default
    no_better: str = ""  # why it is of no use, a sentence; empty where it is


class Ranking(Result):
    """All algorithms of a family, trained on the same students and compared on others."""

    rows: int
    students: int
    weeks: tuple[str, str]
    confidence: float  # of each interval: stricter the more algorithms there are
    table: list[Placed]
    best: str  # the algorithm that should serve
    version: str  # its version
    why: str

    def as_json(self) -> dict[str, Any]:
        """What the command line prints with --json."""
        return self.model_dump(mode="json")


def check(settings: Settings, family: str, asked: Asked) -> None:
    """Raise an InputError or MissingError, before any work, if it cannot be trained so."""
    _plans(settings, family_named(family), asked)


def train(
    settings: Settings,
    name: str,
    asked: Asked,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Trained:
    """Train and save a version of one algorithm."""
    ((algorithm, plan),) = _plans(settings, family_named(name), asked).items()
    taught = _course(settings, name, asked, progress, cancel)
    return taught.train(
        algorithm,
        plan,
        seed=asked.seed,
        noted=asked.noted(),
        more=_cross_validated(taught, algorithm, plan, asked),
    )


def train_all(
    settings: Settings,
    name: str,
    asked: Asked,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Ranking:
    """Train and save a version of each algorithm, and compare them on the held-out weeks.

    Those that the time did not allow are left out.
    """
    chosen = _plans(settings, family_named(name), asked)
    taught = _course(settings, name, asked, progress, cancel)
    made: dict[str, Trained] = {}
    for at, (algorithm, plan) in enumerate(chosen.items(), 1):
        models = {each.algorithm: each.model for each in made.values()}
        name = part(algorithm, at, len(chosen))
        mine = replace(taught, progress=_within(progress, name))
        try:
            with step(progress, name):
                made[algorithm] = mine.train(
                    algorithm,
                    plan,
                    seed=asked.seed,
                    noted=asked.noted(),
                    trained=models,
                    more=_cross_validated(mine, algorithm, plan, asked),
                )
        except OutOfTimeError:
            if not made:
                raise
            break
    with step(progress, "compare"):
        return _ranked(taught, list(made.values()), asked.metric)


def _within(progress: Progress | None, name: str) -> Progress | None:
    """Tells how far one algorithm's training is, by the algorithm's name."""
    if progress is None:
        return None
    return lambda step, done, total: progress(name, done, total) if step == "train" else None


class OutOfTimeError(RefusedError):
    """A training took longer than was asked for."""


def _course(
    settings: Settings,
    name: str,
    asked: Asked,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Course:
    """The home's cases, split as asked; a training of them ends when its time is over."""
    until = monotonic() + 60 * asked.minutes

    def stop() -> bool:
        if monotonic() > until:
            raise OutOfTimeError(f"the training took longer than {asked.minutes:g} minutes")
        return cancel is not None and cancel()

    return course(
        settings,
        name,
        test=asked.test_size,
        validation=asked.validation_size,
        progress=progress,
        cancel=stop if asked.minutes else cancel,
    )


def _cross_validated(taught: Course, algorithm: str, plan: Any, asked: Asked) -> dict[str, Any]:
    """How the algorithm does on each fold of the students that are not tested on."""
    if not asked.folds:
        return {}
    family, settings = taught.family, taught.settings
    metric, scores = tuning.metric_of(family, asked.metric), []
    folds = parts.folds(family, taught.examples, taught.split, asked.folds, asked.seed)
    for at, fold in enumerate(folds):
        run = Run(settings.all_rules, asked.seed, settings.device, cancel=taught.cancel)
        model = family.algorithms[algorithm].fit(fold, plan, run)
        scores.append(tuning.measured(settings, family, model, parts.judged(family, fold), metric))
        if taught.progress is not None:
            taught.progress("folds", at + 1, asked.folds)
    return tuning.cv(metric, scores)


def _plans(settings: Settings, family: Family, asked: Asked) -> dict[str, Any]:
    """The plan of each algorithm that is asked for.

    A field that the settings name may be of another algorithm's plan; one that is asked for must
    be in a plan that is trained now.
    """
    known = family.algorithms
    tuning.metric_of(family, asked.metric)
    names = [each.strip() for each in (asked.algorithm or next(iter(known))).split(",")]
    names = (
        list(known)
        if asked.algorithm == ALL
        else [n for n in known if n in names] + [n for n in names if n not in known]
    )
    if names[-1] not in known:
        raise MissingError(
            f"{family.name} has no algorithm {names[-1]!r}; there are: {', '.join(known)}, "
            f"and {ALL} for each of them"
        )
    kept = settings.plan_fields(family.name)
    wanted = plans.flat(asked.hyperparameters)
    everywhere = {name: plans.keys(each.plan()) for name, each in known.items()}
    for key in kept:
        if not _is_known(key, everywhere.values()):
            raise InputError(
                f"edupulse.toml, [train.{family.name}]: no plan has {key!r}; "
                f"{_listed({each for keys in everywhere.values() for each in keys})}"
            )
    for key in wanted:
        if not _is_known(key, (everywhere[name] for name in names)):
            raise InputError(
                f"there is no {key!r} to set; "
                f"{_listed({each for name in names for each in everywhere[name]})}"
            )
    found = {}
    for name in names:
        mine = {
            key: value
            for key, value in {**kept, **wanted}.items()
            if _is_known(key, [everywhere[name]])
        }
        found[name] = plans.changed(_named(family, name, asked), mine)
    return found


def _named(family: Family, name: str, asked: Asked) -> Any:
    """The plan of that name, if the algorithm has it; else the default one."""
    how = family.algorithms[name]
    if not asked.plan:
        return how.plan()
    if asked.plan in how.plans:
        return how.plans[asked.plan]()
    if asked.is_several and any(asked.plan in each.plans for each in family.algorithms.values()):
        return how.plan()
    there = ", ".join(how.plans) or "none"
    raise MissingError(f"{name} has no plan {asked.plan!r}; there are: {there}")


def _is_known(key: str, fields: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of these plans' fields is meant."""
    return any(plans.field_of(key, each) in each for each in fields)


def _listed(keys: set[str]) -> str:
    return f"there are: {', '.join(sorted(keys))}"


def _ranked(taught: Course, made: list[Trained], metric: str = "") -> Ranking:
    """Each algorithm beside the first, which serves unless another one is better beyond chance."""
    family, test = taught.family, taught.split.test
    said = [family.predict(each.model, test, taught.settings.all_rules) for each in made]
    first, rest = made[0], made[1:]
    tail = CHANCE / max(1, len(rest)) / 2
    table: list[Placed] = []
    ahead: dict[str, dict[str, Interval]] = {}
    for each, answer in zip(rest, said[1:], strict=True):
        pair = Weighed(family, (first.version, each.version), test, (said[0], answer))
        found = pair.measured(np.arange(len(test)))
        if not table:
            table.append(_placed(first, {name: a for name, (a, _, _) in found.items()}, {}))
        lead = {}
        for name, (a, b, draws) in found.items():
            low, high = np.quantile(draws, [tail, 1 - tail])
            lead[name] = Interval(
                value=round(b - a, 6), low=round(float(low), 6), high=round(float(high), 6)
            )
        ahead[each.algorithm] = lead
        table.append(_placed(each, {name: b for name, (_, b, _) in found.items()}, lead))
    if not rest:
        headline = {k: v for k, v in first.metrics["headline"].items() if k in family.metrics}
        table.append(_placed(first, headline, {}))
    best, why = _best(family, first, ahead, metric or next(iter(family.metrics)))
    untold = {name for answer in said for name in family.untold(answer, test)}
    return Ranking(
        rows=len(test),
        students=len(np.unique(test.who)),
        weeks=(str(test.day.min()), str(test.day.max())),
        confidence=round(1 - 2 * tail, 4),
        table=[_without(each, untold) for each in table],
        best=best,
        version=next(each.version for each in made if each.algorithm == best),
        why=why,
    )


def _placed(each: Trained, metrics: dict[str, float], ahead: dict[str, Interval]) -> Placed:
    told = {name: round(value, 6) for name, value in metrics.items()}
    useless = each.metrics.get(registry.NO_BETTER, "")
    return Placed(
        algorithm=each.algorithm,
        version=each.version,
        metrics=told,
        ahead=ahead,
        no_better=useless,
    )


def _without(each: Placed, untold: Collection[str]) -> Placed:
    """One line without the measures that are not to be shown."""
    kept = {name: x for name, x in each.metrics.items() if name not in untold}
    ahead = {name: x for name, x in each.ahead.items() if name not in untold}
    return each.model_copy(update={"metrics": kept, "ahead": ahead})


def _best(
    family: Family, first: Trained, ahead: Mapping[str, Mapping[str, Interval]], main: str
) -> tuple[str, str]:
    """Which algorithm should serve, and why: one is better beyond chance, and worse in nothing."""
    gains = {}
    for algorithm, lead in ahead.items():
        ends = {}
        for name, metric in family.metrics.items():
            low, high = lead[name].low or 0.0, lead[name].high or 0.0
            ends[name] = (low, high) if metric.higher_is_better else (-high, -low)
        if ends[main][0] > 0 and all(high >= 0 for _, high in ends.values()):
            gains[algorithm] = abs(lead[main].value or 0.0)
    label = family.metrics[main].label
    if not gains:
        return first.algorithm, (
            f"No other algorithm is better than {first.algorithm} beyond chance ({label}) and "
            "worse in no other measure, so the default stays."
        )
    best = max(gains, key=lambda name: gains[name])
    return best, (
        f"{best} is better than {first.algorithm} beyond chance ({label}), and worse in no other "
        "measure."
    )
