"""How often each student answered each skill or item before a moment, and how often right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """What was known before each case; 0 where a case has no skill, and before the first answer."""

    answers: Array  # (N, K)
    right: Array  # (N, K)
    last: Whole  # (N, K) the place of the last of these answers in the log, -1 if there is none
    row: Whole  # (N, K) the place of that answer in the tally, -1 if there is none


@dataclass(frozen=True)
class Tally:
    """Each pair of an answer and one of its codes, by student, by code, and then by time.

    An answer of several skills has a pair for each. All of them lie at the answer's own place, so
    none of them is before another.
    """

    keys: Whole  # (P,) rising: student, code and place in one number
    places: Whole  # (P,) of the answers in the log
    right: Array  # (P + 1,) right answers before each pair, of the whole tally
    codes: int  # how many there are
    size: int  # one more than the largest place

    @classmethod
    def of(cls, student: Whole, codes: Whole, correct: Array, n: int) -> "Tally":
        """student: (A,).  codes: (A, K) of n, negative for none.  correct: (A,) 0 or 1."""
        rows, columns = np.nonzero(codes >= 0)
        size = len(student) + 1
        keys = (student[rows] * n + codes[rows, columns]) * size + rows
        order = np.argsort(keys, kind="stable")
        places = rows[order].astype(np.int64)
        right = np.concatenate([[0.0], np.cumsum(correct[places])])
        return cls(keys[order], places, right, n, size)

    @property
    def group(self) -> Whole:
        """The student and code of each pair, in one number, (P,)."""
        return self.keys // self.size

    def before(self, student: Whole, codes: Whole, place: Whole) -> Counted:
        """What lies before a place.  student, place: (N,).  codes: (N, K), negative for none."""
        base = (student[:, None] * self.codes + codes) * self.size
        low = np.searchsorted(self.keys, base)
        high = np.searchsorted(self.keys, base + place[:, None])
        is_code: NDArray[Any] = codes >= 0
        low, high = np.where(is_code, low, 0), np.where(is_code, high, 0)
        some = high > low
        row = np.where(some, high - 1, -1)
        last = np.where(some, self.places[row], -1) if len(self.places) else row
        answers = (high - low).astype(np.float64)
        return Counted(answers, self.right[high] - self.right[low], last, row)
