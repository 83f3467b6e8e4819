"""The folds of a cross-validation: parts of the students who are not in the test."""

import hashlib
from typing import Any

import numpy as np

from edupulse_core.errors import RefusedError
from edupulse_core.families.family import Family, Split

FEWEST = 20  # cases that a fold trains on, and that it is judged by


def folds(
    record: Family, examples: Any, split: Split[Any], count: int, seed: int
) -> list[Split[Any]]:
    """The folds of a cross-validation, none with anybody of split.test.  examples: all cases.

    Each judges its own part of the other students; where only students part the cases, all of them
    are judged in one fold or another.
    """
    if record.resplit is None:
        return by_weeks(split, count, seed)
    rest = np.flatnonzero(~np.isin(examples.who, np.unique(split.test.who)))
    found = record.splits(examples.of(rest), seed=seed, folds=count)
    for at, fold in enumerate(found):
        _check(at, count, len(fold.train), len(fold.test))
    return found


def judged(record: Family, fold: Split[Any]) -> Any:
    """The cases by which a fold is judged: others than it calibrates on, if students part alone."""
    return fold.validation if record.resplit is None else fold.test


def by_weeks(split: Split[Any], count: int, seed: int) -> list[Split[Any]]:
    """The training and validation students, parted anew: each fold validates on its own students.

    Nobody of the test part is in any fold, and weeks stay on the side where the split put them.
    """
    pool = np.unique(np.concatenate([split.train.who, split.validation.who]))
    drawn = [hashlib.sha256(f"{seed}/{who}".encode()).digest() for who in pool]
    order = np.argsort(np.array(drawn))
    fold = np.empty(len(pool), dtype=int)
    fold[order] = np.arange(len(pool)) % count
    found = []
    for at in range(count):
        mine = pool[fold == at]
        train = np.flatnonzero(~np.isin(split.train.who, mine))
        validation = np.flatnonzero(np.isin(split.validation.who, mine))
        _check(at, count, len(train), len(validation))
        found.append(Split(split.train.of(train), split.validation.of(validation), split.test))
    return found


def _check(at: int, count: int, train: int, judged: int) -> None:
    """Refuse a fold that is too small."""
    if min(train, judged) < FEWEST:
        raise RefusedError(
            f"fold {at + 1} of {count} has {train} cases to train on and {judged} to validate on: "
            "too few, try fewer --folds"
        )
