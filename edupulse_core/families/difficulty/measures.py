"""Ten plain measures of a text, the catalogue of what the models read beside its words."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from edupulse_core.training.sentences import sentences_of, words_of

Array = NDArray[np.float64]

MEASURES = {  # name → what it counts
    "words": "Words",
    "sentences": "Sentences",
    "words_per_sentence": "Words in a sentence, on average",
    "letters_per_word": "Letters in a word, on average",
    "syllables_per_word": "Syllables in a word, on average",
    "rare_words": "Share of words that are not common",
    "long_words": "Share of words with 7 letters or more",
    "hard_words": "Share of words with 3 syllables or more",
    "distinct_words": "Different words, divided by the square root of all words",
    "commas_per_sentence": "Commas, semicolons and colons in a sentence, on average",
}
RANGES = {  # the smallest and largest value that a measure can have
    **dict.fromkeys(MEASURES, (0.0, 1e6)),
    **dict.fromkeys(("rare_words", "long_words", "hard_words"), (0.0, 1.0)),
}
LONG = 7  # letters
HARD = 3  # syllables
_VOWELS = re.compile(r"[aeiouy]+")
_PAUSES = re.compile(r"[,;:]")


def syllables(word: str) -> int:
    """The syllables of a word, by its groups of vowels; a silent e at the end does not count."""
    groups = len(_VOWELS.findall(word))
    is_silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1
    return max(1, groups - is_silent)


def measure(texts: Sequence[str]) -> Array:
    """The measures of each text, (N, 10), in the order of MEASURES; zeros without words."""
    found = [_one(text) for text in texts]
    return np.array(found, np.float64).reshape(len(found), len(MEASURES))


def _one(text: str) -> list[float]:
    words = words_of(text)
    if not words:
        return [0.0] * len(MEASURES)
    n, sentences = len(words), max(1, len(sentences_of(text)))
    letters = np.array([len(word) for word in words])
    spoken = np.array([syllables(word) for word in words])
    rare = sum(word not in common() for word in words)
    return [
        n,
        sentences,
        n / sentences,
        letters.mean(),
        spoken.mean(),
        rare / n,
        (letters >= LONG).mean(),
        (spoken >= HARD).mean(),
        len(set(words)) / n**0.5,
        len(_PAUSES.findall(text)) / sentences,
    ]


@cache
def common() -> frozenset[str]:
    """The most common words of English."""
    text = files("edupulse_core.families.difficulty").joinpath("common_words.txt").read_text()
    return frozenset(text.split())
