"""A trained model of knowledge tracing: what it says of an answer, calibrated, and of a skill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.families.tracing.certainty import Certainty
from edupulse_core.families.tracing.examples import Examples, Whole
from edupulse_core.families.version import read_json, write_json
from edupulse_core.training import calibration
from edupulse_core.training.calibration import Calibration

FILE = "model.json"


@dataclass(frozen=True)
class TracingPlan:
    """What every plan has: from which chance of a right answer on a skill is mastered."""

    mastered: float = 0.8
    nearly: float = 0.6  # nearly mastered from here on

    def __post_init__(self) -> None:
        if not 0 < self.nearly < self.mastered < 1:
            raise ConfigError("training: 0 < nearly < mastered < 1 must hold")


class Core(Protocol):
    """What one algorithm learned."""

    def logits(self, examples: Examples) -> Array:
        """How likely each answer is to be right, (N,): it need not be calibrated."""

    def save(self, folder: Path) -> None:
        """Write its files."""


@dataclass(frozen=True)
class Vocabulary:
    """The items and skills that a model has learned; number 0 stands for all others."""

    items: tuple[str, ...]
    skills: tuple[str, ...]

    @classmethod
    def of(cls, examples: Examples, fewest: int = 1) -> "Vocabulary":
        """Those with at least so many answers among the cases."""
        log = examples.log
        used = np.bincount(examples.item[examples.item >= 0], minlength=len(log.items))
        skills = np.unique(examples.skills[examples.mask])
        return cls(
            tuple(log.items[used >= fewest].tolist()), tuple(log.skill_names[skills].tolist())
        )

    def item_numbers(self, named: NDArray[np.str_]) -> Whole:
        """The number of each named item and, at the end, that of none: place -1 finds it."""
        return _numbers(self.items, named)

    def skill_numbers(self, named: NDArray[np.str_]) -> Whole:
        """The number of each named skill and, at the end, that of none."""
        return _numbers(self.skills, named)

    def as_json(self) -> dict[str, Any]:
        """What `Vocabulary(**...)` reads."""
        return {"items": list(self.items), "skills": list(self.skills)}


def _numbers(known: Sequence[str], named: NDArray[np.str_]) -> Whole:
    number = {name: at for at, name in enumerate(known, 1)}
    return np.array([*(number.get(name, 0) for name in named.tolist()), 0], np.int64)


@dataclass(frozen=True)
class TracingModel:
    """A core, and what its validation answers taught about its chances."""

    core: Core
    calibration: Calibration  # of answers to items
    certainty: Certainty  # of a skill's mastery
    mastered: float
    nearly: float
    history: list[dict[str, float]] = field(default_factory=list)

    def chances(self, examples: Examples) -> Array:
        """The chance of a right answer, (N,)."""
        raw = self.core.logits(examples)
        by_answer = self.calibration.apply(raw)
        return np.where(examples.item < 0, self.certainty.calibration.apply(raw), by_answer)


def finish(core: Core, split: Split[Examples], plan: TracingPlan, run: Run) -> TracingModel:
    """Calibrate a core on the validation answers."""
    held = split.validation
    if not len(held):
        raise ModelError("there are no answers to calibrate on")
    fitted = calibration.fit(core.logits(held), held.correct)
    certainty = Certainty.fit(core.logits, held, seed=run.seed)
    return TracingModel(core, fitted, certainty, plan.mastered, plan.nearly)


def save(model: TracingModel, folder: Path) -> None:
    """Write a model's files."""
    model.core.save(folder)
    write_json(
        folder / FILE,
        {
            "calibration": model.calibration.as_json(),
            "certainty": model.certainty.as_json(),
            "mastered": model.mastered,
            "nearly": model.nearly,
        },
    )


def opened(core: Core, folder: Path) -> TracingModel:
    """The model that was saved around a core. Raises ModelError for a damaged file."""
    value = read_json(folder, FILE)
    try:
        return TracingModel(
            core,
            Calibration.from_json(value["calibration"]),
            Certainty.from_json(value["certainty"]),
            float(value["mastered"]),
            float(value["nearly"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"version {folder.name} is damaged: {FILE}: {error!r}") from None
