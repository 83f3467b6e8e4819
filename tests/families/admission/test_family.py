"""The admission family: what it reads, how it learns, and what it says."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import Rules
from edupulse_core.errors import ModelError, RefusedError
from edupulse_core.families.admission import report
from edupulse_core.families.admission.examples import INPUTS, PLACE, Question, of_vectors
from edupulse_core.families.admission.family import ADMISSION
from edupulse_core.families.admission.measured import Rates
from edupulse_core.families.admission.model import AdmissionModel
from edupulse_core.families.family import Run, Split
from edupulse_core.lifecycle import parts
from edupulse_core.training import plans
from tests.families.admission.applicants import split_of, true_odds, warehouse

RULES, DAY = Rules(), date(2026, 3, 1)
QUICK: dict[str, dict[str, Any]] = {
    "random_forest": {"trees": 20},
    "xgboost": {"rounds": 20},
    "gradient_boosting": {"rounds": 20},
    "logistic_regression": {},
    "gaussian_process": {},
    "neural_network": {"networks": 1, "loop.epochs": 8, "hidden": 8},
}


@pytest.fixture(scope="module")
def con() -> Iterator[DuckDBPyConnection]:
    with warehouse() as made:
        yield made


@pytest.fixture(scope="module")
def split(con: DuckDBPyConnection) -> Split[Any]:
    return split_of(con)


@pytest.fixture(scope="module")
def model(split: Split[Any]) -> AdmissionModel:
    return fitted("logistic_regression", split)


def fitted(name: str, split: Split[Any]) -> AdmissionModel:
    how = ADMISSION.algorithms[name]
    made: AdmissionModel = how.fit(split, plans.changed(how.plan(), QUICK[name]), Run())
    return made


def test_only_decisions_are_outcomes_and_waiting_is_not_admitted(con: DuckDBPyConnection) -> None:
    found = ADMISSION.read(con, RULES)

    counts = con.execute(
        "select count(*) filter (outcome in ('admitted', 'denied', 'waitlisted')), "
        "count(*) filter (outcome = 'admitted') from applications"
    ).fetchall()
    assert [(len(found), found.admitted.sum())] == counts


def test_the_twelve_inputs_hold_nothing_of_who_the_student_is(split: Split[Any]) -> None:
    assert tuple(split.train.inputs().column_names) == INPUTS and len(INPUTS) == 12
    above = split.train.x[:, PLACE["gpa_minus_minimum"]]
    parts = (split.train.x[:, PLACE[name]] for name in ("gpa", "minimum_gpa"))
    assert np.allclose(above, np.subtract(*parts))


def test_applications_of_which_the_same_is_known_are_one_case() -> None:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        con.execute("insert into programs (program_id, title) values ('P1', 'a'), ('P2', 'b')")
        con.execute(
            "insert into applications (application_id, student_id, program_id, applied_on, "
            "outcome, gpa) values ('1', 'S', 'P1', '2026-01-01', 'admitted', 3), "
            "('2', 'S', 'P2', '2026-01-01', 'denied', 3)"
        )
        found = ADMISSION.read(con, RULES)

    assert found.admitted.tolist() == [0.5]


@pytest.mark.parametrize("has_tables", [True, False])
def test_without_decisions_it_says_what_to_bring(has_tables: bool) -> None:
    with duckdb.connect() as con:
        if has_tables:
            sql.run(con, "warehouse/sql/schema")
        with pytest.raises(RefusedError, match=r"bring programs\.csv, and applications\.csv"):
            ADMISSION.read(con, RULES)


def test_no_student_is_on_two_sides(split: Split[Any]) -> None:
    parts = [set(part.who) for part in (split.train, split.validation, split.test)]

    assert all(parts) and sum(map(len, parts)) == len(set().union(*parts))


def test_folds_judge_students_whom_they_neither_learn_from_nor_calibrate_on(
    con: DuckDBPyConnection, split: Split[Any]
) -> None:
    examples = ADMISSION.read(con, RULES)

    folds = parts.folds(ADMISSION, examples, split, 10, seed=1)

    tested = [set(parts.judged(ADMISSION, fold).who) for fold in folds]
    assert len(tested) == 10 and sum(map(len, tested)) == len(set().union(*tested))
    assert set().union(*tested) == set(examples.who) - set(split.test.who)
    for fold, some in zip(folds, tested, strict=True):
        assert not some & {*fold.train.who, *fold.validation.who}


def test_what_comes_after_the_day_changes_no_answer(model: AdmissionModel) -> None:
    def answers(con: DuckDBPyConnection) -> list[dict[str, Any]]:
        asked = ADMISSION.ask(con, RULES, ["S0001", "S0002"], date(2025, 12, 1), Question())
        rows: list[dict[str, Any]] = ADMISSION.predict(model, asked, RULES).to_pylist()
        return rows

    with warehouse(60) as con:
        before = answers(con)
        con.execute("update applications set outcome = 'admitted'")
        con.execute(
            "update applications set gpa = 0, test_score = 0 where applied_on > '2025-12-01'"
        )

        assert before and answers(con) == before


def test_each_program_has_odds_a_range_and_only_what_a_student_can_change(
    con: DuckDBPyConnection, model: AdmissionModel
) -> None:
    asked = ADMISSION.ask(con, RULES, ["S0001", "nobody"], DAY, Question())
    rows = ADMISSION.predict(model, asked, RULES).to_pylist()

    assert {row["subject"] for row in rows} == {"S0001"} and len(rows) == 12
    assert all(0 < row["low"] <= row["value"] <= row["high"] < 1 for row in rows)
    best = min(rows, key=lambda row: row["rank"])
    assert best["value"] == max(row["value"] for row in rows)
    said = {one["input"] for row in rows for one in json.loads(row["details"])["changes"]}
    assert said and said <= {"gpa", "test_score", "statement", "extracurriculars"}
    one = ADMISSION.ask(con, RULES, ["S0001"], DAY, Question(programs=["P03"]))
    assert one.program.tolist() == ["P03"]


@pytest.mark.parametrize("name", list(QUICK))
def test_each_algorithm_learns_and_is_read_back_as_it_was(
    name: str, split: Split[Any], tmp_path: Path
) -> None:
    how = ADMISSION.algorithms[name]
    made = fitted(name, split)
    how.save(made, tmp_path)

    again = how.open(tmp_path, "")

    for mine, its in zip(
        made.with_ranges(split.test.x), again.with_ranges(split.test.x), strict=True
    ):
        assert np.allclose(mine, its, atol=1e-6)
    assert ADMISSION.report(made, split, RULES).headline["auc_roc"] > 0.65


@pytest.mark.parametrize("name", list(QUICK))
def test_a_search_may_try_every_point_of_the_grid(name: str) -> None:
    from optuna.trial import FixedTrial

    how = ADMISSION.algorithms[name]
    for pick in (0, -1):
        point = {key: values[pick] for key, values in how.grid.items()}
        found = plans.keys(how.space(FixedTrial(point)))
        assert {found.get(key, found.get(f"loop.{key}")) for key in point} == set(point.values())


def test_a_file_with_other_types_than_those_named_is_not_opened(
    split: Split[Any], tmp_path: Path
) -> None:
    import skops.io

    ADMISSION.algorithms["logistic_regression"].save(fitted("logistic_regression", split), tmp_path)
    skops.io.dump(Path("x"), tmp_path / "estimator.skops")

    with pytest.raises(ModelError, match=r"is not opened: estimator\.skops holds"):
        ADMISSION.algorithms["logistic_regression"].open(tmp_path, "")


@pytest.mark.parametrize("name", ["logistic_regression", "xgboost", "gradient_boosting"])
def test_ranges_hold_the_true_odds_of_about_nine_in_ten(split: Split[Any], name: str) -> None:
    made = fitted(name, split)
    x = split.test.x
    true = true_odds(x)
    _, low, high = made.with_ranges(x)

    assert ((low <= true) & (true <= high)).mean() > 0.8


def test_better_grades_never_lower_the_odds_of_boosted_trees(split: Split[Any]) -> None:
    made = fitted("xgboost", split)
    x = split.test.x.copy()
    before = made.chances(x)
    x[:, PLACE["gpa"]] += 0.2
    x[:, PLACE["gpa_minus_minimum"]] += 0.2

    assert (made.chances(x) >= before - 1e-12).all()


def test_a_vector_of_twelve_numbers_is_a_case_and_what_follows_is_filled_in() -> None:
    contrary = {"gpa": 3.5, "minimum_gpa": 3.0, "gpa_minus_minimum": -2.0}
    found = of_vectors([contrary, {"gpa": None, "gpa_minus_minimum": 0.2}])

    assert found.x[:, PLACE["gpa_minus_minimum"]].tolist() == [0.5, 0.2]
    assert np.isnan(found.x[1, PLACE["gpa"]])


def test_too_few_applications_are_refused() -> None:
    with warehouse(12) as con, pytest.raises(RefusedError, match="too few decided applications"):
        fitted("logistic_regression", split_of(con))


def test_a_hidden_tier_is_not_the_total_less_the_others(split: Split[Any]) -> None:
    test = split.test
    tier = np.tile([1.0, 2.0, 3.0], len(test))[: len(test)]
    tier[np.isin(test.who, np.unique(test.who)[:4])] = 5.0
    test = test.taking(np.where(np.arange(12) == PLACE["program_tier"], tier[:, None], test.x))

    found = report.by_tier(true_odds(split.test.x), test)

    lines = found.groups["tier"]
    assert {each.group for each in lines if each.hidden} > {"5"}
    shown = sum(each.rows for each in lines if not each.hidden)
    assert found.overall.hidden or found.overall.rows - shown > 10


def test_a_tier_where_few_were_denied_still_says_how_many_applied(split: Split[Any]) -> None:
    test = split.test
    came, tier = test.admitted > 0.5, np.tile([1.0, 2.0], len(test))[: len(test)]
    tier[np.flatnonzero(came)[:60]], tier[np.flatnonzero(~came)[:4]] = 3.0, 3.0
    test = test.taking(np.where(np.arange(12) == PLACE["program_tier"], tier[:, None], test.x))

    third = report.by_tier(true_odds(split.test.x), test).groups["tier"][-1]

    assert isinstance(third, Rates) and (third.group, third.rows) == ("3", 64)
    assert third.auc_roc is third.accuracy is third.admitted is None and third.predicted > 0


def test_shares_from_which_counts_of_a_few_could_be_had_are_left_out(split: Split[Any]) -> None:
    test = split.test
    came = test.admitted > 0.5
    few = np.flatnonzero(came)[:3]  # admitted, but not expected to be
    chance = np.where(came, 0.9, 0.1)
    chance[few] = 0.1
    codes = np.arange(len(test))

    found = report.told(chance, test.admitted, codes)

    assert found.accuracy is found.precision is found.recall is found.f1_score is None
    assert found.auc_roc > 0.5 and found.brier < 0.25
    said = pa.table({"value": chance})
    assert {*ADMISSION.untold(said, test)} == {"accuracy", "precision", "recall", "f1_score"}
    chance[np.flatnonzero(came)[:20]] = chance[np.flatnonzero(~came)[:20]] = 0.1
    chance[np.flatnonzero(~came)[20:40]] = 0.9
    assert report.told(chance, test.admitted, codes).accuracy is not None
