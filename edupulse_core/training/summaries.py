"""Shortens a long text to its most central sentences, word for word: nothing is invented.

A sentence is central if it shares words with many central sentences (TextRank, Mihalcea and Tarau
2004). One that repeats what was chosen already is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import MissingError
from edupulse_core.training.sentences import spans_of
from edupulse_core.training.texts import Terms

Array = NDArray[np.float64]
SENTENCES = 3
DAMPING = 0.85  # of the walk from sentence to sentence
STEPS = 50
REPEATED = 0.6  # cosine to a chosen sentence from which on another one repeats it
FEWEST_LETTERS = 20  # of a sentence that can stand for a text


@dataclass(frozen=True)
class Source:
    """A sentence of a text, and where it stands: text[start:end]."""

    sentence: str
    start: int
    end: int
    weight: float  # how central; all sentences of the text together make 1


def summarize(text: str, sentences: int = SENTENCES) -> list[Source]:
    """The most central sentences of a text, at most so many, in the order of the text."""
    spans = spans_of(text)
    parts = [text[start:end] for start, end in spans]
    if not parts:
        return []
    alike = _alike(parts)
    weights = _central(alike)
    long = [len(part) >= FEWEST_LETTERS for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (not long[at], -weights[at], at))
    chosen: list[int] = []
    for at in order:
        if len(chosen) < sentences and all(alike[at, other] < REPEATED for other in chosen):
            chosen.append(at)
    return [Source(parts[at], *spans[at], weight=float(weights[at])) for at in sorted(chosen)]


def _alike(parts: Sequence[str]) -> Array:
    """The cosine of each two sentences, (N, N), 0 on the diagonal."""
    try:
        _, weighed = Terms.fit_weigh(parts)
    except MissingError:
        return np.zeros((len(parts), len(parts)))
    found: Array = (weighed @ weighed.T).toarray().astype(np.float64)
    np.fill_diagonal(found, 0.0)
    return found


def _central(alike: Array) -> Array:
    """How often a walk from each sentence to like ones comes by, (N,), 1 in all."""
    n, sums = len(alike), alike.sum(axis=1, keepdims=True)
    steps = np.where(sums > 0, alike / np.where(sums > 0, sums, 1.0), 1.0 / n)
    found: Array = np.full(n, 1.0 / n)
    for _ in range(STEPS):
        found = (1 - DAMPING) / n + DAMPING * (found @ steps)
    return found
