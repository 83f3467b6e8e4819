"""One kernel ridge over three likenesses of texts: shared words, shared letters, like measures.

The first two are linear, so what is learned is a weight for each word and each group of letters.
The third compares the plain measures and the style of a text with those of the texts learned from.
How strongly it is penalized is chosen by leaving each text out once, which the eigenvectors of the
kernel give without training again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edupulse_core.errors import ModelError
from edupulse_core.families.difficulty import style
from edupulse_core.families.difficulty.examples import TextExamples
from edupulse_core.families.difficulty.levels import near
from edupulse_core.families.family import Array
from edupulse_core.training.texts import Terms

TENSORS, KNOWN = "ngrams.safetensors", "ngrams.json"
PENALTIES = tuple(float(x) for x in np.geomspace(0.05, 12.8, 9))
FAR = 4.0  # standard deviations; a measure farther out counts as so far


@dataclass(frozen=True)
class NgramPlan:
    """What is compared, and how much it counts."""

    words: int = 2  # the longest run of words
    letters: int = 5  # the longest run of letters within a word
    most: int = 60_000  # runs of each kind
    fewest: int = 2  # texts that a run must be in
    style: float = 2.0  # how much like measures count, where like words count 1
    reach: float = 0.5  # how fast likeness of measures fades; larger is faster
    texts: int = 5_000  # at most so many are learned from


@dataclass(frozen=True)
class Ngrams:
    """A number for each text: how hard it is, on the scale that was learned."""

    terms: tuple[Terms, ...]
    weights: tuple[Array, ...]  # one for each term
    mean: Array  # (S,) of each measure of style
    spread: Array  # (S,)
    points: Array  # (P, S) standardized measures of the texts learned from
    pull: Array  # (P,) of each of them
    reach: float
    offset: float

    def value(self, texts: Sequence[str]) -> Array:
        """How hard each text is, (N,)."""
        found = np.full(len(texts), self.offset)
        if not len(texts):
            return found
        for terms, weights in zip(self.terms, self.weights, strict=True):
            found += terms.weigh(texts) @ weights
        scaled = scale(style.style(texts), self.mean, self.spread)
        return found + likeness(scaled, self.points, self.reach) @ self.pull

    def logits(self, examples: TextExamples) -> Array:
        """How much speaks for each level, (N, 5)."""
        return near(self.value(examples.texts))

    def save(self, folder: Path) -> None:
        """Write what `open` reads."""
        from safetensors.numpy import save_file

        tensors = {name: getattr(self, name) for name in ("mean", "spread", "points", "pull")}
        for at, (terms, weights) in enumerate(zip(self.terms, self.weights, strict=True)):
            tensors |= {f"idf {at}": terms.weights, f"weights {at}": weights}
        save_file({name: np.ascontiguousarray(x) for name, x in tensors.items()}, folder / TENSORS)
        known = {
            "offset": self.offset,
            "reach": self.reach,
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
            return cls(
                tuple(terms),
                tuple(tensors[f"weights {at}"] for at in range(len(terms))),
                **{name: tensors[name] for name in ("mean", "spread", "points", "pull")},
                reach=float(known["reach"]),
                offset=float(known["offset"]),
            )
        except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
            raise ModelError(f"{KNOWN}, {TENSORS}: {error}") from None


def fit(texts: Sequence[str], target: Array, plan: NgramPlan, *, seed: int = 0) -> Ngrams:
    """Learn from some texts.  target: (N,) how hard each is."""
    if len(texts) > plan.texts:
        rows = np.random.default_rng(seed).permutation(len(texts))[: plan.texts]
        texts, target = [texts[at] for at in rows], target[rows]
    fewest = plan.fewest if len(texts) >= 50 else 1
    terms = [
        Terms.fit(texts, "word", (1, plan.words), most=plan.most, fewest=fewest),
        Terms.fit(texts, "char_wb", (2, plan.letters), most=plan.most, fewest=fewest),
    ]
    weighed = [each.weigh(texts) for each in terms]
    raw = style.style(texts)
    mean, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    points = scale(raw, mean, spread)
    alike = plan.style * likeness(points, points, plan.reach)
    for each in weighed:
        alike += (each @ each.T).toarray()
    offset = float(target.mean())
    pull = chosen(alike, target - offset)
    return Ngrams(
        tuple(terms),
        tuple(np.asarray(each.T @ pull, np.float64) for each in weighed),
        mean,
        spread,
        points,
        plan.style * pull,
        plan.reach,
        offset,
    )


def chosen(alike: Array, target: Array) -> Array:
    """The pull of each text, (N,), with the penalty under which texts left out are told best."""
    values, vectors = np.linalg.eigh(alike.astype(np.float64))
    turned = vectors.T @ target
    best, found = np.inf, np.zeros(len(target))
    for penalty in PENALTIES:
        shrunk = 1.0 / (np.maximum(values, 0.0) + penalty)
        pull = vectors @ (turned * shrunk)
        error = float(np.mean((pull / ((vectors**2) @ shrunk)) ** 2))  # each left out once
        if error < best:
            best, found = error, pull
    return found


def scale(raw: Array, mean: Array, spread: Array) -> Array:
    """Measures in standard deviations from what is usual, (N, S)."""
    found: Array = np.clip((raw - mean) / spread, -FAR, FAR)
    return found


def likeness(a: Array, b: Array, reach: float) -> Array:
    """How alike two sets of measures are, 1 for the same, (N, P)."""
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    found: Array = np.exp(-reach * np.maximum(apart, 0.0) / max(a.shape[1], 1))
    return found
