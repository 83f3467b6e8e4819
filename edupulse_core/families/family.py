"""The record that every family of models fills in, so that nothing above has to name one.

Adding a family is a folder with its record, and a line in `shelf.py`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from edupulse_core.config import Rules, Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.progress import Progress
from edupulse_core.store.estimates import SCHEMA
from edupulse_core.store.runs import NIGHT, RunRecord
from edupulse_core.warehouse.snapshots import Snapshot

Array = NDArray[np.float64]
ANSWERS = SCHEMA  # what every family answers with, a row for each subject and object
CAME = pa.schema(  # what came of a case, a row for each subject, object and week
    [
        ("subject", pa.string()),
        ("object", pa.string()),
        ("day", pa.date32()),  # of the case, as in Examples
        ("value", pa.float64()),
        ("label", pa.string()),
        ("is_positive", pa.bool_()),  # whether it was what the family warns of
    ]
)


class Examples(Protocol):
    """N cases that a family learns from or makes predictions for."""

    @property
    def who(self) -> NDArray[np.str_]:
        """The student of each case, (N,): a split keeps all cases of a student together."""

    @property
    def day(self) -> NDArray[np.datetime64]:
        """The day, or the Monday of the week, of each case, (N,): no split looks ahead of it."""

    def __len__(self) -> int:
        """The number of cases."""

    def of(self, rows: NDArray[Any]) -> Self:
        """Only these cases."""

    def inputs(self) -> pa.Table:
        """What the model reads: one named column for each input, one row for each case."""

    def target(self) -> Array:
        """What came true for each case, (N,), NaN if not known: data quality is judged by it."""


E = TypeVar("E", bound=Examples)


@dataclass(frozen=True)
class Split(Generic[E]):
    """Three parts that share no student, and whose weeks do not overlap."""

    train: E
    validation: E
    test: E


@dataclass(frozen=True)
class Run:
    """How a training runs: everything except the examples and the plan."""

    rules: Rules = field(default_factory=Rules)
    seed: int = 0
    device: str = "auto"
    progress: Progress | None = None
    cancel: Callable[[], bool] | None = None  # asked between steps; true: stop
    checkpoint: Path | None = None  # a file to resume from, written on the way
    tracker: Callable[[Mapping[str, float]], None] | None = None  # told each epoch's numbers
    start: Any = None  # a trained model to go on from
    trained: Mapping[str, Any] = field(default_factory=dict)  # others' models of the same split,
    # by algorithm, so that a blend need not train its members again
    trial: bool = False  # of a search, whose model is measured once and not kept: what it costs
    # most and changes least may be left out, such as the ranges of its answers

    def check(self) -> None:
        """Raise RefusedError if whoever asked for the training wants it stopped."""
        if self.cancel is not None and self.cancel():
            raise RefusedError("the training was stopped; train again to continue from here")

    def tell(self, *epochs: Mapping[str, float]) -> None:
        """Hand each epoch's numbers to the tracker, where there is one."""
        if self.tracker is not None:
            for epoch in epochs:
                self.tracker(epoch)

    def report(self, step: str, done: int, total: int) -> None:
        """Say how far a step is, and stop as `check` does."""
        self.check()
        if self.progress is not None:
            self.progress(step, done, total)


@dataclass(frozen=True)
class Algorithm:
    """One way to learn, named in a version's manifest."""

    plan: Callable[[], Any]  # the plan that is used unless another is given: a frozen dataclass
    space: Callable[[Any], Any]  # trial -> plan
    fit: Callable[[Split[Any], Any, Run], Any]  # -> model
    save: Callable[[Any, Path], None]  # the model's files into a folder; never pickle
    open: Callable[[Path, str], Any]  # (folder, form) -> model, ready to answer
    forms: tuple[str, ...] = ("",)  # in which it can serve; the first is as it was trained
    grid: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # values that space suggests
    derive: Callable[[Path], None] | None = None  # adds what serving derives from a saved version
    attribute: Callable[[Any, Any, Any], Array] | None = None  # None: explained by deletion
    plans: Mapping[str, Callable[[], Any]] = field(default_factory=dict)  # others, by name
    update: Callable[[Any], Any] | None = None  # plan -> one to go on with from Run.start, at a low
    # rate; None: it learns from the start only
    export: Callable[[Path, Rules], Mapping[str, bytes]] | None = None  # version's folder -> files
    # with which another computer predicts without EduPulse; None: there are none


