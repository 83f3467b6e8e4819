"""What is known before an answer: all that came earlier, and nothing else."""

from datetime import date, datetime

import duckdb
import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families.tracing import examples as cases
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.sequences import past
from tests.families.tracing.conftest import SKILLS


def answered(con: DuckDBPyConnection, *rows: tuple[str, str, int, bool]) -> None:
    con.executemany(
        "insert into interactions (student_id, item_id, answered_at, is_correct) values (?,?,?,?)",
        [(who, item, datetime(2026, 9, day, 9), right) for who, item, day, right in rows],
    )


@pytest.fixture
def small() -> DuckDBPyConnection:
    made = duckdb.connect()
    sql.run(made, "warehouse/sql/schema")
    made.execute(
        "insert into items (item_id, skill_ids) values "
        "('one', ['add']), ('two', ['add']), ('both', ['add', 'solve']), ('none', [])"
    )
    return made


def test_an_item_of_several_skills_is_one_answer_and_its_skills_see_the_same_past(
    small: DuckDBPyConnection,
) -> None:
    answered(small, ("ana", "one", 1, True), ("ana", "both", 2, False), ("ana", "both", 3, True))

    found = cases.read(small)

    assert len(found) == 3
    names = found.log.skill_names.tolist()
    both = [names.index("add"), names.index("solve")]
    second, third = (
        {
            skill: found.on_skills.answers[row, list(found.skills[row]).index(skill)]
            for skill in both
        }
        for row in (1, 2)
    )
    assert list(second.values()) == [1, 0]  # the answer itself is not in its own past
    assert list(third.values()) == [2, 1]
    assert found.on_item.answers[:, 0].tolist() == [0, 0, 1]
    assert found.right.tolist() == [0, 1, 1]


def test_counts_are_of_the_student_alone(small: DuckDBPyConnection) -> None:
    answered(small, ("ana", "one", 1, True), ("ben", "one", 2, False), ("ben", "two", 3, True))

    found = cases.read(small)

    assert found.who.tolist() == ["ana", "ben", "ben"]
    assert found.on_skills.answers[:, 0].tolist() == [0, 0, 1]
    assert found.on_skills.right[:, 0].tolist() == [0, 0, 0]


def test_an_answer_to_an_item_without_a_skill_is_left_out(small: DuckDBPyConnection) -> None:
    answered(small, ("ana", "none", 1, True), ("ana", "one", 2, True))

    assert len(cases.read(small)) == 1


def test_what_comes_later_changes_nothing_that_a_model_reads(examples: Examples) -> None:
    log, rng = examples.log, np.random.default_rng(1)
    rows = np.flatnonzero(examples.answers == 12)
    later = examples.answers >= 12
    shuffled = log.correct.copy()
    shuffled[later] = rng.permutation(shuffled[later])
    other = cases.as_cases(
        cases.make_log(
            examples.who.tolist(),
            log.items[log.item].tolist(),
            [[str(log.skill_names[s]) for s in row if s >= 0] for row in log.skills],
            log.at,
            shuffled,
        )
    )

    assert not np.array_equal(shuffled, log.correct)
    assert np.array_equal(past(examples)[rows], past(other)[rows])
    assert examples.of(rows).inputs().equals(other.of(rows).inputs())


def test_what_is_asked_about_a_day_knows_no_later_answer(con: DuckDBPyConnection) -> None:
    day = date(2026, 9, 20)
    before = cases.asked(con, ["s00", "s01"], day)
    with con.cursor() as cursor:
        cursor.begin()
        cursor.execute("delete from interactions where answered_at >= '2026-09-21'")
        after = cases.asked(cursor, ["s00", "s01"], day)
        cursor.rollback()

    assert np.array_equal(past(before), past(after))
    assert before.answers.max() == 14
    assert str(before.day.max()) == "2026-09-21"


def test_every_skill_is_asked_of_a_student_without_an_answer_too(con: DuckDBPyConnection) -> None:
    found = cases.asked(con, ["nobody", "s03"], date(2026, 12, 1))

    assert found.who.tolist() == ["nobody"] * 4 + ["s03"] * 4
    assert [found.log.skill_names[each[0]] for each in found.skills[:4]] == list(SKILLS)
    assert found.answers.tolist() == [0] * 4 + [40] * 4
    assert np.isnan(found.target()).all()


def test_only_the_skills_that_are_asked_about_are_told(con: DuckDBPyConnection) -> None:
    found = cases.asked(con, ["s03"], date(2026, 12, 1), ["solve", "unheard of"])

    assert found.log.skill_names[found.skills[:, 0]].tolist() == ["solve"]


def test_without_answers_it_says_what_to_bring() -> None:
    with duckdb.connect() as empty:
        sql.run(empty, "warehouse/sql/schema")

        with pytest.raises(RefusedError, match=r"bring skills\.csv, items\.csv and interactions"):
            cases.read(empty)
        with pytest.raises(MissingError, match=r"interactions\.csv"):
            cases.asked(empty, ["ana"], date(2026, 12, 1))
