"""Learners: what each one had used up to a day, and what they used next."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from scipy import sparse

from edupulse_core import sql
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.families.recommend import resources as catalogue
from edupulse_core.families.recommend.resources import Resources
from edupulse_core.people.access import UNKNOWN_STUDENT

Array = NDArray[np.float64]
KNOWN = 0.8  # share of a learner's uses that a model sees; it is tested on the rest
DISLIKED = 2.0  # a rating up to here: the use says nothing about what to take next
COLD = 3  # resources; a learner who used fewer is new
EVER = date(9998, 12, 31)
NOBODY = "?"  # the grade of a student who is not among the users
INPUTS = (
    "resources_used",
    "completion_rate",
    "mean_rating",
    "mean_minutes",
    "preferred_level",
    "days_between_uses",
)


@dataclass(frozen=True)
class Learners:
    """N learners and R resources."""

    who: NDArray[np.str_]  # (N,)
    day: NDArray[np.datetime64]  # (N,) up to when the history goes
    grade: NDArray[np.str_]  # (N,) empty if not known
    before: sparse.csr_matrix  # (N, R) 1 where used in the history, and not disliked
    finished: sparse.csr_matrix  # (N, R) 1 where completed in the history
    when: sparse.csr_matrix  # (N, R) the second of the first use, from 1
    after: sparse.csr_matrix  # (N, R) 1 where used later, not disliked, and not finished before
    numbers: Array  # (N, len(INPUTS)) about the history
    usual: Array  # (N,) share of all learners who use what this one used next; NaN if not known
    resources: Resources
    count: int = 10  # how many resources to name

    def __len__(self) -> int:
        """The number of learners."""
        return len(self.who)

    def of(self, rows: NDArray[Any]) -> "Learners":
        """Only these learners."""
        names = ("who", "day", "grade", "before", "finished", "when", "after", "numbers", "usual")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def inputs(self) -> pa.Table:
        """What is known about each learner's history, for data quality and drift."""
        return pa.table({name: self.numbers[:, at] for at, name in enumerate(INPUTS)})

    def target(self) -> Array:
        """How popular the resources are that each learner used next: 0 to 1."""
        return self.usual

    @property
    def used(self) -> sparse.csr_matrix:
        """All uses, (N, R): what a model learns from."""
        return (self.before + self.after).sign().tocsr()

    @property
    def next(self) -> NDArray[np.int64]:
        """The place of the resource that each learner used first of those used next, -1: none."""
        order, found = self.after.multiply(self.when).tocoo(), np.full(len(self), -1)
        for at in np.lexsort((order.data, order.row))[::-1]:  # the first one is written last
            found[order.row[at]] = order.col[at]
        return found

    @property
    def history(self) -> NDArray[np.int64]:
        """How many resources each learner's history holds, (N,)."""
        return np.asarray(self.before.sum(axis=1), np.int64).ravel()

    @property
    def is_cold(self) -> NDArray[np.bool_]:
        """Who has used too little for a history of their own, (N,)."""
        return self.history < COLD

    @property
    def level(self) -> Array:
        """The level that each learner prefers: the mean of what they used, NaN without any."""
        return self.numbers[:, INPUTS.index("preferred_level")]


def read(con: DuckDBPyConnection) -> Learners:
    """Every learner who used a resource; their last uses are what comes next.

    Raises MissingError when there are no resources, or nobody used one.
    """
    found = _learners(con, None, EVER, KNOWN)
    if not len(found):
        raise MissingError(
            "Nobody has used a resource yet: bring ratings.csv; data/README.md has the columns."
        )
    return found


def lately(con: DuckDBPyConnection, first: date, last: date) -> Learners:
    """Every learner who used a resource in these days, which are what comes next."""
    found = _learners(con, None, last, 1.0, first)
    return found.of(np.flatnonzero(np.asarray(found.after.sum(axis=1)).ravel() > 0))


def asked(
    con: DuckDBPyConnection, students: Collection[str], day: date, count: int = 10
) -> Learners:
    """Some students with all that they used up to the end of a day, in the order of their names.

    Raises AccessError, as for a student of others, if one of them does not exist.
    """
    found = _learners(con, sorted(set(students)), day, 1.0)
    if (found.grade == NOBODY).any():
        raise AccessError(UNKNOWN_STUDENT)
    return replace(found, count=count)


