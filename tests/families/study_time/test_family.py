"""Every algorithm learns, is kept without pickle, and predicts as it did before it was kept."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from optuna.trial import FixedTrial

from edupulse_core.config import Rules
from edupulse_core.errors import ModelError, RefusedError
from edupulse_core.families.family import ANSWERS, Run
from edupulse_core.families.study_time import report
from edupulse_core.families.study_time.algorithms import ALGORITHMS
from edupulse_core.families.study_time.ensemble import LOOP, NetworkPlan
from edupulse_core.families.study_time.examples import Question
from edupulse_core.families.study_time.family import STUDY_TIME
from edupulse_core.families.study_time.linear import RidgePlan
from edupulse_core.families.study_time.network import NetworkConfig
from edupulse_core.families.study_time.trees import BoostingPlan
from tests.families.study_time.simulated import fill, simulated

MADE = simulated(80, 10)
SPLIT = STUDY_TIME.splits(MADE.examples)[0]
SMALL = NetworkPlan(
    NetworkConfig(width=16, past=4, heads=2, recurrent=(8, 4)), replace(LOOP, epochs=2), members=2
)
PLANS: dict[str, Any] = {
    "boosted_ridge": BoostingPlan(rounds=10, rows_a_leaf=10),
    "ridge": RidgePlan(),
    "boosting": BoostingPlan(rounds=10, rows_a_leaf=10),
    "network": SMALL,
    "lstm": SMALL,
    "attention": SMALL,
}
RULES = Rules()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_kept_model_says_what_it_said_before(name: str, tmp_path: Path) -> None:
    how, told = ALGORITHMS[name], []
    model = how.fit(SPLIT, PLANS[name], Run(tracker=told.append))
    how.save(model, tmp_path)

    again = how.open(tmp_path, "")

    said = STUDY_TIME.predict(model, SPLIT.test, RULES)
    assert said.equals(STUDY_TIME.predict(again, SPLIT.test, RULES))
    assert told and {"train_loss", "validation_loss"} <= {*told[0]}
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".pkl", ".pt", ".joblib")]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_answer_does_not_depend_on_who_else_is_asked_of(name: str) -> None:
    model = ALGORITHMS[name].fit(SPLIT, PLANS[name], Run())

    everyone = model.hours(SPLIT.test)

    assert np.allclose(model.hours(SPLIT.test.of(np.array([3, 7]))), everyone[[3, 7]], rtol=1e-5)


def test_answers_carry_hours_and_an_interval_around_them() -> None:
    model = ALGORITHMS["ridge"].fit(SPLIT, RidgePlan(), Run())

    said = STUDY_TIME.predict(model, SPLIT.test, RULES)

    low, value, high = (said[name].to_numpy() for name in ("low", "value", "high"))
    assert said.schema == ANSWERS
    assert (low > 0).all() and (low <= value).all() and (value <= high).all()
    assert {*json.loads(said["details"][0].as_py())} == {
        "sessions_before", "usual", "pace", "close", "time_of_day",
    }  # fmt: skip


def test_the_planted_hours_are_found_better_than_by_any_simple_method() -> None:
    model = ALGORITHMS["ridge"].fit(SPLIT, RidgePlan(), Run())

    found = report.comparison(model, SPLIT, model.hours(SPLIT.test), boosted=True)

    assert found.best_baseline in found.table
    assert found.table["model"].mae < found.table[found.best_baseline].mae
    truth = MADE.truth[SPLIT.test.rows]
    assert np.corrcoef(np.log(truth), np.log(model.hours(SPLIT.test)))[0, 1] > 0.85


def test_nobody_is_on_two_sides_of_a_split() -> None:
    for split in STUDY_TIME.splits(MADE.examples, folds=5):
        parts = [{*part.who.tolist()} for part in (split.train, split.validation, split.test)]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


def test_intervals_hold_what_they_promise() -> None:
    made = simulated(300, 12, seed=3)
    split = STUDY_TIME.splits(made.examples)[0]
    model = ALGORITHMS["ridge"].fit(split, RidgePlan(), Run())

    found = report.comparison(model, split, model.hours(split.test), boosted=False)

    assert 0.86 <= found.coverage <= 0.94


def test_a_student_without_sessions_gets_what_is_usual() -> None:
    model = ALGORITHMS["ridge"].fit(SPLIT, RidgePlan(), Run())
    with duckdb.connect() as con:
        fill(con, 12, 10)
        asked = STUDY_TIME.ask(con, RULES, ["new"], date(2026, 5, 1), Question(skills=("k01",)))

    (row,) = STUDY_TIME.predict(model, asked, RULES).to_pylist()
    details = json.loads(row["details"])

    assert details["sessions_before"] == 0 and details["pace"] == 1
    assert row["low"] < row["value"] < row["high"]


def test_nobody_to_answer_about_is_an_empty_table() -> None:
    model = ALGORITHMS["ridge"].fit(SPLIT, RidgePlan(), Run())

    assert STUDY_TIME.predict(model, SPLIT.test.of(np.array([], int)), RULES).equals(
        ANSWERS.empty_table()
    )


def test_a_stopped_training_says_so() -> None:
    with pytest.raises(RefusedError, match="stopped"):
        ALGORITHMS["network"].fit(SPLIT, SMALL, Run(cancel=lambda: True))


def test_too_few_sessions_are_told() -> None:
    few = replace(SPLIT, validation=SPLIT.validation.of(np.arange(3)))

    with pytest.raises(RefusedError, match="only 3 study sessions to calibrate on"):
        ALGORITHMS["ridge"].fit(few, RidgePlan(), Run())


@pytest.mark.parametrize(
    ("name", "file"),
    [("ridge", "ridge.json"), ("network", "networks.json"), ("boosting", "margins.json")],
)
def test_a_damaged_version_is_told(name: str, file: str, tmp_path: Path) -> None:
    how = ALGORITHMS[name]
    how.save(how.fit(SPLIT, PLANS[name], Run()), tmp_path)
    (tmp_path / file).write_text("{}")

    with pytest.raises(ModelError):
        how.open(tmp_path, "")


def test_trees_answer_as_scikit_learn_does() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    from edupulse_core.families.study_time import encoding
    from edupulse_core.families.study_time.trees import Trees, arrays_of

    read = encoding.fit(SPLIT.train)
    cases = read(SPLIT.train)
    y = np.log(SPLIT.train.target())
    grown = HistGradientBoostingRegressor(max_iter=8, min_samples_leaf=5).fit(cases.flat, y)

    found = Trees(arrays_of(grown), float(np.ravel(grown._baseline_prediction)[0]), 1.0)

    assert np.allclose(found.predict(cases)[0], grown.predict(cases.flat))


def test_a_search_tries_one_network_and_its_version_has_as_many_as_any() -> None:
    how = ALGORITHMS["network"]
    params = {"width": 32, "dropout": 0.2, "learning_rate": 0.01}

    tried = how.fit(SPLIT, replace(SMALL, members=3), Run(trial=True))

    assert len(tried.learned.networks) == 1
    assert how.space(FixedTrial(params)).members == NetworkPlan().members


def test_a_network_that_goes_on_learning_keeps_its_size_and_reads_inputs_as_before(
    tmp_path: Path,
) -> None:
    how = ALGORITHMS["network"]
    start = how.fit(SPLIT, SMALL, Run())
    other = STUDY_TIME.splits(simulated(80, 10, seed=9).examples)[0]
    words = other.train.sessions.words.copy()
    words[:, -1] = "submarine"  # a place that the first training did not have
    train = replace(other.train, sessions=replace(other.train.sessions, words=words))
    assert how.update is not None

    model = how.fit(replace(other, train=train), how.update(how.plan()), Run(start=start))
    how.save(model, tmp_path)

    assert model.encoding == start.encoding
    assert np.allclose(how.open(tmp_path, "").hours(other.test), model.hours(other.test))
    assert not np.allclose(model.hours(other.test), start.hours(other.test))
