"""Scores of short answers to questions that were never graded before, beside a plain ridge.

Whole questions are held out, so no answer to a question is seen before its others are scored. The
data are the short answers of Mohler, Bunescu and Mihalcea (2011): 0 to 5, the mean of two graders,
who themselves agree at r .77.
"""

import sys
from typing import Any

import numpy as np
import pandas as pd
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
    path = public.place(data, "grading", "short_answers.parquet")
    rows = pd.read_parquet(path)
    question = rows["question_id"].astype(str).to_numpy()
    if quick:
        few = np.isin(question, np.unique(question)[:12])
        rows, question = rows[few], question[few]
    answers = [Answer(*each) for each in rows[["question", "key", "answer"]].to_numpy().tolist()]
    score = rows["score"].to_numpy(np.float64)
    fold = public.folds_of(question, 2 if quick else folds, seed)
    said = {name: np.zeros(len(score)) for name in (RIDGE, OURS, KNOWN_ROW)}
    low, high, read = np.zeros(len(score)), np.zeros(len(score)), np.zeros(len(score), bool)
    graded = _graded(question, seed)
    for each in np.unique(fold):
        to_stderr(f"grading: fold {each + 1} of {fold.max() + 1}")
        test, train = np.flatnonzero(fold == each), np.flatnonzero(fold != each)
        learned = [answers[at] for at in train]
        grader = Grader.fit(learned, score[train] / MOST, seed=seed)
        said[RIDGE][test] = _ridge(grader, score[train], [answers[at] for at in test])
        proposals = grader.propose([answers[at] for at in test])
        said[OURS][test] = [MOST * one.value for one in proposals]
        low[test] = [MOST * one.low for one in proposals]
        high[test] = [MOST * one.high for one in proposals]
        read[test] = [one.must_be_read for one in proposals]
        known = [(answers[at], score[at] / MOST) for at in test if graded[at]]
        again = grader.propose([answers[at] for at in test], known)
        said[KNOWN_ROW][test] = [MOST * one.value for one in again]
    every, others = np.arange(len(score)), np.flatnonzero(~graded)
    found = {
        name: _figures(values, score, question, others if name == KNOWN_ROW else every)
        for name, values in said.items()
    }
    same = _figures(said[OURS], score, question, others)
    off = np.abs(said[OURS] - score)
    ranges = {
        "covered": float(((low <= score) & (score <= high)).mean()),
        "must_be_read": float(read.mean()),
        "rmse_if_read": _rmse(said[OURS][read], score[read]),
        "rmse_if_not": _rmse(said[OURS][~read], score[~read]),
        "off_by_two_if_read": float((off[read] >= 2).mean()) if read.any() else None,
        "off_by_two_if_not": float((off[~read] >= 2).mean()) if not read.all() else None,
    }
    return {
        "quick": quick,
        "answers": len(score),
        "questions": len(np.unique(question)),
        "folds": int(fold.max() + 1),
        "figures": found,
        "same_answers_without_graded": same,
        "ranges": ranges,
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
