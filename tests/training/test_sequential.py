"""An interval that may be looked at after every value, and how soon it sees a difference."""

import numpy as np
import pytest

from edupulse_core.training.sequential import confidence_sequence


def test_nothing_is_said_of_nothing() -> None:
    assert [len(each) for each in confidence_sequence(np.empty(0))] == [0, 0, 0]


def test_the_truth_stays_inside_at_every_look_in_nearly_all_of_many_experiments() -> None:
    rng = np.random.default_rng(0)
    left_out = 0
    for _ in range(200):
        values = np.clip(rng.normal(0.0, 0.15, 1500), -1, 1)
        _, low, high = confidence_sequence(values)
        left_out += bool(((low > 0) | (high < 0)).any())

    assert left_out <= 0.05 * 200


def test_an_ordinary_interval_looked_at_as_often_would_leave_it_out() -> None:
    rng = np.random.default_rng(0)
    n = np.arange(1, 1501)
    left_out = 0
    for _ in range(200):
        values = rng.normal(0.0, 0.15, 1500)
        mean = np.cumsum(values) / n
        error = np.sqrt(np.maximum(np.cumsum(values**2) / n - mean**2, 1e-9) / n)
        left_out += bool((np.abs(mean) > 1.96 * error)[30:].any())

    assert left_out > 0.2 * 200


@pytest.mark.parametrize(("gain", "needed"), [(0.05, 600), (0.1, 250)])
def test_a_real_difference_is_seen_with_a_few_hundred_outcomes(gain: float, needed: int) -> None:
    values = np.clip(np.random.default_rng(1).normal(gain, 0.15, 1500), -1, 1)

    _, low, high = confidence_sequence(values)

    assert np.flatnonzero(low > 0)[0] < needed
    assert low[-1] < gain < high[-1]
