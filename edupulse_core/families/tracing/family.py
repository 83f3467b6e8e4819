"""The record of knowledge tracing: everything that other rooms need from it."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from pydantic import BaseModel

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
from edupulse_core.families.tracing import NAME, report, sayings
from edupulse_core.families.tracing import examples as cases
from edupulse_core.families.tracing.algorithms import ALGORITHMS
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel
from edupulse_core.families.usual import Usual, no_better, weights_of
from edupulse_core.progress import Progress
from edupulse_core.training.evaluation import resampled_auc

MASTERED, NEARLY, NOT_YET, NOT_SEEN = "mastered", "nearly", "not yet", "not seen"


class Skills(BaseModel):
    """Which skills to tell of."""

    skills: list[str] = []  # skill ids; all of the district's if empty


class TracingFamily(Usual):
    """See `families.family.Family`."""

    name = NAME
    title = "Mastery"
    values = "chances"
    says = (
        "For each student and skill, how likely the student is to answer a typical item of the "
        "skill right today, learned from the order of all answers so far. The range holds the "
        "student's own rate for 9 in 10 students."
    )
    limits = (
        "It knows only what was answered in the systems that send their answers. A skill that a "
        "student never answered is judged by the student's other answers and by other students. "
        "It is no grade, and it says nothing about why an answer was wrong."
    )
    recent = Recent(days=30, fewest=100, ratio=1.2)
    question: type[BaseModel] = Skills
    labels: Mapping[str, str] = sayings.LABELS
    ranges: Mapping[str, tuple[float, float]] = dict.fromkeys(
        ("answers", "right_answers", "skill_answers", "skill_right_answers", "item_answers"),
        (0.0, 1e7),
    )
    metrics: Mapping[str, Metric] = {
        "auc": Metric("AUC of the next answer"),
        "log_loss": Metric("Log loss of the next answer", higher_is_better=False),
        "mae": Metric("Mean distance of the chance from what came", higher_is_better=False),
    }
    algorithms: Mapping[str, Algorithm] = ALGORITHMS

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> Examples:
        """Every answer, with all that came before it."""
        return cases.read(con)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> Examples:
        """Each student and skill at the end of a day."""
        wanted = question.skills if isinstance(question, Skills) else []
        return cases.asked(con, students, day, wanted)

    def predict(self, model: TracingModel, examples: Examples, rules: Rules) -> pa.Table:
        """The chance of a right answer, its range, and what that means for the skill."""
        value = model.chances(examples)
        n = np.maximum(examples.mask.sum(axis=1), 1)
        answers = (examples.on_skills.answers * examples.mask).sum(axis=1) / n
        right = (examples.on_skills.right * examples.mask).sum(axis=1) / n
        low, high = model.certainty.range_of(value, answers)
        is_given = examples.item >= 0  # one answer to one item is right or wrong: it has no range
        days = examples.inputs()["days_since_skill"].to_numpy()
        return pa.Table.from_pydict(
            {
                "subject": examples.who.tolist(),
                "object": _objects(examples),
                "rank": _ranks(examples.student, value),
                "value": value,
                "low": pa.array(low, mask=is_given),
                "high": pa.array(high, mask=is_given),
                "label": _labels(model, value, answers),
                "details": [
                    json.dumps({"answers": int(a), "right": int(r), "days_since": _whole(d)})
                    for a, r, d in zip(answers, right, days, strict=True)
                ],
            },
            schema=ANSWERS,
        )

    def measure(self, said: pa.Table, examples: Examples, draws: Array) -> dict[str, Array]:
        """AUC, log loss and mean error under each draw of the students."""
        value, weights = said["value"].to_numpy(), weights_of(examples, draws)
        loss = report.log_loss(value, examples.correct)
        return {
            "auc": resampled_auc(value, examples.correct > 0, weights),
            "log_loss": weights @ loss / weights.sum(axis=1),
            "mae": weights @ np.abs(value - examples.correct) / weights.sum(axis=1),
        }

    def outcome(self, said: pa.Table, examples: Examples) -> Array | None:
        """Whether each answer was right."""
        return examples.correct

    def report(
        self,
        model: TracingModel,
        split: Split[Examples],
        rules: Rules,
        occasion: Occasion[Examples] | None = None,
    ) -> Report:
        """Beside what a district could use instead: shares of right answers."""
        return report.report(model, split, occasion)

    def no_better(self, found: Report) -> str:
        """Beside the share of right answers on each skill."""
        tested = report.Tested.model_validate(found.test)
        own, simple = tested.methods[:2]
        return no_better(
            self.metrics["log_loss"],
            own.log_loss,
            simple.log_loss,
            "the share of right answers on each skill",
        )


def _objects(examples: Examples) -> list[str]:
    """The skills of each case; several are told with a plus between them."""
    names = examples.log.skill_names.tolist()
    return ["+".join(names[each] for each in row if each >= 0) for row in examples.skills.tolist()]


def _ranks(student: Any, value: Array) -> Any:
    """The place of each case among those of its student, 1 for the likeliest to be right."""
    order = np.lexsort((-value, student))
    ranks = np.empty(len(value), np.int64)
    same = student[order]
    first = np.concatenate([[True], same[1:] != same[:-1]]) if len(same) else np.zeros(0, bool)
    starts = np.flatnonzero(first)
    ranks[order] = np.arange(len(value)) - np.repeat(starts, np.diff([*starts, len(value)])) + 1
    return ranks


def _labels(model: TracingModel, value: Array, answers: Array) -> list[str]:
    known = np.where(value >= model.nearly, NEARLY, NOT_YET)
    known = np.where(value >= model.mastered, MASTERED, known)
    labels: list[str] = np.where(answers > 0, known, NOT_SEEN).tolist()
    return labels


def _whole(days: float) -> int | None:
    return None if np.isnan(days) else int(days)


TRACING = TracingFamily()
