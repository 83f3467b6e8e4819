"""The difficulty family's record: how hard a text is to read, from level 1 to level 5."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from edupulse_core.config import Rules
from edupulse_core.errors import RefusedError
from edupulse_core.families.difficulty import NAME, measures, report
from edupulse_core.families.difficulty import examples as of_texts
from edupulse_core.families.difficulty.algorithms import ALGORITHMS
from edupulse_core.families.difficulty.examples import LEVELS, TextExamples
from edupulse_core.families.difficulty.levels import LevelModel, expected
from edupulse_core.families.family import ANSWERS, Array, Metric, Occasion, Report, Split
from edupulse_core.families.usual import Usual, no_better, weights_of
from edupulse_core.progress import Progress

NO_TEXTS = (
    "There are no texts with a difficulty yet: bring resources.csv or items.csv with the columns "
    "text and difficulty; data/README.md describes them"
)


class Question(BaseModel):
    """Which texts are asked about; without any, every text of the district that has no level."""

    texts: tuple[str, ...] = Field((), max_length=1000)


class DifficultyFamily(Usual):
    """Levels of texts; a text is a subject of its own, and no student stands behind it."""

    name = NAME
    title = "Difficulty"
    whose = "texts"
    values = "levels"
    says = (
        "How hard a text is to read, on the district's own scale from 1 (easiest) to 5, learned "
        "from the resources and items that already have a level."
    )
    limits = (
        "It reads words and plain measures, not meaning: a short text about a hard idea may look "
        "easy. It knows only texts like those that it has learned from. A level that somebody has "
        "given is never changed."
    )
    question: type[BaseModel] = Question
    algorithms = ALGORITHMS
    labels = measures.MEASURES
    ranges = measures.RANGES
    metrics = {
        "f1_macro": Metric("F1, mean of the levels"),
        "accuracy": Metric("Likeliest level is right"),
        "auc": Metric("AUC, mean of the levels"),
    }

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> TextExamples:
        """Every text whose level somebody has given."""
        every = of_texts.read(con)
        known = every.of(np.flatnonzero(~np.isnan(every.level)))
        if not len(known):
            raise RefusedError(NO_TEXTS)
        return known

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> TextExamples:
        """The texts of a question, or else every text of the district without a level."""
        assert isinstance(question, Question)
        if question.texts:
            return of_texts.given(question.texts, day)
        every = of_texts.read(con)
        return every.of(np.flatnonzero(np.isnan(every.level)))

    def splits(
        self, examples: TextExamples, *, seed: int = 0, folds: int = 1
    ) -> list[Split[TextExamples]]:
        """Splits by text. Raises RefusedError where there are too few of them."""
        if len(examples) < report.FEWEST:
            raise RefusedError(
                f"only {len(examples)} texts have a difficulty, and {report.FEWEST} are needed to "
                "hold some out"
            )
        return super().splits(examples, seed=seed, folds=folds)

    def predict(self, model: LevelModel, examples: TextExamples, rules: Rules) -> pa.Table:
        """The level of each text, with its range, every level's probability and the measures."""
        chances = model.probabilities(examples)
        familiar = model.familiar(examples)
        low, high = model.range(chances)
        details = [
            json.dumps(
                {
                    "familiar": known,
                    "probabilities": {str(at + 1): round(p, 6) for at, p in enumerate(row)},
                    "measures": dict(zip(measures.MEASURES, plain, strict=True)),
                }
            )
            for known, row, plain in zip(
                familiar.round(4).tolist(),
                chances.tolist(),
                examples.measures.round(6).tolist(),
                strict=True,
            )
        ]
        return pa.Table.from_pydict(
            {
                "subject": examples.who.tolist(),
                "object": [""] * len(examples),
                "rank": [None] * len(examples),
                "value": np.clip(expected(chances), low, high),
                "low": low.astype(float),
                "high": high.astype(float),
                "label": [str(at + 1) for at in chances.argmax(axis=1).tolist()],
                "details": details,
            },
            schema=ANSWERS,
        )

    def measure(self, said: pa.Table, examples: TextExamples, draws: Array) -> dict[str, Array]:
        """F1, accuracy and AUC under each draw of the texts."""
        rows = [json.loads(each)["probabilities"] for each in said["details"].to_pylist()]
        chances = np.array([[row[str(at + 1)] for at in range(LEVELS)] for row in rows])
        return report.figures(chances, examples.classes, weights_of(examples, draws))

    def outcome(self, said: pa.Table, examples: TextExamples) -> Array | None:
        """The level that somebody has given, 1 to 5."""
        return examples.level

    def groups(
        self, con: DuckDBPyConnection, examples: TextExamples
    ) -> Mapping[str, NDArray[np.str_]]:
        """By kind of resource and by subject: no student stands behind a text."""
        return {"kind": examples.kind, "subject": examples.subject}

    def report(
        self,
        model: LevelModel,
        split: Split[TextExamples],
        rules: Rules,
        occasion: Occasion[Any] | None = None,
    ) -> Report:
        """How the model does on texts that it has not seen, beside two simpler ways."""
        return report.report(model, split)

    def no_better(self, found: Report) -> str:
        """Beside the commonest level for every text."""
        simple = found.test["beside"]["commonest_level"]["f1_macro"]
        own = found.headline["f1_macro"]
        than = "giving every text the commonest level"
        return no_better(self.metrics["f1_macro"], own, simple, than)


DIFFICULTY = DifficultyFamily()
