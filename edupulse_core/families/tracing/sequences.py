"""Answers as tensors: whole histories of similar length side by side, and what is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edupulse_core.families.tracing.examples import Examples, Whole, as_cases
from edupulse_core.families.tracing.model import Vocabulary

FEATURES = 13  # numbers of each answer's past, see `past`


@dataclass(frozen=True)
class Asked:
    """N answers, given or only asked for, as a network reads them."""

    items: Tensor  # (N,) numbers; 0: unknown, or a typical one
    skills: Tensor  # (N, K) numbers; 0: unknown, or none
    mask: Tensor  # (N, K) float: 1 where there is a skill
    past: Tensor  # (N, FEATURES)

    @classmethod
    def of(cls, examples: Examples, words: Vocabulary) -> "Asked":
        """The cases of some examples."""
        log = examples.log
        return cls(
            torch.from_numpy(words.item_numbers(log.items)[examples.item]),
            torch.from_numpy(words.skill_numbers(log.skill_names)[examples.skills]),
            torch.from_numpy(examples.mask.astype(np.float32)),
            torch.from_numpy(past(examples)),
        )

    def at(self, rows: Tensor) -> "Asked":
        """Only these; rows may have any shape."""
        return Asked(self.items[rows], self.skills[rows], self.mask[rows], self.past[rows])


@dataclass(frozen=True)
class Bucket:
    """Stretches of B students' answers, of length T or less."""

    rows: Tensor  # (B, T) places of the answers in the log; any after the end
    there: Tensor  # (B, T) bool, False after the end


def past(examples: Examples) -> NDArray[np.float32]:
    """Counts and recency before each case, (N, FEATURES), about 0 to 3 each."""
    n, mask = np.maximum(examples.mask.sum(axis=1), 1), examples.mask
    on, item = examples.on_skills, examples.on_item
    right = (on.right * mask).sum(axis=1) / n
    wrong = ((on.answers - on.right) * mask).sum(axis=1) / n
    last = np.where(mask, on.last, -1).max(axis=1, initial=-1)
    seen, log = last >= 0, examples.log
    since = np.where(seen, examples.place - 1 - last, 0)
    was_right = np.where(seen, log.correct[last] if len(log.correct) else 0.0, 0.5)
    hours = np.nan_to_num(examples.hours_since(last))
    gap = np.nan_to_num(examples.hours_since(examples.last))
    all_right, answers = examples.right, examples.answers
    item_right = item.right[:, 0]
    columns = (
        np.log1p(right),
        np.log1p(wrong),
        (right + 1) / (right + wrong + 2),
        np.log1p(all_right) / 2,
        np.log1p(answers - all_right) / 2,
        (all_right + 2) / (answers + 4),
        np.log1p(item_right),
        np.log1p(item.answers[:, 0] - item_right),
        seen.astype(np.float64),
        was_right,
        np.log1p(since) / 2,
        np.log1p(hours) / 4,
        np.log1p(gap) / 4,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def stretches(examples: Examples, longest: int, size: int, seed: int) -> list[Bucket]:
    """The answers of some students in buckets of about `size` answers, by length.

    longest: a longer history is cut into several stretches.
    """
    log, found = examples.log, []
    for student in np.unique(examples.student):
        start, end = log.starts[student], log.starts[student + 1]
        found += [(at, min(at + longest, end)) for at in range(start, end, longest)]
    order = np.random.default_rng(seed).permutation(len(found))
    bounds = np.array(found, np.int64).reshape(-1, 2)[order]
    bounds = bounds[np.argsort(bounds[:, 1] - bounds[:, 0], kind="stable")]
    return [_bucket(some) for some in _parts(bounds, size)]


def _parts(bounds: Whole, size: int) -> Iterator[Whole]:
    """Stretches, shortest first, in parts of about `size` answers."""
    start = 0
    while start < len(bounds):
        end = start + 1
        while end < len(bounds):
            length = bounds[end, 1] - bounds[end, 0]
            if (end + 1 - start) * length > size:
                break
            end += 1
        yield bounds[start:end]
        start = end


def _bucket(bounds: Whole) -> Bucket:
    length = int((bounds[:, 1] - bounds[:, 0]).max())
    rows = bounds[:, :1] + np.arange(length)
    there = rows < bounds[:, 1:]
    return Bucket(torch.from_numpy(np.where(there, rows, bounds[:, :1])), torch.from_numpy(there))


@dataclass(frozen=True)
class Histories:
    """The whole history of each student that some cases ask about, and where each case looks."""

    buckets: list[Bucket]
    cases: list[Tensor]  # by bucket: the rows of the cases
    where: list[tuple[Tensor, Tensor]]  # by bucket: student and step whose state each case reads

    @classmethod
    def of(cls, examples: Examples, size: int) -> "Histories":
        """size: answers in a bucket."""
        log = examples.log
        students, code = np.unique(examples.student, return_inverse=True)
        starts = log.starts[students]
        ends = starts.copy()
        np.maximum.at(ends, code, examples.place)
        order = np.argsort(ends - starts, kind="stable")
        bounds = np.stack([starts, ends], axis=1)[order]
        bucket_of, line_of = np.zeros(len(order), np.int64), np.zeros(len(order), np.int64)
        buckets: list[Bucket] = []
        first = 0
        for some in _parts(bounds, size):
            mine = order[first : first + len(some)]
            bucket_of[mine], line_of[mine] = len(buckets), np.arange(len(some))
            buckets.append(_bucket(some))
            first += len(some)
        by_case, step = bucket_of[code], examples.place - starts[code]
        cases, where = [], []
        for at in range(len(buckets)):
            rows = np.flatnonzero(by_case == at)
            cases.append(torch.from_numpy(rows))
            lines = torch.from_numpy(line_of[code[rows]])
            where.append((lines, torch.from_numpy(step[rows])))
        return cls(buckets, cases, where)


def log_as_asked(examples: Examples, words: Vocabulary) -> tuple[Asked, Tensor]:
    """Every answer of the log as a network reads it, and whether it was right, (A,)."""
    every = as_cases(examples.log)
    return Asked.of(every, words), torch.from_numpy(every.correct.astype(np.float32))
