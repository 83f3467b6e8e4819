"""Columns of a regression about the order of answers: which ones came last, and how they went.

How they went also counts beside what was to be expected: the share of students who answer such an
item right, of those who answered its skills as often.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from edupulse_core.families.family import Array
from edupulse_core.families.tracing.examples import Examples, Log, Whole, as_cases
from edupulse_core.families.tracing.model import Vocabulary

LAST = 6  # answers whose results together make a pattern
ON_SKILL = 4  # the same of the answers to the skill
BACK = (1, 2)  # how many answers before lies the one that is paired with what is asked
RECENT = (3, 8, 20, 50, 10**9)  # last answers that are counted together; in the end all
RECENT_ON_SKILL = (2, 5, 12)
POSITIONS, PRACTICE = 50, 30  # answers and answers to the skill, told apart up to here
EXPECTED = 8  # answers to the skill before, told apart up to here, for what is to be expected
PRIOR = 10.0  # answers that speak for what is usual


@dataclass(frozen=True)
class Patterns:
    """What a regression has learned of the order of answers: which codes have a column."""

    sets: tuple[str, ...]  # the skills of an item together, named with a plus; number 0: any other
    pairs: tuple[Whole, ...]  # by BACK: codes of (set before, set asked, result), rising
    expected: Array  # share of right answers by set, and by earlier answers to the skill
    easier: Array  # by item number of the vocabulary: what comes on top of that

    @classmethod
    def of(cls, train: Examples, words: Vocabulary, fewest: int) -> "Patterns":
        """Those with at least so many answers."""
        names = _named(train.log)
        used, counts = np.unique(names[_set_of(train)], return_counts=True)
        found = cls(tuple(used[counts >= fewest].tolist()), (), np.zeros(0), np.zeros(0))
        pairs = []
        for back in BACK:
            codes, counts = np.unique(found.paired(train, back), return_counts=True)
            pairs.append(codes[(counts >= fewest) & (codes >= 0)])
        stage, size = found.stage(train), (len(found.sets) + 1) * EXPECTED
        right = np.bincount(stage, train.correct, size) + PRIOR * train.correct.mean()
        expected = right / (np.bincount(stage, minlength=size) + PRIOR)
        item, rest = _item(train, words), train.correct - expected[stage]
        size = len(words.items) + 1
        of = np.bincount(item, minlength=size) + PRIOR
        easier: Array = np.bincount(item, rest, size) / of
        easier[0] = 0.0
        return replace(found, pairs=tuple(pairs), expected=expected, easier=easier)

    def stage(self, examples: Examples) -> Whole:
        """The set of each case, and how often its skills were answered before, in one number."""
        count = _least_practiced(examples)[1]
        asked = self.numbers(examples.log)[_set_of(examples)]
        return np.asarray(asked * EXPECTED + np.minimum(count, EXPECTED - 1))

    def beyond(self, log: Log, words: Vocabulary) -> Array:
        """By how much each answer of a log was better than expected, summed up, (A + 1,)."""
        every = as_cases(log)
        chance = self.expected[self.stage(every)] + self.easier[_item(every, words)]
        return np.concatenate([[0.0], np.cumsum(log.correct - np.clip(chance, 0.02, 0.98))])

    def numbers(self, log: Log) -> Whole:
        """The number of the set of each row of `_named`."""
        known = {name: at for at, name in enumerate(self.sets, 1)}
        return np.array([known.get(name, 0) for name in _named(log).tolist()], np.int64)

    def paired(self, examples: Examples, back: int) -> Whole:
        """The code of each case and an answer before it, (N,); -1 where there is none."""
        log, size = examples.log, len(self.sets) + 1
        number = self.numbers(log)
        before, result = _before(examples, back)
        of_log = number[_sets(log)[1]] if len(log.item) else np.zeros(1, np.int64)
        asked = number[_set_of(examples)]
        code = (of_log[np.maximum(before, 0)] * size + asked) * 2 + (result == 2)
        return np.where(before >= 0, code, -1)

    def columns(self, examples: Examples, words: Vocabulary) -> csr_matrix:
        """The columns of each case, (N, C)."""
        asked = self.numbers(examples.log)[_set_of(examples)]
        row, count = _least_practiced(examples)
        tally, n = examples.log.by_skill, len(examples)
        results = np.append(examples.log.correct[tally.places], 0.0)
        last = np.zeros(n, np.int64)
        for back in range(1, LAST + 1):
            last = last * 3 + _before(examples, back)[1]
        on_skill = np.zeros(n, np.int64)
        for back in range(ON_SKILL):
            result = np.where(count > back, 1 + results[np.maximum(row - back, -1)], 0)
            on_skill = on_skill * 3 + result.astype(np.int64)
        newest = np.where(count > 0, 1 + results[row], 0).astype(int)
        parts = [
            _one_of(last, 3**LAST),
            _one_of(on_skill, 3**ON_SKILL),
            _one_of(asked * 3 + newest, 3 * (len(self.sets) + 1)),
            _one_of(np.minimum(examples.answers, POSITIONS).astype(np.int64), POSITIONS + 1),
            _one_of(np.minimum(count, PRACTICE).astype(np.int64), PRACTICE + 1),
            csr_matrix(_numbers(examples, row, count)),
            csr_matrix(_beyond(examples, self.beyond(examples.log, words))),
        ]
        for back, known in zip(BACK, self.pairs, strict=True):
            codes = self.paired(examples, back)
            place = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
            is_known = known[place] == codes if len(known) else np.zeros(n, bool)
            parts.append(_one_of(np.where(is_known, place + 1, 0), len(known) + 1))
        return hstack(parts).tocsr()


def _sets(log: Log) -> tuple[Whole, Whole]:
    """The distinct sets of skills in a log, (U, K), and that of each answer, (A,)."""
    ordered = np.sort(log.skills, axis=1)[:, ::-1]
    if not len(ordered):
        return ordered, np.zeros(0, np.int64)
    found, of = np.unique(ordered, axis=0, return_inverse=True)
    return found, of.reshape(-1)


def _named(log: Log) -> Any:
    """The name of each distinct set of a log, then that of each skill alone."""
    names = log.skill_names.tolist()
    told = ["+".join(sorted(names[at] for at in row if at >= 0)) for row in _sets(log)[0].tolist()]
    return np.array([*told, *names], np.str_)


def _set_of(examples: Examples) -> Whole:
    """The place of each case's set in `_named`; (N,)."""
    log = examples.log
    known, of = _sets(log)
    is_given = examples.item >= 0
    alone = len(known) + np.maximum(examples.skills[:, 0], 0)
    if not len(of):
        return alone
    given = of[np.minimum(examples.place, len(of) - 1)]
    return np.where(is_given, given, alone)