@dataclass(frozen=True)
class Metric:
    """A number that versions are compared by."""

    label: str  # in words, as before a colon
    higher_is_better: bool = True


def unseen(examples: E, split: Split[E]) -> E:
    """Every case from the validation weeks on, of students who are not trained on."""
    later = examples.day >= split.validation.day.min()
    others = ~np.isin(examples.who, np.unique(split.train.who))
    return examples.of(np.flatnonzero(later & others))


@contextmanager
def step(progress: Progress | None, name: str) -> Iterator[None]:
    """Report that something long begins, and that it ended."""
    report = progress or (lambda *_: None)
    report(name, 0, 1)
    yield
    report(name, 1, 1)


class Report(BaseModel):
    """What was measured on rows that the model has not seen; a family adds its own fields."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    headline: dict[str, float]  # the few numbers that versions are compared by
    test: Any  # beside what a district could use instead; has rows, students, weeks


@dataclass(frozen=True)
class Occasion(Generic[E]):
    """What an evaluation in a home can measure with, beyond what a training has."""

    settings: Settings
    folder: Path  # of the version
    con: DuckDBPyConnection  # of the warehouse and its features
    held_out: E  # every case that the version has not seen
    truth: Path | None = None  # a fictional district's own, for the ceiling
    progress: Progress | None = None


class Scored(Protocol):
    """A night's predictions, as they were written to the store."""

    @property
    def version(self) -> str:
        """The version of the model."""

    @property
    def as_of(self) -> date:
        """The last day that the predictions know of."""

    @property
    def rows(self) -> pa.Table:
        """The predictions."""

    def as_json(self) -> dict[str, Any]:
        """What the command line prints with --json."""

    def write(self, out: Path) -> None:
        """Write a file for the district. Raises InputError for an unknown ending."""


class Night(Protocol):
    """Makes predictions for the whole district with a version, and keeps them in the store."""

    def __call__(
        self,
        settings: Settings,
        folder: Path,
        snapshot: Snapshot,
        *,
        as_of: date | None = None,
        purpose: str = NIGHT,
        progress: Progress | None = None,
    ) -> Scored:
        """Predict as of the newest week that ends by a given day; purpose: as in `store.runs`."""


@dataclass(frozen=True)
class Taught:
    """What somebody who knows the student says came of a case."""

    student_id: str
    day: date  # as in Examples
    is_positive: bool  # whether it was what the family warns of


@dataclass(frozen=True)
class Watching:
    """How a family's kept predictions are compared with what came of them."""

    said: Callable[[Settings, Path, RunRecord], pa.Table]  # version's folder, run -> ANSWERS
    came: Callable[[DuckDBPyConnection, Rules, Collection[date]], pa.Table]  # days -> CAME
    chance: Callable[[pa.Table], Array]  # ANSWERS -> P(is_positive), (N,); NaN if not known
    flagged: Callable[[pa.Table, Rules], NDArray[np.bool_]]  # ANSWERS -> warned of, (N,)
    level: float | None = None  # the share of what came that low to high promises to hold
    teach: Callable[[DuckDBPyConnection, Rules, Any, Sequence[Taught]], Any] | None = None
    # examples and verdicts -> these examples and those that the verdicts tell of


@dataclass(frozen=True)
class Recent:
    """How a family that answers on request is watched: by its newest cases."""

    days: int = 30  # that are looked back
    fewest: int = 10  # cases; with fewer, nothing is said
    ratio: float = 1.2  # of the figure to that of the test: from here on, it does worse
    figure: str = "mae"  # the one that is compared, as the test's headline calls it
    higher_is_better: bool = False
    sure: float = 0.0  # standard errors that it must be worse by, too: fewer may be chance
    steady: tuple[str, ...] = ()  # inputs that should not drift; most counts grow all year long
    lately: Callable[[DuckDBPyConnection, Rules, date, date], Any] | None = None  # first and last
    # day -> cases, known up to the first; None: those that `Family.read` dates in these days
    measure: Callable[[pa.Table, Any], Mapping[str, Array]] | None = (
        None  # ANSWERS, N cases -> each
    )
    # figure of each case (N,), NaN if not known; None: error and coverage of the value

    def times_worse(self, now: float, usual: float) -> float:
        """How many times worse a figure is than usual; below 1 it is better."""
        worse, better = (usual, now) if self.higher_is_better else (now, usual)
        return worse / max(better, 1e-9)

    def limit(self, usual: float, error: float) -> float:
        """From how many times worse on a figure counts.  error: its standard error."""
        reach = self.sure * error
        chance = max(usual - reach, 0.0) if self.higher_is_better else usual + reach
        return max(self.ratio, self.times_worse(chance, usual))


