"""Steps of the store's shape: forward, back and forward again, and nothing is lost on the way."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text

import edupulse_core.store
from edupulse_core.store import (
    activations,
    assignments,
    audit,
    estimates,
    intents,
    jobs,
    marks,
    predictions,
    runs,
    tables,
)
from edupulse_core.store.activations import Activation
from edupulse_core.store.assignments import Assignment
from edupulse_core.store.database import Store, open_address
from edupulse_core.store.jobs import Job
from edupulse_core.store.runs import RunRecord
from tests.stored import newest_first

WEEK = date(2026, 11, 15)


def step(store: Store, revision: str) -> None:
    """Bring the store to a revision, whichever way that is."""
    config = Config()
    config.set_main_option(
        "script_location", str(Path(edupulse_core.store.__file__).parent / "migrations")
    )
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        at = connection.execute(text("select version_num from alembic_version")).scalar_one()
        (command.upgrade if revision > at else command.downgrade)(config, revision)


@pytest.fixture
def old(store: Store) -> Iterator[Store]:
    """A store of the first shape, with a run, a line of the audit and an activation."""
    step(store, "0001")
    with store.writing() as connection:
        connection.execute(
            text(
                "insert into runs (version, as_of, scored_at, warehouse_version, form, n_students) "
                "values ('v', '2026-11-15', '2026-11-16', 'w', 'onnx', 1)"
            )
        )
        connection.execute(
            text("insert into predictions values (1, 'ana', .5, 'high', 0, 0, 1, 0, '[]')")
        )
    audit.record(store, actor="a", role="r", action="score")
    with store.writing() as connection:  # today's insert knows columns that came later
        connection.execute(
            text(
                "insert into activations (at, family, version, actor) "
                "values ('2026-11-16', 'risk', 'v', 'a')"
            )
        )
    yield store


def test_a_run_of_before_is_of_the_first_family_and_of_a_night(old: Store) -> None:
    step(old, "head")

    found = runs.latest_run(old, "risk")
    assert found is not None and (found.family, found.purpose) == ("risk", "night")
    assert predictions.run_rows(old, 1)["risk_score"].to_pylist() == [0.5]
    assert len(audit.entries(old)) == len(newest_first(old, tables.activations)) == 1


def test_forward_back_and_forward_keeps_every_row(old: Store) -> None:
    step(old, "head")
    run = RunRecord("v", date(2026, 11, 22), "w", family="risk")
    predictions.write_run(old, run, [{"student_id": "ana", "risk_score": 0.6}])

    step(old, "0001")
    step(old, "head")

    assert [each.run_id for each in newest_first(old, tables.runs)] == [2, 1]
    assert predictions.run_rows(old, 2)["risk_score"].to_pylist() == [0.6]
    assert len(audit.entries(old)) == 1


@pytest.mark.parametrize(
    "run",
    [
        RunRecord("v", WEEK, "w", family="toy"),
        RunRecord("v", WEEK, "w", family="risk", purpose=runs.ASKED),
    ],
    ids=["another family", "another purpose"],
)
def test_the_step_back_refuses_to_lose_answers(store: Store, run: RunRecord) -> None:
    estimates.write_run(store, run, [{"subject": "ana", "value": 0.5}])

    with pytest.raises(RuntimeError, match="would lose 2 rows"):
        step(store, "0001")

    assert newest_first(store, tables.runs)[0].n_students == 1


def test_opening_migrates_a_store_of_before(old: Store, address: str) -> None:
    opened = open_address(address)

    assert runs.latest_run(opened, "risk") is not None
    opened.engine.dispose()


def test_the_step_back_refuses_to_lose_acts_that_are_not_in_the_audit(store: Store) -> None:
    intents.begin(store, intents.Intent("x", "operator", "operator", "import", ["b.zip"]))

    with pytest.raises(RuntimeError, match="would lose 1 acts"):
        step(store, "0003")

    assert len(intents.unended(store)) == 1


def test_the_step_back_refuses_to_lose_a_job_or_the_reason_of_an_activation(store: Store) -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    activations.note_activation(store, Activation(at, "risk", "v", None, "a", reason="better"))
    with pytest.raises(RuntimeError, match="reasons of 1 activations"):
        step(store, "0004")

    jobs.add(store, Job("j1", "train", {}, "ann", "steward", family="risk"))
    with pytest.raises(RuntimeError, match="would lose 1 rows of jobs"):
        step(store, "0004")

    assert jobs.read(store, "j1").created_by == "ann"


def test_the_step_back_refuses_to_lose_a_question_and_its_answers(store: Store) -> None:
    asked = marks.Question("q", datetime(2026, 11, 16, tzinfo=UTC), "tom", "t", "c", "?", "!", 4)
    marks.add_question(store, asked)
    marks.add_answers(store, [marks.ShortAnswer("a", "q", asked.at, "ana", "yes")])
    with pytest.raises(RuntimeError, match="would lose 1 questions"):
        step(store, "0007")

    assert marks.delete_question(store, "q") and marks.answers_to(store, ["q"]) == []
    step(store, "0007")
    step(store, "head")
    assert marks.questions_of(store, ["tom"]) == []


def test_a_resource_given_twice_stands_once_and_is_not_given_again(store: Store) -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    first, again, other = (
        Assignment(each, at, "ann", "teacher", "ana", f"r{each[1:]}") for each in ("a1", "b1", "c2")
    )
    step(store, "0008")
    with store.writing() as connection:
        connection.execute(insert(tables.assignments), [asdict(x) for x in (again, first, other)])

    step(store, "head")

    assert {each.assignment_id for each in assignments.standing(store, ["ana"])} == {"a1", "c2"}
    assert not assignments.add(store, replace(first, assignment_id="d1"))
    assert assignments.withdraw(store, "a1", "ann", at)
    assert assignments.add(store, replace(first, assignment_id="d1"))
