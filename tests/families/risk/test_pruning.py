"""A pruned network has fewer weights, not zeros, and works like any other."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from edupulse_core.config import SHIPPED_MODELS
from edupulse_core.families.risk import checkpoint, pruning
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork

CONFIGS = {
    "plain": RiskConfig(hidden=6, layers=2, projection=16, heads=2, fusion=(8, 6), head=5),
    "cross": RiskConfig(hidden=7, layers=1, projection=16, heads=4, cross=True),
    "causal": RiskConfig(hidden=6, layers=2, projection=8, heads=2, bidirectional=False),
}


def scores(network: RiskNetwork, batch) -> np.ndarray:
    values = torch.from_numpy(np.nan_to_num(batch.values[:64]))
    with torch.no_grad():
        return network(values, torch.from_numpy(batch.observed[:64]))[0].numpy()


@pytest.mark.parametrize("name", CONFIGS)
def test_nothing_changes_where_every_unit_stays(name: str, batch) -> None:
    torch.manual_seed(0)
    network = RiskNetwork(CONFIGS[name]).eval()

    same = pruning.pruned(network, 1.0)

    assert same.config == network.config
    assert np.abs(scores(same, batch) - scores(network, batch)).max() < 1e-6


@pytest.mark.parametrize("name", CONFIGS)
def test_units_without_weight_are_the_ones_that_leave(name: str, batch) -> None:
    torch.manual_seed(0)
    small = RiskNetwork(CONFIGS[name]).eval()
    config = small.config
    wide = RiskNetwork(replace(config, fusion=(3 * config.fusion[0], 3 * config.fusion[1]))).eval()
    grown = {key: torch.zeros_like(value) for key, value in wide.state_dict().items()}
    for key, value in small.state_dict().items():
        grown[key][tuple(slice(0, n) for n in value.shape)] = value
    wide.load_state_dict(grown)
    weights = wide.state_dict()
    target = replace(wide.config, fusion=config.fusion)

    found = RiskNetwork(target)
    found.load_state_dict(pruning._cut(weights, wide.config, target))

    assert np.abs(scores(found.eval(), batch) - scores(small, batch)).max() < 1e-6


def test_the_shipped_network_gets_smaller_and_keeps_its_order(batch) -> None:
    model = checkpoint.load(SHIPPED_MODELS / "risk" / "risk-4")

    found = pruning.pruned(model.network, 0.75)

    before, after = (
        sum(each.numel() for each in one.parameters()) for one in (model.network, found)
    )
    assert after < 0.7 * before
    assert all(bool((each != 0).any()) for each in found.parameters())
    ranks = np.corrcoef(scores(model.network, batch), scores(found, batch))[0, 1]
    assert ranks > 0.5
