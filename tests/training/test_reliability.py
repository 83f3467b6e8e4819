import numpy as np
import pytest

from edupulse_core.training import reliability

RNG = np.random.default_rng(0)
STUDENT = np.repeat(np.arange(300), 10)
SCORE = np.repeat(RNG.beta(1, 4, 300), 10)
SHARED = (np.repeat(RNG.random(300), 10) < SCORE).astype(float)  # a student's weeks come together


def test_a_score_that_means_what_it_says_is_within_its_limit() -> None:
    found = reliability.calibration(SCORE, SHARED, STUDENT)

    assert found.within
    assert found.ece <= found.limit
    assert (found.rows, found.students) == (3000, 300)


def test_weeks_that_hang_together_widen_the_range() -> None:
    as_students = reliability.calibration(SCORE, SHARED, STUDENT)
    as_rows = reliability.calibration(SCORE, SHARED, np.arange(3000))

    assert as_rows.limit < 0.6 * as_students.limit


def test_a_score_that_is_far_too_high_is_over_its_limit() -> None:
    found = reliability.calibration(SCORE + 0.15, SHARED, STUDENT)

    assert not found.within
    assert found.ece == pytest.approx(0.15, abs=0.03)


def test_a_perfect_score_is_over_its_limit_about_once_in_forty_times() -> None:
    over = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        score = np.repeat(rng.beta(1, 3, 120), 5)
        came = (np.repeat(rng.random(120), 5) < score).astype(float)
        over += not reliability.calibration(
            score, came, np.repeat(np.arange(120), 5), resamples=200, seed=seed
        ).within

    assert over <= 14  # 5 expected
