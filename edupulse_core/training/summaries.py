"""Shortens a long text to its most central sentences, word for word: nothing is invented.

A sentence is central if it shares words with many central sentences (TextRank, Mihalcea and Tarau
2004). One that repeats what was chosen already is passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
ALONE = 1e-9  # cosines to all others: a sentence with less shares no word with any
FULL = 30  # letters of a line that may go on in the next one, as a short one of a list does not
STOPS = ".!?:。！？"  # signs at the end of a line that is whole
SHORTENED = re.compile(  # words that end with a dot within a sentence
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|fig|approx|e\.g|i\.e)\.$", re.IGNORECASE
)
FEWEST_LETTERS = 20  # of a sentence that can stand for a text
SIGN = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")  # Chinese or Japanese: counts as a word


@dataclass(frozen=True)
class Source:
    """A sentence of a text, and where it stands: text[start:end]."""

    sentence: str
    start: int
    end: int
    weight: float  # how central; all sentences of the text together make 1


def summarize(text: str, sentences: int = SENTENCES) -> list[Source]:
    """The most central sentences of a text, at most so many, in the order of the text."""
    spans = whole_spans(text)
    parts = [text[start:end] for start, end in spans]
    if not parts:
        return []
    spaced = [SIGN.sub(r" \1 ", part) for part in parts]
    weighed = _weighed(spaced)
    weights = _central(weighed)
    long = [len(part) >= FEWEST_LETTERS for part in spaced]
    ranks = np.round(weights * len(parts), 6)  # of two that are equally central, the first
    order = sorted(range(len(parts)), key=lambda at: (not long[at], -ranks[at], at))
    chosen: list[int] = []
    for at in order:
        if len(chosen) == sentences:
            break
        if not chosen or (weighed[chosen] @ weighed[at].T).max() < REPEATED:
            chosen.append(at)
    return [Source(parts[at], *spans[at], weight=float(weights[at])) for at in sorted(chosen)]


def whole_spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, as a person reads it.

    What a dot after an abbreviation has parted is one, and so is a sentence over two lines.
    """
    found: list[tuple[int, int]] = []
    for start, end in spans_of(text):
        if found:
            before, between = text[found[-1][0] : found[-1][1]], text[found[-1][1] : start]
            is_full = len(before.rpartition("\n")[2]) >= FULL and before[-1] not in STOPS
            if (between == "\n" and is_full and text[start].islower()) or SHORTENED.search(before):
                found[-1] = (found[-1][0], end)
                continue
        found.append((start, end))
    return found


def _weighed(parts: Sequence[str]) -> Any:
    """The words of each sentence, as a sparse (N, V) matrix with rows of length 1 or 0."""
    from scipy.sparse import csr_array

    try:
        return csr_array(Terms.fit_weigh(parts)[1], dtype=np.float64)
    except MissingError:
        return csr_array((len(parts), 1))


def _central(weighed: Any) -> Array:
    """How often a walk from each sentence to like ones comes by, (N,), 1 in all.

    How like each two are, their cosine, is never held as a whole: it would be (N, N), and a long
    list has thousands of lines.
    """
    own = np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel()  # nobody walks to itself

    def likes(walkers: Array) -> Array:
        found: Array = weighed @ (weighed.T @ walkers) - own * walkers
        return found

    n = weighed.shape[0]
    sums = likes(np.ones(n))
    leads = sums > ALONE
    found: Array = np.full(n, 1.0 / n)
    for _ in range(STEPS):
        walked = likes(np.where(leads, found / np.where(leads, sums, 1.0), 0.0))
        found = (1 - DAMPING) / n + DAMPING * (walked + found[~leads].sum() / n)
    return found
