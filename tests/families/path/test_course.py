"""Skills and what comes before them."""

import pytest

from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.path import course
from tests.families.path.school import empty


def test_what_is_behind_a_skill_reaches_to_the_first() -> None:
    found = course.of({"a": [], "b": ["a"], "c": ["b"], "d": []})

    assert found.before[2].tolist() == [False, True, False, False]
    assert found.behind[2].tolist() == [True, True, False, False]


def test_skills_that_lead_back_to_themselves_lose_their_order_and_no_others_do() -> None:
    found = course.of({"a": ["c"], "b": ["a"], "c": ["b"], "d": ["c"]})

    assert not found.before[:3].any()
    assert found.before[3].tolist() == [False, False, True, False]


def test_a_prerequisite_that_is_not_in_the_records_does_not_count() -> None:
    assert not course.of({"a": ["gone", "a"]}).before.any()


def test_a_skill_that_only_items_name_is_there() -> None:
    con = empty({"add": []})
    con.execute("insert into items by name select 'q' as item_id, ['new', 'add'] as skill_ids")

    assert set(course.read(con).skills) == {"add", "new"}


def test_without_skills_it_says_what_to_bring() -> None:
    with pytest.raises(MissingError, match=r"skills\.csv, items\.csv and interactions\.csv"):
        course.read(empty({}))


def test_an_unknown_skill_is_named() -> None:
    with pytest.raises(InputError, match="'flying'"):
        course.of({"a": []}).place("flying")
