"""Each algorithm trains, is kept, serves the scores that it learned, and explains them."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edupulse_core.config import Rules, load_settings
from edupulse_core.errors import ConfigError, ModelError, RefusedError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.onnx import OnnxRun
from edupulse_core.families.risk import checkpoint, plans, score, serve
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.algorithms import ALGORITHMS
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.explain import explain_all, reasons
from edupulse_core.families.risk.learned import softmax
from edupulse_core.families.risk.linear import LogisticPlan
from edupulse_core.families.risk.network import RiskNetwork
from edupulse_core.families.risk.plans import BlendPlan
from edupulse_core.families.risk.trees import BoostingPlan, _Boosted, in_onnx, summaries
from edupulse_core.training import evaluation
from tests.families.risk.alone import run_alone
from tests.families.risk.small import PLAN
from tests.families.risk.test_fit import examples

BOOSTING = BoostingPlan(rounds=12, rows_a_leaf=20)
BLENDED = BlendPlan(network=PLAN, gradient_boosting=BOOSTING)
SMALL = {
    "network": PLAN,
    "gradient_boosting": BOOSTING,
    "logistic_regression": LogisticPlan(),
    "blend": BLENDED,
}
SPLIT = Split(examples(400, 0), examples(200, 1), examples(200, 2))


@dataclass(frozen=True)
class Made:
    model: RiskModel
    folder: Path
    history: list[dict[str, float]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """A trained and saved version of each algorithm; a blend reuses what was trained before."""
    kept: dict[str, Made] = {}

    def one(name: str) -> Made:
        if name not in kept:
            history: list[dict[str, float]] = []
            members = [other for other in SMALL if name == "blend" != other]
            run = Run(
                device="cpu",
                tracker=lambda epoch: history.append(dict(epoch)),
                trained={other: one(other).model for other in members},
            )
            model = ALGORITHMS[name].fit(SPLIT, SMALL[name], run)
            folder = tmp_path_factory.mktemp("algorithms") / name
            checkpoint.save(model, folder)
            kept[name] = Made(model, folder, history)
        return kept[name]

    return one


@pytest.mark.parametrize("name", SMALL)
def test_it_learns_who_is_at_risk_and_what_each_level_means(made, name: str) -> None:
    test = SPLIT.test

    said = risk_fit.predict(made(name).model, test)

    found = evaluation.metrics(said, test.actual)
    assert found.score_auc_any > 0.75
    assert found.auc_high > 0.75
    assert found.ece < 0.15
    assert abs(said.any_flag.mean() - test.actual.any_flag.mean()) < 0.1


@pytest.mark.parametrize("name", SMALL)
def test_a_served_version_gives_the_scores_and_bands_that_were_trained(made, name: str) -> None:
    model, test = made(name).model, SPLIT.test
    scores, levels = risk_fit.probabilities(model, test)

    engine = serve.load(made(name).folder)
    served = engine.predict(test.values, test.observed)

    assert np.abs(served.score - scores).max() < 1e-6
    assert np.abs(served.probabilities - levels).max() < 1e-6
    assert engine.trained.bands == model.bands is not None
    assert engine.trained.algorithm == name
    again = checkpoint.load(made(name).folder)
    assert np.abs(risk_fit.probabilities(again, test)[0] - scores).max() < 1e-6


@pytest.mark.parametrize("name", SMALL)
def test_who_else_is_in_the_batch_changes_no_score(made, name: str) -> None:
    engine, test = serve.load(made(name).folder), SPLIT.test
    whole = engine.predict(test.values, test.observed)

    alone = [engine.predict(test.values[i : i + 1], test.observed[i : i + 1]) for i in (0, 70, 199)]

    for at, one in zip((0, 70, 199), alone, strict=True):
        assert abs(one.score[0] - whole.score[at]) < 1e-6
        assert np.abs(one.probabilities[0] - whole.probabilities[at]).max() < 1e-6


@pytest.mark.parametrize("name", SMALL)
def test_every_score_is_explained_and_the_reasons_are_those_of_the_night(made, name: str) -> None:
    folder, test = made(name).folder, SPLIT.test
    few = test.values[:20], test.observed[:20], np.zeros((20, 42))

    explained = explain_all(load_settings(), folder, *few)

    assert [each.factors for each in explained] == reasons(folder, *few)
    assert any(each.factors for each in explained)
    served = serve.load(folder).predict(*few[:2])
    assert np.abs([each.score for each in explained] - served.score).max() < 1e-6
    for each, values in zip(explained, few[0], strict=True):
        assert (each.attributions[np.isnan(values)] == 0).all()
        assert (each.attention is not None) == (name == "network")
        assert each.agreement.checks == (3 if name == "network" else 2)
    moved = np.abs([each.attributions.sum(axis=0) for each in explained]).mean(axis=0)
    assert moved.argmax() == 0  # the only feature that tells anything


@pytest.mark.parametrize("name", ["gradient_boosting", "blend"])
def test_the_night_draws_no_pictures_of_a_model_without_attention(made, name: str) -> None:
    nothing: Any = None  # no scores are looked for

    assert score.draw(load_settings(), serve.load(made(name).folder), nothing) == 0


def test_a_logistic_regression_is_explained_exactly(made) -> None:
    values = SPLIT.test.values[:20].copy()
    values[:, 3, 5] = np.nan
    few = values, SPLIT.test.observed[:20], np.full((20, 42), 0.3)

    explained = explain_all(load_settings(), made("logistic_regression").folder, *few)

    assert max(each.completeness_error for each in explained) < 1e-4


def test_trees_in_onnx_decide_as_those_that_were_grown() -> None:
    x = summaries(SPLIT.train.values, SPLIT.train.observed)
    x[::3, 7] = np.nan
    later = summaries(SPLIT.test.values, SPLIT.test.observed)
    for target in (SPLIT.train.severity, (SPLIT.train.severity > 0).astype(float)):
        grown = _Boosted(target, BOOSTING, 0)
        grown.grow(x, 12)

        found = OnnxRun(in_onnx([grown.grown], x.shape[1]))(later)[0][:, 0]

        assert np.ptp(found) > 0.5
        assert np.abs(found - grown.logits(later)).max() < 1e-5


def test_an_outcome_that_never_comes_is_learned_too() -> None:
    calm = replace(SPLIT.train, severity=np.zeros(len(SPLIT.train)))
    split = Split(calm, SPLIT.validation, SPLIT.test)

    for name in ("gradient_boosting", "logistic_regression"):
        model = ALGORITHMS[name].fit(split, SMALL[name], Run())

        scores, levels = risk_fit.probabilities(model, SPLIT.test)
        assert np.isfinite(scores).all() and np.allclose(levels.sum(axis=1), 1)


@pytest.mark.parametrize("name", SMALL)
def test_the_history_has_both_losses_and_the_seconds(made, name: str) -> None:
    history = made(name).history

    assert history
    for epoch in history:
        assert {"epoch", "train_loss", "validation_loss", "seconds"} <= epoch.keys()
        assert 0 < epoch["train_loss"] < 2 and 0 < epoch["validation_loss"] < 2


@pytest.mark.parametrize("name", SMALL)
def test_a_training_stops_when_it_is_cancelled(name: str) -> None:
    with pytest.raises(RefusedError, match="stopped"):
        ALGORITHMS[name].fit(SPLIT, SMALL[name], Run(device="cpu", cancel=lambda: True))


def test_a_logistic_regression_serves_without_scikit_learn(made) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from edupulse_core.families.risk.serve import load\n"
        "for folder in sys.argv[1:]:\n"
        "    engine = load(Path(folder))\n"
        "    engine.predict(np.zeros((3, 20, 42), np.float32), np.ones((3, 20), bool))\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    folders = [str(made(name).folder) for name in ("gradient_boosting", "logistic_regression")]

    done = subprocess.run([sys.executable, "-c", script, *folders], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("gradient_boosting", "trees.json"),
        ("logistic_regression", "linear.safetensors"),
        ("blend", "blend.json"),
    ],
)
def test_a_damaged_file_is_named(made, tmp_path: Path, name: str, file: str) -> None:
    checkpoint.save(made(name).model, tmp_path / "mine")
    (tmp_path / "mine" / file).write_text("{}")

    with pytest.raises(ModelError, match=f"{file} is not the file that was saved"):
        serve.load(tmp_path / "mine")


def test_an_algorithm_that_nobody_knows_is_refused(made, tmp_path: Path) -> None:
    odd = replace(made("logistic_regression").model, algorithm="tea_leaves")
    checkpoint.save(odd, tmp_path / "mine")

    with pytest.raises(ModelError, match="no algorithm 'tea_leaves'"):
        serve.load(tmp_path / "mine")


def test_a_blend_has_two_members_that_are_there() -> None:
    for members in (("network",), ("network", "blend"), ("network", "network")):
        with pytest.raises(ConfigError, match="two or more"):
            BlendPlan(members=members)


def test_a_blend_of_two_trains_the_members_that_it_lacks(tmp_path: Path) -> None:
    plan = replace(BLENDED, members=("gradient_boosting", "logistic_regression"))

    model = ALGORITHMS["blend"].fit(SPLIT, plan, Run())
    checkpoint.save(model, tmp_path / "mine")

    scores = risk_fit.probabilities(model, SPLIT.test)[0]
    served = serve.load(tmp_path / "mine").predict(SPLIT.test.values, SPLIT.test.observed)
    assert np.abs(served.score - scores).max() < 1e-6
    assert not model.has_network


def test_probabilities_do_not_overflow() -> None:
    assert np.allclose(softmax(np.array([[1e4, 0.0, 0.0, 0.0]])), [[1, 0, 0, 0]])


class Fixed:
    """A tuner's trial at one point of the grid."""

    def __init__(self, **chosen: Any) -> None:
        self.chosen = chosen

    def suggest_int(self, name: str, low: int, high: int) -> int:
        assert low <= self.chosen[name] <= high
        return self.chosen[name]

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        assert low <= self.chosen[name] <= high
        return self.chosen[name]

    def suggest_categorical(self, name: str, choices: list[int]) -> int:
        assert self.chosen[name] in choices
        return self.chosen[name]


