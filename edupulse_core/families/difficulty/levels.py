"""From what a model says of a text to calibrated probabilities of the five levels, and a range."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.difficulty.examples import LEVELS, TextExamples
from edupulse_core.families.family import Array
from edupulse_core.training import calibration, conformal
from edupulse_core.training.conformal import Bands
from edupulse_core.training.sentences import words_of

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
    shares: tuple[float, ...]  # of each level in training: what to expect of an unknown text
    words: frozenset[str]  # of the texts that were learned from
    usual: float  # how familiar a text is at least, in 95 of 100 new ones
    doubt: float  # share of texts that may be like none before
    bands: Bands

    def probabilities(self, examples: TextExamples) -> Array:
        """The probability of each level, (N, 5).

        The less familiar a text is, the more it is told as an unknown one.
        """
        said = softmax(self.scale * self.learned.logits(examples) + np.array(self.shift))
        trust = (1 - self.doubt) * self.familiar(examples)[:, None]
        found: Array = trust * said + (1 - trust) * np.array(self.shares)
        return found

    def familiar(self, examples: TextExamples) -> Array:
        """How much of a text is made of known words, 1 where it is as usual or more, (N,)."""
        return np.minimum(known_share(examples.texts, self.words) / self.usual, 1.0)

    def range(self, probabilities: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The lowest and the highest level that a text may have, 1 to 5, (N,) each.

        How far they reach was measured on texts like those that were learned from. They also hold
        as much of the text's own probabilities as is promised, so that both say the same.
        """
        likeliest = probabilities.argmax(axis=1)
        low, high = self.bands.of(expected(probabilities), probabilities, likeliest)
        inside = conformal.probability_before(probabilities, likeliest) < self.bands.level
        inside[np.arange(len(inside)), likeliest] = True
        low = np.minimum(low, inside.argmax(axis=1))
        high = np.maximum(high, LEVELS - 1 - inside[:, ::-1].argmax(axis=1))
        return low + 1, high + 1

    def as_json(self) -> dict[str, Any]:
        """What `finish` made, as `from_json` reads it."""
        return {
            "scale": self.scale,
            "shift": list(self.shift),
            "shares": list(self.shares),
            "usual": self.usual,
            "doubt": self.doubt,
            "bands": self.bands.as_json(),
            "words": sorted(self.words),
        }

    @classmethod
    def from_json(cls, learned: Learned, value: dict[str, Any]) -> "LevelModel":
        """Read what was saved. Raises ModelError if it is not that."""
        try:
            found = cls(
                learned,
                float(value["scale"]),
                tuple(float(x) for x in value["shift"]),
                tuple(float(x) for x in value["shares"]),
                frozenset(map(str, value["words"])),
                float(value["usual"]),
                float(value["doubt"]),
                Bands.from_json(value["bands"]),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise ModelError(f"{FILE}: {error!r}") from None
        if not len(found.shift) == len(found.shares) == LEVELS:
            raise ModelError(f"{FILE}: needs a shift and a share for each of {LEVELS} levels")
        return found


def finish(
    learned: Learned,
    train: TextExamples,
    validation: TextExamples,
    left_out: tuple[TextExamples, Array] | None = None,
) -> LevelModel:
    """Calibrate what was learned from some texts on others that it has not seen.

    left_out: more texts, and the logits of each when it alone was left out, (N, 5).
    """
    logits, classes, who = learned.logits(validation), validation.classes, validation.who
    if left_out is not None:
        others, said = left_out
        logits = np.concatenate([logits, said])
        classes = np.concatenate([classes, others.classes])
        who = np.concatenate([who, others.who])
    scale, shift = calibration.fit_categories(logits, classes)
    shares = np.bincount(train.classes, minlength=LEVELS) / len(train)
    words = frozenset(word for text in train.texts for word in words_of(text))
    usual = float(np.quantile(known_share(validation.texts, words), 0.05))
    doubt = 1 / (len(classes) + 2)
    chances = (1 - doubt) * softmax(scale * logits + shift) + doubt * shares
    bands = conformal.fit(expected(chances), chances, chances.argmax(axis=1), classes, who)
    return LevelModel(
        learned,
        scale,
        tuple(shift.tolist()),
        tuple(shares.tolist()),
        words,
        max(usual, 0.01),
        doubt,
        bands,
    )


def known_share(texts: Sequence[str], words: Collection[str]) -> Array:
    """The share of each text's different words that are among some words, (N,)."""
    found = []
    for text in texts:
        own = set(words_of(text))
        found.append(sum(word in words for word in own) / max(len(own), 1))
    return np.array(found, np.float64)


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
