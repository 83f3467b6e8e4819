"""What most families do alike; a family overrides what it does otherwise."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray
from pydantic import BaseModel

from edupulse_core import sql
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.family import (
    Array,
    CardFacts,
    Examples,
    Metric,
    Night,
    Recent,
    Report,
    Split,
    Watching,
)

FEW = 100  # students, who are dealt out to the parts one by one


class Nothing(BaseModel):
    """No question beside the student and the day."""


class Usual:
    """The parts of a `Family` that are alike in most: no night of its own, a plain model card."""

    name: str
    title: str  # in words, such as "Study time"
    says: str  # what its answers mean: a paragraph of the model card
    limits: str  # what they do not mean, and where they fail: another one
    whose = "students"  # who or what stands behind a case
    values = "answers"  # what their values are called
    nightly = False
    least_new = 200
    new_share = 0.1
    question: type[BaseModel] = Nothing
    evaluation: type[Evaluation] = Evaluation
    ship: Callable[..., dict[str, Any]] | None = None
    night: Night | None = None
    shares: tuple[float, float] = (0.7, 0.15)  # of the students, for training and validation
    watching: Watching | None = None
    recent: Recent | None = None
    labels: Mapping[str, str] = {}
    ranges: Mapping[str, tuple[float, float]] = {}
    metrics: Mapping[str, Metric] = {}

    def splits(self, examples: Any, *, seed: int = 0, folds: int = 1) -> list[Split[Any]]:
        """By student: nobody's cases are on two sides."""
        return by_student(examples, seed=seed, folds=folds, shares=self.shares)

    def resplit(self, examples: Any, test: float, validation: float) -> Split[Any]:
        """With other shares: the test holds everybody whom `splits` tests, and perhaps more."""
        held_out = max(test, 1 - sum(self.shares))
        return by_student(examples, shares=(1 - held_out - validation, validation))[0]

    def groups(self, con: DuckDBPyConnection, examples: Any) -> Mapping[str, NDArray[np.str_]]:
        """By race, sex, language, disability, meal status and grade."""
        return groups_of(con, examples.who)

    def untold(self, said: pa.Table, examples: Any) -> Collection[str]:
        """None: no metric is a share of a few counts."""
        return ()

    def no_better(self, found: Report) -> str:
        """Nothing, where no simple method is measured beside the model."""
        return ""

    def card(self, model: Any, about: CardFacts) -> str:
        """The model card of a version that a home trained."""
        return _CARD.render(
            title=self.title,
            says=self.says,
            limits=self.limits,
            command=f"edupulse train {self.name}",
            whose=self.whose,
            about=about,
            labels={name: each.label for name, each in self.metrics.items()},
        )


def groups_of(con: DuckDBPyConnection, who: NDArray[np.str_]) -> dict[str, NDArray[np.str_]]:
    """The groups of each of N students, attribute -> (N,), as the records say today."""
    table = sql.table(con, "families/groups", {"who": who.tolist()})
    return {name: np.asarray(table[name].to_pylist(), np.str_) for name in table.column_names}


def by_student(
    examples: Examples, *, seed: int = 0, folds: int = 1, shares: tuple[float, float] = (0.7, 0.15)
) -> list[Split[Any]]:
    """Splits in which no student stands on two sides.

    One fold: shares of the students for training and validation, the rest for the test. More: each
    fold tests another part of the students, and the others are shared out in that proportion. A
    checksum of the student's id decides, so that a later import moves nobody from training to test;
    among fewer than FEW students, a new one can move a few who stand at the edge of a part. Folds
    have a checksum of their own: by that of the split, the students of one of its parts would fill
    some folds and leave others empty.
    """
    students, place = np.unique(examples.who, return_inverse=True)
    salt = f"{seed}/" if folds == 1 else f"{seed}/{folds} folds/"
    drawn = [hashlib.sha256(f"{salt}{who}".encode()).digest() for who in students.tolist()]
    at = np.array([int.from_bytes(each[:8]) / 2**64 for each in drawn])
    if len(students) < FEW:  # where a checksum could leave a part without anybody
        at = (at.argsort().argsort() + 0.5) / max(len(students), 1)
    at = at[place]
    found = []
    for fold in range(folds):
        train, validation = shares
        if folds > 1:
            train, validation = (each / sum(shares) * (1 - 1 / folds) for each in shares)
        turned = (at + fold / folds) % 1.0
        parts = (turned < train, (turned >= train) & (turned < train + validation))
        rows = [np.flatnonzero(part) for part in (*parts, ~(parts[0] | parts[1]))]
        found.append(Split(*(examples.of(each) for each in rows)))
    return found


def no_better(metric: Metric, own: float, simple: float, than: str) -> str:
    """The sentence about a model that does no better in a metric than a simple method; or ""."""
    gain = own - simple if metric.higher_is_better else simple - own
    if gain > 0:
        return ""
    if np.isnan(gain):
        return f"Nobody knows if it does better than {than}: {metric.label} could not be measured."
    return f"It does no better than {than}. {metric.label}: {own:.3f}, against {simple:.3f}."


def weights_of(examples: Examples, draws: Array) -> Array:
    """How often each case counts under each draw of the students: (D, S) -> (D, N)."""
    return draws[:, np.unique(examples.who, return_inverse=True)[1]]


_CARD = Environment(  # Markdown, which nothing escapes: pages show it as text
    loader=PackageLoader("edupulse_core.families", "."),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
).get_template("card.md.jinja")
