"""The demo's learning records: whole, bounded, reproducible, and as their truth says."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from edupulse_core import demo
from edupulse_core.demo import learning
from edupulse_core.demo.learning.subjects import prerequisites

END = date(2026, 11, 15)
_BESIDE = ("users", "lineItems", "results")  # what the learning records agree with


def write(out: Path, **more: Any) -> Path:
    small = {"students": 40, "years": 1, "weeks": 8, "end": END, "futures": 1, "every": 36}
    demo.write(out, **{**small, **more})
    return out


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.csv")
    }


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A district's learning records and their truth, as tables."""
    out = write(tmp_path_factory.mktemp("learning"), students=400, years=2, weeks=24)
    with duckdb.connect() as con:
        files = {name: out / f"{name}.csv" for name in (*learning.FILES, *_BESIDE)}
        files |= {f"true_{name}": out / "truth" / f"{name}.csv" for name in learning.TRUTH}
        for name, path in files.items():
            con.execute(f"create table {name} as from read_csv($1)", [str(path)])
        yield con


def one(records: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = records.execute(sql).fetchone()
    assert row is not None
    return row


def test_the_other_files_are_the_same_with_and_without_them(tmp_path: Path) -> None:
    with_them = digests(write(tmp_path / "with"))
    without = digests(write(tmp_path / "without", learning=False))

    assert with_them.keys() - without.keys() == {f"{name}.csv" for name in learning.FILES}
    assert without.items() <= with_them.items()


def test_the_same_seed_writes_the_same_learning_records(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, truth=False) for name in ("one", "two"))

    assert digests(one) == digests(two)


def test_an_earlier_district_leaves_no_learning_records_behind(tmp_path: Path) -> None:
    out = write(tmp_path / "out")

    write(out, learning=False)

    assert not (out / "skills.csv").exists()
    assert not (out / "truth" / "mastery.csv").exists()


@pytest.mark.parametrize("students", [3, 7])
@pytest.mark.parametrize("size", [{"years": 1, "weeks": 1}, {"years": 3, "weeks": 36}], ids=str)
def test_every_size_is_written(tmp_path: Path, students: int, size: dict[str, int]) -> None:
    out = write(tmp_path / "out", students=students, truth=False, **size)

    learners = (out / "learners.csv").read_text().splitlines()
    assert len(learners) == students + 1


