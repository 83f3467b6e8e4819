"""What the risk model learns from: 20-week windows and their outcomes, split without leaks."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from pyarrow import parquet
from torch import Tensor

from edupulse_core.config import OutcomeRules
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families.family import Split
from edupulse_core.families.risk.tiers import places_of
from edupulse_core.features import catalogue, sequences
from edupulse_core.training.evaluation import Actual, Predicted

Values = NDArray[np.float32]
Days = NDArray[np.datetime64]

LABELED = """
select outcomes.student_id, outcomes.week_start, outcomes.severity
from outcomes
join student_weeks using (student_id, week_start)
where outcomes.severity is not null and student_weeks.known_weeks >= $min_history
order by outcomes.student_id, outcomes.week_start
"""
SHARES = (0.70, 0.15, 0.15)  # of the students: train, validation, test
ASKED = """
select student_id, week_start
from student_weeks
where week_start = $monday and known_weeks >= $least and student_id in (select unnest($students))
order by student_id
"""
CALENDARS = """
select list(distinct date_trunc('week', date)::date order by date_trunc('week', date)::date)
from school_days
group by school_id
order by school_id
"""


@dataclass(frozen=True)
class Expected:
    """The oracle's expected outcomes: they teach more than what happened once."""

    severity: NDArray[np.float64]  # (N,)
    tiers: NDArray[np.float64]  # (N, 4), rows sum to 1


@dataclass(frozen=True)
class Oracle:
    """The simulation's own prediction for N student-weeks: no model can do better."""

    severity: NDArray[np.float64]  # (N,) expected
    any_flag: NDArray[np.float64]  # (N,) probability
    high: NDArray[np.float64]  # (N,) probability of high or critical

    @property
    def expected(self) -> Expected:
        """As targets: the severity left over separates High from Critical."""
        medium = self.any_flag - self.high
        left = self.severity - 0.35 * medium  # medium is 0.3 or 0.4, high 0.6 or 0.7
        critical = np.clip((left - 0.66 * self.high) / 0.34, 0.0, self.high)
        tiers = np.stack([1 - self.any_flag, medium, self.high - critical, critical], axis=1)
        return Expected(self.severity, np.clip(tiers, 0.0, 1.0))

    @property
    def predicted(self) -> Predicted:
        """As the output of a predictor."""
        tier = self.expected.tiers.argmax(axis=1)
        return Predicted(self.severity, self.any_flag, self.high, tier)


@dataclass(frozen=True)
class Examples:
    """N student-weeks: what was known then, and what followed."""

    values: Values  # (N, T, F), NaN where unknown
    observed: NDArray[np.bool_]  # (N, T)
    students: NDArray[np.str_]  # (N,)
    weeks: Days  # (N,) Mondays
    severity: NDArray[np.float64]  # (N,) what happened
    expected: Expected | None = None
    rules: OutcomeRules = field(default_factory=OutcomeRules)  # of the district
    calendars: tuple[tuple[date, ...], ...] = ()  # each school's instructional weeks
    features: tuple[str, ...] = catalogue.NAMES  # (F,) what the values are of

    def __len__(self) -> int:
        return len(self.values)

    def of(self, rows: NDArray[Any]) -> "Examples":
        """Only these rows."""
        expected = self.expected and Expected(
            self.expected.severity[rows], self.expected.tiers[rows]
        )
        return replace(
            self,
            values=self.values[rows],
            observed=self.observed[rows],
            students=self.students[rows],
            weeks=self.weeks[rows],
            severity=self.severity[rows],
            expected=expected,
        )

    @property
    def who(self) -> NDArray[np.str_]:
        """The student of each row."""
        return self.students

    @property
    def day(self) -> Days:
        """The Monday of each row's week."""
        return self.weeks

    def reading(self, features: tuple[str, ...]) -> "Examples":
        """The same rows with only these features, in this order: what a version reads."""
        if features == self.features:
            return self
        columns = [self.features.index(name) for name in features]
        return replace(self, values=self.values[..., columns], features=features)

    @property
    def ends(self) -> pa.Table:
        """student_id and week_start of each row, for a join in SQL."""
        weeks = pa.array(self.weeks.astype("datetime64[D]"))
        return pa.table(
            {"student_id": pa.array(self.students.tolist(), pa.string()), "week_start": weeks}
        )

    def inputs(self) -> pa.Table:
        """The features of the scored week."""
        last = self.values[:, -1]
        return pa.table({name: last[:, at] for at, name in enumerate(self.features)})

    def target(self) -> NDArray[np.float64]:
        """What happened: the severity."""
        return self.severity

    @property
    def actual(self) -> Actual:
        """The outcomes as the metrics read them."""
        student = np.unique(self.students, return_inverse=True)[1]
        week = np.unique(self.weeks, return_inverse=True)[1]
        return Actual(self.severity, places_of(self.severity, self.rules), student, week)

    @property
    def data_range(self) -> tuple[str, str]:
        """The first and the last as-of week."""
        return str(self.weeks.min()), str(self.weeks.max())

    def targets(self) -> tuple[Tensor, Tensor]:
        """Severity (N,) and level probabilities (N, 4): expected if known, else what happened."""
        if self.expected is not None:
            severity, tiers = self.expected.severity, self.expected.tiers
        else:
            severity, tiers = self.severity, np.eye(4)[places_of(self.severity, self.rules)]
        return (
            torch.from_numpy(severity.astype(np.float32)),
            torch.from_numpy(tiers.astype(np.float32)),
        )


