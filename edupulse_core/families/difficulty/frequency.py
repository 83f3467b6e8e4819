"""How common the words of a text are, and its pairs of words, among the texts learned from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from edupulse_core.families.difficulty.measures import Array, common, sentences_of, words_of

LEAST = 2  # texts; a word of fewer is left out
RARE = (0, 3, 20)  # texts; shares of words that are in no more
LOW = (0.05, 0.1, 0.25, 0.5)  # quantiles
LONG = 5  # letters; longer words count by their ending too
ENDING = 3  # letters


@dataclass(frozen=True)
class Frequencies:
    """In how many texts each word, ending and pair of words is."""

    texts: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, texts: Sequence[str], most: int) -> "Frequencies":
        """Count in some texts.  most: how many are remembered."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update({each for view in _views(text) for each in view})
        kept = [(name, n) for name, n in counts.most_common(most) if n >= LEAST]
        return cls(len(texts), dict(kept))

    def measures(self, texts: Sequence[str], *, own: bool = False) -> Array:
        """How common the words of each text are, (N, M).

        own: these are the texts that were counted, so each is taken out of its own counts.
        """
        one = partial(self._of_view, own=int(own))
        rows = [[x for view in _views(text) for x in one(view)] + _cohesion(text) for text in texts]
        return np.array(rows, np.float64).reshape(len(texts), -1)

    def _of_view(self, view: Sequence[str], own: int) -> list[float]:
        if not view:
            return [0.0] * (4 + len(LOW) + len(RARE))
        every, once = (
            np.array([max(self.counts.get(each, 0) - own, 0) for each in names], np.float64)
            for names in (view, sorted(set(view)))
        )
        usual, different = (np.log((n + 0.5) / (self.texts + 1)) for n in (every, once))
        return [
            float(usual.mean()),
            float(usual.std()),
            float(different.mean()),
            float(different.std()),
            *np.quantile(usual, LOW).tolist(),
            *(float((once <= n).mean()) for n in RARE),
        ]


def _views(text: str) -> Iterator[list[str]]:
    """The words, the pairs of words, the words that are not common ones, and their endings."""
    words = words_of(text)
    yield words
    yield [f"{a} {b}" for a, b in zip(words, words[1:], strict=False)]
    yield [word for word in words if word not in common()]
    yield [f"-{word[-ENDING:]}" for word in words if len(word) > LONG]


def _cohesion(text: str) -> list[float]:
    """How many words a sentence shares with the one before, of those that are not common."""
    parts = [set(words_of(each)) - common() for each in sentences_of(text)]
    shared = [
        len(a & b) / max(min(len(a), len(b)), 1) for a, b in zip(parts, parts[1:], strict=False)
    ]
    return [float(np.mean(shared)) if shared else 0.0]
