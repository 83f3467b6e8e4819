"""The recommend family: what it may know, whom it offers what, and what it tells of others."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.config import SMALLEST, Rules
from edupulse_core.errors import AccessError, MissingError, RefusedError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.recommend import algorithms, fit
from edupulse_core.families.recommend.algorithms import HybridPlan
from edupulse_core.families.recommend.examples import Learners
from edupulse_core.families.recommend.family import RECOMMEND, Question
from edupulse_core.families.recommend.fit import ContentPlan, NcfPlan
from edupulse_core.families.recommend.linear import EasePlan
from edupulse_core.families.recommend.networks import ContentSizes, NcfSizes
from edupulse_core.families.recommend.recommender import Recommender
from edupulse_core.families.recommend.sayings import reason
from edupulse_core.training.loop import LoopOptions
from tests.families.recommend import district
from tests.families.recommend.district import FIRST

RULES = Rules()
DAY = FIRST + timedelta(days=60)
LOOP = LoopOptions(epochs=2, batch=512, learning_rate=1e-2)
NCF = NcfPlan(NcfSizes(4, (8, 4), 0.0), LOOP)
CONTENT = ContentPlan(ContentSizes((8, 4), 4, 4, 0.0), LOOP)
PLANS = {
    "ease": EasePlan(l2=10.0, near=0.5, share=0.4, sitting=1.0),
    "item_knn": algorithms.KnnPlan(),
    "popularity": algorithms.PopularPlan(),
    "ncf": NCF,
    "content": CONTENT,
    "hybrid": HybridPlan(NCF, CONTENT),
}


@pytest.fixture(scope="module")
def shared() -> Iterator[DuckDBPyConnection]:
    """A district that no test changes."""
    with district.made() as con:
        yield con


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    """A district that a test may change."""
    with district.made() as made:
        yield made


@pytest.fixture(scope="module")
def split(shared: DuckDBPyConnection) -> Split[Learners]:
    return RECOMMEND.splits(RECOMMEND.read(shared, RULES))[0]


@pytest.fixture(scope="module")
def model(split: Split[Learners]) -> Recommender:
    found: Recommender = RECOMMEND.algorithms["ease"].fit(split, PLANS["ease"], Run())
    return found


def offered(
    con: DuckDBPyConnection, model: Recommender, student: str, day: date = DAY, count: int = 10
) -> list[dict[str, Any]]:
    asked = RECOMMEND.ask(con, RULES, [student], day, Question(count=count))
    rows = RECOMMEND.predict(model, asked, RULES).to_pylist()
    return [row | {"details": json.loads(row["details"])} for row in rows]


def test_no_student_is_on_two_sides(split: Split[Learners]) -> None:
    parts = [set(part.who) for part in (split.train, split.validation, split.test)]

    assert sum(map(len, parts)) == len(set.union(*parts)) == 80


def test_what_comes_next_is_not_in_the_history(split: Split[Learners]) -> None:
    train = split.train

    assert train.before.multiply(train.after).nnz == 0
    assert (train.history == 8).all()
    assert train.day.min() == np.datetime64(FIRST + timedelta(days=8))


def test_uses_at_the_moment_of_the_first_of_the_test_are_not_history(
    con: DuckDBPyConnection,
) -> None:
    con.execute("delete from ratings")
    for n in range(10):
        district.use(con, "s000", f"math-{n:02}", FIRST if n < 5 else FIRST + timedelta(days=1))

    read = RECOMMEND.read(con, RULES)

    assert read.history.tolist() == [5] and read.after.nnz == 5


def test_later_uses_change_no_answer(con: DuckDBPyConnection, model: Recommender) -> None:
    day = FIRST + timedelta(days=5)
    before = offered(con, model, "s003", day)

    con.execute("update ratings set rating = 1 where used_at > $day", {"day": day + timedelta(1)})
    district.use(con, "s003", before[0]["object"], day + timedelta(days=1))

    assert offered(con, model, "s003", day) == before


def test_a_completed_resource_is_not_offered_again_but_an_unfinished_one_may_be(
    con: DuckDBPyConnection, model: Recommender
) -> None:
    first, second = (row["object"] for row in offered(con, model, "s004", count=2))
    district.use(con, "s004", first, DAY, done=True)
    district.use(con, "s004", second, DAY, done=False)

    names = [row["object"] for row in offered(con, model, "s004", count=40)]

    assert first not in names and second in names


def test_a_learner_is_offered_what_others_with_their_history_used(
    shared: DuckDBPyConnection, model: Recommender
) -> None:
    for student, subject in (("s000", "math"), ("s001", "english")):
        best = [row["object"] for row in offered(shared, model, student, count=5)]

        assert sum(name.startswith(subject) for name in best) >= 4


def test_a_student_without_a_history_gets_what_is_popular_in_their_grade(
    con: DuckDBPyConnection, model: Recommender
) -> None:
    con.execute("insert into users (user_id, grade) values ('new', '7')")

    found = offered(con, model, "new", count=3)

    shares = model.popular["7"]
    assert {row["label"] for row in found} == {"popular"}
    assert found[0]["object"] == model.ids[np.argmax(shares)]
    assert found[0]["details"]["because"] is None


def test_a_resource_that_came_after_the_training_is_offered_by_what_it_is_like(
    con: DuckDBPyConnection, model: Recommender
) -> None:
    con.execute(
        "insert into resources values ('fresh', 'Fresh', 'video', ['math'], null, 3, 20, null)"
    )

    math, english = (
        {row["object"]: row for row in offered(con, model, student, count=41)}
        for student in ("s000", "s001")
    )

    assert math["fresh"]["label"] == "content"
    assert math["fresh"]["rank"] < english["fresh"]["rank"]


def test_what_nobody_has_used_yet_is_never_called_popular(
    con: DuckDBPyConnection, model: Recommender
) -> None:
    con.execute("insert into users (user_id, grade) values ('new', '7')")
    con.execute(
        "insert into resources values ('fresh', 'Fresh', 'video', ['math'], null, 3, 20, null)"
    )

    found = {row["object"]: row for row in offered(con, model, "new", count=41)}

    assert found["fresh"]["label"] == "content"
    assert "opular" not in reason(found["fresh"]["details"])
    assert "opular" in reason(found["math-00"]["details"])


def test_a_use_that_was_rated_low_says_nothing_about_what_to_take_next(
    con: DuckDBPyConnection, model: Recommender
) -> None:
    con.execute("insert into users (user_id, grade) values ('new', '7')")
    without = offered(con, model, "new")

    district.use(con, "new", "math-00", DAY, rating=1.0, done=False)

    assert [row["object"] for row in offered(con, model, "new")] == [
        row["object"] for row in without
    ]


def test_only_many_students_are_counted_in_a_reason(
    shared: DuckDBPyConnection, model: Recommender, split: Split[Learners]
) -> None:
    used = split.train.used.toarray()
    ids = split.train.resources.ids.tolist()
    told = 0
    for student in split.test.who.tolist():
        for row in offered(shared, model, student):
            because = row["details"]["because"]
            if because and because["students"] is not None:
                pair = used[:, [ids.index(row["object"]), ids.index(because["resource_id"])]]
                assert because["students"] == pair.all(axis=1).sum() >= SMALLEST
                told += 1

    assert told
    assert not ((model.together > 0) & (model.together < SMALLEST)).any()


def test_the_sentence_of_a_reason_names_the_skill_and_a_resource_of_the_students_own(
    shared: DuckDBPyConnection, model: Recommender
) -> None:
    details = offered(shared, model, "s000")[0]["details"]

    said = reason(details)

    assert details["skills"][0]["title"] in said
    assert f"“{details['because']['title']}”" in said


def test_a_distance_from_the_students_level_costs(
    shared: DuckDBPyConnection, split: Split[Learners]
) -> None:
    plain, strict = (
        RECOMMEND.algorithms["ease"].fit(
            split, EasePlan(l2=10.0, near=0.0, share=0.0, sitting=0.0, level=level), Run()
        )
        for level in (0.0, 5.0)
    )

    apart = [
        np.mean(
            [
                abs(row["details"]["level"] - row["details"]["student_level"])
                for row in offered(shared, each, "s000")
            ]
        )
        for each in (plain, strict)
    ]

    assert apart[1] < apart[0]


@pytest.mark.parametrize("name", RECOMMEND.algorithms)
def test_each_algorithm_answers_the_same_after_it_was_saved(
    name: str, split: Split[Learners], shared: DuckDBPyConnection, tmp_path: Path
) -> None:
    how, told = RECOMMEND.algorithms[name], []
    made = how.fit(split, PLANS[name], Run(tracker=told.append))

    how.save(made, tmp_path)
    opened = how.open(tmp_path, "")

    asked = RECOMMEND.ask(shared, RULES, ["s001", "s002"], DAY, Question())
    one, other = (RECOMMEND.predict(each, asked, RULES) for each in (made, opened))
    assert one["object"].equals(other["object"])
    assert np.allclose(one["value"].to_numpy(), other["value"].to_numpy(), atol=1e-4)
    assert told and len(one) == 20
    report = RECOMMEND.report(made, split, RULES)
    assert 0 < report.headline["ndcg"] <= 1
    assert not {*report.model_dump().get("chosen", {})} & {"l2", "near", "share", "half"}  # words


def test_no_saved_file_names_a_student(split: Split[Learners], tmp_path: Path) -> None:
    for name in ("ease", "ncf"):
        how = RECOMMEND.algorithms[name]
        (tmp_path / name).mkdir()
        how.save(how.fit(split, PLANS[name], Run()), tmp_path / name)

    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not any(who.encode() in path.read_bytes() for who in split.train.who.tolist())


def test_the_measures_are_those_of_the_lists(model: Recommender, split: Split[Learners]) -> None:
    test = split.test.of(np.arange(2))
    said = RECOMMEND.predict(model, test, RULES)
    draws = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 3.0]])

    found = RECOMMEND.measure(said, test, draws)

    wanted = [set(test.resources.ids[row.indices]) for row in test.after]
    gains = []
    for who, mine in zip(test.who.tolist(), wanted, strict=True):
        names = [row["object"] for row in said.to_pylist() if row["subject"] == who]
        hits = [1 / np.log2(at + 2) for at, name in enumerate(names) if name in mine]
        gains.append(sum(hits) / sum(1 / np.log2(at + 2) for at in range(len(mine))))
    assert found["ndcg"] == pytest.approx([np.mean(gains), gains[0], gains[1]])
    assert found["coverage"][0] >= found["coverage"][1] == pytest.approx(10 / 40)


def test_new_students_are_measured_apart(con: DuckDBPyConnection, model: Recommender) -> None:
    for n in range(40):
        con.execute("insert into users (user_id, grade) values ($id, '7')", {"id": f"t{n:02}"})
        district.use(con, f"t{n:02}", f"math-{n % 20:02}", DAY)
    split = RECOMMEND.splits(RECOMMEND.read(con, RULES), folds=2)[0]

    report = RECOMMEND.report(model, split, RULES).model_dump()

    assert split.test.is_cold.sum() >= SMALLEST
    assert {*report["new_students"]} == {"this_model", "item_knn", "popularity"}
    assert report["students_with_a_history"]["this_model"]["ndcg"] > 0

    cold = np.flatnonzero(split.test.is_cold)[SMALLEST - 1 :]
    few = replace(split, test=split.test.of(np.setdiff1d(np.arange(len(split.test)), cold)))
    told = RECOMMEND.report(model, few, RULES).model_dump()
    assert "all_students" in told  # less those with a history, it would tell of a few new ones
    assert not {"new_students", "students_with_a_history"} & {*told}


def test_a_network_learns_who_likes_what(split: Split[Learners]) -> None:
    plan = NcfPlan(NcfSizes(8, (16, 8), 0.0), LoopOptions(epochs=30, batch=128, learning_rate=1e-2))
    held = fit.Held(split.test.before, split.test.finished, split.test.after)

    network = fit.ncf(split.train.used, held, plan, Run())

    scores = fit.ncf_scores(network, fit.fold(network, split.train.used), split.test.before)
    is_math = np.array([name.startswith("math") for name in split.test.resources.ids])
    likes = np.array([int(who[1:]) % 2 == 0 for who in split.test.who.tolist()])
    leans = scores[:, is_math].mean(axis=1) > scores[:, ~is_math].mean(axis=1)
    assert (leans == likes).mean() > 0.9


def test_a_training_that_is_cancelled_stops(split: Split[Learners]) -> None:
    for name in RECOMMEND.algorithms:
        with pytest.raises(RefusedError, match="stopped"):
            RECOMMEND.algorithms[name].fit(split, PLANS[name], Run(cancel=lambda: True))


def test_without_records_it_says_which_files_to_bring(con: DuckDBPyConnection) -> None:
    con.execute("delete from ratings")
    with pytest.raises(MissingError, match=r"ratings\.csv"):
        RECOMMEND.read(con, RULES)

    con.execute("delete from resources")
    with pytest.raises(MissingError, match=r"resources\.csv and ratings\.csv"):
        RECOMMEND.ask(con, RULES, ["s000"], DAY, Question())


def test_nobody_is_offered_nothing(shared: DuckDBPyConnection) -> None:
    with pytest.raises(AccessError):
        RECOMMEND.ask(shared, RULES, ["nobody"], DAY, Question())


def test_lately_each_student_is_known_up_to_the_first_day_and_tested_on_what_came(
    shared: DuckDBPyConnection, model: Recommender
) -> None:
    assert RECOMMEND.recent is not None and RECOMMEND.recent.lately and RECOMMEND.recent.measure
    first = FIRST + timedelta(days=7)

    found = RECOMMEND.recent.lately(shared, RULES, first, FIRST + timedelta(days=8))

    assert set(found.history) == {7} and (found.day == np.datetime64(first)).all()
    came = dict(
        shared.execute(
            "select student_id, resource_id from ratings where used_at::date = $day", {"day": first}
        ).fetchall()
    )
    assert {w: found.resources.ids[at] for w, at in zip(found.who, found.next, strict=True)} == came
    said = RECOMMEND.predict(model, found, RULES)
    listed = set(zip(said["subject"].to_pylist(), said["object"].to_pylist(), strict=True))
    hits = RECOMMEND.recent.measure(said, found)["next_hit"]
    assert hits.tolist() == [(who, came[who]) in listed for who in found.who]
