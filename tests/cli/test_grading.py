"""Short answers of a file graded by another, and a text shortened, on the command line."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Edupulse
from tests.training.test_grading import cases

GRADED = ("question", "key", "answer", "score")


def write(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    answers, scores = cases()
    rows = [
        (one.question, one.key, one.answer, 5 * score)
        for one, score in zip(answers, scores, strict=True)
    ]
    return write(tmp_path / "graded.csv", GRADED, rows)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    answers, _ = cases(seed=1)
    rows = [(one.question, one.key, one.answer) for one in answers[:4]]
    return write(tmp_path / "answers.csv", GRADED[:3], rows)


def test_each_answer_gets_a_proposal_with_its_range_and_row(
    graded: Path,
    asked: Path,
    tmp_path: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.csv"

    assert edupulse("grade", graded, asked, "--points", "5", "--json", "--out", out) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["points"], found["learned"]) == (5, 72)
    assert [one["row"] for one in found["answers"]] == [2, 3, 4, 5]
    for one in found["answers"]:
        assert 0 <= one["low"] <= one["proposed"] <= one["high"] <= 5
        assert one["must_be_read"] == (one["high"] - one["low"] > 2.5)
    with out.open(newline="") as file:
        assert [int(row["row"]) for row in csv.DictReader(file)] == [2, 3, 4, 5]


def test_rows_that_cannot_be_used_are_told_by_number(
    asked: Path, tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("q", "k", "a", 3), ("q", "", "a", 3), ("q", "k", "a", "nine"), ("q", "k", "a", 6)]
    bad = write(tmp_path / "bad.csv", GRADED, rows)

    assert edupulse("grade", bad, asked, "--points", "5") == 3

    lines = capsys.readouterr().err.splitlines()
    assert [line.split("row ")[1].split(":")[0] for line in lines] == [
        "3, column 'key'",
        "4, column 'score'",
        "5, column 'score'",
    ]


def test_too_few_graded_answers_are_refused(
    asked: Path, tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write(tmp_path / "few.csv", GRADED, [("q", "k", "a", 3)])

    assert edupulse("grade", few, asked) == 4
    assert "at least 30 answers" in capsys.readouterr().err


def test_a_summary_has_only_sentences_of_the_text_with_their_places(
    tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "The garden has a pond. It rained. Frogs live in the pond of the garden. I like frogs."
    file = tmp_path / "text.txt"
    file.write_text(text)

    assert edupulse("summarize", file, "--sentences", "2", "--json") == 0

    found = json.loads(capsys.readouterr().out)["sentences"]
    assert len(found) == 2
    assert [text[one["start"] : one["end"]] for one in found] == [one["sentence"] for one in found]
    file.write_text("… 12 !")
    assert edupulse("summarize", file) == 3
