"""What most families do alike."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.families.usual import by_student, groups_of, weights_of


@dataclass(frozen=True)
class Cases:
    who: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.who)

    def of(self, rows: NDArray[Any]) -> "Cases":
        return Cases(self.who[rows])


CASES: Any = Cases(np.repeat(np.array([f"S{n}" for n in range(40)]), 3))


def test_no_student_stands_on_two_sides_of_a_split() -> None:
    for folds in (1, 5):
        for split in by_student(CASES, seed=3, folds=folds):
            parts = [set(part.who) for part in (split.train, split.validation, split.test)]
            assert all(parts)
            assert sum(map(len, parts)) == len(set().union(*parts)) == 40


def test_the_folds_together_test_every_student_once() -> None:
    tested = np.concatenate([np.unique(s.test.who) for s in by_student(CASES, folds=5)])
    assert sorted(tested) == sorted(set(CASES.who))


def test_a_fold_tests_its_part_and_learns_from_most_of_the_others() -> None:
    many: Any = Cases(np.array([f"S{n}" for n in range(2000)]))
    for split in by_student(many, folds=4, shares=(0.6, 0.2)):
        counts = [len(part) for part in (split.train, split.validation, split.test)]
        assert counts == pytest.approx([1125, 375, 500], rel=0.15)


def test_folds_of_the_training_students_are_as_large_as_folds_of_all() -> None:
    many: Any = Cases(np.array([f"S{n}" for n in range(3000)]))
    (split,) = by_student(many)

    for fold in by_student(split.train, folds=3):
        shares = [len(part) / len(split.train) for part in (fold.train, fold.validation, fold.test)]
        assert shares == pytest.approx([0.549, 0.118, 0.333], rel=0.15)


def test_students_who_come_later_move_nobody_to_another_part() -> None:
    many: Any = Cases(np.array([f"S{n}" for n in range(150)]))
    more: Any = Cases(np.array([f"S{n}" for n in range(200)]))

    (before,), (after,) = by_student(many), by_student(more)

    for part in ("train", "validation", "test"):
        assert {*getattr(before, part).who} <= {*getattr(after, part).who}


def test_of_few_students_no_part_is_empty() -> None:
    for n in range(5, 30):
        few: Any = Cases(np.array([f"S{at}" for at in range(n)]))
        (found,) = by_student(few)
        assert len(found.train) and len(found.test)


def test_each_students_groups_come_in_the_order_asked_and_unknown_is_said() -> None:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        con.execute("insert into users (user_id, grade) values ('S1', '9'), ('S2', '10')")
        con.execute(
            "insert into demographics (user_id, race, english_learner) "
            "values ('S2', 'two_or_more', true)"
        )
        found = groups_of(con, np.array(["S2", "S1", "S2"]))

    assert found["grade"].tolist() == ["10", "9", "10"]
    assert found["race"].tolist() == ["two or more", "unknown", "two or more"]
    assert found["language"].tolist() == ["learning English", "unknown", "learning English"]


def test_a_draw_counts_all_cases_of_a_student_alike() -> None:
    draws = np.array([[2.0, 0.0, 1.0]])
    weights = weights_of(Cases(np.array(["b", "a", "c", "a"])), draws)

    assert weights.tolist() == [[0.0, 2.0, 1.0, 2.0]]