class Family(Protocol):
    """What can be done with a family of models."""

    name: str
    title: str  # in words, as a person reads it, such as "Study time"
    whose: str  # who or what stands behind the cases, such as "students"
    values: str  # what its answers' values are called, such as "scores"
    least_new: int  # outcomes; with fewer new ones it is not trained again
    new_share: float  # of the training rows; with fewer new ones neither: they teach little
    nightly: bool  # answers for the whole district every night; else on demand only
    question: type[BaseModel]  # what is asked on demand: a text, twelve numbers
    evaluation: type[Evaluation]  # what its evaluations are kept and read back as

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """What `measure` returns, by name."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The inputs in words, by name; one that is not named is told by its name."""

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """The smallest and largest value that an input can have; one that is not named has none."""

    @property
    def algorithms(self) -> Mapping[str, Algorithm]:
        """By name; the first is the default."""

    @property
    def ship(self) -> Callable[..., dict[str, Any]] | None:
        """Makes the shipped version again: (settings, version, *, measured, weights, progress)."""

    def read(self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None) -> Any:
        """Every case whose outcome is known. Raises RefusedError when there is none."""

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> Any:
        """The cases of some students as of a day, their outcomes unknown."""

    def splits(self, examples: Any, *, seed: int = 0, folds: int = 1) -> list[Split[Any]]:
        """One split for each fold. Raises RefusedError if the history is too short."""

    @property
    def resplit(self) -> Callable[[Any, float, float], Split[Any]] | None:
        """A split with other shares of the students: examples, for the test, for validation.

        Its test holds everybody whom `splits` tests, so that versions can be compared. None where
        students are not all that parts are made by.
        """

    def predict(self, model: Any, examples: Any, rules: Rules) -> pa.Table:
        """The model's predictions: a table with the columns ANSWERS."""

    def measure(self, said: pa.Table, examples: Any, draws: Array) -> dict[str, Array]:
        """Each metric under each draw of the students, (D,), for a paired comparison of two models.

        draws: (D, S) how often each student counts, in the order of np.unique(examples.who).
        """

    def outcome(self, said: pa.Table, examples: Any) -> Array | None:
        """What came true for each row of `said`, on the scale of its value; NaN if not known.

        None if the value is not an expectation of anything.
        """

    def groups(self, con: DuckDBPyConnection, examples: Any) -> Mapping[str, NDArray[np.str_]]:
        """Whose errors must be alike: attribute -> (N,) the group of each case's student."""

    def report(
        self, model: Any, split: Split[Any], rules: Rules, occasion: Occasion[Any] | None = None
    ) -> Report:
        """How the model does on split.test; with an occasion, everything that can be measured."""

    def untold(self, said: pa.Table, examples: Any) -> Collection[str]:
        """The metrics of these answers that are not shown: counts of a few could be had from them.

        What decides about a version still knows them.
        """

    def no_better(self, found: Report) -> str:
        """Why a version is of no use: it does no better than guessing or a simple method.

        One sentence, empty for a version that has learned something. Such a version begins to
        serve only where a person says so.
        """

    def card(self, model: Any, about: "CardFacts") -> str:
        """The model card, Markdown."""

    @property
    def watching(self) -> Watching | None:
        """Compares predictions with what came; None: only volume and drift are watched."""

    @property
    def recent(self) -> Recent | None:
        """How it is watched without nights; None: only its nights are."""

    @property
    def night(self) -> "Night | None":
        """The nightly run, for a family that does not use `ask` and the store's estimates."""


@dataclass(frozen=True)
class CardFacts:
    """What a model card says in addition to what the model itself knows."""

    version: str
    metrics: Mapping[str, Any]  # as they are saved with the version
    data_range: tuple[str, str]
    measured: str  # Markdown: the benchmarks and their commands