def test_every_plan_of_the_grid_can_be_built() -> None:
    points = [dict(zip(plans.GRID, each, strict=True)) for each in product(*plans.GRID.values())]

    found = [plans.network_space(Fixed(**point)) for point in points]

    assert len({repr(plan) for plan in found}) == 243
    networks = {plan.network for plan in found}
    for config in networks:
        RiskNetwork(config)
    widths = {(each.hidden, each.projection) for each in networks}
    assert widths == {(21, 128), (42, 256), (85, 512)}


def test_the_network_as_first_designed_has_dropout_in_both_heads() -> None:
    network = RiskNetwork(plans.REFERENCE.network)

    assert network.config.hidden == 42 and network.config.layers == 2
    for head in (network.score, network.category):
        assert [each.p for each in head.modules() if hasattr(each, "p")] == [0.3]


@pytest.mark.parametrize("name", ["gradient_boosting", "logistic_regression", "blend"])
def test_an_export_gives_its_scores_without_edupulse(made, name: str, tmp_path: Path) -> None:
    contents = ALGORITHMS[name].export(made(name).folder, Rules())
    for file, content in contents.items():
        (tmp_path / file).write_bytes(content)
    test = SPLIT.test
    np.savez(tmp_path / "in.npz", values=test.values, observed=test.observed)

    found = run_alone(tmp_path, tmp_path / "in.npz")

    scores, shares = risk_fit.probabilities(made(name).model, test)
    said = [[float(row[f"probability_{level}"]) for level in evaluation.TIERS] for row in found]
    assert np.abs(np.array([float(row["score"]) for row in found]) - scores).max() < 1e-6
    assert np.abs(np.array(said) - shares).max() < 1e-6
