"""What a report measures, and that it hides what would tell of a few students."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
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


def test_a_hidden_bar_is_not_the_total_less_the_others() -> None:
    off = np.concatenate([np.zeros(40), np.full(5, 1.0), np.full(30, 2.0), np.full(12, 4.0)])
    who = np.array([f"s{n}" for n in range(len(off))])

    found = report.residuals(np.ones(len(off)), 1 + off, who)

    hidden = len(off) - sum(count or 0 for count in found.counts)
    assert found.counts.count(None) == 2 and hidden == 17


def test_outliers_of_many_students_are_counted() -> None:
    y = np.concatenate([np.ones(100), np.full(20, 9.0)])
    who = np.array([f"s{n}" for n in range(120)])

    found = report.residuals(np.full(120, 1.0) + np.linspace(-0.1, 0.1, 120), y, who)

    assert found.outliers == 20 and found.upper_fence < 8


def test_tenths_rise_with_what_was_predicted(model: StudyModel) -> None:
    found = report.tenths(model.hours(SPLIT.train), SPLIT.train.target(), SPLIT.train.who)

    assert [each.predicted for each in found] == sorted(each.predicted for each in found)
    assert found[-1].actual > found[0].actual
    assert sum(each.rows for each in found) == len(SPLIT.train)


class OneByOne:
    """Stands in for shap's explainer, which is slow to import: inputs are hidden in one order."""

    def __init__(self, answer: Any, behind: np.ndarray, seed: int) -> None:
        self.answer, self.behind = answer, behind

    def __call__(self, rows: np.ndarray, max_evals: int, silent: bool) -> SimpleNamespace:
        values = np.zeros(rows.shape)
        for place, row in enumerate(rows):
            hidden = self.behind.copy()
            known = self.answer(hidden).mean()
            for at in range(rows.shape[1]):
                hidden[:, at] = row[at]
                now = self.answer(hidden).mean()
                values[place, at], known = now - known, now
        return SimpleNamespace(values=values)


def test_shapley_values_add_up_to_what_is_predicted(
    model: StudyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap.explainers", SimpleNamespace(Permutation=OneByOne))
    cases = SPLIT.test.of(np.arange(12))

    values = importance.shapley_values(model, cases)

    assert values is not None and values.shape == (6, len(importance.INPUTS))
    said = model.log_hours(cases.of(np.random.default_rng(0).permutation(12)))[0]
    assert np.allclose(values.sum(axis=1), said[6:] - said[:6].mean())
    found = importance.shapley(model, cases)
    assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)


def test_without_the_extra_there_are_no_shapley_values(
    model: StudyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap.explainers", None)

    assert importance.shapley(model, SPLIT.test) == []


def test_a_mixed_case_takes_each_input_from_its_source() -> None:
    cases = SPLIT.test.of(np.arange(5))
    same = np.tile(np.arange(5)[:, None], len(importance.INPUTS))

    pd.testing.assert_frame_equal(
        importance.mixed(cases, same).inputs().to_pandas(), cases.inputs().to_pandas()
    )
    same[:, importance.INPUTS.index("energy_level")] = 2
    assert len({*importance.mixed(cases, same).inputs()["energy_level"].to_pylist()}) == 1


def test_tenths_of_a_few_students_are_hidden(model: StudyModel) -> None:
    few = SPLIT.train.of(np.flatnonzero(np.isin(SPLIT.train.who, np.unique(SPLIT.train.who)[:9])))

    assert report.tenths(model.hours(few), few.target(), few.who) == []
