"""Two versions side by side: on the same held-out weeks, and on this week's students."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from edupulse_core.config import SMALLEST, Settings
from edupulse_core.errors import ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Array, Family, step
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.lifecycle import evaluations, registry, retraining
from edupulse_core.progress import Progress
from edupulse_core.training.fairness import COMPARED
from edupulse_core.training.results import Interval, Result
from edupulse_core.warehouse import snapshots

RESAMPLES = 400  # of the students, for an interval
CHUNK = 50  # resamples at once
PARTITION = 8192  # students asked about at once
ENROLLED = "select student_id from student_weeks where week_start = $monday order by student_id"


class UnusableError(ModelError):
    """A version cannot answer on this district's data."""

    def __init__(self, version: str, problem: str) -> None:
        super().__init__(problem)
        self.version = version


class Measured(Result):
    """One measure of both versions, and how far the second is from the first."""

    a: float
    b: float
    difference: Interval  # b less a


class Compared(Result):
    """Two versions on the same cases, which neither has seen."""

    a: str
    b: str
    rows: int
    students: int
    weeks: tuple[str, str]
    metrics: dict[str, Measured]


class Moves(Result):
    """Which students, or texts, would have another level with the second version."""

    students: int  # with a level from either; texts, where `whose` says so
    whose: str = "students"
    changed: int
    up: int  # of those, to a higher one
    down: int
    # by student, with a and with b; never printed
    levels: Mapping[str, tuple[str, str]] = Field(default_factory=dict, exclude=True)

    @property
    def sentence(self) -> str:
        """What would move, for a person who decides."""
        if not self.changed:
            one = self.whose.removesuffix("s")
            return f"No {one} changes level, of {self.students:,}."
        if self.changed < SMALLEST:
            return f"Fewer than {SMALLEST} {self.whose} change level, of {self.students:,}."
        moved = f"{self.changed:,} {self.whose} change level, of {self.students:,}"
        if min(self.up, self.down) in range(1, SMALLEST):
            return f"{moved}."
        if not (self.up and self.down):
            return f"{moved}, all to a {'higher' if self.up else 'lower'} one."
        return f"{moved}: {self.up:,} to a higher one, {self.down:,} to a lower one."

    def as_json(self) -> dict[str, Any]:
        """The counts, None for what the sentence leaves out too, and the sentence."""
        few = range(1, SMALLEST)
        is_split_told = self.changed not in few and min(self.up, self.down) not in few
        return {
            "students": self.students,
            "changed": None if self.changed in few else self.changed,
            "up": self.up if is_split_told else None,
            "down": self.down if is_split_told else None,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Group:
    """Some of the students, and how far the second version is from the first for them."""

    attribute: str
    name: str
    metric: str
    a: float
    b: float
    low: float  # of b less a, in 99 of 100 draws of the students
    high: float


@dataclass(frozen=True)
class Weighed:
    """What two versions say about the same cases."""

    family: Family
    names: tuple[str, str]
    examples: Any
    said: tuple[pa.Table, pa.Table]
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> dict[str, Measured]:
        """Every measure, with the interval of the difference; some are not to be shown."""
        all_of = np.arange(len(self.examples))
        return {
            name: Measured(a=round(a, 6), b=round(b, 6), difference=Interval.of(b - a, draws))
            for name, (a, b, draws) in self.measured(all_of).items()
        }

    @cached_property
    def untold(self) -> set[str]:
        """The measures that are not shown, of either version."""
        return {name for said in self.said for name in self.family.untold(said, self.examples)}

    @cached_property
    def compared(self) -> Compared:
        """Every measure that may be shown."""
        day = self.examples.day
        return Compared(
            a=self.names[0],
            b=self.names[1],
            rows=len(self.examples),
            students=len(np.unique(self.examples.who)),
            weeks=(str(day.min()), str(day.max())),
            metrics={name: x for name, x in self.metrics.items() if name not in self.untold},
        )

    def lost(self, metric: str, a: float, b: float) -> float:
        """By how much the second version does worse in a measure."""
        return a - b if self.family.metrics[metric].higher_is_better else b - a

    def worse_groups(self, margin: float, progress: Progress | None = None) -> list[Group]:
        """The groups, of those large enough to compare, that lose more than a margin."""
        parts = [
            (attribute, str(name), np.flatnonzero(of == name))
            for attribute, of in self.groups.items()
            for name in np.unique(of)
        ]
        found = []
        for at, (attribute, name, rows) in enumerate(parts):
            if progress is not None:
                progress("groups", at + 1, len(parts))
            if len(np.unique(self.examples.who[rows])) < COMPARED:
                continue
            told = self.measured(rows, 0)
            losing = [one for one, (a, b, _) in told.items() if self.lost(one, a, b) > margin]
            drawn = self.measured(rows) if losing else {}
            for metric in losing:
                a, b, draws = drawn[metric]
                low, high = np.quantile(draws, [0.005, 0.995])
                found.append(Group(attribute, name, metric, a, b, float(low), float(high)))
        return found

    def measured(
        self, rows: NDArray[Any], resamples: int = RESAMPLES
    ) -> dict[str, tuple[float, float, Array]]:
        """Each measure of both versions, and the resampled differences, over some rows."""
        cases = self.examples.of(rows)
        said = [each.take(pa.array(rows)) for each in self.said]
        size = len(np.unique(cases.who))
        rng = np.random.default_rng(0)
        sizes = [1, *[min(CHUNK, resamples - at) for at in range(0, resamples, CHUNK)]]
        parts: list[list[dict[str, Array]]] = [[], []]
        for place, n in enumerate(sizes):
            whole = np.ones((1, size))
            drawn = rng.multinomial(size, np.full(size, 1 / size), size=n).astype(np.float64)
            draws = drawn if place else whole
            for side, each in zip(parts, said, strict=True):
                side.append(self.family.measure(each, cases, draws))
        found = {}
        for name in self.family.metrics:
            a, b = (np.concatenate([part[name] for part in side]) for side in parts)
            found[name] = float(a[0]), float(b[0]), (b - a)[1:]
        return found


def weigh(
    settings: Settings,
    name: str,
    a: str,
    b: str,
    *,
    groups: bool = False,
    progress: Progress | None = None,
) -> Weighed:
    """Let two versions answer for the same cases, which neither has seen.

    If one of them was trained on this district, these are the test cases; otherwise all. Raises
    RefusedError when no case has an outcome, or the history is too short to hold cases out, and
    UnusableError when a version cannot answer here.
    groups: whether to look up the groups of students too.
    """
    family = family_named(name)
    places = [registry.version_folder(settings, name, version) for version in (a, b)]
    examples, known, _ = retraining.labeled(settings, family, progress)
    tested = [
        each.district
        for folder in places
        for each in evaluations.tested_on(registry.metrics_of(folder))
    ]
    if known.district in tested:
        examples = family.splits(examples)[0].test
    said = []
    for folder in places:
        _check_inputs(folder, examples)
        with step(progress, f"answers of {folder.name}"):
            said.append(family.predict(opened(family, folder), examples, settings.all_rules))
    of: Mapping[str, NDArray[np.str_]] = {}
    if groups:
        with snapshots.connect(settings, features=True) as con:
            of = family.groups(con, examples)
    return Weighed(family, (a, b), examples, (said[0], said[1]), of)


def moves(
    settings: Settings, name: str, a: str, b: str, *, progress: Progress | None = None
) -> Moves | None:
    """Which students of the latest week have another level with b.

    None without levels, and where a student has several answers, such as one for each program.
    """
    family = family_named(name)
    models = [
        opened(family, registry.version_folder(settings, name, version)) for version in (a, b)
    ]
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot, progress=progress)
    question = family.question()
    labels: list[tuple[str, Any, Any, Any, Any]] = []
    with snapshots.connect(settings, snapshot, features=True) as con:
        monday = newest_weeks(con, None)[0]
        students = [row[0] for row in con.execute(ENROLLED, {"monday": monday}).fetchall()]
        for start in range(0, len(students), PARTITION):
            some = students[start : start + PARTITION]
            cases = family.ask(con, settings.all_rules, some, sunday(monday), question)
            first, second = (family.predict(each, cases, settings.all_rules) for each in models)
            columns = (first["subject"], first["label"], second["label"])
            values = (first["value"], second["value"])
            labels += zip(*(each.to_pylist() for each in (*columns, *values)), strict=True)
            if progress is not None:
                progress("students of this week", start + len(some), len(students))
    known = [each for each in labels if each[1] is not None and each[2] is not None]
    if not known or len({each[0] for each in known}) < len(known):
        return None
    changed = [each for each in known if each[1] != each[2]]
    up = sum(after > before for *_, before, after in changed)
    return Moves(
        students=len({each[0] for each in known}),
        whose=family.whose,
        changed=len(changed),
        up=up,
        down=len(changed) - up,
        levels={each[0]: (each[1], each[2]) for each in changed},
    )


def opened(family: Family, folder: Path) -> Any:
    """A version in the form that serves fastest here; UnusableError if it can't be used."""
    try:
        how = retraining.algorithm_of(family, folders.check(folder))
        return folders.opened(how.open, folder, "auto" if "auto" in how.forms else how.forms[0])
    except ModelError as error:
        raise UnusableError(folder.name, str(error)) from None


def _check_inputs(folder: Path, examples: Any) -> None:
    """Raise UnusableError if a version reads something that is not built today."""
    built = set(examples.of(np.arange(min(1, len(examples)))).inputs().column_names)
    missing = [name for name in folders.header(folder).features if name not in built]
    if missing:
        problem = f"version {folder.name} reads {missing[0]!r}, which is not built today"
        raise UnusableError(folder.name, problem)
