"""What is usual for the session, and the student's own pace: two small ridge regressions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.errors import ConfigError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Run, Split
from edupulse_core.families.study_time import model
from edupulse_core.families.study_time.encoding import Encoded, Encoding, log_hours, robust
from edupulse_core.families.study_time.examples import Array, StudyExamples
from edupulse_core.families.study_time.model import Learned, StudyModel

RIDGE = "ridge"
FILE = "ridge.json"


@dataclass(frozen=True)
class RidgePlan:
    """How it is fitted."""

    penalty: float = 1.0  # sessions that a zero effect of the student's past counts for

    def __post_init__(self) -> None:
        if self.penalty <= 0:
            raise ConfigError(f"training: penalty must be positive, found {self.penalty}")


@dataclass(frozen=True)
class Ridge:
    """The weights of the student's past beside what is usual."""

    weights: Array  # of HISTORY, and the start
    spread: float
    steps: int = 0

    def predict(self, cases: Encoded) -> tuple[Array, Array]:
        """See `Learned.predict`."""
        value = cases.usual + cases.history @ self.weights[:-1] + self.weights[-1]
        return value, np.full(len(cases), self.spread)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        kept = {"weights": self.weights.tolist(), "spread": self.spread}
        folders.write_json(folder / FILE, kept)


def fit(split: Split[StudyExamples], plan: RidgePlan, run: Run) -> StudyModel:
    """Fit on split.train; calibrate on split.validation."""
    y = [log_hours(part.target()) for part in (split.train, split.validation)]

    def learned(
        read: Encoding, train: Encoded, validation: Encoded
    ) -> tuple[Learned, list[dict[str, float]]]:
        made = learn(train, y[0], plan.penalty)
        return made, [model.losses(made, (train, y[0]), (validation, y[1]))]

    return model.fitted(RIDGE, split, plan, run, 0, learned)


def learn(train: Encoded, y: Array, penalty: float = RidgePlan.penalty) -> Ridge:
    """The weights of the student's past, from training cases.  y: their log hours."""
    return Ridge(*robust(train.history, y - train.usual, penalty))


def space(trial: Any) -> RidgePlan:
    """One trial's choice."""
    return RidgePlan(penalty=trial.suggest_float("penalty", 0.1, 100.0, log=True))


GRID = {"penalty": (0.1, 1.0, 10.0, 100.0)}


def open_version(folder: Path, form: str) -> StudyModel:
    """Read a saved model."""
    return model.opened(RIDGE, folder, read(folder))


def read(folder: Path) -> Ridge:
    """Read the saved weights. Raises ModelError if they are damaged."""
    value = folders.read_json(folder, FILE)
    weights = model.numbers(value, "weights", FILE)
    return Ridge(weights, float(model.numbers(value, "spread", FILE)))
