from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork
from tests.benchmarks.networks import ARCHITECTURES, DESIGN, INPUTS, Variant

TINY = RiskConfig(
    modality_sizes=(3, 2, 2),
    length=6,
    hidden=6,
    layers=1,
    projection=8,
    heads=2,
    fusion=(16, 16),
    head=16,
    dropout=0.0,
)
BOTH = {"masks, logs, pooling and convolutions": Variant(True, True, True, True)}
ALL = {"design": DESIGN, **INPUTS, **ARCHITECTURES, **BOTH}
every = pytest.mark.parametrize("variant", ALL.values(), ids=ALL)


@pytest.fixture(autouse=True)
def same_weights_each_time() -> None:
    torch.manual_seed(0)


def weeks(n: int = 40, *, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Raw windows with unknowns, some of them left-padded."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, (n, 6, 7)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    observed = np.arange(6) >= rng.integers(0, 4, n)[:, None]
    return values, observed


@every
def test_a_window_has_one_score_and_four_tiers(variant: Variant) -> None:
    values, observed = weeks()
    x = variant.inputs(values, observed, TINY.modality_sizes).apply(values, observed)

    for training in (True, False):
        score, category = variant.network(TINY).train(training)(x, torch.from_numpy(observed))

        assert score.shape == (40,) and category.shape == (40, 4)
        assert score.isfinite().all() and category.isfinite().all()


@every
def test_training_and_serving_are_the_same_function(variant: Variant) -> None:
    values, observed = weeks()
    x = variant.inputs(values, observed, TINY.modality_sizes).apply(values, observed)
    network = variant.network(TINY)  # without dropout

    score, category = network.train()(x, torch.from_numpy(observed))

    again = network.eval()(x, torch.from_numpy(observed))
    assert torch.allclose(score, again[0], atol=1e-5)
    assert torch.allclose(category, again[1], atol=1e-5)


@every
def test_each_week_sees_no_later_one_and_ends_where_the_window_does(variant: Variant) -> None:
    values, observed = weeks()
    observed = np.ones_like(observed)
    inputs = variant.inputs(values, observed, TINY.modality_sizes)
    network = variant.network(replace(TINY, bidirectional=False)).eval()
    changed = values.copy()
    changed[:, 4:] = 9.0

    score, category = network.each_week(inputs.apply(values, observed))

    assert score.shape == (40, 6) and category.shape == (40, 6, 4)
    other = network.each_week(inputs.apply(changed, observed))
    assert torch.allclose(score[:, :4], other[0][:, :4], atol=1e-6)
    assert torch.allclose(category[:, :4], other[1][:, :4], atol=1e-6)
    assert not torch.allclose(score[:, 4:], other[0][:, 4:])
    last = network(inputs.apply(values, observed), torch.from_numpy(observed))
    assert torch.allclose(score[:, -1], last[0], atol=1e-6)


@every
def test_what_stands_in_padded_weeks_changes_nothing(variant: Variant) -> None:
    values, observed = weeks()
    inputs = variant.inputs(values, observed, TINY.modality_sizes)
    network = variant.network(TINY).eval()
    changed = np.where(observed[..., None], values, np.float32(7.0))

    one, other = (
        network(inputs.apply(each, observed), torch.from_numpy(observed))[0]
        for each in (values, changed)
    )

    assert torch.equal(one, other)


@every
def test_an_easy_task_is_learned(variant: Variant) -> None:
    """Whose first input rises over the weeks."""
    values, observed = weeks(400)
    rises = np.random.default_rng(1).random(400) < 0.5
    values[:, :, 0] = np.where(rises[:, None], 1, -1) * np.arange(6) + 6
    x = variant.inputs(values, observed, TINY.modality_sizes).apply(values, observed)
    seen, target = torch.from_numpy(observed), torch.from_numpy(rises)
    network = variant.network(TINY)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        score, _ = network(x[:200], seen[:200])
        loss = F.binary_cross_entropy_with_logits(score, target[:200].float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    right = (network.eval()(x[200:], seen[200:])[0] > 0) == target[200:]

    assert right.float().mean() > 0.9


def test_masks_tell_unknown_from_usual_and_how_long_ago_something_happened() -> None:
    values = np.array([[[9.0], [2.0], [0.0], [np.nan], [3.0]]], dtype=np.float32)
    observed = np.array([[False, True, True, True, True]])

    x = Variant(masks=True).inputs(values, observed, (1,)).apply(values, observed)

    assert x[0, :, 1].tolist() == [0, 0, 0, 1, 0]
    assert x[0, :, 2].numpy() == pytest.approx([0, 0, 0.2, 0.4, 0])


def test_masks_stand_beside_the_values_of_their_modality() -> None:
    values, observed = weeks()

    x = Variant(masks=True).inputs(values, observed, (3, 2, 2)).apply(values, observed)

    plain = DESIGN.inputs(values, observed, (3, 2, 2)).apply(values, observed)
    assert x.shape[2] == 21
    assert torch.equal(x[..., [0, 1, 2, 9, 10, 15, 16]], plain)


def test_cross_modal_attention_is_the_products_own_and_a_transformer_has_none() -> None:
    network = Variant(cross=True).network(TINY)

    assert type(network) is RiskNetwork and network.config.cross
    assert not Variant(cross=True, transformer=True).network(TINY).config.cross_heads


def test_one_extreme_value_moves_no_robust_input() -> None:
    values, observed = weeks()
    values = np.nan_to_num(values)
    extreme = values.copy()
    extreme[0, -1, 0] = 1e6
    variant = Variant(robust=True)

    one, other = (
        variant.inputs(each, observed, (7,)).apply(each, observed) for each in (values, extreme)
    )

    assert torch.allclose(one[1:], other[1:], atol=0.02)
    assert other[0, -1, 0] == 5.0


def test_a_network_that_sees_both_ways_scores_no_single_week() -> None:
    with pytest.raises(ModelError, match="only the last week"):
        Variant(pooling=True).network(TINY).each_week(torch.zeros(1, 6, 7))
