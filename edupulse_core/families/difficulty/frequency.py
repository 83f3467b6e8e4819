"""How common the words of a text are among the texts that were learned from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edupulse_core.families.difficulty.measures import Array
from edupulse_core.training.sentences import words_of

LEAST = 2  # texts; a word of fewer is left out
RARE = (0, 3, 20)  # texts; shares of different words that are in no more
LOW = (0.05, 0.1, 0.25, 0.5)  # quantiles
MEASURES = 4 + len(LOW) + len(RARE)


@dataclass(frozen=True)
class Frequencies:
    """In how many texts each word is."""

    texts: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, texts: Sequence[str], most: int) -> "Frequencies":
        """Count in some texts.  most: how many words are remembered."""
        counts = Counter(word for text in texts for word in set(words_of(text)))
        return cls(len(texts), {word: n for word, n in counts.most_common(most) if n >= LEAST})

    def measures(
        self, texts: Sequence[str], versions: Sequence[Sequence[int]] | None = None
    ) -> Array:
        """How common the words of each text are, (N, M).

        versions: for each text the places of its own versions, itself included, if these are the
        texts that were counted. They are taken out of its counts: a new text has no version there.
        """
        words = [words_of(text) for text in texts]
        sets = [set(each) for each in words] if versions is not None else []
        rows = []
        for at, own in enumerate(words):
            taken = Counter(x for other in (versions[at] if versions else ()) for x in sets[other])
            rows.append(self._one(own, taken))
        return np.array(rows, np.float64).reshape(len(rows), MEASURES)

    def _one(self, words: Sequence[str], taken: Mapping[str, int]) -> list[float]:
        if not words:
            return [0.0] * MEASURES
        every, once = (
            np.array([max(self.counts.get(x, 0) - taken.get(x, 0), 0) for x in part], np.float64)
            for part in (words, sorted(set(words)))
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
