"""Drift counts only if it is large and beyond chance; figures come with the error of chance."""

import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.training import shift
from edupulse_core.training.evaluation import auc
from edupulse_core.training.shift import Measured

RNG = np.random.default_rng(7)


def moved(came: np.ndarray, learned: np.ndarray) -> shift.Shift | None:
    bins = shift.Bins.of(learned)
    return shift.shift(bins.count(came), bins.count(learned), bins)


def test_samples_of_one_distribution_are_no_drift() -> None:
    learned = RNG.normal(size=2000)

    found = moved(RNG.normal(size=500), learned)

    assert found is not None
    assert found.chance > shift.ALPHA and not found.is_large


def test_values_that_moved_by_half_their_spread_are_drift() -> None:
    found = moved(RNG.normal(0.6, 1, 500), RNG.normal(size=2000))

    assert found is not None and found.is_large
    assert found.size == pytest.approx(0.6, abs=0.12) and found.chance < shift.ALPHA


def test_values_that_became_unknown_are_drift() -> None:
    learned = RNG.normal(size=2000)
    came = learned[:500].copy()
    came[:200] = np.nan

    found = moved(came, learned)

    assert found is not None and found.is_large
    assert found.unknown == pytest.approx(0.4)


def test_a_rate_of_19_days_is_no_drift_from_one_of_20() -> None:
    absent = RNG.binomial(3, 0.3, 2000)

    found = moved(absent[:500] / 19, absent / 20)

    assert found is not None and not found.is_large


def test_a_few_values_that_are_much_more_common_are_drift() -> None:
    learned = RNG.random(2000) < 0.2

    found = moved((RNG.random(500) < 0.5).astype(float), learned.astype(float))

    assert found is not None and found.is_large
    assert found.ks == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize(("n", "is_silent"), [(99, True), (100, False)])
def test_fewer_than_a_hundred_cases_are_never_compared(n: int, is_silent: bool) -> None:
    assert (moved(np.full(n, 5.0), RNG.normal(size=2000)) is None) == is_silent


def test_many_tests_at_once_raise_no_more_false_alarms_than_one() -> None:
    weeks = 4000
    alarms = sum(shift.beyond_chance(RNG.random(43), alpha=0.05).any() for _ in range(weeks))

    assert alarms / weeks < 0.06


def test_a_clear_difference_among_many_tests_counts_alone() -> None:
    chances = [0.5, 1e-9, 0.04, 0.9]

    assert shift.beyond_chance(chances, alpha=0.05).tolist() == [False, True, False, False]
    assert shift.beyond_chance([1e-9, 1e-9], alpha=0.05).tolist() == [True, True]


def test_the_auc_to_expect_is_the_one_that_comes_where_chances_are_calibrated() -> None:
    chance = RNG.beta(1, 4, 20_000)
    came = RNG.random(20_000) < chance

    assert shift.expected_auc(chance, chance) == pytest.approx(auc(chance, came), abs=0.01)


def test_the_auc_to_expect_leaves_out_pairs_of_a_case_with_itself() -> None:
    score, chance = np.array([0.2, 0.7]), np.array([0.25, 0.5])
    first_higher = chance[0] * (1 - chance[1])  # a pair with the positive one ranked lower
    second_higher = chance[1] * (1 - chance[0])

    found = shift.expected_auc(score, chance)

    assert found == pytest.approx(second_higher / (first_higher + second_higher))


def test_the_error_of_an_auc_is_how_far_new_students_move_it() -> None:
    def sample() -> tuple[np.ndarray, np.ndarray]:
        positive = RNG.random(400) < 0.3
        return RNG.normal(size=400) + positive, positive

    values = [auc(*sample()) for _ in range(300)]
    found = shift.auc_with_error(*sample(), np.arange(400))

    assert found is not None
    assert found.error == pytest.approx(np.std(values), rel=0.2)


def test_weeks_of_one_student_count_once() -> None:
    score = RNG.normal(size=200)
    positive = score + RNG.normal(size=200) > 0
    student = np.arange(200)

    once = shift.auc_with_error(score, positive, student)
    thrice = shift.auc_with_error(np.tile(score, 3), np.tile(positive, 3), np.tile(student, 3))

    assert once is not None and thrice is not None
    assert thrice.error == pytest.approx(once.error)
    mean = shift.mean_with_error(np.tile(score, 3), np.tile(student, 3))
    assert mean.error == pytest.approx(shift.mean_with_error(score, student).error)


def test_a_rise_within_its_error_may_be_chance() -> None:
    before = Measured(0.80, 0.01, 1000)

    assert shift.chance_of(0.05, Measured(0.75, 0.01, 1000), before) < 0.001
    assert shift.chance_of(0.005, Measured(0.795, 0.01, 1000), before) > 0.3


def test_a_word_is_the_same_number_in_every_table() -> None:
    a = shift.numbers_of(pa.chunked_array([["home", "library", None]]))
    b = shift.numbers_of(pa.chunked_array([["library", "school", "home"]]))

    assert a[0] == b[2] and a[1] == b[0] and np.isnan(a[2])
    assert len({*b.tolist()}) == 3
