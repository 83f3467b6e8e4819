"""Study sessions as cases: nothing later than a session counts for it."""

from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import pytest
from pydantic import ValidationError

from edupulse_core import sql
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families.study_time import encoding
from edupulse_core.families.study_time.examples import (
    NUMBERS,
    WORDS,
    Question,
    StudyExamples,
    ask,
    augmented,
    derived,
    read,
)
from tests.families.study_time.simulated import fill, simulated

CASES = simulated(30, 10).examples
DAY = date(2026, 5, 1)


def test_there_are_fifteen_inputs_two_derived_ones_and_the_past() -> None:
    names = CASES.inputs().column_names

    assert len(WORDS) + len(NUMBERS) == 15
    assert names == [
        *WORDS, *NUMBERS, "focus_ratio", "energy_balance", "sessions_before", "last_hours",
        "days_since",
    ]  # fmt: skip


def test_the_derived_inputs_are_as_they_are_defined() -> None:
    ratio, balance = derived(CASES.own)
    at = {name: CASES.own.numbers[:, place] for place, name in enumerate(NUMBERS)}

    assert np.allclose(ratio, at["difficulty"] / (at["avg_focus_duration"] / 60))
    assert np.allclose(balance, at["energy_level"] - at["distraction_level"])


def test_only_sessions_that_had_ended_count_before_another() -> None:
    started = CASES.sessions.started
    ended = started + np.round(CASES.sessions.hours * 3600).astype("timedelta64[s]")

    for row, before in zip(CASES.rows, CASES.before, strict=True):
        for place in before[before >= 0]:
            assert CASES.sessions.student[place] == CASES.sessions.student[row]
            assert ended[place] <= started[row]


def test_a_changed_future_changes_nothing_that_is_known_before() -> None:
    later = CASES.sessions.started >= np.datetime64(DAY)
    hours = np.where(later, 23.0, CASES.sessions.hours)
    other = replace(CASES, sessions=replace(CASES.sessions, hours=hours))
    rows = np.flatnonzero(~later[CASES.rows])
    read_by = encoding.fit(CASES)

    for known, changed in zip(_seen(CASES, rows), _seen(other, rows), strict=True):
        assert np.array_equal(known, changed, equal_nan=True)
    a, b = (read_by(each.of(rows), 5) for each in (CASES, other))
    assert np.array_equal(a.flat, b.flat) and np.array_equal(a.steps, b.steps)


def _seen(cases: StudyExamples, rows: np.ndarray) -> list[np.ndarray]:
    return [*cases.of(rows).last(), cases.of(rows).count]


def test_a_question_sees_only_what_came_up_to_its_day() -> None:
    with duckdb.connect() as con:
        fill(con, 12, 10)
        question = Question(skills=("k03", "k01"))
        before = ask(con, ["s001", "s000"], DAY, question)
        con.execute(
            "update study_sessions set hours = 24, energy_level = 1 where started_at >= $day",
            {"day": date(2026, 5, 2)},
        )
        after = ask(con, ["s001", "s000"], DAY, question)

    assert before.who.tolist() == ["s001", "s001", "s000", "s000"]
    assert before.skill.tolist() == ["k03", "k01", "k03", "k01"]
    assert before.inputs().equals(after.inputs())
    assert np.isnan(before.target()).all()


def test_without_a_skill_it_asks_of_what_was_studied_lately() -> None:
    with duckdb.connect() as con:
        fill(con, 12, 10)
        found = ask(con, ["s001"], DAY, Question())
        lately = con.execute(
            "select distinct skill_id from study_sessions where student_id = 's001' "
            "and started_at >= date '2026-04-02' and started_at < date '2026-05-02'"
        ).fetchall()

    assert {*found.skill.tolist()} == {row[0] for row in lately} != set()


def test_what_a_question_leaves_open_is_as_usual_for_the_student() -> None:
    with duckdb.connect() as con:
        fill(con, 12, 10)
        usual = con.execute(
            "select median(energy_level) from study_sessions "
            "where student_id = 's001' and started_at < date '2026-05-02'"
        ).fetchone()
        open_one = ask(con, ["s001"], DAY, Question(skills=("k01",)))
        said = ask(
            con, ["s001"], DAY, Question(skills=("k01",), energy_level=5, study_method="group")
        )

    energy = NUMBERS.index("energy_level")
    assert usual is not None and open_one.own.numbers[0, energy] == usual[0]
    assert said.own.numbers[0, energy] == 5
    assert said.own.words[0, WORDS.index("study_method")] == "group"


@pytest.mark.parametrize(
    ("said", "hour"),
    [("morning", 9), ("Afternoon", 14), ("evening", 19), ("night", 23), ("16:30", 16.5), (7, 7)],
)
def test_a_word_stands_for_an_hour(said: str | int, hour: float) -> None:
    assert Question.model_validate({"time_of_day": said}).time_of_day == hour


def test_another_word_is_refused() -> None:
    with pytest.raises(ValidationError, match="morning, afternoon, evening, night"):
        Question.model_validate({"time_of_day": "noonish"})


def test_a_word_that_training_did_not_have_is_unknown() -> None:
    read_by = encoding.fit(CASES)
    words = CASES.own.words.copy()
    words[:, WORDS.index("environment")] = "submarine"
    names = [name for name in read_by.names if name.startswith("environment=")]
    places = [read_by.names.index(name) for name in names]

    found = read_by.own(replace(CASES.own, words=words))[:, places]

    assert names[-1] == "environment=?"
    assert (found[:, -1] == 1).all() and (found[:, :-1] == 0).all()


def test_augmentation_adds_a_fifth_with_a_little_noise() -> None:
    more = augmented(CASES, 0.2, seed=1)
    extra = more.of(np.arange(len(CASES), len(more)))
    energy = extra.own.numbers[:, NUMBERS.index("energy_level")]

    assert len(extra) == round(0.2 * len(CASES))
    assert ((energy >= 1) & (energy <= 5)).all() and (extra.target() > 0).all()
    assert {*extra.who.tolist()} <= {*CASES.who.tolist()}
    assert np.array_equal(more.of(np.arange(len(CASES))).target(), CASES.target())


def test_an_empty_home_is_told_what_to_bring() -> None:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")

        with pytest.raises(RefusedError, match=r"bring skills\.csv and study_sessions\.csv"):
            read(con)
        with pytest.raises(MissingError, match=r"bring skills\.csv and study_sessions\.csv"):
            ask(con, ["s001"], DAY, Question())


def test_an_unknown_skill_is_told() -> None:
    with duckdb.connect() as con:
        fill(con, 2, 2)
        with pytest.raises(MissingError, match="no skill 'nothing'"):
            ask(con, ["s001"], DAY, Question(skills=("nothing",)))
