"""Weights in closed form, beside what defines them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from edupulse_core.errors import ConfigError
from edupulse_core.families.recommend import linear
from edupulse_core.families.recommend.linear import EasePlan

PLAIN = EasePlan(l2=5.0, own=0.0, evenness=0.0, sitting=0.0, near=0.0, share=0.0)


@pytest.fixture
def x() -> sparse.csr_matrix:
    return sparse.csr_matrix((np.random.default_rng(0).random((60, 8)) < 0.4).astype(float))


def loss(x: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(((x - x @ weights) ** 2).sum() + PLAIN.l2 * (weights**2).sum())


def test_no_other_weights_with_an_empty_diagonal_explain_the_uses_better(
    x: sparse.csr_matrix,
) -> None:
    found, rng = linear.ease(x, PLAIN), np.random.default_rng(1)

    assert np.diag(found).tolist() == [0.0] * 8
    for _ in range(20):
        other = found + rng.normal(0, 0.01, found.shape)
        np.fill_diagonal(other, 0.0)
        assert loss(x.toarray(), found) < loss(x.toarray(), other)


def test_the_weights_are_the_same_from_either_side(x: sparse.csr_matrix) -> None:
    wide = x.T.tocsr()  # fewer learners than resources

    padded = sparse.vstack([wide, sparse.csr_matrix((60, 60))]).tocsr()  # more, who used nothing

    plan = EasePlan(l2=2.0, evenness=0.0, sitting=0.0, near=0.0, share=0.0)
    assert linear.ease(wide, plan) == pytest.approx(linear.ease(padded, plan))


def test_uses_of_one_sitting_pull_their_resources_together() -> None:
    x = sparse.csr_matrix(np.ones((12, 3)))
    when = sparse.csr_matrix(np.tile([1.0, 2.0, 1e6], (12, 1)))
    plan = EasePlan(l2=5.0, own=0.0, sitting=3.0, sitting_seconds=60.0, near=0.0, share=0.0)

    near, plain = linear.ease(x, plan, when), linear.ease(x, plan)

    assert near[0, 1] > near[0, 2] and plain[0, 1] == pytest.approx(plain[0, 2])


def test_the_low_rank_part_joins_what_goes_together_only_widely() -> None:
    chain = np.zeros((40, 4))
    for row in range(40):
        chain[row, [row % 3, row % 3 + 1]] = 1.0

    found = linear.low_rank(sparse.csr_matrix(chain), 1)

    assert (found[~np.eye(4, dtype=bool)] > 0).all()  # 0 and 3 are never used by one learner


def test_neighbors_are_as_many_as_asked_for(x: sparse.csr_matrix) -> None:
    found = linear.nearest(x, 3)

    assert ((found > 0).sum(axis=0) == 3).all()


def test_popularity_in_a_small_group_stays_near_everybodys(x: sparse.csr_matrix) -> None:
    groups = np.array(["small"] * 2 + ["large"] * 57 + [""])

    found = linear.popularity_by(x, groups, prior=20.0)

    overall = linear.popularity(x)
    assert found[""] == pytest.approx(overall)  # who is in no group is told what all use
    assert np.abs(found["small"] - overall).max() <= 2 / 22
    assert found["large"] == pytest.approx(overall, abs=0.05)


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError):
        EasePlan(l2=0.0)
    with pytest.raises(ConfigError):
        EasePlan(own=1.5)
