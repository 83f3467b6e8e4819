"""The benchmark of knowledge tracing on a made-up folder of the same files."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from edupulse_core.config import load_settings
from edupulse_core.errors import MissingError
from tests.benchmarks.answers import ITEMS, shuffled, split_of
from tests.benchmarks.bench_tracing import run, tables


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Students of two kinds, so that there is something to learn."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    lines = folder / "assist2015"
    lines.mkdir()
    for part, n in (("train1", 30), ("valid1", 20), ("test", 20)):
        told = []
        for student in range(n):
            right = (rng.random(12) < (0.9 if student % 2 else 0.2)).astype(int)
            skills = rng.integers(1, 4, 12)
            told += ["12", ",".join(map(str, skills)), ",".join(map(str, right)) + ","]
        (lines / f"assist2015_{part}.csv").write_text("\n".join(told) + "\n")
    items = folder / ITEMS
    items.mkdir()
    for part in ("train", "test"):
        rows = ["user_id\titem_id\ttimestamp\tcorrect\tskill_id"]
        for student in range(40):
            for _ in range(10):
                right = int(rng.random() < (0.9 if student % 2 else 0.2))
                rows.append(f"{student}\t{rng.integers(6)}\t0\t{right}\t9")
        (items / f"preprocessed_data_{part}.csv").write_text("\n".join(rows) + "\n")
    matrix = sparse.csr_matrix(np.array([[1, 1], [0, 1], [1, 0], [0, 1], [1, 0], [0, 0]]))
    sparse.save_npz(items / "q_mat.npz", matrix)
    return folder


def test_an_item_keeps_its_skills_and_no_student_is_in_two_parts(data: Path) -> None:
    split = split_of(data, ITEMS, 1)

    names = [set(part.who) for part in (split.train, split.validation, split.test)]
    assert sum(map(len, names)) == len(set().union(*names)) == 80
    log = split.train.log
    of_item = {
        str(log.items[item]): {str(log.skill_names[each]) for each in row if each >= 0}
        for item, row in zip(log.item, log.skills, strict=True)
    }
    assert of_item["0"] == {"0", "1"} and of_item["1"] == {"1"} and of_item["5"] == {"skill 9"}


def test_dealt_out_anew_there_are_as_many_right_answers(data: Path) -> None:
    split = split_of(data, ITEMS)

    other = shuffled(split, 0)

    assert other.train.log.correct.sum() == split.train.log.correct.sum()
    assert not np.array_equal(other.test.correct, split.test.correct)
    assert np.array_equal(other.test.item, split.test.item)


def test_every_set_has_a_table_beside_the_published_figures(data: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    found = run(settings, data=data, sets=["assist2015", ITEMS], methods=["best_lr"], quick=True)

    titles = [each["title"] for each in tables(found)]
    assert titles == [
        "The next answer on assist2015",
        f"The next answer on {ITEMS}",
        "Answers dealt out at random",
    ]
    best = found["sets"]["assist2015"]["methods"]["best_lr"][0]
    assert best["auc"] > found["sets"]["assist2015"]["simpler"]["share right on the skill"]
    assert best["low"] < best["auc"] < best["high"]


def test_without_the_data_it_says_which_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="there is no folder .*assist2009_updated"):
        run(load_settings(home=tmp_path), data=tmp_path, quick=True)
