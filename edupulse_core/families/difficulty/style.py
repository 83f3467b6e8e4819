"""More plain measures of a text's style, which the n-gram ridge reads beside the ten."""

import re
from collections.abc import Sequence

import numpy as np

from edupulse_core.families.difficulty.measures import Array, common, measure, syllables
from edupulse_core.training.sentences import sentences_of, words_of

PEOPLE = frozenset(
    "i you he she we they me him her us them my your his our their mine yours ours".split()
)
PLACES = frozenset("of in on by for with to from upon into through between among".split())
LINKS = frozenset(
    "which that who whom whose because although however therefore while since whether thus".split()
)
BEING = frozenset("is are was were be been being has have had".split())
ENDINGS = (("ing",), ("ed",), ("ly",), ("tion", "ment", "ity", "ness", "ence", "ance", "ism"))
MARKS = ('"', "“", "!", "?", "(", "-", ";", ",")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_DIGIT = re.compile(r"\d")


def style(texts: Sequence[str]) -> Array:
    """The ten measures and those of style, (N, S); zeros for a text without words."""
    more = np.array([_one(text) for text in texts], np.float64).reshape(len(texts), -1)
    found: Array = np.concatenate([measure(texts), more], axis=1)
    return found


def _one(text: str) -> list[float]:
    words, sentences = words_of(text), sentences_of(text)
    n, parts = max(len(words), 1), max(len(sentences), 1)
    lengths = np.array([len(words_of(each)) for each in sentences] or [0])
    sizes = np.array([len(word) for word in words] or [0])
    kinds = [sum(word in group for word in words) / n for group in (PEOPLE, PLACES, LINKS, BEING)]
    endings = [sum(word.endswith(end) for word in words) / n for end in ENDINGS]
    different = set(words)
    return [
        lengths.max(),
        lengths.std(),
        float(np.median(lengths)),
        *(text.count(mark) / parts for mark in MARKS),
        (text.count("'") + text.count("’")) / n,
        len(_NAME.findall(text)) / n,
        len(_DIGIT.findall(text)) / n,
        text.count("\n") / parts,
        len(text) / n,
        *kinds,
        *endings,
        float((sizes >= 9).mean()),
        float(sizes.std()),
        sum(syllables(word) == 1 for word in words) / n,
        sum(word not in common() for word in different) / max(len(different), 1),
        len(different) / n,
    ]
