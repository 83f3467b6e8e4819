"""Each way to learn: it learns, it is kept without loss, and it knows nothing of the future."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.errors import InputError, ModelError, RefusedError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.tracing import examples as cases
from edupulse_core.families.tracing.algorithms import ALGORITHMS
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel
from edupulse_core.families.tracing.report import simpler
from edupulse_core.training import plans
from edupulse_core.training.evaluation import auc

SMALL = {
    "network.hidden": 16, "network.width": 8, "loop.epochs": 12, "loop.learning_rate": 0.02,
    "answers": 400,
}  # fmt: skip


def small_plan(name: str) -> Any:
    plan = ALGORITHMS[name].plan()
    known = plans.keys(plan)
    return plans.changed(plan, {key: value for key, value in SMALL.items() if key in known})


@pytest.fixture(scope="module")
def trained(split: Split[Examples]) -> dict[str, TracingModel]:
    found: dict[str, TracingModel] = {}
    for name, how in ALGORITHMS.items():
        found[name] = how.fit(split, small_plan(name), Run(device="cpu", trained=found))
    return found


@pytest.mark.parametrize("name", ALGORITHMS)
def test_it_tells_right_from_wrong_better_than_the_share_of_each_skill(
    name: str, trained: dict[str, TracingModel], split: Split[Examples]
) -> None:
    test = split.test
    ours = auc(trained[name].chances(test), test.correct > 0)

    assert ours > auc(simpler(split)["share right on the skill"], test.correct > 0) + 0.02


@pytest.mark.parametrize("name", ALGORITHMS)
def test_it_is_kept_without_loss(
    name: str, trained: dict[str, TracingModel], split: Split[Examples], tmp_path: Path
) -> None:
    ALGORITHMS[name].save(trained[name], tmp_path)

    again = ALGORITHMS[name].open(tmp_path, "")

    few = split.test.of(np.arange(50))
    assert np.allclose(again.chances(few), trained[name].chances(few), atol=1e-6)
    assert (again.certainty, again.mastered) == (trained[name].certainty, trained[name].mastered)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_shuffled_futures_change_no_answer(
    name: str, trained: dict[str, TracingModel], split: Split[Examples]
) -> None:
    test = split.test
    log, later = test.log, np.flatnonzero(cases.as_cases(test.log).answers >= 15)
    right = log.correct.copy()
    right[later] = np.random.default_rng(0).permutation(right[later])
    other = replace(test, log=replace(log, correct=right))
    rows = np.flatnonzero(test.answers == 15)

    before, after = (trained[name].chances(each.of(rows)) for each in (test, other))

    assert not np.array_equal(right, log.correct)
    assert np.allclose(before, after, atol=1e-6)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_new_student_a_new_item_and_a_new_skill_have_an_answer_without_retraining(
    name: str, trained: dict[str, TracingModel], con: DuckDBPyConnection
) -> None:
    with con.cursor() as cursor:
        cursor.begin()
        cursor.execute("insert into skills (skill_id, title) values ('prove', 'Prove')")
        cursor.execute("insert into items (item_id, skill_ids) values ('new', ['prove'])")
        for minute in range(4):
            cursor.execute(
                "insert into interactions (student_id, item_id, answered_at, is_correct) values "
                f"('new', 'new', '2026-09-08 10:0{minute}:00', true)"
            )
        found = cases.asked(cursor, ["new"], date(2026, 9, 30))
        cursor.rollback()

    chances = trained[name].chances(found)

    assert len(chances) == 5
    assert ((chances > 0) & (chances < 1)).all()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_right_answers_raise_the_mastery_and_wrong_ones_lower_it(
    name: str, trained: dict[str, TracingModel], split: Split[Examples]
) -> None:
    log = split.train.log
    chance = []
    for right in (1.0, 0.0):
        item = int(np.flatnonzero(log.items == "i1")[0])
        one = replace(
            log,
            students=np.array(["zoe"]),
            starts=np.array([0, 8]),
            item=np.full(8, item),
            skills=log.skills[log.item == item][:1].repeat(8, axis=0),
            at=log.at[:8],
            correct=np.full(8, right),
        )
        asked = cases.at_the_end(one, ["zoe"], ["divide"], log.at[8])
        chance.append(trained[name].chances(asked)[0])

    assert chance[0] > chance[1] + 0.1


def test_a_training_that_is_stopped_says_so(split: Split[Examples]) -> None:
    for name in ("best_lr", "bkt", "dkt"):
        with pytest.raises(RefusedError, match="the training was stopped"):
            ALGORITHMS[name].fit(split, small_plan(name), Run(device="cpu", cancel=lambda: True))


def test_a_damaged_version_is_refused(trained: dict[str, TracingModel], tmp_path: Path) -> None:
    ALGORITHMS["best_lr"].save(trained["best_lr"], tmp_path)
    (tmp_path / "model.json").write_text("{}")

    with pytest.raises(ModelError, match=r"damaged: model\.json"):
        ALGORITHMS["best_lr"].open(tmp_path, "")


def test_mastered_must_lie_above_nearly() -> None:
    with pytest.raises(InputError, match="nearly < mastered"):
        plans.changed(ALGORITHMS["best_lr"].plan(), {"nearly": 0.9})
