"""How much a short answer says of what a key says: shared words, near words, like meanings."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import MissingError

Array = NDArray[np.float64]
OVERLAPS = (
    "words_of_key", "words_of_answer", "weight_of_key", "new_weight_of_key", "new_words_of_answer",
    "near_key", "near_new_key", "near_answer", "near_new_answer", "meaning_of_key",
    "meaning_of_new_key", "meaning_of_answer", "letters", "length", "new_length", "length_ratio",
    "short", "words_of_question", "pairs_of_key", "negation", "key_length", "all_words_of_key",
    "numbers", "weight", "new_weight", "shared",
)  # fmt: skip
EMPTY = frozenset(
    "the a an of to in is are be and or it its that this for with on as by at from was were can "
    "which when then than will has have had do does so if each one used use".split()
)
DENIAL = frozenset(("not", "no", "never"))
ENDINGS = (
    "ization ational ations ation ings ing ized izes ize ions ion ally ies ied ers er ed es ly s e"
).split()
UNSEEN = 8.0  # weight of a word that no text has
AXES = 60  # of meaning
NEAR = 0.4  # likeness of two words from which on they are near
_WORD = re.compile(r"[a-z]+|\d+")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Words:
    """What is known of words: how rare each is, and what it means beside others."""

    weights: Mapping[str, float]
    meanings: Mapping[str, Array]  # unit vectors

    @classmethod
    def of(cls, texts: Iterable[str], seed: int = 0) -> "Words":
        """Learn from some texts. Raises MissingError if they hold no words."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import CountVectorizer

        rows = [stems(text) for text in dict.fromkeys(texts)]
        within = Counter(word for row in rows for word in set(row))
        if not within:
            raise MissingError("there are no words in the answers")
        weights = {word: float(np.log((1 + len(rows)) / n)) for word, n in within.items()}
        counted = CountVectorizer(analyzer=_same).fit(rows)
        names = counted.get_feature_names_out()
        matrix = counted.transform(rows).astype(np.float64)
        matrix.data = 1 + np.log(matrix.data)
        scaled = matrix.multiply(np.array([weights[name] for name in names])).tocsr()
        rank = min(AXES, scaled.shape[0] - 1, scaled.shape[1] - 1)
        if rank < 1:
            return cls(weights, {})
        axes = TruncatedSVD(rank, random_state=seed).fit(scaled).components_.T
        axes = axes / (np.linalg.norm(axes, axis=1, keepdims=True) + 1e-9)
        return cls(weights, dict(zip(names.tolist(), axes, strict=True)))

    def knows(self, answer: str, key: str) -> bool:
        """Whether any word of an answer is in the key, or in the texts that were learned from."""
        theirs = set(stems(key))
        return any(word in self.weights or word in theirs for word in stems(answer))

    def overlaps(self, question: str, key: str, answer: str) -> list[float]:
        """How far an answer agrees with a key, in the order of OVERLAPS."""
        whole_key, whole, asked = stems(key), stems(answer), set(_told(stems(question)))
        k, a = set(_told(whole_key)), set(_told(whole))
        new_k, new_a = k - asked, a - asked
        pairs = _pairs(whole_key)
        return [
            _part(len(k & a), len(k)),
            _part(len(k & a), len(a)),
            _part(self._weigh(k & a), self._weigh(k)),
            _part(self._weigh(new_k & new_a), self._weigh(new_k)),
            _part(len(new_k & new_a), len(new_a)),
            self._near(k, a),
            self._near(new_k, new_a),
            self._near(a, k),
            self._near(new_a, new_k),
            self._meaning(k, a),
            self._meaning(new_k, new_a),
            self._meaning(a, k),
            _letters(" ".join(whole_key), " ".join(whole)),
            float(np.log1p(len(whole))),
            float(np.log1p(len(new_a))),
            float(np.log1p(len(whole) / max(len(whole_key), 1))),
            min(1.0, len(whole) / max(len(whole_key), 1)),
            _part(len(a & asked), len(a)),
            _part(len(pairs & _pairs(whole)), len(pairs)),
            float(bool(DENIAL & set(whole)) != bool(DENIAL & set(whole_key))),
            float(np.log1p(len(whole_key))),
            _part(len(set(whole_key) & set(whole)), len(set(whole_key))),
            float(len({word for word in whole_key if word.isdigit()} & set(whole))),
            self._weigh(k & a) ** 0.5,
            self._weigh(new_k & new_a) ** 0.5,
            _part(len(k & a), len(k | a)),
        ]

    def _weigh(self, words: Collection[str]) -> float:
        return sum(self.weights.get(word, UNSEEN) for word in words)

    def _near(self, words: Collection[str], others: Collection[str]) -> float:
        """How much of some words has a like one among others, so that slips of the pen count."""
        found = 0.0
        for word in words:
            best = max((alike(word, other) for other in others), default=0.0)
            found += self.weights.get(word, UNSEEN) * max(best - NEAR, 0.0) / (1 - NEAR)
        return _part(found, self._weigh(words))

    def _meaning(self, words: Collection[str], others: Collection[str]) -> float:
        """How close in meaning the nearest of others is to each word, on average."""
        mine, theirs = (
            [self.meanings[word] for word in sorted(part) if word in self.meanings]
            for part in (words, others)
        )
        if not mine or not theirs:
            return 0.0
        return float((np.array(mine) @ np.array(theirs).T).max(axis=1).mean())


def stems(text: str) -> list[str]:
    """The words of a text without their endings, so that forms of one word are the same."""
    return [_stem(word) for word in _WORD.findall(_TAG.sub(" ", text.lower()))]


@lru_cache(maxsize=100_000)
def alike(a: str, b: str) -> float:
    """How many groups of three letters two words share, 0..1."""
    first, second = _threes(a), _threes(b)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=100_000)
def _threes(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    for end in ENDINGS:
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


def _told(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in EMPTY]


def _pairs(words: Sequence[str]) -> set[tuple[str, str]]:
    return set(zip(words, words[1:], strict=False))


def _letters(a: str, b: str) -> float:
    """The cosine of how often each run of three to five letters is in two texts."""
    first, second = (
        Counter(f" {text} "[at : at + n] for n in (3, 4, 5) for at in range(len(text) + 3 - n))
        for text in (a, b)
    )
    size = (sum(n * n for n in first.values()) * sum(n * n for n in second.values())) ** 0.5
    return _part(sum(n * second[run] for run, n in first.items()), size)


def _part(some: float, whole: float) -> float:
    return some / whole if whole else 0.0


def _same(row: Any) -> Any:
    return row
