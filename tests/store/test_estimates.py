"""Answers of any family, and which run the pages follow."""

from datetime import date, timedelta

import pytest

from edupulse_core.errors import MissingError
from edupulse_core.store import estimates, predictions, runs
from edupulse_core.store.database import Store
from edupulse_core.store.runs import RunRecord

WEEK = date(2026, 11, 15)
TOY = RunRecord("v1", WEEK, "w1", family="toy")
ANSWER = {
    "subject": "ana",
    "object": "fractions",
    "rank": 1,
    "value": 0.1 + 0.2,
    "low": 0.2,
    "high": 0.4,
    "label": "learning",
    "details": '{"seen": 3}',
}


def test_answers_come_back_to_the_last_digit_by_subject_and_rank(store: Store) -> None:
    second = {**ANSWER, "object": "decimals", "rank": 2}
    ben = {"subject": "ben", "value": 0.5, "details": {"seen": 0}}

    run_id = estimates.write_run(store, TOY, [ben, second, ANSWER])

    rows = estimates.run_rows(store, run_id).to_pylist()
    empty = dict.fromkeys(ANSWER)
    assert rows == [ANSWER, second, {**empty, **ben, "object": "", "details": '{"seen": 0}'}]
    assert estimates.run_rows(store, run_id, ["ben"])["value"].to_pylist() == [0.5]
    latest = runs.latest_run(store, "toy")
    assert latest is not None and latest.n_students == 2


def test_a_run_that_never_was_is_named(store: Store) -> None:
    with pytest.raises(MissingError, match="no scoring run 9"):
        estimates.run_rows(store, 9)


@pytest.mark.parametrize(
    "other",
    [
        RunRecord("v1", WEEK + timedelta(weeks=1), "w1", family="toy"),
        RunRecord("v1", WEEK + timedelta(weeks=1), "w1", family="risk", purpose=runs.ASKED),
        RunRecord("v1", WEEK + timedelta(weeks=1), "w1", family="risk", purpose="trial"),
    ],
    ids=["another family", "a question", "a version on trial"],
)
def test_the_newest_run_of_the_night_stays_whatever_else_is_answered(
    store: Store, other: RunRecord
) -> None:
    night = predictions.write_run(store, RunRecord("v1", WEEK, "w1", family="risk"), [])
    estimates.write_run(store, other, [])

    found = runs.latest_run(store, "risk")
    before = runs.run_before(store, RunRecord("v1", date(2026, 12, 6), "w1", family="risk"))

    assert found is not None and found.run_id == night
    assert before == found
    assert runs.latest_run(store, other.family, purpose=other.purpose) != found
