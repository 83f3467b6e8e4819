"""The whole family: paths keep the rules, versions are kept, answers say why."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from edupulse_core.config import Rules
from edupulse_core.errors import InputError, ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Split
from edupulse_core.families.path import report
from edupulse_core.families.path.algorithms import ALGORITHMS, PathModel, open_version
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.family import NOTHING, PATH, PathQuestion
from tests.families.path.school import BEGAN, SKILLS, answer, empty, enroll, school

RULES = Rules()
NAMES = list(ALGORITHMS)


@pytest.mark.parametrize("name", NAMES)
def test_no_path_takes_a_skill_before_its_prerequisites_or_twice(
    models: dict[str, PathModel], cases: PathExamples, name: str
) -> None:
    for length in (1, 10):
        asked = replace(cases, length=length)
        paths = models[name].paths(asked)

        assert paths.shape == (len(cases), length)
        assert report.violations(asked, paths, models[name].practice) == (0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_version_says_the_same_after_it_was_saved(
    models: dict[str, PathModel], split: Split[PathExamples], name: str, tmp_path: Path
) -> None:
    ALGORITHMS[name].save(models[name], tmp_path)
    again = open_version(tmp_path, "")

    np.testing.assert_array_equal(again.paths(split.test), models[name].paths(split.test))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError):
        open_version(tmp_path, "")


def test_the_onnx_form_writes_the_same_paths_and_is_used_only_with_its_own_weights(
    models: dict[str, PathModel], split: Split[PathExamples], tmp_path: Path
) -> None:
    how, test = ALGORITHMS["seq2seq"], split.test.of(np.arange(3))
    folder = tmp_path / "v"
    folders.save(folder, folders.Header("v"), lambda half: how.save(models["seq2seq"], half))
    assert open_version(folder, "onnx").writer.quick is None  # type: ignore[union-attr]
    assert how.derive is not None
    how.derive(folder)

    quick = open_version(folder, "onnx")

    assert quick.writer is not None and quick.writer.quick is not None
    np.testing.assert_array_equal(quick.paths(test), models["seq2seq"].paths(test))
    (folder / "step.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="checksum"):
        open_version(folder, "onnx")


@pytest.mark.parametrize("name", NAMES)
def test_a_student_s_path_does_not_depend_on_who_else_is_asked_about(
    models: dict[str, PathModel], split: Split[PathExamples], name: str
) -> None:
    if name == "random":
        return
    paths = models[name].paths(split.test)

    for row in (0, len(split.test) - 1):
        alone = models[name].paths(split.test.of(np.array([row])))
        np.testing.assert_array_equal(alone[0], paths[row])


def test_looking_ahead_gains_no_less_than_the_next_step_alone_and_that_more_than_chance(
    models: dict[str, PathModel], cases: PathExamples
) -> None:
    asked = replace(cases, length=2)
    gains = {
        name: report.gain(asked, each.paths(asked), each.practice).mean()
        for name, each in models.items()
    }

    assert gains["lookahead"] >= gains["greedy"] > gains["random"]


def test_a_path_to_a_goal_ends_with_it_and_says_what_each_step_is_for(
    models: dict[str, PathModel],
) -> None:
    con = empty()
    enroll(con, "ana")
    answer(con, "ana", "multiply", "0110")
    question = PathQuestion(goal="fractions", mastery={"add": 0.9, "multiply": 0.7})

    for model in models.values():
        asked = PATH.ask(con, RULES, ["ana"], BEGAN.date(), question)
        steps = json.loads(PATH.predict(model, asked, RULES)["details"][0].as_py())["steps"]

        assert [step["skill"] for step in steps] == ["multiply", "divide", "fractions"]
        assert [step["reason"] for step in steps] == ["prerequisite", "prerequisite", "goal"]
        assert {step["toward"] for step in steps[:2]} == {"fractions"}


def test_reasons_tell_the_nearly_mastered_from_the_forgotten_and_the_next(
    models: dict[str, PathModel],
) -> None:
    con = empty()
    enroll(con, "ana")
    answer(con, "ana", "add", "1" * 20)
    answer(con, "ana", "words", "1" * 20)
    answer(con, "ana", "multiply", "0110110110", day=900)
    question = PathQuestion(mastery={"words": 0.5, "multiply": 0.7, "add": 0.9})

    asked = PATH.ask(con, RULES, ["ana"], BEGAN.date() + timedelta(days=901), question)
    said = PATH.predict(models["lookahead"], asked, RULES)

    steps = {each["skill"]: each for each in json.loads(said["details"][0].as_py())["steps"]}
    assert steps["words"]["reason"] == "forgotten" and steps["words"]["idle_days"] == 901
    assert steps["multiply"]["reason"] == "nearly_mastered"
    assert steps["essays"]["reason"] == "next" and steps["essays"]["after"] == "sentences"
    assert steps["sentences"]["reason"] == "prerequisite"
    assert steps["sentences"]["toward"] == "essays"


def test_what_was_practiced_yesterday_is_not_called_forgotten(
    models: dict[str, PathModel],
) -> None:
    con = empty()
    enroll(con, "ana")
    answer(con, "ana", "words", "1" * 20)
    question = PathQuestion(mastery={"words": 0.7})

    asked = PATH.ask(con, RULES, ["ana"], BEGAN.date() + timedelta(days=1), question)
    said = PATH.predict(models["lookahead"], asked, RULES)

    steps = {each["skill"]: each for each in json.loads(said["details"][0].as_py())["steps"]}
    assert steps["words"]["reason"] == "nearly_mastered" and steps["words"]["idle_days"] == 1


def test_where_everything_is_mastered_no_step_is_left(models: dict[str, PathModel]) -> None:
    con = empty()
    enroll(con, "ana")
    question = PathQuestion(mastery=dict.fromkeys(SKILLS, 0.95))

    for model in models.values():
        asked = PATH.ask(con, RULES, ["ana"], BEGAN.date(), question)
        row = PATH.predict(model, asked, RULES).to_pylist()[0]

        assert (row["object"], row["label"], row["value"]) == ("", NOTHING, 0.0)
        assert json.loads(row["details"]) == {"steps": []}


def test_a_skill_that_came_after_the_training_can_be_in_a_path(
    models: dict[str, PathModel],
) -> None:
    con = empty(SKILLS | {"music": []})
    enroll(con, "ana")

    for model in models.values():
        asked = PATH.ask(con, RULES, ["ana"], BEGAN.date(), PathQuestion(goal="music"))
        assert PATH.predict(model, asked, RULES)["object"].to_pylist() == ["music"]


def test_a_wrong_question_is_refused() -> None:
    with pytest.raises(InputError, match="'flying'"):
        PATH.ask(school(2), RULES, ["student000"], BEGAN.date(), PathQuestion(goal="flying"))
    with pytest.raises(ValidationError):
        PathQuestion(length=0)


def test_measures_agree_with_the_paths_that_were_answered(
    models: dict[str, PathModel], split: Split[PathExamples]
) -> None:
    test, model = split.test, models["greedy"]
    draws = np.ones((2, len(np.unique(test.who))))

    found = PATH.measure(PATH.predict(model, test, RULES), test, draws)

    assert set(found) == set(PATH.metrics)
    assert found["gain"][0] == pytest.approx(report.gain(test, model.paths(test)).mean())


def test_a_report_has_the_simpler_ways_beside_it(
    models: dict[str, PathModel], split: Split[PathExamples]
) -> None:
    found = PATH.report(models["seq2seq"], split, RULES)

    assert set(PATH.metrics) <= set(found.headline)
    assert found.headline["perplexity"] > 1
    assert [each["way"] for each in found.test["beside"]] == ["model", "greedy", "random"]


def test_it_is_watched_by_whether_the_skill_taken_up_next_was_on_the_path(
    models: dict[str, PathModel], split: Split[PathExamples]
) -> None:
    assert PATH.recent is not None and PATH.recent.measure is not None
    test, model = split.test, models["greedy"]
    said = PATH.predict(model, test, RULES)

    hits = PATH.recent.measure(said, test)["next_hit"]

    names = test.course.skills
    for taken, hit, row in zip(test.ahead[:, 0], hits, said["details"].to_pylist(), strict=True):
        steps = {step["skill"] for step in json.loads(row)["steps"]}
        assert bool(hit) == (names[taken] in steps)
    headline = PATH.report(model, split, RULES).headline
    assert headline["next_hit"] == pytest.approx(hits.mean())


def test_bleu_is_one_for_the_same_paths_and_falls_with_every_other_step() -> None:
    taken = np.array([[0, 1, 2, 3, 4, -1], [4, 3, 2, 1, 0, -1]])
    close, far = taken.copy(), taken.copy()
    close[:, 4] = 5
    far[:] = [[5, 5, 0, 5, 5, -1], [5, 5, 4, 5, 5, -1]]

    assert report.bleu(taken, taken) == pytest.approx(1.0)
    assert 1 > report.bleu(close, taken) > report.bleu(far, taken) > 0
    assert report.bleu(np.full((2, 3), -1), taken) == 0


def test_students_stand_on_one_side_of_a_split(split: Split[PathExamples]) -> None:
    sides = [set(part.who) for part in (split.train, split.validation, split.test)]

    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
