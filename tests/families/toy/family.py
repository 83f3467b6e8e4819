"""A toy family in a folder of its own: a ridge regression on three numbers of the week."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel
from sklearn.linear_model import Ridge

from edupulse_core.config import Rules
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.family import (
    ANSWERS,
    Algorithm,
    Array,
    CardFacts,
    Metric,
    Night,
    Occasion,
    Recent,
    Report,
    Run,
    Split,
    Watching,
)
from edupulse_core.progress import Progress

INPUTS = ("att_absence_rate_ytd", "grd_courses_failing", "dsc_incidents_ytd")
LEARNED = """
select student_id, week_start, severity, att_absence_rate_ytd, grd_courses_failing,
    dsc_incidents_ytd
from features join outcomes using (student_id, week_start)
where severity is not null
order by student_id, week_start
"""
ASKED = """
select student_id, week_start, null::double as severity, att_absence_rate_ytd, grd_courses_failing,
    dsc_incidents_ytd
from features
where week_start = $monday and student_id in (select unnest($students))
order by student_id
"""


@dataclass(frozen=True)
class ToyExamples:
    """N student-weeks of three numbers each."""

    who: NDArray[np.str_]
    day: NDArray[np.datetime64]
    x: Array
    y: Array
    add: float = 0.0  # as the question asked

    def __len__(self) -> int:
        return len(self.x)

    def of(self, rows: NDArray[Any]) -> "ToyExamples":
        return replace(self, who=self.who[rows], day=self.day[rows], x=self.x[rows], y=self.y[rows])

    def inputs(self) -> pa.Table:
        return pa.table({name: self.x[:, at] for at, name in enumerate(INPUTS)})

    def target(self) -> Array:
        return self.y


@dataclass(frozen=True)
class ToyPlan:
    alpha: float = 1.0


@dataclass(frozen=True)
class ToyModel:
    weights: list[float]
    start: float

    def __call__(self, x: Array) -> Array:
        said: Array = np.nan_to_num(x) @ np.array(self.weights) + self.start
        return said


def fit(split: Split[ToyExamples], plan: ToyPlan, run: Run) -> ToyModel:
    made = Ridge(alpha=plan.alpha, random_state=run.seed)
    made.fit(np.nan_to_num(split.train.x), split.train.y)
    if run.tracker is not None:
        run.tracker({"epoch": 1})
    return ToyModel(made.coef_.tolist(), float(made.intercept_))


def save(model: ToyModel, folder: Path) -> None:
    inner = folder / "parts"
    inner.mkdir()
    said = {"weights": model.weights, "start": model.start}
    (inner / "ridge.json").write_text(json.dumps(said), encoding="utf-8")


def open_version(folder: Path, form: str) -> ToyModel:
    return ToyModel(**json.loads((folder / "parts" / "ridge.json").read_text(encoding="utf-8")))


class Question(BaseModel):
    """How much to add to every answer."""

    add: float = 0.0


class ToyFamily:
    name = "toy"
    title = "Toy"
    whose = "students"
    values = "scores"
    least_new = 50
    new_share = 0.1
    nightly = False
    question: type[BaseModel] = Question
    evaluation: type[Evaluation] = Evaluation
    ship: Callable[..., dict[str, Any]] | None = None
    night: Night | None = None
    resplit: Callable[[Any, float, float], Split[Any]] | None = None
    labels: Mapping[str, str] = {}
    ranges: Mapping[str, tuple[float, float]] = {INPUTS[0]: (0.0, 1.0)}
    metrics: Mapping[str, Metric] = {"mae": Metric("Mean absolute error", higher_is_better=False)}
    watching: Watching | None = None
    recent: Recent | None = None
    algorithms: Mapping[str, Algorithm] = {
        "ridge": Algorithm(
            ToyPlan,
            lambda trial: ToyPlan(trial.suggest_float("alpha", 1e-3, 1e3, log=True)),
            fit,
            save,
            open_version,
            grid={"alpha": (0.1, 1.0, 10.0, 100.0)},
        )
    }

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> ToyExamples:
        return _examples(con.sql(LEARNED).to_arrow_table())

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: Question,
    ) -> ToyExamples:
        given = {"monday": day - timedelta(days=6), "students": list(students)}
        asked = _examples(con.sql(ASKED, params=given).to_arrow_table())
        return replace(asked, add=question.add)

    def splits(
        self, examples: ToyExamples, *, seed: int = 0, folds: int = 1
    ) -> list[Split[ToyExamples]]:
        part = np.unique(examples.who, return_inverse=True)[1] % 3
        weeks = np.unique(examples.day)
        later = np.digitize(examples.day.astype(int), weeks[[-12, -6]].astype(int))
        parts = (examples.of(np.flatnonzero((part == at) & (later == at))) for at in range(3))
        return [Split(*parts)]

    def predict(self, model: ToyModel, examples: ToyExamples, rules: Rules) -> pa.Table:
        value = model(examples.x) + examples.add
        rows = [
            {"subject": str(who), "object": "", "value": float(said), "details": "{}"}
            for who, said in zip(examples.who, value, strict=True)
        ]
        return pa.Table.from_pylist(rows, schema=ANSWERS)

    def measure(self, said: pa.Table, examples: ToyExamples, draws: Array) -> dict[str, Array]:
        error = np.abs(said["value"].to_numpy() - examples.y)
        weights = draws[:, np.unique(examples.who, return_inverse=True)[1]]
        return {"mae": weights @ error / weights.sum(axis=1)}

    def outcome(self, said: pa.Table, examples: ToyExamples) -> Array | None:
        return examples.y

    def groups(
        self, con: DuckDBPyConnection, examples: ToyExamples
    ) -> Mapping[str, NDArray[np.str_]]:
        return {"half": np.where(np.char.str_len(examples.who) % 2, "odd", "even")}

    def untold(self, said: pa.Table, examples: Any) -> Collection[str]:
        return ()

    def no_better(self, found: Report) -> str:
        return ""

    def report(
        self,
        model: ToyModel,
        split: Split[ToyExamples],
        rules: Rules,
        occasion: Occasion[ToyExamples] | None = None,
    ) -> Report:
        test = split.test
        error = float(np.abs(model(test.x) - test.y).mean())
        about = {
            "rows": len(test),
            "students": len(np.unique(test.who)),
            "weeks": [str(test.day.min()), str(test.day.max())],
        }
        return Report(headline={"mae": error}, test=about)

    def card(self, model: ToyModel, about: CardFacts) -> str:
        return f"# Toy {about.version}\n"


TOY = ToyFamily()


def _examples(table: pa.Table) -> ToyExamples:
    return ToyExamples(
        np.asarray(table["student_id"].to_pylist(), np.str_),
        table["week_start"].to_numpy().astype("datetime64[D]"),
        np.stack([table[name].to_numpy() for name in INPUTS], axis=1),
        table["severity"].to_numpy(),
    )
