"""Scores of short answers to questions that were never graded before, beside a plain ridge.

Whole questions are held out, so no answer to a question is seen before its others are scored. The
data are the short answers of Mohler, Bunescu and Mihalcea (2011): 0 to 5, the mean of two graders,
who themselves agree at r .77.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV

from edupulse_core.config import Settings
from edupulse_core.training.grading import Answer, Grader
from edupulse_core.training.likeness import scale
from tests.benchmarks import kept, public
from tests.benchmarks.command import carry_out, count, to_stderr
from tests.benchmarks.public import Array

MOST = 5.0  # points
KNOWN = 5  # graded answers of a question, where some are known
RIDGE, OURS, KNOWN_ROW = "ridge on overlaps", "served", f"served, {KNOWN} of its answers graded"
PUBLISHED = (  # name, r, RMSE
    ("ridge on five overlaps (published)", "0.517", "0.954"),
    ("Mohler 2011 (published, another split)", "0.518", "0.978"),
    ("Sultan 2016 (published, another split)", "0.592", "0.887"),
)


def run(
    settings: Settings, *, quick: bool = False, data: str = "", folds: int = 10, seed: int = 0
) -> dict[str, Any]:
    """r, RMSE, coverage, and which answers a person must read."""
    given = read(data, quick, seed)
    fold = public.folds_of(given.question, 2 if quick else folds, seed)
    said: dict[str, Array] = {}
    for each in np.unique(fold):
        to_stderr(f"grading: fold {each + 1} of {fold.max() + 1}")
        for name, values in held_out(given, fold == each, seed).items():
            said.setdefault(name, np.zeros(len(fold)))[fold == each] = values
    return {"quick": quick, "folds": int(fold.max() + 1), **measured(given, said)}


@dataclass(frozen=True)
class Given:
    """Graded answers; of each question a few count as graded already, in one of the ways."""

    answers: list[Answer]
    score: Array
    question: NDArray[np.str_]
    graded: NDArray[np.bool_]


def read(data: str, quick: bool, seed: int) -> Given:
    """The answers, of a few questions where it is quick."""
    rows = pd.read_parquet(public.place(data, "grading", "short_answers.parquet"))
    question = rows["question_id"].astype(str).to_numpy().astype(np.str_)
    if quick:
        few = np.isin(question, np.unique(question)[:12])
        rows, question = rows[few], question[few]
    answers = [Answer(*each) for each in rows[["question", "key", "answer"]].to_numpy().tolist()]
    score = rows["score"].to_numpy(np.float64)
    return Given(answers, score, question, _graded(question, seed))


def held_out(given: Given, tested: NDArray[np.bool_], seed: int) -> dict[str, Array]:
    """What each way says of the answers that are tested, when it learns from all others."""
    test, train = np.flatnonzero(tested), np.flatnonzero(~tested)
    asked = [given.answers[at] for at in test]
    grader = Grader.fit([given.answers[at] for at in train], given.score[train] / MOST, seed=seed)
    known = [(given.answers[at], given.score[at] / MOST) for at in test if given.graded[at]]
    proposals, again = grader.propose(asked), grader.propose(asked, known)
    return {
        RIDGE: _ridge(grader, given.score[train], asked),
        OURS: np.array([MOST * one.value for one in proposals]),
        KNOWN_ROW: np.array([MOST * one.value for one in again]),
        "low": np.array([MOST * one.low for one in proposals]),
        "high": np.array([MOST * one.high for one in proposals]),
        "read": np.array([float(one.must_be_read) for one in proposals]),
    }


def measured(given: Given, said: dict[str, Array]) -> dict[str, Any]:
    """The figures of all folds together."""
    score, question = given.score, given.question
    every, others = np.arange(len(score)), np.flatnonzero(~given.graded)
    read, off = said["read"] > 0, np.abs(said[OURS] - score)
    return {
        "answers": len(score),
        "questions": len(np.unique(question)),
        "figures": {
            name: _figures(said[name], score, question, others if name == KNOWN_ROW else every)
            for name in (RIDGE, OURS, KNOWN_ROW)
        },
        "same_answers_without_graded": _figures(said[OURS], score, question, others),
        "ranges": {
            "covered": float(((said["low"] <= score) & (score <= said["high"])).mean()),
            "must_be_read": float(read.mean()),
            "rmse_if_read": _rmse(said[OURS][read], score[read]),
            "rmse_if_not": _rmse(said[OURS][~read], score[~read]),
            "off_by_two_if_read": float((off[read] >= 2).mean()) if read.any() else None,
            "off_by_two_if_not": float((off[~read] >= 2).mean()) if not read.all() else None,
        },
    }


def _figures(said: Array, score: Array, question: Any, rows: Any) -> dict[str, Any]:
    said, score, question = said[rows], score[rows], question[rows]
    return {
        "r": public.interval(lambda at: float(np.corrcoef(said[at], score[at])[0, 1]), question),
        "rmse": public.interval(lambda at: _rmse(said[at], score[at]), question),
    }


def _rmse(said: Array, score: Array) -> float:
    return float(np.sqrt(np.mean((said - score) ** 2))) if len(said) else 0.0


def _ridge(grader: Grader, score: Array, asked: list[Answer]) -> Array:
    """A straight line through all overlaps."""
    rows = [grader.words.overlaps(each.question, each.key, each.answer) for each in asked]
    line = RidgeCV(np.geomspace(0.1, 1000, 9)).fit(grader.points, score)
    found: Array = line.predict(scale(np.array(rows), grader.mean, grader.spread))
    return np.clip(found, 0, MOST)


def _graded(question: Any, seed: int) -> Any:
    """A few answers of each question, as if a teacher had graded them already."""
    rng, found = np.random.default_rng(seed), np.zeros(len(question), bool)
    for each in np.unique(question):
        found[rng.permutation(np.flatnonzero(question == each))[:KNOWN]] = True
    return found


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What is shown: the methods, and what the range is good for."""
    methods = [
        {"Method": name, "r": public.in_words(each["r"]), "RMSE": public.in_words(each["rmse"])}
        for name, each in found["figures"].items()
    ]
    same = found["same_answers_without_graded"]
    methods.append(
        {
            "Method": f"served, the same answers without the {KNOWN}",
            "r": public.in_words(same["r"]),
            "RMSE": public.in_words(same["rmse"]),
        }
    )
    methods += [{"Method": name, "r": r, "RMSE": rmse} for name, r, rmse in PUBLISHED]
    words = (
        f"{found['answers']:,} answers to {found['questions']} questions, 0 to 5 points; whole "
        f"questions held out in {found['folds']} folds; 95% intervals over questions."
    )
    ranges = [
        {"Range": name.replace("_", " "), "Value": value} for name, value in found["ranges"].items()
    ]
    return [
        {"title": "Short answers to new questions", "words": words, "rows": methods},
        {"title": "What the range tells", "words": "The range holds 90%.", "rows": ranges},
    ]


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "grading",
            run,
            sys.argv[1:],
            show=lambda found: kept.show(tables(found)),
            options={"--data": public.OPTION, "--folds": {"type": count, "default": 10}},
        )
    )
