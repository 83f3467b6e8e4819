import numpy as np
import pytest
from sklearn import metrics as reference

from edupulse_core.training import evaluation
from edupulse_core.training.evaluation import Actual, Difference, Part, Predicted

RNG = np.random.default_rng(0)
SEVERITY = RNG.choice([0.0, 0.3, 0.4, 0.7, 1.0], size=600, p=[0.6, 0.15, 0.1, 0.1, 0.05])
TIER = np.digitize(SEVERITY, (0.25, 0.5, 0.75))
SCORE = np.round(np.clip(SEVERITY * 0.5 + RNG.random(600) * 0.5, 0, 1), 2)  # with ties
STUDENT = np.repeat(np.arange(60), 10)
WEEK = np.tile(np.arange(10), 60)
ACTUAL = Actual(SEVERITY, TIER, STUDENT, WEEK)
PREDICTED = Predicted(SCORE, SCORE, SCORE, np.digitize(SCORE, (0.25, 0.5, 0.75)))


def test_every_metric_agrees_with_scikit_learn() -> None:
    found = evaluation.metrics(PREDICTED, ACTUAL)

    assert found.mae == pytest.approx(reference.mean_absolute_error(SEVERITY, SCORE), abs=1e-6)
    assert found.rmse == pytest.approx(reference.root_mean_squared_error(SEVERITY, SCORE), abs=1e-6)
    assert found.r2 == pytest.approx(reference.r2_score(SEVERITY, SCORE), abs=1e-6)
    assert found.auc_any == pytest.approx(reference.roc_auc_score(SEVERITY > 0, SCORE), abs=1e-6)
    assert found.auc_high == pytest.approx(reference.roc_auc_score(TIER >= 2, SCORE), abs=1e-6)
    assert found.accuracy == pytest.approx(reference.accuracy_score(TIER, PREDICTED.tier), abs=1e-6)


def test_a_caseload_is_the_top_of_each_week() -> None:
    score = np.array([0.9, 0.1, 0.8, 0.2, 0.3, 0.4])
    week = np.array([0, 0, 1, 1, 1, 1])

    chosen = evaluation.top_of_each_week(score, week, 0.5)

    assert chosen.tolist() == [True, False, True, False, False, True]


def test_a_perfectly_calibrated_score_has_no_calibration_error() -> None:
    score = np.repeat([0.1, 0.9], 50)
    actual = np.concatenate([np.arange(50) < 5, np.arange(50) < 45]).astype(float)

    assert evaluation.calibration_error(score, actual, bins=2) == pytest.approx(0)
    assert evaluation.calibration_error(score + 0.1, actual, bins=2) == pytest.approx(0.1)


def test_reliability_sets_predicted_beside_observed() -> None:
    score, actual = np.repeat([0.1, 0.9], 50), np.repeat([0.0, 1.0], 50)

    found = evaluation.reliability(score, actual, bins=2)

    assert found == [
        Part(predicted=0.1, observed=0.0, rows=50),
        Part(predicted=0.9, observed=1.0, rows=50),
    ]


def test_the_interval_of_a_predictor_against_itself_is_zero() -> None:
    found = evaluation.paired_difference(SCORE, SCORE, SEVERITY > 0, STUDENT, resamples=60)

    assert found == Difference(difference=0, low=0, high=0)


def test_the_interval_covers_the_difference_and_repeats_exactly() -> None:
    noise = RNG.random(600)

    found = evaluation.paired_difference(SCORE, noise, SEVERITY > 0, STUDENT, resamples=60)
    again = evaluation.paired_difference(SCORE, noise, SEVERITY > 0, STUDENT, resamples=60)

    assert found == again
    assert 0 < found.low < found.difference < found.high


def test_a_difference_is_told_with_its_interval() -> None:
    found = Difference(difference=0.00314, low=-0.0008, high=0.00523)

    assert found.in_words() == "+0.0031 (−0.0008 to +0.0052)"
    assert found.in_words(3) == "+0.003 (−0.001 to +0.005)"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.038, -0.0004, "−0.018 (−0.038 to −0.0004)"),
        (-0.038, 0.0004, "−0.018 (−0.038 to +0.0004)"),
        (-0.038, 1e-12, "−0.018 (−0.038 to 0.000)"),
        (-0.038, 0.0, "−0.018 (−0.038 to 0.000)"),
        (-0.038, -0.0, "−0.018 (−0.038 to 0.000)"),
    ],
)
def test_an_interval_says_whether_it_holds_0(low: float, high: float, said: str) -> None:
    assert Difference(difference=-0.018, low=low, high=high).in_words(3) == said


def test_what_rounds_to_nothing_has_no_sign() -> None:
    found = Difference(difference=-0.0004, low=-0.0005001, high=0.0004)

    assert found.in_words(3) == "0.000 (−0.001 to +0.0004)"
    assert evaluation.figure(-0.00049, "{:.1%}") == "0.0%"
    assert evaluation.figure(-0.00051, "{:.1%}") == "−0.1%"
    assert evaluation.figure(-0.0, "{:.4g}") == "0"


def test_one_student_repeated_makes_the_interval_no_narrower() -> None:
    noise = RNG.random(600)
    once = slice(0, 600, 10)

    alone = evaluation.paired_difference(
        SCORE[once], noise[once], SEVERITY[once] > 0, STUDENT[once], resamples=300
    )
    ten = evaluation.paired_difference(
        np.repeat(SCORE[once], 10),
        np.repeat(noise[once], 10),
        np.repeat(SEVERITY[once] > 0, 10),
        np.repeat(STUDENT[once], 10),
        resamples=300,
    )

    assert ten == alone


def test_one_class_alone_gives_no_better_than_chance() -> None:
    assert evaluation.auc(SCORE, np.zeros(600, dtype=bool)) == 0.5


def test_the_share_of_the_way_runs_from_floor_to_ceiling() -> None:
    assert evaluation.share_of_way(0.85, 0.7, 0.9) == pytest.approx(0.75)
    assert evaluation.share_of_way(0.85, 0.9, 0.9) == 0.0
