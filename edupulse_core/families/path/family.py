"""The path family's record: everything that other rooms need from it."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from edupulse_core.config import Rules
from edupulse_core.families.family import (
    ANSWERS,
    Algorithm,
    Array,
    Metric,
    Occasion,
    Recent,
    Report,
    Split,
)
from edupulse_core.families.path import NAME, report, sayings
from edupulse_core.families.path import examples as cases
from edupulse_core.families.path.algorithms import ALGORITHMS, PathModel
from edupulse_core.families.path.examples import AHEAD, PathExamples
from edupulse_core.families.path.reasons import why
from edupulse_core.families.usual import Usual, weights_of
from edupulse_core.progress import Progress

LONGEST = 50  # steps that can be asked for
NOTHING = "nothing"  # label of a student for whom no skill is left


class PathQuestion(BaseModel):
    """How long a path, where to, and what is known of mastery from elsewhere."""

    length: Annotated[int, Field(ge=1, le=LONGEST)] = AHEAD
    goal: str = ""  # a skill_id; empty: none in particular
    mastery: dict[
        str, Annotated[float, Field(ge=0, le=1)]
    ] = {}  # by skill_id, of all who are asked


class PathFamily(Usual):
    """See `families.family.Family`."""

    name = NAME
    title = "Path"
    says = (
        "The skills that a student could work on next, in order: those that should add the most "
        "mastery, judging by what practice did in this district's records. A skill comes only "
        "after its prerequisites, and never twice."
    )
    limits = (
        "The gain is an expectation from records of practice, not a tested effect. Where a skill "
        "has few answers on record, the district's average is used. Prerequisites are taken from "
        "the district's file as they are."
    )
    recent = Recent(
        fewest=30,
        sure=2.6,
        figure="next_hit",
        higher_is_better=True,
        steady=("share_right", "days_idle"),
        lately=lambda con, rules, first, last: cases.read(con, first, last),
        measure=lambda said, found: {
            "next_hit": report.next_hit(found, _paths(said, found)),
            "rise": found.late - found.early,
        },
    )
    question: type[BaseModel] = PathQuestion
    labels: Mapping[str, str] = sayings.LABELS
    ranges: Mapping[str, tuple[float, float]] = {"share_right": (0.0, 1.0)}
    metrics: Mapping[str, Metric] = {
        "gain": Metric("Expected learning gain"),
        "gain_later": Metric("Gain that is left after forgetting"),
    }
    algorithms: Mapping[str, Algorithm] = ALGORITHMS

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> PathExamples:
        """Every student's days on which new skills were begun."""
        return cases.read(con)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: PathQuestion,
    ) -> PathExamples:
        """The state of the students at the end of a day."""
        return cases.asked(
            con,
            students,
            day,
            length=question.length,
            goal=question.goal,
            mastery=question.mastery,
        )

    def predict(self, model: PathModel, examples: PathExamples, rules: Rules) -> pa.Table:
        """One row for each case: the next skill, what the whole path gains, its steps as details.

        The object is empty where no skill is left.
        """
        paths = model.paths(examples)
        whole = report.gain(examples, paths, model.practice)
        rows = [
            {
                "subject": str(who),
                "object": steps[0].skill if steps else "",
                "rank": 1,
                "value": float(gain),
                "label": steps[0].reason if steps else NOTHING,
                "details": json.dumps({"steps": [step.as_json() for step in steps]}),
            }
            for who, gain, steps in zip(
                examples.who, whole, why(model.practice, examples, paths), strict=True
            )
        ]
        return pa.Table.from_pylist(rows, schema=ANSWERS)

    def measure(self, said: pa.Table, examples: PathExamples, draws: Array) -> dict[str, Array]:
        """Both gains under each draw of the students; in classrooms that are the same for all."""
        paths, weights = _paths(said, examples), weights_of(examples, draws)
        each = {
            "gain": report.gain(examples, paths), "gain_later": report.gain_later(examples, paths)
        }  # fmt: skip
        return {name: weights @ one / weights.sum(axis=1) for name, one in each.items()}

    def outcome(self, said: pa.Table, examples: PathExamples) -> Array | None:
        """None: what a path would have gained is not seen where it was not taken."""
        return None

    def report(
        self,
        model: PathModel,
        split: Split[PathExamples],
        rules: Rules,
        occasion: Occasion[PathExamples] | None = None,
    ) -> Report:
        """Beside simpler ways, on students that it did not learn from."""
        test = split.test
        ways = report.beside(model, test)
        about = {
            "rows": len(test),
            "students": len(np.unique(test.who)),
            "weeks": [str(test.day.min()), str(test.day.max())],
            "beside": ways,
        }
        mine = {name: value for name, value in ways[0].items() if name != "way"}
        return Report(headline={**mine, **report.imitation(model, test)}, test=about)


def _paths(said: pa.Table, examples: PathExamples) -> NDArray[np.int64]:
    """The paths (N, L) behind the rows of `predict`."""
    steps = [json.loads(each)["steps"] for each in said["details"].to_pylist()]
    paths = np.full((len(steps), max(map(len, steps), default=0)), -1)
    for row, path in enumerate(steps):
        paths[row, : len(path)] = examples.course.places([step["skill"] for step in path])
    return paths


PATH = PathFamily()
