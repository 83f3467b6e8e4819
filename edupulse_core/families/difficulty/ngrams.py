"""One kernel ridge over four likenesses of texts: shared words and letters, topics, and style.

The first two are linear, so what is learned is a weight for each run of words and of letters. The
others compare a text with those that were learned from: by their topics (truncated SVD), and by
plain measures, style, and how common their words are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.errors import ModelError
from edupulse_core.families.difficulty import encoders, style
from edupulse_core.families.difficulty.examples import TextExamples
from edupulse_core.families.difficulty.frequency import Frequencies
from edupulse_core.families.difficulty.levels import near
from edupulse_core.families.family import Array
from edupulse_core.training.likeness import likeness, pull_of, scale
from edupulse_core.training.texts import Encoder, Terms

TENSORS, KNOWN, TOPICS = "ngrams.safetensors", "ngrams.json", "topics"
ARRAYS = ("mean", "spread", "points", "topic_points", "pull")
VERSION = 0.3  # likeness of words from which on two texts are versions of one another
SMALL = 50  # texts; with fewer, a run of words need be in one only


@dataclass(frozen=True)
class NgramPlan:
    """What is compared, and how much it counts."""

    words: int = 2  # the longest run of words
    letters: int = 5  # the longest run of letters within a word
    most: int = 60_000  # runs of each kind
    fewest: int = 2  # texts that a run must be in
    style: float = 2.0  # how much like style counts, where like words count 1
    reach: float = 0.5  # how fast likeness of style fades; larger is faster
    encoder: encoders.Kind = "own"  # of topics
    topics: int = 100  # axes of an own encoder
    topic: float = 4.0  # how much like topics count
    topic_reach: float = 2.0  # how fast likeness of topics fades
    texts: int = 5_000  # at most so many are learned from


@dataclass(frozen=True)
class Ngrams:
    """A number for each text: how hard it is, on the scale that was learned."""

    plan: NgramPlan
    terms: tuple[Terms, ...]
    weights: tuple[Array, ...]  # of each run of words, and of letters
    common: Frequencies
    mean: Array  # (S,) of each measure of style
    spread: Array  # (S,)
    topics: Encoder
    points: Array  # (P, S) standardized style of the texts learned from
    topic_points: Array  # (P, width) their topics
    pull: Array  # (P,) of each of them
    offset: float

    def value(self, texts: Sequence[str]) -> Array:
        """How hard each text is, (N,)."""
        found = np.full(len(texts), self.offset)
        if not len(texts):
            return found
        for terms, weights in zip(self.terms, self.weights, strict=True):
            found += terms.weigh(texts) @ weights
        scaled = scale(_style(texts, self.common), self.mean, self.spread)
        alike = self.plan.style * likeness(scaled, self.points, self.plan.reach)
        alike += self.plan.topic * _near(
            self.topics.encode(texts), self.topic_points, self.plan.topic_reach
        )
        return found + alike @ self.pull

    def logits(self, examples: TextExamples) -> Array:
        """How much speaks for each level, (N, 5)."""
        return near(self.value(examples.texts))

    def save(self, folder: Path) -> None:
        """Write what `open` reads."""
        from safetensors.numpy import save_file

        tensors = {name: getattr(self, name).astype(np.float32) for name in ARRAYS}
        for at, (terms, weights) in enumerate(zip(self.terms, self.weights, strict=True)):
            tensors |= {f"idf {at}": terms.weights, f"weights {at}": weights.astype(np.float32)}
        save_file({name: np.ascontiguousarray(x) for name, x in tensors.items()}, folder / TENSORS)
        (folder / TOPICS).mkdir()
        known = {
            "topics": encoders.save(self.topics, folder / TOPICS),
            "plan": vars(self.plan),
            "offset": self.offset,
            "texts": self.common.texts,
            "counts": dict(self.common.counts),
            "terms": [terms.as_json() for terms in self.terms],
        }
        text = json.dumps(known, ensure_ascii=False) + "\n"
        (folder / KNOWN).write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def open(cls, folder: Path) -> "Ngrams":
        """Read what `save` wrote. Raises ModelError if a file is missing or not one of these."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            known = json.loads((folder / KNOWN).read_text(encoding="utf-8"))
            tensors = load_file(folder / TENSORS)
            terms = [Terms.of(each, tensors[f"idf {at}"]) for at, each in enumerate(known["terms"])]
            arrays: dict[str, Any] = {name: tensors[name].astype(np.float64) for name in ARRAYS}
            return cls(
                plan=NgramPlan(**known["plan"]),
                terms=tuple(terms),
                weights=tuple(tensors[f"weights {at}"] for at in range(len(terms))),
                common=Frequencies(int(known["texts"]), known["counts"]),
                topics=encoders.opened(known["topics"], folder / TOPICS),
                offset=float(known["offset"]),
                **arrays,
            )
        except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
            raise ModelError(f"{KNOWN}, {TENSORS}: {error}") from None


def fit(
    texts: Sequence[str], target: Array, plan: NgramPlan, *, seed: int = 0
) -> tuple[Ngrams, Array]:
    """Learn from some texts; also what the others say of each text when it is left out, (N,).

    target: (N,) how hard each is.
    """
    fewest = plan.fewest if len(texts) >= SMALL else 1
    runs = [
        Terms.fit_weigh(texts, "word", (1, plan.words), most=plan.most, fewest=fewest),
        Terms.fit_weigh(texts, "char_wb", (2, plan.letters), most=plan.most, fewest=fewest),
    ]
    common = Frequencies.of(texts, plan.most)
    alike = (runs[0][1] @ runs[0][1].T).toarray()
    raw = _style(texts, common, [np.flatnonzero(row).tolist() for row in alike > VERSION])
    mean, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    points = scale(raw, mean, spread)
    topics = encoders.learned(plan.encoder, texts, plan.topics, seed)
    topic_points = topics.encode(texts).astype(np.float64)
    alike += (runs[1][1] @ runs[1][1].T).toarray()
    alike += plan.style * likeness(points, points, plan.reach)
    alike += plan.topic * _near(topic_points, topic_points, plan.topic_reach)
    offset = float(target.mean())
    pull, without = pull_of(alike, target - offset)
    weights = tuple(np.asarray(each.T @ pull, np.float64) for _, each in runs)
    made = Ngrams(
        plan,
        tuple(terms for terms, _ in runs),
        weights,
        common,
        mean,
        spread,
        topics,
        points,
        topic_points,
        pull,
        offset,
    )
    return made, without + offset


def some(count: int, plan: NgramPlan, seed: int) -> Any:
    """Which texts to learn from, where there are more than the plan takes."""
    return np.random.default_rng(seed).permutation(count)[: plan.texts]


def _style(
    texts: Sequence[str], common: Frequencies, versions: Sequence[Sequence[int]] | None = None
) -> Array:
    return np.concatenate([style.style(texts), common.measures(texts, versions)], axis=1)


def _near(a: Any, b: Array, reach: float) -> Array:
    """How alike topics are, 1 for the same: vectors of length 1, (N, P)."""
    found: Array = np.exp(reach * (a @ b.T - 1.0))
    return found
