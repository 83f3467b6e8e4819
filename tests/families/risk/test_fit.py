from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch

from edupulse_core.config import SHIPPED_MODELS
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.network import WINNER, RiskConfig, RiskNetwork, Standardizer
from edupulse_core.families.shelf import family_named
from edupulse_core.training import evaluation
from edupulse_core.training.loop import LoopOptions
from tests import fake_device

SMALL = RiskConfig(hidden=6, layers=1, projection=16, heads=2, fusion=(16, 8), head=8)
LOOP = LoopOptions(epochs=6, batch=32, learning_rate=0.02)


def examples(n: int, seed: int) -> Examples:
    """Severity follows a trait that shows in the first feature; discipline is unknown."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 20, 42)).astype(np.float32)
    values[:, :, 29:] = np.nan
    trait = rng.normal(size=n)
    values[:, :, 0] += 2 * trait[:, None].astype(np.float32)
    severity = np.array([0.0, 0.3, 0.7, 1.0])[np.digitize(trait, (0.5, 1.2, 1.8))]
    weeks = np.datetime64("2025-09-01") + 7 * rng.integers(0, 20, n).astype("timedelta64[D]")
    students = np.array([f"S{i % (n // 4)}" for i in range(n)])
    return Examples(values, np.ones((n, 20), dtype=bool), students, weeks, severity)


@pytest.mark.parametrize(
    "changes",
    [{}, {"score_loss": "mse", "oversample": 0.5, "class_weight": 0.0}],
    ids=["bce", "mse, oversampled"],
)
def test_it_learns_who_is_at_risk_even_with_a_modality_unknown(changes: dict[str, str]) -> None:
    test = examples(400, 2)
    plan = RiskPlan(SMALL, LOOP, **changes)  # type: ignore[arg-type]

    model = risk_fit.fit(examples(800, 0), examples(400, 1), plan)

    found = evaluation.metrics(risk_fit.predict(model, test), test.actual)
    assert found.score_auc_any > 0.85
    assert found.ece < 0.1


def test_category_probabilities_are_calibrated_though_rare_tiers_weigh_more() -> None:
    validation = examples(600, 1)

    model = risk_fit.fit(examples(800, 0), validation, RiskPlan(SMALL, LOOP, class_weight=1.0))

    said = risk_fit.predict(model, validation)
    assert said.any_flag.mean() == pytest.approx(validation.actual.any_flag.mean(), abs=0.01)
    assert said.high.mean() == pytest.approx(validation.actual.high.mean(), abs=0.01)


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_the_network_and_all_its_batches_go_to_the_device(loss: Literal["bce", "mse"]) -> None:
    small = replace(SMALL, cross=True)
    plan = RiskPlan(small, LoopOptions(epochs=2, batch=32), score_loss=loss, oversample=0.5)
    rows, later = examples(80, 0), examples(40, 1)

    def learn(device: str) -> list[float]:
        torch.manual_seed(0)
        inputs = Standardizer.fit(rows.values, rows.observed)
        history = risk_fit.learn(RiskNetwork(small), inputs, rows, later, plan, device=device)
        return [epoch["validation_loss"] for epoch in history]

    with fake_device.plugged_in():
        there = learn(fake_device.NAME)

    assert there == pytest.approx(learn("cpu"))


def test_the_metrics_keep_how_it_was_trained() -> None:
    plan = RiskPlan(SMALL, LoopOptions(epochs=1))

    metrics = risk_fit.fit(examples(60, 0), examples(60, 1), plan).metrics

    assert metrics["training"]["rows"] == 60
    assert metrics["training"]["loop"]["epochs"] == 1
    assert metrics["training"]["network"]["hidden"] == 6
    assert [epoch["epoch"] for epoch in metrics["history"]] == [1]


class Highest:
    """A tuner's trial that always suggests the highest value."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return high

    def suggest_int(self, name: str, low: int, high: int) -> int:
        return high

    def suggest_categorical(self, name: str, choices: list[int]) -> int:
        return choices[-1]


def test_the_search_space_gives_plans_that_can_be_trained() -> None:
    algorithm = family_named("risk").algorithms["network"]

    plan = algorithm.space(Highest())

    assert plan.network.layers == 3
    assert plan.network.dropout == 0.5


def test_the_shipped_version_is_whole_and_was_tested_on_the_demo() -> None:
    folders = sorted(path.parent for path in (SHIPPED_MODELS / "risk").glob("*/manifest.json"))

    assert len(folders) == 1
    model = checkpoint.load(folders[0])
    assert model.config == WINNER
    assert model.metrics["evaluated_on"] == [{"district": "demo", "seed": 2026}]
    against = model.metrics["test"]["against_best_baseline"]
    assert against["score_auc_any"]["high"] > 0 and against["score_auc_high"]["high"] > 0
