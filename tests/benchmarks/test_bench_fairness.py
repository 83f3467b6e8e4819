import numpy as np
import pytest
import torch

from tests.benchmarks import bench_fairness

GROUPS = {"team": np.array(["a"] * 400 + ["b"] * 400)}
CAME = np.array([True] * 300 + [False] * 100 + [True] * 100 + [False] * 300)


def test_reweighted_rows_count_as_if_outcome_and_group_were_independent() -> None:
    weight = bench_fairness.reweighted(GROUPS, CAME, 1.0)

    shares = [weight[rows & CAME].sum() / weight[rows].sum()
              for rows in (GROUPS["team"] == "a", GROUPS["team"] == "b")]  # fmt: skip
    assert shares == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_power_of_nothing_weighs_every_row_alike() -> None:
    assert bench_fairness.reweighted(GROUPS, CAME, 0.0) == pytest.approx(np.ones(800))


def test_equal_shares_of_alarms_cost_nothing_and_unequal_ones_do() -> None:
    member = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    came = torch.tensor([True, False, True, False])

    even = bench_fairness.unequal(torch.tensor([9.0, -9.0, 9.0, -9.0]), came, member)
    uneven = bench_fairness.unequal(torch.tensor([9.0, -9.0, -9.0, -9.0]), came, member)

    assert float(even) == pytest.approx(0.0, abs=1e-6)
    # among those with the outcome a has 1 and b has 0, everyone .5: half of .25 twice
    assert float(uneven) == pytest.approx(0.25, abs=1e-3)
