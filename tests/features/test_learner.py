import math
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from edupulse_core import sql
from edupulse_core.features import learner
from edupulse_core.features.learner import FEATURES

DAY = date(2026, 3, 10)
_RECORDS = """
insert into skills (skill_id, title) values 
    ('count', 'Counting'), ('add', 'Adding'), ('cut', 'Cut');
insert into items (item_id, skill_ids, difficulty) values
    ('easy', ['count'], 1), ('hard', ['count', 'add'], 4), ('other', ['add'], null);
insert into interactions (student_id, item_id, answered_at, is_correct) values
    ('ana', 'easy', '2026-03-01 09:00', true),
    ('ana', 'easy', '2026-03-02 09:00', true),
    ('ana', 'hard', '2026-03-03 09:00', true),
    ('ana', 'other', '2026-03-04 09:00', true),
    ('ben', 'easy', '2026-03-01 09:00', true),
    ('ben', 'easy', '2026-03-02 09:00', true),
    ('ben', 'easy', '2026-03-03 09:00', false),
    ('ben', 'easy', '2026-03-10 23:59:59', true),
    ('ben', 'easy', '2026-03-11 00:00', true);
insert into resources (resource_id, title, skill_ids, difficulty) values
    ('r1', 'Pies', ['cut'], 2), ('r2', 'Cakes', ['cut'], 5), ('r3', 'Plates', [], null);
insert into ratings (student_id, resource_id, used_at, rating, is_completed) values
    ('ana', 'r1', '2026-03-05 10:00', 5, null),
    ('ana', 'r2', '2026-03-06 10:00', null, false),
    ('ana', 'r3', '2026-03-06 11:00', 1, true),
    ('cy', 'r1', '2026-03-06 10:00', null, true);
insert into study_sessions (session_id, student_id, skill_id, started_at, hours) values
    ('s1', 'ana', 'cut', '2026-03-01 19:00', 1),
    ('s2', 'ana', 'cut', '2026-03-07 19:00', .5);
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        con.execute(_RECORDS)
        yield con


def test_each_feature_is_what_the_catalogue_says(con: duckdb.DuckDBPyConnection) -> None:
    ana, ben, cy, dee = learner.build(con, DAY, ["ana", "ben", "cy", "dee"]).to_pylist()

    assert ana == {
        "student_id": "ana",
        "lrn_activities": 9,
        "lrn_session_minutes": 45,
        "lrn_completion_rate": pytest.approx(1 / 3),  # counting, by three in a row
        "lrn_preferred_difficulty": pytest.approx((2 * 5 + 5 * 3) / 8),
        "lrn_days_since_last": 3,
        "lrn_content_difficulty": 2,
    }
    assert (ben["lrn_activities"], ben["lrn_days_since_last"]) == (4, 0)
    assert ben["lrn_completion_rate"] == 0  # two in a row, a wrong one, one more
    assert (ben["lrn_session_minutes"], ben["lrn_preferred_difficulty"]) == (None, None)
    assert (cy["lrn_completion_rate"], cy["lrn_preferred_difficulty"]) == (1, 2)
    assert cy["lrn_content_difficulty"] is None
    assert dee == {"student_id": "dee", **{feature.name: None for feature in FEATURES}}


def test_nothing_after_the_day_changes_a_feature(con: duckdb.DuckDBPyConnection) -> None:
    students = ["ana", "ben", "cy"]
    before = learner.build(con, DAY, students)

    con.execute(
        "delete from interactions where answered_at >= '2026-03-11';"
        "insert into interactions (student_id, item_id, answered_at, is_correct) values "
        "('ana', 'hard', '2026-03-11 00:00', false), ('cy', 'easy', '2026-04-01 10:00', true);"
        "insert into ratings (student_id, resource_id, used_at, rating, is_completed) values "
        "('ana', 'r1', '2026-03-11 00:00', 1, true), ('ben', 'r2', '2026-05-01 10:00', 5, true);"
        "insert into study_sessions (session_id, student_id, skill_id, started_at, hours) values "
        "('late', 'ben', 'add', '2026-03-11 00:00', 9)"
    )

    assert learner.build(con, DAY, students) == before


def test_several_days_of_a_student_are_asked_for_at_once(con: duckdb.DuckDBPyConnection) -> None:
    days = [date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 2)]

    found = learner.build_each(con, ["ana", "ana", "ben"], days)

    assert found["day"].to_pylist() == days
    assert found["lrn_activities"].to_pylist() == [2, None, 2]


def test_every_value_lies_in_the_range_of_its_feature(con: duckdb.DuckDBPyConnection) -> None:
    found = learner.build(con, DAY, ["ana", "ben", "cy"])

    for feature in FEATURES:
        low, high = feature.range
        values = found[feature.name].drop_null().to_pylist()
        assert values and all(low <= value <= high and math.isfinite(value) for value in values)


def test_every_feature_has_a_step_and_every_step_is_a_feature() -> None:
    steps = {name.rpartition("/")[2] for name in sql.names("features/sql/learner")}

    assert steps == {feature.name for feature in FEATURES}
