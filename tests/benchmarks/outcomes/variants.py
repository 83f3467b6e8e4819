"""Variants of the network on real students: same candidates, the folds of `bench outcomes`."""

from dataclasses import replace
from typing import Any

import numpy as np

from edupulse_core.training.evaluation import auc
from tests.benchmarks.command import Log
from tests.benchmarks.differences import paired_difference
from tests.benchmarks.networks import ARCHITECTURES, DESIGN, INPUTS
from tests.benchmarks.outcomes import models
from tests.benchmarks.outcomes.models import Array
from tests.benchmarks.outcomes.network import Recipe
from tests.benchmarks.outcomes.protocol import FOLDS, Split
from tests.benchmarks.outcomes.weekly import Case

RECIPES = (Recipe(), Recipe(hidden_inputs=0.3))
VARIANTS = {"design": DESIGN, **INPUTS, **ARCHITECTURES}


def predict(splits: list[Split], log: Log) -> dict[str, Array]:
    """Logits of every variant, and of several seeds of the design: (N, cuts) each."""
    found: dict[str, Array] = {}
    for number, split in enumerate(splits, start=1):
        case, effort, student = split.case, split.effort, split.case.weekly.student
        inner = models.folds(student[split.train], effort.inner, FOLDS + number)
        asked = case.weekly.of(split.test)
        given: dict[str, Array] = {}
        for name, variant in VARIANTS.items():
            choices = tuple({"recipe": replace(recipe, variant=variant)} for recipe in RECIPES)
            chosen = models.choose(models.gru, choices, case, split.train, inner, effort)
            each = [
                models.gru(case, split.train, chosen, seed, effort)(asked)
                for seed in range(effort.seeds if name == "design" else 1)
            ]
            given[name] = each[0]
            if len(each) > 1:
                given["several seeds of the design"] = np.mean(each, axis=0)
            log(f"OULAD, fold {number} of {len(splits)}: {name}")
        for name, logits in given.items():
            of = found.setdefault(name, np.full((len(case.weekly), logits.shape[1]), np.nan))
            of[split.test] = logits
    return found


def compare(case: Case, logits: dict[str, Array]) -> list[dict[str, Any]]:
    """A row for each model: AUC by time of prediction, and how far it is from the design."""
    rows = []
    for name, scores in logits.items():
        row: dict[str, Any] = {"name": name, "auc": {}, "design": {}}
        for at, (label, step) in enumerate(case.cuts.items()):
            ok = case.counted[:, step]
            positive, student = case.weekly.at_risk[ok], case.weekly.student[ok]
            row["auc"][label] = auc(scores[ok, at], positive)
            if name != "design":
                row["design"][label] = paired_difference(
                    scores[ok, at], logits["design"][ok, at], positive, student
                )
        rows.append(row)
    return rows
