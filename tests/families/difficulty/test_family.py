"""The difficulty family: it learns planted levels, keeps its files, and answers about texts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from edupulse_core import sql
from edupulse_core.config import Rules
from edupulse_core.errors import ModelError, RefusedError
from edupulse_core.families.difficulty.algorithms import ALGORITHMS
from edupulse_core.families.difficulty.examples import TextExamples, given
from edupulse_core.families.difficulty.family import DIFFICULTY, Question
from edupulse_core.families.difficulty.network import NetworkPlan
from edupulse_core.families.difficulty.ngrams import NgramPlan
from edupulse_core.families.difficulty.sayings import in_words, note
from edupulse_core.families.family import Run, Split
from edupulse_core.training.loop import LoopOptions
from tests.families.difficulty import planted

DAY = date(2026, 11, 15)
PLANS: dict[str, Any] = {
    "ngram_ridge": NgramPlan(letters=3),
    "network": NetworkPlan(width=16, loop=LoopOptions(epochs=40, learning_rate=3e-3)),
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        sql.run(made, "warehouse/sql/schema")
        made.execute("insert into imports (sequence, import_day) values (1, '2026-11-16')")
        made.execute(planted.resources(240))
        made.execute("insert into resources values ('empty', 'No body', null, [], ' ', 2, 1, null)")
        made.execute("insert into items values ('i1', [], 'Sum', 'Add two numbers.', null)")
        yield made


@pytest.fixture(scope="module")
def split(con: duckdb.DuckDBPyConnection) -> Split[TextExamples]:
    (found,) = DIFFICULTY.splits(DIFFICULTY.read(con, Rules()), seed=1)
    return found


@pytest.fixture(scope="module", params=list(ALGORITHMS))
def model(request: pytest.FixtureRequest, split: Split[TextExamples]) -> tuple[str, Any]:
    return request.param, ALGORITHMS[request.param].fit(split, PLANS[request.param], Run(seed=1))


def test_only_texts_with_a_body_and_a_level_are_learned_from(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = DIFFICULTY.read(con, Rules())

    assert len(found) == 240 and "resource empty" not in found.who
    assert set(found.level) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert set(found.day.astype(str)) == {"2026-11-16"}


def test_no_text_is_on_two_sides(split: Split[TextExamples]) -> None:
    sides = [set(part.who) for part in (split.train, split.validation, split.test)]

    assert sum(map(len, sides)) == len(set().union(*sides)) == 240


def test_planted_levels_are_found(model: tuple[str, Any], split: Split[TextExamples]) -> None:
    found = DIFFICULTY.report(model[1], split, Rules())

    beside = found.test["beside"]["commonest_level"]
    assert found.headline["auc"] > 0.75 and found.headline["f1_macro"] > 2 * beside["f1_macro"]
    assert beside["auc"] == 0.5
    assert np.sum(found.test["confusion"]) == found.test["rows"] == len(split.test)


def test_a_saved_model_answers_as_it_did(
    model: tuple[str, Any], split: Split[TextExamples], tmp_path: Path
) -> None:
    name, made = model
    ALGORITHMS[name].save(made, tmp_path)

    opened = ALGORITHMS[name].open(tmp_path, "")

    assert np.allclose(opened.probabilities(split.test), made.probabilities(split.test), atol=1e-6)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pkl", ".pt")]


def test_a_damaged_model_is_refused(model: tuple[str, Any], tmp_path: Path) -> None:
    name, made = model
    ALGORITHMS[name].save(made, tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"broken")

    with pytest.raises(ModelError):
        ALGORITHMS[name].open(tmp_path, "")


def test_an_answer_holds_the_likeliest_level_its_range_and_every_probability(
    model: tuple[str, Any], split: Split[TextExamples]
) -> None:
    said = DIFFICULTY.predict(model[1], split.test, Rules()).to_pylist()

    for row in said:
        chances = json.loads(row["details"])["probabilities"]
        assert list(chances) == ["1", "2", "3", "4", "5"]
        assert sum(chances.values()) == pytest.approx(1, abs=1e-4)
        assert row["label"] == max(chances, key=lambda level: chances[level])
        assert 1 <= row["low"] <= int(row["label"]) <= row["high"] <= 5
        assert row["low"] <= row["value"] <= row["high"]
    held = [
        row["low"] <= level <= row["high"]
        for row, level in zip(said, split.test.level, strict=True)
    ]
    assert np.mean(held) > 0.75


def test_a_text_that_is_asked_about_does_not_depend_on_the_others(model: tuple[str, Any]) -> None:
    texts = planted.texts(seed=7)
    hard, easy = (next(text for text, level in texts if level == want) for want in (5, 1))

    alone = DIFFICULTY.predict(model[1], given([hard], DAY), Rules())["value"].to_pylist()
    both = DIFFICULTY.predict(model[1], given([hard, easy], DAY), Rules())["value"].to_pylist()

    assert alone[0] == pytest.approx(both[0], abs=1e-5)
    assert both[0] > both[1]


def test_a_text_of_unknown_words_is_told_as_one_of_which_nothing_is_known(
    model: tuple[str, Any], split: Split[TextExamples]
) -> None:
    foreign = given(["Der Ausschuss beriet lange. Niemand stimmte zu, obwohl es regnete."], DAY)

    shares = np.bincount(split.train.classes, minlength=5) / len(split.train)
    assert model[1].familiar(foreign)[0] < 0.3
    (said,) = DIFFICULTY.predict(model[1], foreign, Rules()).to_pylist()
    chances = list(json.loads(said["details"])["probabilities"].values())
    assert sum(chances[int(said["low"]) - 1 : int(said["high"])]) > 0.6  # as far as it is unknown
    assert said["low"] <= said["value"] <= said["high"]
    assert model[1].probabilities(foreign)[0] == pytest.approx(shares, abs=0.25)
    assert (model[1].familiar(split.test) > 0.9).mean() > 0.8


def test_a_level_in_words_says_when_not_to_rely_on_it() -> None:
    assert in_words(3, 2, 4).endswith("at level 2 to 4.")
    assert in_words(3, 3, 3).endswith("at that level.")
    short, long_words = ({"words": 19.0, "letters_per_word": n} for n in (4.5, 13.0))
    assert note(short, 1.0) == "Too short to be sure: 19 words."
    assert note(long_words, 0.2).endswith("Rely on your own reading.")  # Chinese has no blanks
    assert note({"words": 20.0, "letters_per_word": 4.5}, 1.0) == ""
    assert in_words(3, 2, 4, note(short, 1.0)) == (
        "Perhaps level 3 of 5 (medium). Too short to be sure: 19 words. It may be anything from "
        "level 2 to 4."
    )


def test_the_range_of_every_text_holds_nine_tenths_of_its_probabilities(
    model: tuple[str, Any], split: Split[Any]
) -> None:
    words = next(text for text, level in planted.texts(seed=7) if level == 3).split()
    short = given([" ".join(words[:n]) for n in (1, 2, 3, 10)], DAY)

    for texts in (short, split.test):
        for said in DIFFICULTY.predict(model[1], texts, Rules()).to_pylist():
            chances = list(json.loads(said["details"])["probabilities"].values())
            assert sum(chances[int(said["low"]) - 1 : int(said["high"])]) >= 0.9 - 1e-5


def test_without_a_question_the_texts_without_a_level_are_meant(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = DIFFICULTY.ask(con, Rules(), [], DAY, Question())

    assert found.who.tolist() == ["item i1", "resource u0", "resource u1", "resource u2"]
    assert np.isnan(found.level).all()


def test_a_question_about_a_text_reads_nothing_else(con: duckdb.DuckDBPyConnection) -> None:
    found = DIFFICULTY.ask(con, Rules(), ["ana"], DAY, Question(texts=("A cat.",)))

    assert found.texts == ("A cat.",) and found.who.tolist() == ["text 1"]


def test_nothing_to_label_is_answered_with_nothing(
    model: tuple[str, Any], split: Split[TextExamples]
) -> None:
    nothing = split.test.of(np.array([], np.int64))

    assert len(DIFFICULTY.predict(model[1], nothing, Rules())) == 0


def test_two_models_are_compared_under_the_same_draws(
    model: tuple[str, Any], split: Split[TextExamples]
) -> None:
    said = DIFFICULTY.predict(model[1], split.test, Rules())
    draws = np.ones((2, len(split.test)))
    draws[1, :5] = 0

    found = DIFFICULTY.measure(said, split.test, draws)

    whole = DIFFICULTY.report(model[1], split, Rules()).headline
    assert {name: values[0] for name, values in found.items()} == pytest.approx(whole, abs=1e-5)
    assert found["accuracy"].shape == (2,)


def test_groups_are_of_texts(con: duckdb.DuckDBPyConnection, split: Split[TextExamples]) -> None:
    found = DIFFICULTY.groups(con, split.test)

    assert set(found) == {"kind", "subject"} and set(found["kind"]) == {"reading"}


def test_without_texts_it_is_said_what_to_bring() -> None:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        with pytest.raises(RefusedError, match=r"bring resources\.csv or items\.csv"):
            DIFFICULTY.read(con, Rules())


def test_too_few_texts_are_refused(split: Split[TextExamples]) -> None:
    few = split.train.of(np.arange(10))

    with pytest.raises(RefusedError, match="only 10 texts have a difficulty"):
        DIFFICULTY.splits(few)


def test_a_training_stops_when_it_is_told_to(split: Split[TextExamples]) -> None:
    for name, how in ALGORITHMS.items():
        with pytest.raises(RefusedError, match="stopped"):
            how.fit(split, PLANS[name], replace(Run(), cancel=lambda: True))