def _learners(
    con: DuckDBPyConnection,
    students: list[str] | None,
    day: date,
    share: float,
    since: date | None = None,
) -> Learners:
    resources = catalogue.read(con)
    given = {"students": students, "day": day, "share": share, "since": since}
    uses = sql.table(con, "families/recommend/uses", given)
    mine = uses["student_id"].to_pylist()
    who = np.array(sorted(set(mine)) if students is None else students, np.str_)
    row = np.searchsorted(who, np.array(mine, np.str_)) if mine else np.zeros(0, np.int64)
    at = np.searchsorted(resources.ids, np.array(uses["resource_id"].to_pylist(), np.str_))
    column = at.astype(np.int64)
    is_after = uses["is_after"].to_numpy().astype(bool)
    ratings = uses["rating"].to_numpy().astype(float)
    liked = ~(ratings <= DISLIKED)
    done = uses["is_completed"].to_numpy().astype(bool)
    shape = (len(who), len(resources))

    def matrix(chosen: NDArray[np.bool_]) -> sparse.csr_matrix:
        ones = np.ones(int(chosen.sum()))
        return sparse.csr_matrix((ones, (row[chosen], column[chosen])), shape).sign().tocsr()

    before, finished = matrix(~is_after & liked), matrix(~is_after & done)
    after = matrix(is_after & liked)
    after = (after - after.multiply(finished)).tocsr()
    after.eliminate_zeros()
    times = uses["used_at"].to_numpy().astype("datetime64[s]")
    levels = np.where(liked, resources.levels[column], np.nan)
    seconds = times.astype(np.int64) - times.astype(np.int64).min(initial=2**62) + 1.0
    first = np.unique(row * shape[1] + column, return_index=True)[1]  # in the order of time
    when = sparse.csr_matrix((seconds[first], (row[first], column[first])), shape)
    numbers = _numbers(uses, row, ~is_after, len(who), levels, times)
    days = np.full(len(who), np.datetime64(day), "datetime64[D]")
    if share < 1 or since is not None:
        days = _first_days(row[is_after], times[is_after], len(who))
    shares = np.asarray((before + after).sign().sum(axis=0)).ravel() / max(len(who), 1)
    next_ones = np.asarray(after.sum(axis=1)).ravel()
    usual = np.where(next_ones > 0, after @ shares / np.maximum(next_ones, 1), np.nan)
    return Learners(
        who, days, _grades(con, who), before, finished, when, after, numbers, usual, resources
    )


def _numbers(
    uses: pa.Table,
    row: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    n: int,
    levels: Array,
    times: NDArray[np.datetime64],
) -> Array:
    """INPUTS of each learner's history, (N, 6), NaN where nothing is known."""
    row, levels = row[chosen], levels[chosen]
    columns = [
        np.asarray(uses[name].to_numpy(), float)[chosen]
        for name in ("is_completed", "rating", "minutes")
    ]
    counted = np.bincount(row, minlength=n).astype(float)
    hours = times[chosen].astype("int64") / 86400.0
    first, last = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(first, row, hours)
    np.maximum.at(last, row, hours)
    with np.errstate(invalid="ignore"):
        between = np.where(counted > 1, (last - first) / np.maximum(counted - 1, 1), np.nan)
    means = [_mean(row, values, n) for values in (*columns, levels)]
    return np.stack([counted, *means, between], axis=1)


def _mean(row: NDArray[np.int64], values: Array, n: int) -> Array:
    known = ~np.isnan(values)
    total = np.bincount(row[known], values[known], minlength=n)
    count = np.bincount(row[known], minlength=n)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _first_days(
    row: NDArray[np.int64], times: NDArray[np.datetime64], n: int
) -> NDArray[np.datetime64]:
    """The day of each learner's first use among these, (N,)."""
    found = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(found, row, times.astype("datetime64[D]").astype(np.int64))
    return found.astype("datetime64[D]")


def _grades(con: DuckDBPyConnection, who: NDArray[np.str_]) -> NDArray[np.str_]:
    rows = sql.run(con, "families/recommend/students", {"students": who.tolist()})
    known = dict(rows)
    return np.array([known.get(name, NOBODY) for name in who.tolist()], np.str_)
