"""The record: what a model says in the shape that every family answers in."""

import json
from datetime import date

import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.config import Rules
from edupulse_core.families.family import ANSWERS, Run, Split
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.family import TRACING, Skills
from edupulse_core.families.tracing.model import TracingModel


@pytest.fixture(scope="module")
def model(split: Split[Examples]) -> TracingModel:
    how = TRACING.algorithms["best_lr"]
    found: TracingModel = how.fit(split, how.plan(), Run())
    return found


def test_every_skill_of_a_student_has_a_chance_a_range_and_a_level(
    model: TracingModel, con: DuckDBPyConnection
) -> None:
    asked = TRACING.ask(con, Rules(), ["s01", "new"], date(2026, 9, 30), Skills())

    said = TRACING.predict(model, asked, Rules())

    rows = said.to_pylist()
    assert said.schema == ANSWERS and len(rows) == 8
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    mine = [row for row in rows if row["subject"] == "s01"]
    assert [row["object"] for row in mine] == ["add", "divide", "graph", "solve"]
    best = max(mine, key=lambda row: row["value"])
    assert best["rank"] == 1 and sorted(row["rank"] for row in mine) == [1, 2, 3, 4]
    assert {row["label"] for row in rows if row["subject"] == "new"} == {"not seen"}
    for row in mine:
        assert 0 <= json.loads(row["details"])["right"] <= json.loads(row["details"])["answers"]
        level = "mastered" if row["value"] >= 0.8 else "nearly"
        assert row["label"] == (level if row["value"] >= 0.6 else "not yet")


def test_more_answers_make_the_range_no_wider(model: TracingModel, con: DuckDBPyConnection) -> None:
    strengths = model.certainty.strengths

    low, high = model.certainty.range_of(np.full(2, 0.7), np.array([0.0, 50.0]))

    assert (high - low)[1] < (high - low)[0] or strengths[-1] <= strengths[0]


def test_it_is_measured_beside_shares_of_right_answers(
    model: TracingModel, split: Split[Examples]
) -> None:
    found = TRACING.report(model, split, Rules())

    methods = {each["method"]: each["auc"] for each in found.test["methods"]}
    assert methods["model"] == found.headline["auc"] == max(methods.values())
    assert len(methods) == 4
    assert 0.75 < found.headline["coverage"] <= 1


def test_a_model_that_learned_nothing_is_told_beside_the_share_of_each_skill(
    model: TracingModel, split: Split[Examples]
) -> None:
    found = TRACING.report(model, split, Rules())
    assert TRACING.no_better(found) == ""

    found.test["methods"][0]["log_loss"] = 0.7
    found.test["methods"][1]["log_loss"] = 0.69

    assert TRACING.no_better(found) == (
        "It does no better than the share of right answers on each skill. Log loss of the next "
        "answer: 0.700, against 0.690."
    )


def test_figures_follow_who_is_counted(model: TracingModel, split: Split[Examples]) -> None:
    test = split.test
    said = TRACING.predict(model, test, Rules())
    students = len(np.unique(test.who))
    draws = np.ones((2, students))
    draws[1, 1:] = 0  # one student alone

    found = TRACING.measure(said, test, draws)

    whole = TRACING.report(model, split, Rules()).headline
    assert found["auc"][0] == pytest.approx(whole["auc"], abs=1e-5)
    assert found["mae"][0] == pytest.approx(whole["mae"], abs=1e-5)
    assert said["low"].null_count == len(test)  # an answer has no range
    assert found["log_loss"][0] == pytest.approx(whole["log_loss"], abs=1e-5)
    first = test.who == np.unique(test.who)[0]
    value = said["value"].to_numpy()[first]
    own = -np.where(test.correct[first] > 0, np.log(value), np.log(1 - value)).mean()
    assert found["log_loss"][1] == pytest.approx(own)


def test_no_student_is_learned_from_and_tested_on(examples: Examples) -> None:
    for split in TRACING.splits(examples, seed=2, folds=3):
        parts = [set(each.who) for each in (split.train, split.validation, split.test)]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


def test_each_answer_of_a_student_differs_from_the_others(examples: Examples) -> None:
    one = examples.of(np.flatnonzero(examples.who == "s04"))

    assert one.inputs()["answers"].to_pylist() == list(range(40))
