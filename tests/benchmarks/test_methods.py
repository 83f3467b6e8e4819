"""Every way to explain, on a score that can be worked out by hand."""

import numpy as np
import pytest

from edupulse_core.families.risk import parts, serve
from tests.benchmarks.methods import COMPLETE, EVERYWHERE, METHODS, apart
from tests.families.risk.by_hand import by_hand, in_groups

ROWS = np.arange(2)
EXACT = [name for name in METHODS["group"] if name in COMPLETE and name != "GradientShap"]


@pytest.mark.parametrize("name", EXACT)
def test_a_linear_score_is_shared_out_by_its_terms(name) -> None:
    given = METHODS["group"][name](by_hand(0.0), np.ones((2, 8)), ROWS)

    assert given == pytest.approx(in_groups([2.0, -2.0], [6.0, 1.5]), abs=1e-4)


def test_gradient_shap_finds_the_terms_up_to_its_noise() -> None:
    given = METHODS["group"]["GradientShap"](by_hand(0.0), np.ones((2, 8)), ROWS)

    assert given == pytest.approx(in_groups([2.0, -2.0], [6.0, 1.5]), abs=0.3)
    assert (given[:, [1, 2, 4, 5, 6, 7]] == 0).all()


def test_shapley_values_are_complete(version, batch) -> None:
    few = batch.of(slice(0, 4))
    served = serve.load(version, form="onnx")
    groups = parts.cut(served, few.values, few.observed, np.zeros((4, 42)), "group")

    given = METHODS["group"]["Shapley"](groups, np.ones((4, 8)), np.arange(4))

    assert np.abs(apart(groups)).max() > 0.05
    assert np.abs(given.sum(axis=1) - apart(groups)).max() < 1e-5


@pytest.mark.parametrize("name", ["Integrated Gradients", "Shapley"])
def test_what_two_groups_do_together_is_shared_alike(name) -> None:
    given = METHODS["group"][name](by_hand(1.0), np.ones((2, 8)), ROWS)

    assert given == pytest.approx(in_groups([3, -2.25], [7, 1.25]), abs=1e-4)


@pytest.mark.parametrize("name", EXACT)
def test_less_of_a_part_is_explained_as_less(name) -> None:
    given = METHODS["group"][name](by_hand(0.0), np.full((1, 8), 0.5), np.array([1]))

    assert given == pytest.approx(in_groups([-1.0, 0], [0.75, 0])[:1], abs=1e-4)


def test_attention_says_weeks_and_rollout_adds_the_week_itself() -> None:
    weeks = by_hand(0.0, "week")

    looked, rolled = (
        METHODS["week"][name](weeks, np.ones((2, 20)), ROWS)
        for name in ("attention", "attention rollout")
    )

    assert looked[0, -2:] == pytest.approx([0.25, 0.75])
    assert rolled[0, -2:] == pytest.approx([0.125, 0.875])


@pytest.mark.parametrize("name", [name for name in METHODS["week"] if name != "random"])
def test_padded_weeks_get_exactly_nothing(version, batch, name) -> None:
    few = batch.of(slice(0, 8))
    norms = np.tile(np.nanmedian(batch.values[:, -1], axis=0).astype(np.float64), (8, 1))
    served = serve.load(version, form="onnx")
    weeks = parts.cut(served, few.values, few.observed, norms, "week")

    given = METHODS["week"][name](weeks, np.ones((8, 20)), np.arange(8))

    assert not few.observed.all()
    assert (given[~few.observed] == 0).all()
    assert np.abs(given[few.observed]).max() > 0.01


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_method_gives_the_same_again(version, batch, name) -> None:
    few = batch.of(slice(0, 4))
    norms = np.zeros((4, 42))
    served = serve.load(version, form="onnx")
    features = parts.cut(served, few.values, few.observed, norms, "feature")

    first, second = (EVERYWHERE[name](features, np.ones((4, 42)), np.arange(4)) for _ in "12")

    assert (first == second).all()
