"""The risk family's record: everything that other rooms need from it."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel

from edupulse_core.config import Rules, Settings
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.family import (
    ANSWERS,
    Algorithm,
    Array,
    CardFacts,
    Metric,
    Occasion,
    Recent,
    Report,
    Split,
)
from edupulse_core.families.risk import NAME, evaluation, score, serve, shipping, watching
from edupulse_core.families.risk import card as risk_card
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.algorithms import ALGORITHMS
from edupulse_core.families.risk.assessment import read_groups
from edupulse_core.families.risk.bands import bands_of
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.report import SHOWN
from edupulse_core.families.risk.results import Comparison
from edupulse_core.families.risk.score import ScoreRun
from edupulse_core.families.risk.serve import Engine
from edupulse_core.families.risk.tiers import TIERS, places_of
from edupulse_core.features import catalogue
from edupulse_core.progress import Progress
from edupulse_core.store.runs import NIGHT
from edupulse_core.training.evaluation import resampled_auc
from edupulse_core.warehouse.snapshots import Snapshot


class Nothing(BaseModel):
    """The risk family needs no question beside the student and the day."""


class RiskFamily:
    """See `families.family.Family`."""

    name = NAME
    title = "Risk"
    whose = "students"
    values = "scores"
    least_new = 1000
    new_share = 0.1
    nightly = True
    question: type[BaseModel] = Nothing
    evaluation: type[Evaluation] = RiskEvaluation
    ship = staticmethod(shipping.ship)
    labels: Mapping[str, str] = {each.name: each.stored_label for each in catalogue.FEATURES}
    ranges: Mapping[str, tuple[float, float]] = {
        each.name: each.range for each in catalogue.FEATURES
    }
    metrics: Mapping[str, Metric] = {
        "score_auc_any": Metric(SHOWN["score_auc_any"]),
        "score_auc_high": Metric(SHOWN["score_auc_high"]),
        "mae": Metric(SHOWN["mae"], higher_is_better=False),
    }
    watching = watching.WATCHING
    resplit: Callable[[Any, float, float], Split[Any]] | None = None  # weeks part it too
    recent: Recent | None = None
    algorithms: Mapping[str, Algorithm] = ALGORITHMS

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> Examples:
        """Every labeled student-week of the home."""
        return risk_examples.read(con, rules.outcomes)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> Examples:
        """The students' windows that end with the last week up to a day."""
        monday = day - timedelta(days=(day.weekday() + 1) % 7 + 6)
        return risk_examples.asked(con, rules.outcomes, students, monday)

    def splits(self, examples: Examples, *, seed: int = 0, folds: int = 1) -> list[Split[Examples]]:
        """By student and by time; each fold draws the students anew."""
        horizon = examples.rules.horizon_weeks
        return [
            risk_examples.three_way(examples, examples.calendars, horizon=horizon, seed=seed + fold)
            for fold in range(folds)
        ]

    def predict(self, model: Any, examples: Examples, rules: Rules) -> pa.Table:
        """Each student's score, level, likelihood of each level and band."""
        if isinstance(model, Engine):
            mine = examples.reading(model.trained.features)
            found = model.predict(mine.values, mine.observed)
            scores, chances = found.score, found.probabilities
            bands, fits = (
                model.trained.bands_under(rules.outcomes),
                model.trained.fits(rules.outcomes),
            )
        else:
            scores, chances = risk_fit.probabilities(model, examples)
            fits = model.edges == rules.outcomes.tiers
            bands = model.bands if fits else None
        spans = bands_of(rules, bands, scores, chances)
        told = chances.tolist() if fits else [()] * len(chances)
        details = [dict(zip(TIERS, row, strict=False)) for row in told]
        return pa.Table.from_pydict(
            {
                "subject": examples.who.tolist(),
                "object": [""] * len(scores),
                "rank": [None] * len(scores),
                "value": scores,
                "low": [span and span.severity[0] for span in spans],
                "high": [span and span.severity[1] for span in spans],
                "label": [TIERS[at] for at in places_of(scores, rules.outcomes)],
                "details": [json.dumps(each) for each in details],
            },
            schema=ANSWERS,
        )

    def measure(self, said: pa.Table, examples: Examples, draws: Array) -> dict[str, Array]:
        """AUC of the score and mean absolute error under each draw of the students."""
        actual, value = examples.actual, said["value"].to_numpy()
        weights = draws[:, np.unique(examples.who, return_inverse=True)[1]]
        error = np.abs(value - actual.severity)
        return {
            "score_auc_any": resampled_auc(value, actual.any_flag, weights),
            "score_auc_high": resampled_auc(value, actual.high, weights),
            "mae": weights @ error / weights.sum(axis=1),
        }

    def outcome(self, said: pa.Table, examples: Examples) -> Array | None:
        """The severity that followed, NaN where it is not known yet."""
        return examples.severity

    def groups(self, con: DuckDBPyConnection, examples: Examples) -> Mapping[str, NDArray[np.str_]]:
        """By race, sex, language, disability, meal status, school and grade."""
        return read_groups(con, examples)

    def report(
        self,
        model: RiskModel,
        split: Split[Examples],
        rules: Rules,
        occasion: Occasion[Examples] | None = None,
    ) -> Report:
        """Compared with simpler methods; with an occasion, every other measure too."""
        if model.edges != rules.outcomes.tiers:  # its bands are of other levels
            model = replace(model, bands=None)
        if occasion is None:
            return evaluation.compared(model, split, rules)
        return evaluation.evaluated(model, split, rules, occasion)

    def untold(self, said: pa.Table, examples: Any) -> Collection[str]:
        """None: its metrics rank and average scores."""
        return ()

    def no_better(self, found: Report) -> str:
        """Nothing: a shipped version serves first, and the gate compares others with it."""
        return ""

    def card(self, model: RiskModel, about: CardFacts) -> str:
        """The model card of a version that a home trained."""
        district = about.metrics["evaluated_on"][0]["district"]
        test = Comparison.model_validate(about.metrics["test"])
        return risk_card.write(
            replace(model, metrics=dict(about.metrics), data_range=about.data_range),
            about.version,
            {"later weeks of students not trained on": test},
            data=(
                f"{district}: its own students, split three ways so that no student and no "
                "later week crosses from one part to another (train, validation, test)."
            ),
            measured=about.measured,
            limits="* It was trained and tested on one district's students only.",
            command=f"edupulse train {NAME}",
            reproduce="It trains on the home's warehouse as it is on that day.",
        )

    def night(
        self,
        settings: Settings,
        folder: Path,
        snapshot: Snapshot,
        *,
        as_of: date | None = None,
        purpose: str = NIGHT,
        progress: Progress | None = None,
    ) -> ScoreRun:
        """Score the week, with reasons, and keep it in the store's predictions."""
        served = serve.load(folder, form=settings.inference_form)
        return score.score(
            settings, served, snapshot, as_of=as_of, purpose=purpose, progress=progress
        )


RISK = RiskFamily()
