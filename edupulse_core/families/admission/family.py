"""The admission family's record: everything that other rooms need from it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from pydantic import BaseModel

from edupulse_core.config import Rules
from edupulse_core.families.admission import NAME, examples, measured, report, sayings
from edupulse_core.families.admission.algorithms import ALGORITHMS
from edupulse_core.families.admission.examples import INPUTS, RANGES, Applications, Question
from edupulse_core.families.admission.measured import COUNTED, AdmissionEvaluation
from edupulse_core.families.admission.model import AdmissionModel
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
from edupulse_core.families.usual import Usual, no_better, weights_of
from edupulse_core.progress import Progress


class AdmissionFamily(Usual):
    """See `families.family.Family`."""

    name = NAME
    title = "Admission"
    values = "odds"
    says = (
        "The share of past applicants with records like a student's who were admitted to a program "
        "like this one, with a range. It reads twelve numbers of the application and the program."
    )
    limits = sayings.WARNING + (
        " Sex, race and every other fact about who a student is never enter it. What would change "
        "the odds is what was different among past applicants: it does not promise an effect."
    )
    least_new = 100
    recent = Recent(
        days=365,  # decisions come once a year
        fewest=30,
        sure=2.6,
        figure="brier",
        steady=examples.INPUTS,
        measure=lambda said, cases: measured.by_case(said["value"].to_numpy(), cases.admitted),
    )
    question: type[BaseModel] = Question
    evaluation: type[Evaluation] = AdmissionEvaluation
    labels: Mapping[str, str] = sayings.LABELS
    ranges: Mapping[str, tuple[float, float]] = RANGES
    metrics: Mapping[str, Metric] = {
        "auc_roc": Metric("AUC"),
        "accuracy": Metric("Accuracy"),
        "precision": Metric("Precision"),
        "recall": Metric("Recall"),
        "f1_score": Metric("F1"),
        "brier": Metric("Brier score", higher_is_better=False),
    }
    algorithms: Mapping[str, Algorithm] = ALGORITHMS
    shares = (0.65, 0.15)  # a fifth of the students is for the test

    def read(
        self, con: DuckDBPyConnection, rules: Rules, progress: Progress | None = None
    ) -> Applications:
        """Every decided application."""
        return examples.read(con)

    def ask(
        self,
        con: DuckDBPyConnection,
        rules: Rules,
        students: Collection[str],
        day: date,
        question: BaseModel,
    ) -> Applications:
        """The programs that each student could apply to, as far as they have applied anywhere."""
        programs = getattr(question, "programs", ())
        return examples.ask(con, students, day, programs)

    def predict(self, model: AdmissionModel, examples: Applications, rules: Rules) -> pa.Table:
        """Each program's odds, the best first, and what each input and each change would do."""
        chance, low, high = model.with_ranges(examples.x)
        details = ["{}"] * len(examples)
        asked = np.flatnonzero(np.isnan(examples.admitted))
        if len(asked):
            x = examples.x[asked]
            rows = zip(asked, model.effects(x), model.changes(x), strict=True)
            for at, effects, changes in rows:
                told = [asdict(one) for one in changes if one.chance - chance[at] >= LEAST]
                moved = dict(zip(INPUTS, np.round(effects, 4).tolist(), strict=True))
                details[at] = json.dumps({"effects": moved, "changes": told})
        return pa.Table.from_pydict(
            {
                "subject": examples.who.tolist(),
                "object": examples.program.tolist(),
                "rank": _ranks(examples, chance),
                "value": chance,
                "low": low,
                "high": high,
                "label": [sayings.kind_of(each) for each in chance],
                "details": details,
            },
            schema=ANSWERS,
        )

    def measure(self, said: pa.Table, examples: Applications, draws: Array) -> dict[str, Array]:
        """Each metric under each draw of the students."""
        weights = weights_of(examples, draws)
        return measured.resampled(said["value"].to_numpy(), examples.admitted, weights)

    def outcome(self, said: pa.Table, examples: Applications) -> Array | None:
        """Whether each was admitted."""
        return examples.admitted

    def report(
        self,
        model: AdmissionModel,
        split: Split[Applications],
        rules: Rules,
        occasion: Occasion[Applications] | None = None,
    ) -> Report:
        """Against what needs no model; with an occasion, by sex and race too."""
        return report.report(model, split, occasion)

    def untold(self, said: pa.Table, examples: Applications) -> Collection[str]:
        """Shares that tell, with the rows, for how many the odds were wrong; these are few."""
        chance = said["value"].to_numpy(zero_copy_only=False)
        codes = np.unique(examples.who, return_inverse=True)[1]
        return COUNTED if report.tells_of_few(chance, examples.admitted, codes) else ()

    def no_better(self, found: Report) -> str:
        """Beside guessing."""
        return no_better(self.metrics["auc_roc"], found.headline["auc_roc"], 0.5, "guessing")


LEAST = 0.01  # a change that helps less is not worth telling


def _ranks(examples: Applications, chance: Array) -> list[int | None]:
    """The place of each program among its student's, 1 for the best odds."""
    found: list[int | None] = [None] * len(examples)
    for who in np.unique(examples.who):
        rows = np.flatnonzero(examples.who == who)
        for place, at in enumerate(rows[np.argsort(-chance[rows], kind="stable")], 1):
            found[at] = place
    return found


ADMISSION = AdmissionFamily()
