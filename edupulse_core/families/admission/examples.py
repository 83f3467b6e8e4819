"""Applications as numbers: twelve of each, what came of it, and never who the student is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from edupulse_core import sql
from edupulse_core.errors import InputError, RefusedError

Array = NDArray[np.float64]

INPUTS = (
    "gpa",
    "test_score",
    "language_score",
    "statement",
    "letters",
    "research",
    "extracurriculars",
    "rank_in_class",
    "program_tier",
    "minimum_gpa",
    "admit_rate",
    "gpa_minus_minimum",
)
PLACE = {name: at for at, name in enumerate(INPUTS)}
RANGES = {  # of any scale that schools use: a weighted GPA can pass 100, a score is in thousands
    "gpa": (0.0, 200.0),
    "test_score": (0.0, 10_000.0),
    "language_score": (0.0, 10_000.0),
    "statement": (1.0, 5.0),
    "letters": (1.0, 5.0),
    "research": (0.0, 1.0),
    "extracurriculars": (0.0, 1000.0),
    "rank_in_class": (0.0, 100_000.0),
    "program_tier": (1.0, 5.0),
    "minimum_gpa": (0.0, 200.0),
    "admit_rate": (0.0, 1.0),
    "gpa_minus_minimum": (-200.0, 200.0),
}
OWN = (*INPUTS[:8], INPUTS[-1])  # of the student; the others tell of the program alone
NOTHING_YET = (
    "No application has a decision yet: bring programs.csv, and applications.csv with outcomes; "
    "data/README.md has the columns"
)


class Question(BaseModel):
    """Which programs to look at."""

    programs: list[str] = Field(default_factory=list)  # program_ids; none: every program


@dataclass(frozen=True)
class Applications:
    """N applications, or N programs that students could apply to."""

    who: NDArray[np.str_]  # (N,)
    day: NDArray[np.datetime64]  # (N,) when they applied, or are asked about
    program: NDArray[np.str_]  # (N,)
    x: Array  # (N, 12) as INPUTS; NaN: not known
    admitted: Array  # (N,) 0 or 1, a share where several alike are one case; NaN: not known

    def __len__(self) -> int:
        return len(self.x)

    def of(self, rows: NDArray[Any]) -> "Applications":
        """Only these cases."""
        parts = (self.who, self.day, self.program, self.x, self.admitted)
        return Applications(*(each[rows] for each in parts))

    def inputs(self) -> pa.Table:
        """What the model reads."""
        return pa.table({name: self.x[:, at] for at, name in enumerate(INPUTS)})

    def target(self) -> Array:
        """Whether each was admitted, NaN if not known."""
        return self.admitted

    def taking(self, x: Array) -> "Applications":
        """The same cases with other numbers."""
        return replace(self, x=x)


def read(con: DuckDBPyConnection) -> Applications:
    """Every application that was decided. Raises RefusedError when there is none."""
    found = _examples(_table(con, "decided", {}))
    if not len(found):
        raise RefusedError(NOTHING_YET)
    return found


def ask(
    con: DuckDBPyConnection, students: Collection[str], day: date, programs: Collection[str]
) -> Applications:
    """The programs that students could apply to, with what they last said of themselves.

    Students who have not applied anywhere by that day have no case.
    """
    given = {"students": list(students), "day": day, "programs": list(programs)}
    return _examples(_table(con, "asked", given))


def check(vector: Mapping[str, float | None], place: str = "") -> None:
    """Raise InputError for numbers that no application has, or where nothing is said of a student.

    place: where the numbers stand, as a message says it.
    """
    for name, (low, high) in RANGES.items():
        value = vector.get(name)
        if value is not None and not low <= value <= high:
            raise InputError(f"{place}{name} must be {low:,g} to {high:,g}, found {value:.15g}")
    if all(vector.get(name) is None for name in OWN):
        raise InputError(
            f"{place}nothing is known of the student: send at least one of {', '.join(OWN)}"
        )


def of_vectors(vectors: Sequence[Mapping[str, float | None]]) -> Applications:
    """Applications of nobody in particular: twelve numbers each, NaN where none is given."""
    x = np.array(
        [[_number(each.get(name)) for name in INPUTS] for each in vectors], np.float64
    ).reshape(len(vectors), len(INPUTS))
    above, gpa, least = (PLACE[n] for n in ("gpa_minus_minimum", "gpa", "minimum_gpa"))
    follows = x[:, gpa] - x[:, least]
    x[:, above] = np.where(np.isnan(follows), x[:, above], follows)
    count = len(vectors)
    return Applications(
        who=np.array([""] * count, np.str_),
        day=np.array(["NaT"] * count, "datetime64[D]"),
        program=np.array([str(at) for at in range(count)], np.str_),
        x=x,
        admitted=np.full(count, np.nan),
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _table(con: DuckDBPyConnection, name: str, given: Mapping[str, Any]) -> pa.Table:
    try:
        return sql.table(con, f"families/admission/{name}", given)
    except duckdb.CatalogException:  # data that were imported before there were such tables
        raise RefusedError(NOTHING_YET) from None


def _examples(table: pa.Table) -> Applications:
    columns = [np.asarray(table[name].to_numpy(), np.float64) for name in INPUTS]
    return Applications(
        who=np.asarray(table["student_id"].to_pylist(), np.str_),
        day=table["applied_on"].to_numpy().astype("datetime64[D]"),
        program=np.asarray(table["program_id"].to_pylist(), np.str_),
        x=np.stack(columns, axis=1),
        admitted=np.asarray(table["admitted"].to_numpy(), np.float64),
    )
