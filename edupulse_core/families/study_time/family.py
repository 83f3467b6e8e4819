"""The record of the study time family: everything that other rooms need from it."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from pydantic import BaseModel

from edupulse_core.config import Rules
from edupulse_core.families.evaluation import Evaluation
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
from edupulse_core.families.study_time import NAME, examples, report, sayings
from edupulse_core.families.study_time.algorithms import ALGORITHMS
from edupulse_core.families.study_time.examples import Question, StudyExamples
from edupulse_core.families.study_time.measured import Comparison, StudyEvaluation
from edupulse_core.families.study_time.model import MOST_HOURS, StudyModel
from edupulse_core.families.usual import Usual, no_better, weights_of
from edupulse_core.progress import Progress

HISTORY_PACE = 1  # the place of the student's pace in the encoding's HISTORY


class StudyTimeFamily(Usual):
    """See `families.family.Family`."""

    name = NAME
    title = "Study time"
    values = "hours"
    says = (
        "How many hours a student will need for one study session on a skill, with an interval "
        "that holds the hours of 9 in 10 sessions. It reads 15 inputs (the student's age, "
        "education level, learning style and focus; the skill's subject, difficulty, base hours, "
        "kind and prerequisites; the session's hour, method, place, energy, distraction and "
        "breaks) and the student's earlier sessions."
    )
    limits = (
        "It knows only the sessions that were recorded. It does not say whether the student will "
        "master the skill in that time, and a student with fewer than five sessions has a wide "
        "interval. Nobody should be judged by the time that they need."
    )
    least_new = 50
    new_share = 0.0
    recent = Recent(
        days=30,
        fewest=10,
        ratio=1.2,
        steady=("difficulty", "time_of_day", "energy_level", "distraction_level"),
    )
    question: type[BaseModel] = Question
    evaluation: type[Evaluation] = StudyEvaluation
    algorithms: Mapping[str, Algorithm] = ALGORITHMS
    labels: Mapping[str, str] = sayings.LABELS
    ranges: Mapping[str, tuple[float, float]] = {
        "age": (3.0, 120.0),
        "avg_focus_duration": (0.0, 1440.0),
        "difficulty": (1.0, 10.0),
        "time_of_day": (0.0, 24.0),
        "energy_level": (1.0, 5.0),
        "distraction_level": (1.0, 5.0),
    }
    metrics: Mapping[str, Metric] = {
        "mae": Metric("Mean absolute error, hours", higher_is_better=False),
        "rmse": Metric("Root mean squared error, hours", higher_is_better=False),
    }

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> StudyExamples:
        """Every study session. Raises RefusedError where there are none."""
        return examples.read(con)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> StudyExamples:
        """A session of each student on each skill of the question, by what is known on a day."""
        asked = question if isinstance(question, Question) else Question()
        return examples.ask(con, students, day, asked)

    def predict(self, model: StudyModel, examples: StudyExamples, rules: Rules) -> pa.Table:
        """The hours of each case, with their interval, and what they rest on."""
        if not len(examples):
            return ANSWERS.empty_table()
        cases = model.encoding(examples, model.learned.steps)
        value, spread = model.learned.predict(cases)
        low, high, close = model.margins.of(value, spread, examples.count)
        details = [
            json.dumps(
                {
                    "sessions_before": count,
                    "usual": round(usual, 4),  # hours that it takes most students
                    "pace": round(pace, 4),  # the student's own, over most students'
                    "close": round(near, 4),  # chance to be within a quarter of the value
                    "time_of_day": None if np.isnan(hour) else round(hour, 2),
                }
            )
            for count, usual, pace, near, hour in zip(
                examples.count.tolist(),
                np.exp(cases.usual).tolist(),
                np.exp(cases.history[:, HISTORY_PACE]).tolist(),
                close.tolist(),
                examples.own.numbers[:, 5].tolist(),
                strict=True,
            )
        ]
        return pa.Table.from_pydict(
            {
                "subject": examples.who.tolist(),
                "object": examples.skill.tolist(),
                "rank": [None] * len(examples),
                "value": np.minimum(np.exp(value), MOST_HOURS),
                "low": np.minimum(low, MOST_HOURS),
                "high": np.minimum(high, MOST_HOURS),
                "label": [None] * len(examples),
                "details": details,
            },
            schema=ANSWERS,
        )

    def measure(self, said: pa.Table, examples: StudyExamples, draws: Array) -> dict[str, Array]:
        """The errors in hours under each draw of the students."""
        off = said["value"].to_numpy() - examples.target()
        weights = weights_of(examples, draws)
        total = weights.sum(axis=1)
        return {
            "mae": weights @ np.abs(off) / total,
            "rmse": np.sqrt(weights @ off**2 / total),
        }

    def outcome(self, said: pa.Table, examples: StudyExamples) -> Array | None:
        """The hours that each case took."""
        return examples.target()

    def report(
        self,
        model: Any,
        split: Split[StudyExamples],
        rules: Rules,
        occasion: Occasion[StudyExamples] | None = None,
    ) -> Report:
        """Beside simple methods; with an occasion, importance and cross-validation too."""
        return report.report(model, split, occasion)

    def no_better(self, found: Report) -> str:
        """Beside the median of all sessions."""
        simple = Comparison.model_validate(found.test).table["median"].mae
        return no_better(
            self.metrics["mae"], found.headline["mae"], simple, "the usual hours of all sessions"
        )


STUDY_TIME = StudyTimeFamily()
