"""The texts of a district as cases: those whose level is known, and those that ask for one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.families.difficulty import measures
from edupulse_core.families.family import Array

LEVELS = 5


@dataclass(frozen=True)
class TextExamples:
    """N texts. No student stands behind one, so each text is a subject of its own."""

    who: NDArray[np.str_]  # (N,) such as "resource R1" or "item I7"
    day: NDArray[np.datetime64]  # (N,) the day of the import: texts carry no date of their own
    texts: tuple[str, ...]
    level: Array  # (N,) 1 to 5, NaN where nobody has said it
    kind: NDArray[np.str_]  # (N,) of resource, or item
    subject: NDArray[np.str_]  # (N,) of the first skill

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.texts)

    def of(self, rows: NDArray[Any]) -> "TextExamples":
        """Only these texts."""
        return replace(
            self,
            who=self.who[rows],
            day=self.day[rows],
            texts=tuple(np.array(self.texts, object)[rows]),
            level=self.level[rows],
            kind=self.kind[rows],
            subject=self.subject[rows],
        )

    @cached_property
    def measures(self) -> Array:
        """The ten plain measures of each text, (N, 10)."""
        return measures.measure(self.texts)

    def inputs(self) -> pa.Table:
        """The ten plain measures by name; the words themselves are read too."""
        return pa.table({name: self.measures[:, at] for at, name in enumerate(measures.MEASURES)})

    def target(self) -> Array:
        """The level of each text."""
        return self.level

    @property
    def classes(self) -> NDArray[np.int64]:
        """The level of each text as 0 to 4; all must be known."""
        return np.clip(np.rint(self.level), 1, LEVELS).astype(np.int64) - 1


def read(con: DuckDBPyConnection) -> TextExamples:
    """Every text of the district, as of the newest import."""
    table = sql.table(con, "families/difficulty/texts")
    known = con.execute("select max(import_day) from imports").fetchall()[0][0]
    return TextExamples(
        np.asarray(table["text_id"].to_pylist(), np.str_),
        np.full(len(table), np.datetime64(known or "NaT", "D")),
        tuple(table["text"].to_pylist()),
        np.array([np.nan if x is None else x for x in table["level"].to_pylist()], np.float64),
        np.asarray(table["kind"].to_pylist(), np.str_),
        np.asarray(table["subject"].to_pylist(), np.str_),
    )


def given(texts: Sequence[str], day: date) -> TextExamples:
    """Texts that somebody asks about; no level is known."""
    n = len(texts)
    return TextExamples(
        np.array([f"text {at + 1}" for at in range(n)], np.str_),
        np.full(n, np.datetime64(day, "D")),
        tuple(texts),
        np.full(n, np.nan),
        np.full(n, "other", np.str_),
        np.full(n, "unknown", np.str_),
    )
