"""Whether a home's data are good enough to train on, input by input.

An error stops a training; a warning is kept with the version. Findings are fields, and
`findings` makes the sentences.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, ModelError
from edupulse_core.families.family import Family
from edupulse_core.families.version import read_json
from edupulse_core.lifecycle import registry
from edupulse_core.training import shift
from edupulse_core.training.evaluation import auc
from edupulse_core.training.results import Result

KEPT = "quality.json"  # in a version's folder: the data that it was trained on
TARGET = "target"  # the name of what is predicted, beside the inputs
FEWEST = 100  # cases: with fewer, nothing is trained
FEW = 1_000  # cases: with fewer, a warning
FEWEST_STUDENTS = 30
BINS = 20  # of a histogram
UNKNOWN = 0.5  # share of unknown values from which on an input is named
OUTLIERS = 0.01  # share of values beyond 1.5 interquartile ranges (Tukey 1977), if they lie
FAR = 10.0  # times as far from the middle as that, as a wrong unit makes them: skewed values do not
RARE = 0.01  # share of cases on the rarer side
OLD, TOO_OLD = 180, 730  # days since the newest case whose outcome is known
TELLS_TOO_MUCH = 0.97  # AUC of one input alone, from which on it may hold the outcome itself
LEVELS = 10  # a target with at most so many values is a kind, not an amount


class Column(Result):
    """One input, or the target, in numbers. All None for words, and where no value is known."""

    name: str
    rows: int
    known: float  # share of the rows
    mean: float | None = None
    spread: float | None = None  # standard deviation
    quartiles: tuple[float, float, float] | None = None
    low: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()  # of the histogram, one more than its counts
    counts: tuple[int, ...] = ()
    outliers: float | None = None  # share; None if the middle half has a single value
    distance: float | None = None  # of half of these, in fences from the middle; None without any
    bins: tuple[float, ...] = ()  # edges between about equal shares of the values, for drift
    means: tuple[float, ...] = ()  # of the values in each
    shares: tuple[int, ...] = ()  # cases in each, unknown values first

    @property
    def judged_by(self) -> shift.Bins:
        """The bins as drift reads them."""
        return shift.Bins(np.array(self.bins), np.array(self.means))


class Finding(Result):
    """Something that speaks against training on these data."""

    check: Literal[
        "rows", "students", "missing", "range", "duplicates", "outliers", "balance", "age", "drift",
        "leak",
    ]  # fmt: skip
    severity: Literal["error", "warning"]
    column: str = ""
    value: float | None = None
    limit: float | None = None


class Quality(Result):
    """A family's data before a training, beside the data of the last one."""

    family: str
    district: str
    rows: int
    students: int
    days: tuple[str, str]  # of the first and the last case
    until: str  # the day by which outcomes had to be known
    target: Column
    columns: list[Column]
    compared_with: str = ""  # the version whose training data are shown beside these
    learned: dict[str, Column] = {}  # its inputs and its target, by name
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        """What stops a training."""
        return [each for each in self.findings if each.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """What is kept with the version."""
        return [each for each in self.findings if each.severity == "warning"]


def look(
    family: Family,
    examples: Any,
    *,
    district: str,
    until: date,
    today: date,
    fewest: int = FEWEST,
    compared_with: str = "",
    learned: Mapping[str, Column] | None = None,
) -> Quality:
    """Check some cases.  today: the newest day of the data, from which their age counts."""
    inputs, target = examples.inputs(), np.asarray(examples.target(), float)
    learned = dict(learned or {})
    columns = [
        _column(
            name,
            shift.numbers_of(inputs[name]),
            learned,
            is_word=pa.types.is_string(inputs[name].type),
        )
        for name in inputs.column_names
    ]
    told = _column(TARGET, target, learned)
    found = [
        *_size(examples, fewest),
        *_doubles(examples),
        *_balance(told, target),
        *_age(examples, today),
    ]
    for column in columns:
        values = shift.numbers_of(inputs[column.name])
        found += _unknown(column)
        found += _range(column, family.ranges.get(column.name))
        found += _outliers(column)
        found += _tells_too_much(column, values, target)
    for column in [*columns, told]:
        found += _moved(column, learned.get(column.name))
    days = (str(examples.day.min()), str(examples.day.max())) if len(examples) else ("", "")
    return Quality(
        family=family.name,
        district=district,
        rows=len(examples),
        students=len(np.unique(examples.who)),
        days=days,
        until=until.isoformat(),
        target=told,
        columns=columns,
        compared_with=compared_with if learned else "",
        learned=learned,
        findings=sorted(found, key=lambda each: each.severity),
    )


def against(settings: Settings, family: str) -> tuple[str, dict[str, Column]]:
    """The newest version of this home whose training data are on record, and these by name."""
    for folder in reversed(registry.versions(settings, family)):
        try:
            found = kept(folder)
        except InputError:
            continue
        if found is not None:
            return folder.name, {each.name: each for each in [*found.columns, found.target]}
    return "", {}


def kept(folder: Path) -> Quality | None:
    """The data that a version was trained on; None if that was not recorded.

    Raises ModelError for a damaged file.
    """
    if not (folder / KEPT).is_file():
        return None
    try:
        return Quality.model_validate(read_json(folder, KEPT))
    except ValueError as error:
        raise ModelError(f"version {folder.name} is damaged: {KEPT}: {error}") from None


def _column(
    name: str,
    values: NDArray[np.float64],
    learned: Mapping[str, Column],
    *,
    is_word: bool = False,
) -> Column:
    """A column in numbers; its drift bins are those of the data that were learned from.

    Words have a share that is known, and no more: the numbers that stand for them mean nothing.
    """
    real = values[np.isfinite(values)]
    before = learned.get(name)
    bins = before.judged_by if before is not None else shift.Bins.of(values)
    drifting: dict[str, Any] = {
        "bins": tuple(bins.edges.tolist()),
        "means": tuple(bins.means.tolist()),
        "shares": tuple(bins.count(values).tolist()),
    }
    share = float((~np.isnan(values)).mean()) if len(values) else 0.0
    if is_word or not len(real):
        return Column(name=name, rows=len(values), known=share, **drifting)
    counts, edges = np.histogram(real, BINS)
    lower, middle, upper = np.quantile(real, [0.25, 0.5, 0.75]).tolist()
    reach = 1.5 * (upper - lower)
    out = real[(real < lower - reach) | (real > upper + reach)]
    fence = reach + (upper - lower) / 2
    far = float(np.median(np.abs(out - middle)) / fence) if reach and len(out) else None
    return Column(
        name=name,
        rows=len(values),
        known=share,
        mean=float(real.mean()),
        spread=float(real.std()),
        quartiles=(lower, middle, upper),
        low=_plain(values, np.nanmin),
        high=_plain(values, np.nanmax),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        outliers=len(out) / len(real) if reach else None,
        distance=far,
        **drifting,
    )


def _plain(values: NDArray[np.float64], of: Any) -> float:
    """The smallest or largest value, infinite ones as the largest number there is."""
    return float(np.nan_to_num(of(values)))


def _size(examples: Any, fewest: int) -> list[Finding]:
    rows, students = len(examples), len(np.unique(examples.who))
    found = []
    if rows < max(fewest, FEW):
        severity: Literal["error", "warning"] = "error" if rows < fewest else "warning"
        limit = fewest if rows < fewest else FEW
        found.append(Finding(check="rows", severity=severity, value=rows, limit=limit))
    if students < FEWEST_STUDENTS:
        found.append(
            Finding(check="students", severity="error", value=students, limit=FEWEST_STUDENTS)
        )
    return found


def _doubles(examples: Any) -> list[Finding]:
    """Cases of the same student and day that are alike in every input."""
    if not len(examples):
        return []
    inputs = examples.inputs()
    named = [("who", examples.who.tolist()), ("day", examples.day.astype(str).tolist())]
    table = pa.table(dict(named) | {f"input {name}": inputs[name] for name in inputs.column_names})
    apart = table.group_by(table.column_names).aggregate([]).num_rows
    double = len(examples) - apart
    return [Finding(check="duplicates", severity="error", value=double)] if double else []


def _balance(told: Column, target: NDArray[np.float64]) -> list[Finding]:
    known = target[~np.isnan(target)]
    if not len(known) or np.ptp(known) == 0:
        return [Finding(check="balance", severity="error", column=TARGET, value=0.0)]
    kinds, counts = np.unique(known, return_counts=True)
    if len(kinds) > LEVELS:
        return []
    rarer = float(min(counts[0], len(known) - counts[0]) / len(known))
    if rarer >= RARE:
        return []
    return [Finding(check="balance", severity="warning", column=TARGET, value=rarer, limit=RARE)]


def _age(examples: Any, today: date) -> list[Finding]:
    if not len(examples):
        return []
    newest = date.fromisoformat(str(examples.day.max().astype("datetime64[D]")))
    days = (today - newest).days
    if days <= OLD:
        return []
    old = days > TOO_OLD
    severity: Literal["error", "warning"] = "error" if old else "warning"
    return [Finding(check="age", severity=severity, value=days, limit=TOO_OLD if old else OLD)]


def _unknown(column: Column) -> list[Finding]:
    if 1 - column.known < UNKNOWN:
        return []
    missing = 1 - column.known
    return [
        Finding(
            check="missing", severity="warning", column=column.name, value=missing, limit=UNKNOWN
        )
    ]


def _range(column: Column, allowed: tuple[float, float] | None) -> list[Finding]:
    """A value that cannot be; infinite ones never can."""
    low, high = allowed or (-1e300, 1e300)
    found = []
    for value, limit, is_out in (
        (column.low, low, column.low is not None and column.low < low - 1e-9),
        (column.high, high, column.high is not None and column.high > high + 1e-9),
    ):
        if is_out:
            found.append(
                Finding(
                    check="range", severity="error", column=column.name, value=value, limit=limit
                )
            )
    return found


def _outliers(column: Column) -> list[Finding]:
    if (column.outliers or 0) < OUTLIERS or (column.distance or 0) < FAR:
        return []
    return [
        Finding(
            check="outliers",
            severity="warning",
            column=column.name,
            value=column.outliers,
            limit=OUTLIERS,
        )
    ]


def _tells_too_much(
    column: Column, values: NDArray[np.float64], target: NDArray[np.float64]
) -> list[Finding]:
    """An input that alone tells which half of the outcomes a case is in."""
    both = np.isfinite(values) & ~np.isnan(target)
    if both.sum() < FEWEST:
        return []
    positive = target[both] > np.median(target[both])
    if not positive.any():
        return []
    alone = auc(values[both], positive)
    alone = max(alone, 1 - alone)
    if alone < TELLS_TOO_MUCH:
        return []
    return [
        Finding(
            check="leak", severity="error", column=column.name, value=alone, limit=TELLS_TOO_MUCH
        )
    ]


def _moved(column: Column, before: Column | None) -> list[Finding]:
    if before is None or len(before.shares) != len(column.shares):
        return []
    came, then = np.array(column.shares), np.array(before.shares)
    moved = shift.shift(came, then, before.judged_by)
    if moved is None or not moved.is_large or moved.chance > shift.ALPHA:
        return []
    return [
        Finding(
            check="drift",
            severity="warning",
            column=column.name,
            value=moved.psi,
            limit=shift.PSI_FLOOR,
        )
    ]
