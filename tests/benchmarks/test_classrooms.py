"""Made-up classrooms: the records are a student's own, and only what is learned is gained."""

import numpy as np
import pytest

from edupulse_core.families.path import examples
from tests.benchmarks.classrooms import Laws, classroom, gained, live

LAWS: tuple[Laws, ...] = ("known_or_not", "growing")


@pytest.mark.parametrize("laws", LAWS)
def test_the_same_seed_makes_the_same_records(laws: Laws) -> None:
    one, other = (live(classroom(3, laws), 8, 5) for _ in range(2))

    rows = "select * from interactions order by all"
    assert one.con.sql(rows).fetchall() == other.con.sql(rows).fetchall()
    np.testing.assert_array_equal(one.state, other.state)


@pytest.mark.parametrize("laws", LAWS)
def test_without_a_step_nothing_is_gained_and_with_some_steps_something_is(laws: Laws) -> None:
    room = classroom(3, laws)
    lived = live(room, 12, 5)
    first = np.tile(np.arange(6), (12, 1))  # of the first subject, in order
    last = np.tile(np.arange(9, 15), (12, 1))

    nothing, early, late = (
        gained(room, lived, paths).mean() for paths in (np.full_like(first, -1), first, last)
    )

    assert nothing == pytest.approx(0, abs=1e-12)
    assert early > 0.01 and late > 0


def test_records_tell_who_knows_what() -> None:
    room = classroom(3, "known_or_not")
    lived = live(room, 30, 5)

    cases = examples.asked(lived.con, lived.who, lived.until, length=1, goal="", mastery={})

    answered = cases.weight > 3
    share = (cases.right / np.maximum(cases.weight, 1e-9))[answered]
    known = lived.state[answered] > 0.5
    assert share[known].mean() > 0.7 > 0.5 > share[~known].mean()


def test_both_classrooms_of_a_seed_have_the_same_course() -> None:
    one, other = (classroom(4, laws) for laws in LAWS)

    np.testing.assert_array_equal(one.course.before, other.course.before)
    np.testing.assert_array_equal(one.rise, other.rise)