def _before(examples: Examples, back: int) -> tuple[Whole, Whole]:
    """The place of an earlier answer, -1 for none, and 0 for none, 1 for wrong, 2 for right."""
    place = examples.place - back
    there = place >= examples.log.starts[examples.student]
    place = np.where(there, place, -1)
    correct = np.append(examples.log.correct, 0.0)
    return place, np.where(there, 1 + correct[place], 0).astype(np.int64)


def _least_practiced(examples: Examples) -> tuple[Whole, Whole]:
    """Of a case's skills the one with the fewest answers: its last pair in the tally, and count."""
    on = examples.on_skills
    which = np.where(examples.mask, on.answers, np.inf).argmin(axis=1)
    rows = np.arange(len(examples))
    return on.row[rows, which], on.answers[rows, which].astype(np.int64)


def _numbers(examples: Examples, row: Whole, count: Whole) -> Array:
    """Shares of right answers, of all and of the skill's, and how long ago the skill came."""
    tally = examples.log.by_skill
    places = np.append(tally.places, -1)
    since = np.where(count > 0, examples.place - 1 - places[row], 0)
    n = np.maximum(examples.mask.sum(axis=1), 1)
    hits = (examples.on_skills.right * examples.mask).sum(axis=1) / n
    answers = (examples.on_skills.answers * examples.mask).sum(axis=1) / n
    share, item = (hits + 1) / (answers + 2), examples.on_item
    columns = [
        np.log1p(since) / 2,
        ((since == 0) & (count > 0)).astype(np.float64),
        share,
        np.log(share / (1 - share)),
        (examples.right + 2) / (examples.answers + 4),
        np.log1p(item.right[:, 0]),
        np.log1p(item.answers[:, 0] - item.right[:, 0]),
    ]
    for last in RECENT[:-1]:
        right, of = _window(examples, examples.log.right, last)
        columns.append((right + 1) / (of + 1.5))
    for last in RECENT_ON_SKILL:
        of = np.minimum(count, last)
        columns.append((tally.right[row + 1] - tally.right[row + 1 - of] + 1) / (of + 1.5))
    return np.stack(columns, axis=1)


def _beyond(examples: Examples, summed: Array) -> Array:
    """How much better than expected the last answers were; twice, with its square's sign kept."""
    parts = []
    for last in RECENT:
        better, of = _window(examples, summed, last)
        parts.append(better / (of + 2))
    found = np.stack(parts, axis=1)
    return np.hstack([found, found * np.abs(found)])


def _window(examples: Examples, summed: Array, last: int) -> tuple[Array, Array]:
    """The sum over the last answers of each case, and of how many, (N,).  summed: (A + 1,)."""
    first = np.maximum(examples.place - last, examples.log.starts[examples.student])
    return summed[examples.place] - summed[first], (examples.place - first).astype(np.float64)


def _item(examples: Examples, words: Vocabulary) -> Whole:
    return words.item_numbers(examples.log.items)[examples.item]


def _one_of(codes: Whole, n: int) -> csr_matrix:
    """A column for each code, 1 where a case has it."""
    size = len(codes)
    return csr_matrix((np.ones(size), codes, np.arange(size + 1)), shape=(size, n))
