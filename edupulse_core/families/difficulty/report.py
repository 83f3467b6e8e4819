"""How the levels of texts come out, beside the commonest level and a plain readability rule."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.difficulty.examples import LEVELS, TextExamples
from edupulse_core.families.difficulty.levels import LevelModel, near, softmax
from edupulse_core.families.difficulty.measures import MEASURES
from edupulse_core.families.family import Array, Report, Split
from edupulse_core.training.evaluation import resampled_auc

FEWEST = 40  # texts
PLAIN = ("words_per_sentence", "syllables_per_word")  # what readability formulas count


def figures(
    chances: Array, classes: NDArray[np.int64], weights: Array | None = None
) -> dict[str, Array]:
    """F1-macro, accuracy and AUC, (D,) each.

    chances: (N, 5).  classes: (N,) 0 to 4.  weights: (D, N) how often each text counts; once unless
    given. Levels that no text has are left out of both means.
    """
    weights = np.ones((1, len(classes))) if weights is None else weights
    said, f1s, areas = chances.argmax(axis=1), [], []
    for level in np.unique(classes):
        came, told = classes == level, said == level
        right = weights @ (came & told)
        both = weights @ came + weights @ told
        f1s.append(2 * right / np.where(both > 0, both, 1))
        areas.append(resampled_auc(chances[:, level], came, weights))
    return {
        "f1_macro": np.mean(f1s, axis=0),
        "accuracy": weights @ (said == classes) / weights.sum(axis=1),
        "auc": np.mean(areas, axis=0),
    }


def report(model: LevelModel, split: Split[TextExamples]) -> Report:
    """The figures on split.test, and those of two simpler ways that learn from split.train."""
    test = split.test
    chances = model.probabilities(test)
    low, high = model.range(chances)
    level = test.classes + 1
    confusion = np.zeros((LEVELS, LEVELS), np.int64)
    np.add.at(confusion, (test.classes, chances.argmax(axis=1)), 1)
    beside = {
        "commonest_level": shares(split.train, len(test)),
        "readability": readability(split.train, test),
    }
    return Report(
        headline=_plain(figures(chances, test.classes)),
        test={
            "rows": len(test),
            "students": len(np.unique(test.who)),  # texts
            "weeks": [str(test.day.min()), str(test.day.max())] if len(test) else ["", ""],
            "covered": float(((low <= level) & (level <= high)).mean()) if len(test) else None,
            "confusion": confusion.tolist(),
            "beside": {name: _plain(figures(said, test.classes)) for name, said in beside.items()},
        },
    )


def shares(train: TextExamples, n: int) -> Array:
    """How common each level is in training, for n texts alike, (n, 5)."""
    counts = np.bincount(train.classes, minlength=LEVELS)
    return np.tile(counts / counts.sum(), (n, 1))


def readability(train: TextExamples, test: TextExamples) -> Array:
    """What a straight line through sentence length and syllables says, (N, 5)."""
    at = [list(MEASURES).index(name) for name in PLAIN]
    rows, asked = (
        np.column_stack([part.measures[:, at], np.ones(len(part))]) for part in (train, test)
    )
    line = np.linalg.lstsq(rows, train.level, rcond=None)[0]
    return softmax(near(asked @ line))


def _plain(found: dict[str, Any]) -> dict[str, float]:
    return {name: round(float(values[0]), 6) for name, values in found.items()}
