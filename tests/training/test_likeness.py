"""Kernel ridge: it learns a curve, and what it says of cases left out is true."""

import numpy as np

from edupulse_core.training.likeness import Alike, likeness, pull_of, scale


def test_a_curve_is_learned_and_told_of_new_cases() -> None:
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-2, 2, (80, 1)), axis=0)
    y = np.sin(2 * x[:, 0])

    pull, _ = pull_of(likeness(x, x, 1.0), y)

    new = np.linspace(-1.8, 1.8, 20)[:, None]
    assert np.abs(likeness(new, x, 1.0) @ pull - np.sin(2 * new[:, 0])).max() < 0.1


def test_what_others_say_of_a_case_is_what_a_ridge_without_it_says() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(25, 2)), rng.normal(size=25)
    alike = likeness(x, x, 0.5)

    pull, without = Alike.of(alike).pull(y)

    penalty = float(np.median((y - alike @ pull) / pull))  # (K + p) a = y
    rest = np.arange(1, 25)
    alone = np.linalg.solve(alike[np.ix_(rest, rest)] + penalty * np.eye(24), y[rest])
    assert abs(alike[0, rest] @ alone - without[0]) < 1e-3


def test_a_measure_far_from_the_usual_counts_as_four_deviations() -> None:
    assert scale(np.array([[1e9, 3.0]]), np.array([0.0, 1.0]), np.array([1.0, 2.0])).tolist() == [
        [4.0, 1.0]
    ]
