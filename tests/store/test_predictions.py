"""What was predicted stays as it was said."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from edupulse_core.errors import MissingError
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import Store
from edupulse_core.store.runs import RunRecord

WEEK = date(2026, 11, 15)
ANA = {
    "student_id": "ana",
    "risk_score": 0.1 + 0.2,
    "tier": "medium",
    "p_low": 1 / 3,
    "p_medium": 1 / 3,
    "p_high": 1 / 6,
    "p_critical": 1 / 6,
    "factors": [{"feature": "att_absence_rate_4w", "sentence": "Absent 6 of 20 days"}],
}
BEN = {"student_id": "ben"}


def run(version: str = "v1", as_of: date = WEEK) -> RunRecord:
    return RunRecord(
        version=version, as_of=as_of, warehouse_version="w1", form="onnx", family="risk"
    )


def test_rows_come_back_to_the_last_digit(store: Store) -> None:
    run_id = predictions.write_run(store, run(), [BEN, ANA])

    ana, ben = predictions.run_rows(store, run_id).to_pylist()

    assert {**ana, "factors": json.loads(ana["factors"])} == ANA
    assert ben == {**dict.fromkeys(ANA), "student_id": "ben", "factors": "[]"}


def test_a_table_goes_in_as_it_comes_out(store: Store) -> None:
    first = predictions.run_rows(store, predictions.write_run(store, run(), [ANA, BEN]))

    second = predictions.run_rows(store, predictions.write_run(store, run(), first))

    assert second.equals(first)


def test_a_run_says_which_model_week_data_and_time(store: Store) -> None:
    at = datetime(2026, 11, 16, 5, 30, tzinfo=UTC)

    run_id = predictions.write_run(
        store, RunRecord("v1", WEEK, "w1", form="int8", scored_at=at, family="risk"), [ANA, BEN]
    )

    assert runs.latest_run(store, "risk") == RunRecord(
        "v1", WEEK, "w1", form="int8", run_id=run_id, scored_at=at, n_students=2, family="risk"
    )


def test_scoring_again_adds_a_run_and_keeps_the_old_one(store: Store) -> None:
    first = predictions.write_run(store, run(), [ANA])

    second = predictions.write_run(store, run("v2"), [{**ANA, "risk_score": 0.9}])

    assert predictions.run_rows(store, first)["risk_score"].to_pylist() == [0.1 + 0.2]
    latest = runs.latest_run(store, "risk")
    assert latest is not None and latest.run_id == second


def test_the_latest_run_is_of_the_latest_week_even_when_an_old_week_was_scored_later(
    store: Store,
) -> None:
    new = predictions.write_run(store, run(), [ANA])
    old = predictions.write_run(store, run(as_of=date(2026, 11, 8)), [ANA])

    latest, before = (
        runs.latest_run(store, "risk"),
        runs.latest_run(store, "risk", as_of=date(2026, 11, 8)),
    )

    assert latest is not None and latest.run_id == new
    assert before is not None and before.run_id == old
    assert runs.run_before(store, latest) == before
    assert runs.run_before(store, before) is None


def test_runs_of_data_that_were_taken_back_are_left_out(store: Store) -> None:
    shown = predictions.write_run(store, run(), [ANA])
    predictions.write_run(store, replace(run(), warehouse_version="w2"), [ANA])
    latest = run(as_of=WEEK + timedelta(weeks=1))

    found = runs.latest_run(store, "risk", as_of=WEEK, undone=["w2"])
    before = runs.run_before(store, latest, undone=["w2"])

    assert found is not None and found.run_id == shown
    assert before == found
    assert runs.run_before(store, latest, undone=["w1", "w2"]) is None


def test_the_run_before_is_by_the_same_model(store: Store) -> None:
    same = predictions.write_run(store, run("v1"), [ANA])
    predictions.write_run(store, run("v2"), [ANA])

    before = runs.run_before(store, run("v1", WEEK + timedelta(weeks=1)))

    assert before is not None and before.run_id == same


def test_runs_are_found_by_version(store: Store) -> None:
    first = predictions.write_run(store, run("v1"), [ANA])
    predictions.write_run(store, run("v2"), [ANA])

    found = runs.latest_run(store, "risk", version="v1")

    assert found is not None and found.run_id == first
    assert runs.latest_run(store, "risk", version="v3") is None


def test_a_student_has_a_history_of_what_was_said(store: Store) -> None:
    predictions.write_run(store, run("v1"), [ANA, BEN])
    predictions.write_run(store, run("v2"), [{**ANA, "risk_score": 0.9}])

    history = predictions.student_history(store, "ana")

    assert [(row["version"], row["risk_score"]) for row in history] == [
        ("v2", 0.9),
        ("v1", 0.1 + 0.2),
    ]


def test_an_old_week_is_found_however_much_was_said_since(store: Store) -> None:
    first = predictions.write_run(store, run("v1"), [ANA])
    for week in range(1, 4):
        later = replace(run("v1"), as_of=run().as_of + timedelta(weeks=week))
        predictions.write_run(store, later, [ANA])

    history = predictions.student_history(store, "ana", as_of=run().as_of, limit=2)

    assert [row["run_id"] for row in history] == [first]


def test_a_run_without_students_is_empty_and_one_that_never_was_is_named(store: Store) -> None:
    run_id = predictions.write_run(store, run(), [])

    rows = predictions.run_rows(store, run_id)

    assert rows.num_rows == 0 and rows.schema == predictions.SCHEMA
    with pytest.raises(MissingError, match="no scoring run 99"):
        predictions.run_rows(store, 99)


def test_a_run_with_a_bad_row_leaves_nothing(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        predictions.write_run(store, run(), [ANA, ANA])

    assert runs.latest_run(store, "risk") is None


def test_a_district_of_20_000_is_written_and_read_quickly(store: Store) -> None:
    rows = pa.Table.from_pylist(
        [
            {**ANA, "student_id": f"s{n:05}", "factors": json.dumps(ANA["factors"])}
            for n in range(20_000)
        ]
    )

    start = time.perf_counter()
    run_id = predictions.write_run(store, run(), rows)
    found = predictions.run_rows(store, run_id)
    seconds = time.perf_counter() - start

    assert found.num_rows == 20_000
    assert seconds < 10  # about 1 on an idle machine
