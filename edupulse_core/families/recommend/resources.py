"""A district's resources, and what can be compared of them: skills, kind, level, length, text."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.recommend import NONE_YET
from edupulse_core.training.texts import Texts

Array = NDArray[np.float64]
WIDTH = 32  # numbers that a text becomes
WORDS = ("skills", "subjects", "grades")
KNOWN, FOLDER = "vocabulary.json", "texts"
KINDS = ("reading", "practice", "video", "project", "other")


@dataclass(frozen=True)
class Resources:
    """R resources, as the records have them."""

    ids: NDArray[np.str_]  # (R,)
    rows: list[dict[str, Any]] = field(repr=False)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)

    @cached_property
    def levels(self) -> Array:
        """How hard each one is, 1 to 5, NaN if not known, (R,)."""
        return np.array([np.nan if x is None else x for x in self._all("difficulty")], float)

    @cached_property
    def minutes(self) -> Array:
        """How long each one takes, NaN if not known, (R,)."""
        return np.array([np.nan if x is None else x for x in self._all("minutes")], float)

    @property
    def texts(self) -> list[str]:
        """The title and the text of each one."""
        return [f"{row['title']} {row['body']}" for row in self.rows]

    def _all(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    def places(self, ids: NDArray[np.str_]) -> NDArray[np.int64]:
        """Where each of these stands in some others' order, -1 where it is not there."""
        at = {name: place for place, name in enumerate(ids.tolist())}
        return np.array([at.get(name, -1) for name in self.ids.tolist()], np.int64)


def read(con: DuckDBPyConnection) -> Resources:
    """Every resource. Raises MissingError when there is none."""
    rows = sql.table(con, "families/recommend/resources").to_pylist()
    if not rows:
        raise MissingError(NONE_YET)
    return Resources(np.array([row["resource_id"] for row in rows], np.str_), rows)


@dataclass(frozen=True)
class Vocabulary:
    """The words by which resources are compared, chosen when a model is trained."""

    skills: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    texts: Texts | None = None  # None: the texts hold no words

    @classmethod
    def of(cls, resources: Resources, most: int = 200) -> "Vocabulary":
        """The commonest words of each kind."""
        found: dict[str, Any] = {}
        for name, column in (("skills", "skill_ids"), ("subjects",) * 2, ("grades",) * 2):
            counted = Counter(word for row in resources.rows for word in sorted(row[column]))
            found[name] = tuple(word for word, _ in counted.most_common(most))
        with suppress(MissingError):
            found["texts"] = Texts.fit(resources.texts, WIDTH)
        return cls(**found)

    def encode(self, resources: Resources) -> Array:
        """Each resource as numbers, (R, F)."""
        words = (
            ("skill_ids", self.skills),
            ("subjects", self.subjects),
            ("grades", self.grades),
        )
        parts = [_marked([[row["kind"]] for row in resources.rows], KINDS)]
        parts += [_marked([row[name] for row in resources.rows], known) for name, known in words]
        level, minutes = resources.levels, resources.minutes
        numbers = np.stack([np.nan_to_num(level - 3) / 2, np.isnan(level)], axis=1)
        length = np.nan_to_num(np.log1p(np.maximum(minutes, 0)) / 4)
        if self.texts is not None:
            parts.append(np.asarray(self.texts.encode(resources.texts), float))
        return np.concatenate([*parts, numbers, length[:, None]], axis=1)

    def save(self, folder: Path) -> None:
        """Write what `open` reads."""
        whole.write_json(folder / KNOWN, {name: list(getattr(self, name)) for name in WORDS})
        if self.texts is not None:
            (folder / FOLDER).mkdir()
            self.texts.save(folder / FOLDER)

    @classmethod
    def open(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote. Raises ModelError when it is damaged."""
        known = whole.read_json(folder, KNOWN)
        if set(known) != set(WORDS):
            raise ModelError(f"version {folder.name} is damaged: {KNOWN} is incomplete")
        texts = Texts.open(folder / FOLDER) if (folder / FOLDER).is_dir() else None
        return cls(**{name: tuple(known[name]) for name in WORDS}, texts=texts)


def alike(one: Array, other: Array) -> Array:
    """How alike two sets of resources are by their numbers, cosine: (R, F), (Q, F) -> (R, Q)."""
    sizes = [np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in (one, other)]
    found: Array = (one / sizes[0]) @ (other / sizes[1]).T
    return found


def _marked(rows: list[list[str]], known: tuple[str, ...]) -> Array:
    at = {word: place for place, word in enumerate(known)}
    found = np.zeros((len(rows), len(known)))
    for place, words in enumerate(rows):
        for word in words:
            if word in at:
                found[place, at[word]] = 1.0
    return found
