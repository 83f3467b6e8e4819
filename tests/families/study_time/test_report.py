"""What a report measures, and that it hides what would tell of a few students."""

import numpy as np
import pytest

from edupulse_core.families.family import Run
from edupulse_core.families.study_time import importance, report
from edupulse_core.families.study_time.algorithms import ALGORITHMS
from edupulse_core.families.study_time.family import STUDY_TIME
from edupulse_core.families.study_time.linear import RidgePlan
from edupulse_core.families.study_time.model import StudyModel
from tests.families.study_time.simulated import simulated

MADE = simulated(80, 10, seed=5)
SPLIT = STUDY_TIME.splits(MADE.examples)[0]


@pytest.fixture(scope="module")
def model() -> StudyModel:
    made: StudyModel = ALGORITHMS["ridge"].fit(SPLIT, RidgePlan(), Run())
    return made


def test_shuffling_what_hours_were_made_from_costs_most(model: StudyModel) -> None:
    found = importance.permutation(model, SPLIT.test, repeats=3)
    at = {each.input: each.value for each in found}

    assert found[0].input == "base_hours"
    assert at["base_hours"] > at["age"] and at["earlier sessions"] > at["learning_style"]
    assert all((each.low or 0) <= each.value <= (each.high or 0) for each in found)


def test_every_student_is_tested_once_in_five_folds(model: StudyModel) -> None:
    found = report.crossed(model, MADE.examples)

    assert len(found.folds) == 5 and found.students == 80
    assert found.mae.low <= found.mae.mean <= found.mae.high
    assert found.by_learner.low < found.by_learner.mean < found.by_learner.high


def test_residuals_are_counted_and_a_few_students_are_hidden() -> None:
    y = np.concatenate([np.ones(100), [9.0]])
    who = np.array([f"s{n}" for n in range(101)])

    found = report.residuals(np.full(101, 1.0) + np.linspace(-0.1, 0.1, 101), y, who)

    assert found.outliers is None and found.outlier_share is None  # one student
    assert all(count is None or count == 0 or count >= 10 for count in found.counts)


def test_outliers_of_many_students_are_counted() -> None:
    y = np.concatenate([np.ones(100), np.full(20, 9.0)])
    who = np.array([f"s{n}" for n in range(120)])

    found = report.residuals(np.full(120, 1.0) + np.linspace(-0.1, 0.1, 120), y, who)

    assert found.outliers == 20 and found.upper_fence < 8


def test_tenths_rise_with_what_was_predicted(model: StudyModel) -> None:
    found = report.tenths(model.hours(SPLIT.train), SPLIT.train.target())

    assert [each.predicted for each in found] == sorted(each.predicted for each in found)
    assert found[-1].actual > found[0].actual
    assert sum(each.rows for each in found) == len(SPLIT.train)