def test_skills_need_each_other_without_a_circle() -> None:
    needed = prerequisites()
    known: set[int] = set()

    while new := {at for at, them in enumerate(needed) if set(them) <= known} - known:
        known |= new

    assert known == set(range(len(needed)))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("interactions", "studentSourcedId, itemSourcedId, answeredAt"),
        ("resources", "title"),
        ("ratings", "studentSourcedId, resourceSourcedId, usedAt"),
        ("study_sessions", "sourcedId"),
        ("applications", "sourcedId"),
        ("learners", "studentSourcedId"),
    ],
)
def test_no_key_is_there_twice(records: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    rows, keys = one(records, f"select count(*), count(distinct ({key})) from {table}")

    assert rows == keys > 0


@pytest.mark.parametrize(
    "wrong",
    [
        "interactions where correct not in (0, 1) or seconds < 1 or attempt < 1 or hints < 0",
        "interactions where answeredAt::date > $end",
        "ratings where not coalesce(rating, 3) between 1 and 5 or completed not in (0, 1)",
        "ratings where usedAt::date > $end or minutes < 1",
        "study_sessions where hours <= 0 or hours > 24 or startedAt::date > $end",
        "study_sessions where energy_level not between 1 and 5",
        "study_sessions where distraction_level not between 1 and 5 or breaks_taken < 0",
        "applications where appliedOn > $end or gpa not between 0 and 4",
        "applications where statement not between 1 and 5 or letters not between 1 and 5",
        "skills where difficulty not between 1 and 10 or base_hours <= 0",
        "items where difficulty not between 1 and 5",
        "programs where tier not between 1 and 5 or admit_rate not between 0 and 1",
        "interactions anti join items on itemSourcedId = items.sourcedId",
        "ratings anti join resources on resourceSourcedId = resources.sourcedId",
        "study_sessions s anti join skills on skillSourcedId = skills.sourcedId",
        "applications a anti join programs on programSourcedId = programs.sourcedId",
        "interactions anti join users on studentSourcedId = users.sourcedId",
        "items, unnest(string_split(skillSourcedIds, ',')) as named(id) "
        "anti join skills on id = skills.sourcedId",
    ],
)
def test_every_value_is_within_its_bounds(records: duckdb.DuckDBPyConnection, wrong: str) -> None:
    given = {"end": END} if "$end" in wrong else {}

    assert records.execute(f"select count(*) from {wrong}", given).fetchone() == (0,)


def test_answers_are_as_right_as_their_truth(records: duckdb.DuckDBPyConnection) -> None:
    rows = records.execute(
        """
        select correct, p_correct from interactions join true_answers
        on (studentSourcedId, itemSourcedId, answeredAt) = (student_id, item_id, answered_at)
        """
    ).fetchnumpy()

    assert len(rows["correct"]) == one(records, "select count(*) from interactions")[0]
    assert abs(rows["correct"].mean() - rows["p_correct"].mean()) < 0.01
    assert 0.70 < roc_auc_score(rows["correct"], rows["p_correct"]) < 0.85


def test_practice_raises_mastery(records: duckdb.DuckDBPyConnection) -> None:
    first, later = one(
        records,
        """
        with answers as (
            select *, row_number() over (partition by studentSourcedId, skillSourcedIds
                order by answeredAt) as nth
            from interactions join items on itemSourcedId = items.sourcedId
        )
        select avg(correct) filter (nth <= 3), avg(correct) filter (nth between 8 and 12)
        from answers
        """,
    )

    assert later > first + 0.03


def test_mastery_and_grades_agree(records: duckdb.DuckDBPyConnection) -> None:
    (agreement,) = one(
        records,
        """
        with grades as (
            select studentSourcedId as id, avg(score / resultValueMax) as grade
            from results join lineItems on lineItemSourcedId = lineItems.sourcedId
            where scoreStatus = 'fully graded' group by 1
        ), answered as (
            select studentSourcedId as id, avg(correct) as right_share from interactions group by 1
        )
        select corr(grade, right_share) from grades join answered using (id)
        """,
    )

    assert agreement > 0.3


def test_ratings_follow_what_a_student_likes(records: duckdb.DuckDBPyConnection) -> None:
    (agreement,) = one(
        records,
        """
        select corr(rating, p.points + q.points) from ratings
        join resources on resourceSourcedId = resources.sourcedId
        join true_preferences p on p.student_id = studentSourcedId and p.name = kind
        join true_resources q on q.resource_id = resourceSourcedId
        where rating is not null
        """,
    )

    assert agreement > 0.4


def test_hours_spread_around_what_was_expected_as_told(
    records: duckdb.DuckDBPyConnection,
) -> None:
    mean, spread, told = one(
        records,
        """
        select avg(hours / expected_hours), stddev(ln(hours / expected_hours)), avg(log_noise)
        from study_sessions join true_hours on session_id = sourcedId where hours > 0.2
        """,
    )

    assert abs(mean - 1) < 0.03
    assert abs(spread - told) < 0.02


def test_decisions_follow_the_odds(records: duckdb.DuckDBPyConnection) -> None:
    rows = records.execute(
        """
        select (outcome = 'admitted')::int as admitted, p_admitted
        from applications join true_odds on application_id = sourcedId
        where outcome in ('admitted', 'denied', 'waitlisted')
        """
    ).fetchnumpy()

    assert abs(np.mean(rows["admitted"] - rows["p_admitted"])) < 0.06
    assert roc_auc_score(rows["admitted"], rows["p_admitted"]) > 0.8


def test_applications_are_of_grades_11_and_12(records: duckdb.DuckDBPyConnection) -> None:
    (younger,) = one(
        records,
        """
        select count(*) from applications join users on studentSourcedId = users.sourcedId
        where grades not in ('11', '12')
        """,
    )

    assert younger == 0
