"""From what a model says of a text to calibrated probabilities of the five levels, and a range."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.difficulty.examples import LEVELS, TextExamples
from edupulse_core.families.family import Array
from edupulse_core.training import calibration, conformal
from edupulse_core.training.conformal import Bands

FILE = "levels.json"


class Learned(Protocol):
    """What an algorithm has learned."""

    def logits(self, examples: TextExamples) -> Array:
        """How much speaks for each level, (N, 5), not calibrated."""


@dataclass(frozen=True)
class LevelModel:
    """What was learned, with what makes probabilities of it."""

    learned: Learned
    scale: float
    shift: tuple[float, ...]  # one for each level
    bands: Bands

    def probabilities(self, examples: TextExamples) -> Array:
        """The probability of each level, (N, 5)."""
        return softmax(self.scale * self.learned.logits(examples) + np.array(self.shift))

    def range(self, probabilities: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The lowest and the highest level that a text may have, 1 to 5, (N,) each."""
        low, high = self.bands.of(
            expected(probabilities), probabilities, probabilities.argmax(axis=1)
        )
        return low + 1, high + 1

    def as_json(self) -> dict[str, Any]:
        """What `finish` made, as `from_json` reads it."""
        return {"scale": self.scale, "shift": list(self.shift), "bands": self.bands.as_json()}

    @classmethod
    def from_json(cls, learned: Learned, value: dict[str, Any]) -> "LevelModel":
        """Read what was saved. Raises ModelError if it is not that."""
        try:
            shift = tuple(float(x) for x in value["shift"])
            scale, bands = float(value["scale"]), Bands.from_json(value["bands"])
        except (LookupError, TypeError, ValueError) as error:
            raise ModelError(f"{FILE}: {error!r}") from None
        if len(shift) != LEVELS:
            raise ModelError(f"{FILE}: needs a shift for each of {LEVELS} levels")
        return cls(learned, scale, shift, bands)


def finish(
    learned: Learned,
    validation: TextExamples,
    left_out: tuple[TextExamples, Array] | None = None,
) -> LevelModel:
    """Calibrate what was learned on texts that it has not seen.

    left_out: other texts, and the logits of each when it alone was left out, (N, 5).
    """
    logits, classes, who = learned.logits(validation), validation.classes, validation.who
    if left_out is not None:
        others, said = left_out
        logits = np.concatenate([logits, said])
        classes = np.concatenate([classes, others.classes])
        who = np.concatenate([who, others.who])
    scale, shift = calibration.fit_categories(logits, classes)
    chances = softmax(scale * logits + shift)
    bands = conformal.fit(expected(chances), chances, chances.argmax(axis=1), classes, who)
    return LevelModel(learned, scale, tuple(shift.tolist()), bands)


def expected(probabilities: Array) -> Array:
    """The mean level, 1 to 5, (N,)."""
    found: Array = probabilities @ np.arange(1.0, LEVELS + 1)
    return found


def near(value: Array) -> Array:
    """What speaks for each level when the level itself was predicted as a number, (N, 5)."""
    found: Array = -((value[:, None] - np.arange(1.0, LEVELS + 1)) ** 2)
    return found


def softmax(logits: Array) -> Array:
    """Probabilities, (N, K)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Array = powers / powers.sum(axis=1, keepdims=True)
    return found
