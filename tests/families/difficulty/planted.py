"""Texts whose level is planted: harder ones have longer sentences and rarer words."""

from functools import cache

import numpy as np

EASY = (
    "the cat dog ran sat big red sun is on a we go see my mom hat ball play fun day it he".split()
)
HARD = (
    "photosynthesis constitution representative equilibrium notwithstanding hypothesis "
    "considerable phenomenon circumstances legislation metabolism consequently distribution"
).split()


def text(level: int, rng: np.random.Generator) -> str:
    hard = level + rng.normal(0, 0.6)
    sentences = []
    for _ in range(rng.integers(4, 9)):
        n = max(3, round(4 + 2 * hard + rng.normal(0, 2)))
        words = [
            str(rng.choice(HARD if rng.random() < 0.08 * hard else EASY)) for _ in range(int(n))
        ]
        sentences.append(" ".join(words).capitalize() + ".")
    return " ".join(sentences)


@cache
def texts(n: int = 150, seed: int = 0) -> tuple[tuple[str, int], ...]:
    rng = np.random.default_rng(seed)
    levels = rng.integers(1, 6, n)
    return tuple((text(int(level), rng), int(level)) for level in levels)


def resources(n: int = 150, unknown: int = 3, seed: int = 0) -> str:
    """SQL that writes n resources with a level and some without."""
    rows = [
        f"('r{at}', 'Text {at}', 'reading', [], '{body}', {level}, 10, null)"
        for at, (body, level) in enumerate(texts(n, seed))
    ]
    rows += [
        f"('u{at}', 'Unknown {at}', 'reading', [], '{body}', null, 10, null)"
        for at, (body, _) in enumerate(texts(unknown, seed + 1))
    ]
    return f"insert into resources values {', '.join(rows)};"
