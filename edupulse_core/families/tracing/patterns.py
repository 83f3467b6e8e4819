"""Columns of a regression about the order of answers: which ones came last, and how they went."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from edupulse_core.families.family import Array
from edupulse_core.families.tracing.examples import Examples, Log, Whole

LAST = 6  # answers whose results together make a pattern
ON_SKILL = 4  # the same of the answers to the skill
BACK = (1, 2)  # how many answers before lies the one that is paired with what is asked
FADING = ((0.6, 8), (0.85, 25), (0.95, 40))  # weight of the answer before, and how far back
POSITIONS, PRACTICE = 50, 30  # answers and answers to the skill, told apart up to here
NUMBERS = 7 + 2 * len(FADING)


@dataclass(frozen=True)
class Patterns:
    """What a regression has learned of the order of answers: which codes have a column."""

    sets: tuple[str, ...]  # the skills of an item together, named with a plus; number 0: any other
    pairs: tuple[Whole, ...]  # by BACK: codes of (set before, set asked, result), rising

    @classmethod
    def of(cls, train: Examples, fewest: int) -> "Patterns":
        """Those with at least so many answers."""
        names = _named(train.log)
        used, counts = np.unique(names[_set_of(train)], return_counts=True)
        sets = tuple(used[counts >= fewest].tolist())
        empty = cls(sets, ())
        found = []
        for back in BACK:
            codes, counts = np.unique(empty.paired(train, back), return_counts=True)
            found.append(codes[(counts >= fewest) & (codes >= 0)])
        return cls(sets, tuple(found))

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

    def columns(self, examples: Examples) -> csr_matrix:
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
            csr_matrix(_numbers(examples, row, count, results)),
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


def _numbers(examples: Examples, row: Whole, count: Whole, results: Array) -> Array:
    """Shares of right answers, of all and of the skill's, and how long ago the skill came."""
    places = np.append(examples.log.by_skill.places, -1)
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
    for fade, far in FADING:
        of_all, of_skill = np.zeros((2, len(row))), np.zeros((2, len(row)))
        for back in range(far):
            _, result = _before(examples, back + 1)
            of_all += fade**back * np.stack([result == 2, result > 0])
            there = count > back
            right = there * results[np.maximum(row - back, -1)]
            of_skill += fade**back * np.stack([right, there])
        columns += [(each[0] + 1) / (each[1] + 1.5) for each in (of_all, of_skill)]
    return np.stack(columns, axis=1)


def _one_of(codes: Whole, n: int) -> csr_matrix:
    """A column for each code, 1 where a case has it."""
    size = len(codes)
    return csr_matrix((np.ones(size), codes, np.arange(size + 1)), shape=(size, n))