def together(parts: Sequence[Examples]) -> Examples:
    """Several districts' examples as one; a student belongs to one district."""
    expected = None
    if all(part.expected is not None for part in parts):
        expected = Expected(
            np.concatenate([part.expected.severity for part in parts if part.expected]),
            np.concatenate([part.expected.tiers for part in parts if part.expected]),
        )
    names = [np.char.add(f"{at}/", part.students) for at, part in enumerate(parts)]
    return Examples(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.observed for part in parts]),
        np.concatenate(names),
        np.concatenate([part.weeks for part in parts]),
        np.concatenate([part.severity for part in parts]),
        expected,
        rules=parts[0].rules,
        features=parts[0].features,
    )


def joined(parts: Sequence[Examples]) -> Examples:
    """Several parts of one district's examples as one; what was expected of them is left out."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("values", "observed", "students", "weeks", "severity")
    }
    return replace(parts[0], expected=None, **arrays)


def read(con: duckdb.DuckDBPyConnection, rules: OutcomeRules) -> Examples:
    """Every labeled student-week in the features that are attached to the connection."""
    given = {"min_history": rules.min_history_weeks}
    found = read_at(con, con.sql(LABELED, params=given).to_arrow_table())
    calendars = tuple(tuple(row[0]) for row in con.execute(CALENDARS).fetchall())
    return replace(found, rules=rules, calendars=calendars)


def read_at(con: duckdb.DuckDBPyConnection, labeled: pa.Table) -> Examples:
    """The examples of chosen student-weeks.  labeled: student_id, week_start, severity.

    Raises RefusedError when there is none.
    """
    if labeled.num_rows == 0:
        raise RefusedError("no student-week has an outcome yet: nothing to learn from")
    windows = sequences.windows(con, labeled.select(["student_id", "week_start"]))
    return Examples(
        windows.values,
        windows.observed,
        np.asarray(windows.student_ids.to_pylist(), dtype=np.str_),
        windows.week_starts.to_numpy(zero_copy_only=False).astype("datetime64[D]"),
        labeled["severity"].to_numpy(),
        features=windows.features,
    )


def asked(
    con: duckdb.DuckDBPyConnection, rules: OutcomeRules, students: Collection[str], monday: date
) -> Examples:
    """The windows of some students that end in a given week; their outcomes are unknown (NaN).

    Students without enough history in that week are left out.
    """
    given = {"students": list(students), "monday": monday, "least": rules.min_history_weeks}
    known: pa.Table = con.sql(ASKED, params=given).to_arrow_table()
    windows = sequences.windows(con, known)
    return Examples(
        windows.values,
        windows.observed,
        np.asarray(windows.student_ids.to_pylist(), dtype=np.str_),
        windows.week_starts.to_numpy(zero_copy_only=False).astype("datetime64[D]"),
        np.full(len(known), np.nan),
        rules=rules,
        features=windows.features,
    )


def three_way(
    examples: Examples, calendars: Sequence[Sequence[date]], *, horizon: int = 9, seed: int = 0
) -> Split[Examples]:
    """Split by student and by time.

    calendars: each school's instructional weeks.  At every school, the outcomes of one part are
    over before the first as-of week of the next. Each student is drawn for one of the parts in
    which they have weeks. Raises RefusedError when the history is too short.
    """
    weeks = np.unique(examples.weeks)
    over = np.max([_outcome_ends(weeks, calendar, horizon) for calendar in calendars], axis=0)
    test_weeks = weeks[-max(1, len(weeks) // 5) :]
    before = weeks[over < test_weeks[0]]
    validation_weeks = before[-max(1, len(before) // 4) :] if len(before) else before
    first = validation_weeks[0] if len(validation_weeks) else weeks[0]
    train_weeks = weeks[over < first]
    if not len(train_weeks):
        raise RefusedError(
            f"outcomes are known for {len(weeks)} weeks only: too few to train on some, validate "
            f"on later ones and test on still later ones, each {horizon} weeks apart"
        )
    period = np.full(len(examples), -1)
    for at, chosen in enumerate((train_weeks, validation_weeks, test_weeks)):
        period[np.isin(examples.weeks, chosen)] = at
    group = _groups(examples.students, period, seed)
    parts = [examples.of(np.flatnonzero((group == at) & (period == at))) for at in range(3)]
    for name, part in zip(("train", "validation", "test"), parts, strict=True):
        if len(part) < 20:
            raise RefusedError(f"only {len(part)} student-weeks to {name} on: too few")
    return Split(*parts)


def _outcome_ends(weeks: Days, calendar: Sequence[date], horizon: int) -> Days:
    """Where each week's outcome window ends at one school; a closed week ends with itself."""
    days = np.asarray(calendar, dtype="datetime64[D]")
    last = np.searchsorted(days, weeks) + horizon
    late = days[-1] + np.timedelta64(7 * horizon, "D")
    ends: Days = np.where(last < len(days), days[np.minimum(last, len(days) - 1)], late)
    return np.where(np.isin(weeks, days), ends, weeks)


