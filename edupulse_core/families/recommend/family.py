"""The recommend family's record: everything that other rooms need from it."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from pydantic import BaseModel, Field

from edupulse_core.config import SMALLEST, Rules
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
from edupulse_core.families.recommend import NAME, examples, linear, measures, sayings
from edupulse_core.families.recommend.algorithms import ALGORITHMS, KNN, POPULAR, KnnPlan
from edupulse_core.families.recommend.examples import Learners
from edupulse_core.families.recommend.learned import Popular, Weights
from edupulse_core.families.recommend.reasons import Reasons
from edupulse_core.families.recommend.recommender import Recommender, made
from edupulse_core.families.usual import Usual, weights_of
from edupulse_core.progress import Progress

PARTS = ("all_students", "students_with_a_history", "new_students")
MOST = 100  # resources that can be asked for


class Question(BaseModel):
    """How many resources to name."""

    count: int = Field(measures.TOP, ge=1, le=MOST)


class RecommendFamily(Usual):
    """See `families.family.Family`."""

    name = NAME
    title = "Resources"
    says = (
        "For each student, the resources that students with a similar history used next, best "
        "first. A resource that the student has completed is not offered again, and one near the "
        "level that the student usually takes comes before one far from it."
    )
    limits = (
        "It says what students take, not what helps them learn. A student without a history is "
        "offered what is popular in their grade, and a resource that nobody has used yet is judged "
        "by its skills, kind, level and length alone."
    )
    least_new = 200
    recent = Recent(
        fewest=30,
        sure=2.6,
        figure="next_hit",
        higher_is_better=True,
        steady=tuple(name for name in examples.INPUTS if name != "resources_used"),
        lately=lambda con, rules, first, last: examples.lately(con, first, last),
        measure=lambda said, cases: {"next_hit": _next_hits(_places(said, cases), cases)},
    )
    question: type[BaseModel] = Question
    labels: Mapping[str, str] = sayings.LABELS
    ranges: Mapping[str, tuple[float, float]] = {
        "completion_rate": (0.0, 1.0),
        "mean_rating": (1.0, 5.0),
        "preferred_level": (1.0, 5.0),
    }
    metrics: Mapping[str, Metric] = {
        "ndcg": Metric("NDCG of the first 10"),
        "hr": Metric("Students who used one of the first 10"),
        "mrr": Metric("Mean reciprocal rank of the first hit"),
        "coverage": Metric("Resources that are on any list"),
    }
    algorithms: Mapping[str, Algorithm] = ALGORITHMS

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> Learners:
        """Every learner, their last uses held out as what comes next."""
        return examples.read(con)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> Learners:
        """Some students with what they used up to a day."""
        assert isinstance(question, Question)
        return examples.asked(con, students, day, question.count)

    def predict(self, model: Recommender, examples: Learners, rules: Rules) -> pa.Table:
        """Each student's resources, best first, and the fields of each reason."""
        scores = model.scores(examples)
        reasons = Reasons(model, examples)
        rows: list[dict[str, Any]] = []
        for row, places in enumerate(measures.top(scores, examples.count)):
            offered = places[np.isfinite(scores[row, places])]
            for rank, at in enumerate(offered.tolist(), 1):
                way, details = reasons.of(row, at)
                rows.append(
                    {
                        "subject": str(examples.who[row]),
                        "object": str(examples.resources.ids[at]),
                        "rank": rank,
                        "value": float(scores[row, at]),
                        "label": way,
                        "details": json.dumps(details),
                    }
                )
        return pa.Table.from_pylist(rows, schema=ANSWERS)

    def measure(self, said: pa.Table, examples: Learners, draws: Array) -> dict[str, Array]:
        """How good the lists are under each draw of the students."""
        return _measured(_places(said, examples), examples, draws)

    def outcome(self, said: pa.Table, examples: Learners) -> Array | None:
        """A score is not an expectation of anything."""
        return None

    def report(
        self,
        model: Recommender,
        split: Split[Learners],
        rules: Rules,
        occasion: Occasion[Learners] | None = None,
    ) -> Report:
        """The measures on the test students, those with little history apart, beside simpler ways.

        Each simpler way learns from split.train too.
        """
        test, ways = split.test, {"this_model": model, **_simpler(split.train)}
        table = {name: _figures(each, test) for name, each in ways.items()}
        days = [str(test.day.min()), str(test.day.max())] if len(test) else ["", ""]
        about = {"rows": len(test), "students": len(test), "weeks": days}
        beside = {
            name: {way: figures[name] for way, figures in table.items() if name in figures}
            for name in PARTS
        }
        return Report(
            headline=table["this_model"].get(PARTS[0], {}),
            test=about,
            **{part: figures for part, figures in beside.items() if figures},
            **({"chosen": sayings.chosen(model.chosen)} if model.chosen else {}),
        )


RECOMMEND = RecommendFamily()


def _figures(model: Recommender, test: Learners) -> dict[str, Any]:
    found = {}
    parts = (np.ones(len(test), bool), ~test.is_cold, test.is_cold)
    few = any(0 < part.sum() < SMALLEST for part in parts)  # told by all, less the other part
    for name, is_in in zip(PARTS[:1] if few else PARTS, parts, strict=False):
        some = test.of(np.flatnonzero(is_in))
        if len(some) < SMALLEST or not some.after.nnz:
            continue
        scores = model.scores(some)
        places = measures.top(scores)
        places[~np.isfinite(np.take_along_axis(scores, places, axis=1))] = -1
        measured = _measured(places, some, np.ones((1, len(some))))
        measured["next_hit"] = np.array([np.nanmean(_next_hits(places, some))])
        found[name] = {each: round(float(value[0]), 6) for each, value in measured.items()}
    return found


def _simpler(train: Learners) -> dict[str, Recommender]:
    nearest = Weights(linear.nearest(train.used, KnnPlan().neighbors))
    return {KNN: made(KNN, nearest, train), POPULAR: made(POPULAR, Popular(), train)}


def _places(said: pa.Table, examples: Learners) -> Any:
    """The resources of each student's list in order, (N, TOP); -1 where it is shorter."""
    found = np.full((len(examples), measures.TOP), -1, np.int64)
    rank = said["rank"].to_numpy()
    kept = rank <= measures.TOP
    subject = np.array(said["subject"].to_pylist(), np.str_)[kept]
    order = np.argsort(examples.who, kind="stable")
    row = order[np.searchsorted(examples.who, subject, sorter=order)]
    thing = np.array(said["object"].to_pylist(), np.str_)[kept]
    found[row, rank[kept] - 1] = np.searchsorted(examples.resources.ids, thing)
    return found


def _next_hits(places: Any, examples: Learners) -> Array:
    """Whether the resource that each learner used next is on their list (N, K): (N,), or NaN."""
    used = examples.next
    return np.where(used < 0, np.nan, (places == used[:, None]).any(axis=1))


def _measured(places: Any, examples: Learners, draws: Array) -> dict[str, Array]:
    """Each measure of lists (N, K) under each draw of the students."""
    weights, wanted = weights_of(examples, draws), examples.after.toarray() > 0
    hits = np.take_along_axis(wanted, np.maximum(places, 0), axis=1) & (places >= 0)
    found = measures.of_lists(hits, wanted.sum(axis=1))
    return {
        **{name: measures.mean(values, weights) for name, values in found.items()},
        "coverage": measures.coverage(places, weights, len(examples.resources)),
    }
