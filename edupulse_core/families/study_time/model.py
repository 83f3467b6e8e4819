"""A trained model: what was learned, how inputs are read, and the intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from edupulse_core.errors import ModelError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Run, Split
from edupulse_core.families.study_time import encoding, margins
from edupulse_core.families.study_time.encoding import Encoded, Encoding, log_hours
from edupulse_core.families.study_time.examples import Array, StudyExamples
from edupulse_core.families.study_time.margins import Margins

ENCODING, MARGINS = "encoding.json", "margins.json"
MOST_HOURS = 24.0  # of one session
LEAST = 20  # cases on each side of a split


class Learned(Protocol):
    """What an algorithm learned."""

    @property
    def steps(self) -> int:
        """How many earlier sessions it reads one by one."""

    def predict(self, cases: Encoded) -> tuple[Array, Array]:
        """Log hours, and a spread that is larger where it is less sure, (N,) each."""

    def put(self, folder: Path) -> None:
        """Write its files."""


@dataclass(frozen=True)
class StudyModel:
    """Everything that predicts hours."""

    algorithm: str
    learned: Learned
    encoding: Encoding
    margins: Margins
    plan: Any = None  # with which it was trained; None if it was opened from a folder
    history: list[dict[str, float]] = field(default_factory=list)  # epochs

    def log_hours(self, examples: StudyExamples) -> tuple[Array, Array]:
        """Log hours and their spread, (N,) each."""
        return self.learned.predict(self.encoding(examples, self.learned.steps))

    def hours(self, examples: StudyExamples) -> Array:
        """The hours to expect, (N,)."""
        found: Array = np.minimum(np.exp(self.log_hours(examples)[0]), MOST_HOURS)
        return found


Fit = Callable[[Encoded, Array, Encoded, Array, Any, Run], tuple[Learned, list[dict[str, float]]]]


def fitted(
    algorithm: str,
    split: Split[StudyExamples],
    plan: Any,
    run: Run,
    steps: int,
    learn: Callable[[Encoding, Encoded, Encoded], tuple[Learned, list[dict[str, float]]]],
    train: StudyExamples | None = None,
) -> StudyModel:
    """Learn on split.train (or on `train`, made from it), and calibrate on split.validation.

    Raises RefusedError if either has too few cases.
    """
    for name, part in (("to learn from", split.train), ("to calibrate on", split.validation)):
        if len(part) < LEAST:
            raise RefusedError(
                f"There are only {len(part)} study sessions {name}: bring {LEAST} or more."
            )
    run.check()
    going_on = isinstance(run.start, StudyModel)  # it keeps reading inputs as it learned to
    read = run.start.encoding if going_on else encoding.fit(split.train)
    cases = [read(part, steps) for part in (train or split.train, split.validation)]
    learned, history = learn(read, cases[0], cases[1])
    told = [*history]
    value, spread = learned.predict(cases[1])
    actual = log_hours(split.validation.target())
    ends = margins.fit(value, spread, actual, split.validation.count)
    run.tell(*told)
    return StudyModel(algorithm, learned, read, ends, plan, told)


def losses(learned: Learned, *parts: tuple[Encoded, Array]) -> dict[str, float]:
    """The history of what is fitted in one step: mean absolute error of log hours."""
    found = [float(np.abs(learned.predict(cases)[0] - y).mean()) for cases, y in parts]
    return {"epoch": 1, "train_loss": found[0], "validation_loss": found[1]}


def put(model: StudyModel, folder: Path) -> None:
    """Write a model's files into a folder."""
    folders.write_json(folder / ENCODING, model.encoding.as_json())
    folders.write_json(folder / MARGINS, model.margins.as_json())
    model.learned.put(folder)


def opened(algorithm: str, folder: Path, learned: Learned) -> StudyModel:
    """Read what `put` wrote. Raises ModelError for a damaged folder."""
    return StudyModel(
        algorithm,
        learned,
        Encoding.from_json(folders.read_json(folder, ENCODING)),
        Margins.from_json(folders.read_json(folder, MARGINS)),
    )


def numbers(value: Mapping[str, Any], name: str, file: str) -> Array:
    """A saved list of numbers. Raises ModelError for anything else."""
    try:
        return np.asarray(value[name], float)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{file}: {error!r}") from None