def _groups(students: NDArray[np.str_], period: NDArray[Any], seed: int) -> NDArray[np.int64]:
    """Each row's part: 0 train, 1 validation, 2 test.

    A checksum of the student's id chooses among the periods in which the student has rows.
    period: (N,) each row's part by time, -1 for none.
    """
    names, codes = np.unique(students, return_inverse=True)
    seen = np.zeros((len(names), len(SHARES)))
    seen[codes[period >= 0], period[period >= 0]] = 1.0
    upto = np.cumsum(seen * SHARES, axis=1)
    drawn = [
        int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big") / 2**32
        for name in names
    ]
    group: NDArray[np.int64] = (upto <= np.array(drawn)[:, None] * upto[:, -1:]).sum(axis=1)
    return group[codes]


def with_truth(examples: Examples, truth: Path) -> tuple[Examples, Oracle]:
    """Only the rows that the simulation's oracle predicted, and its predictions.

    truth: the folder next to a fictional bundle, with `risk.parquet`. Raises MissingError without
    it, RefusedError if it has a prediction for none of the rows.
    """
    path = truth / "risk.parquet"
    if not path.is_file():
        raise MissingError(f"{path} is not there: only a fictional district has a truth")
    table = parquet.read_table(path)
    known = {
        key: at
        for at, key in enumerate(
            zip(
                table["student_id"].to_pylist(),
                table["week_start"].to_numpy().astype("datetime64[D]").tolist(),
                strict=True,
            )
        )
    }
    keys = zip(examples.students.tolist(), examples.weeks.tolist(), strict=True)
    at = np.array([known.get(key, -1) for key in keys], dtype=np.int64)
    if not (at >= 0).any():
        raise RefusedError(f"{path} has no student-week of this home: it is another district's")
    columns = (
        table[name].to_numpy().astype(np.float64) for name in ("severity", "p_any", "p_high")
    )
    return examples.of(np.flatnonzero(at >= 0)), Oracle(*(c[at[at >= 0]] for c in columns))
