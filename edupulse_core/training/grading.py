"""Proposes a score for a short answer, from a key and from answers that a teacher has graded.

A teacher confirms every score. The range says which answers a person must read with care.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import RefusedError
from edupulse_core.training.likeness import PENALTIES, Alike, likeness, scale
from edupulse_core.training.overlap import OVERLAPS, Words, alike, stems

Array = NDArray[np.float64]
FEWEST = 30  # graded answers
FOLDS = 5  # of the questions, to see how far a score of a new question is off
REACH = 0.3  # how fast likeness fades
LEVEL = 0.9  # share of scores that the range holds
WIDE = 0.5  # of the whole scale; an answer with a wider range must be read
LEAST_OFF = 0.02  # of the scale: no range is narrower
ALIKE = 8  # power: answers that are nearly the same lend much of their score
ANY = 0.3  # what any graded answer to a question tells of the others, where the same tells 1


@dataclass(frozen=True)
class Answer:
    """A short answer, what was asked, and what a right answer says."""

    question: str
    key: str
    answer: str


@dataclass(frozen=True)
class Proposal:
    """A proposed score, 0..1; a teacher confirms it."""

    value: float
    low: float  # nine in ten scores lie between low and high
    high: float

    @property
    def must_be_read(self) -> bool:
        """Whether the range is too wide to rely on the proposal."""
        return self.high - self.low > WIDE


@dataclass(frozen=True)
class Grader:
    """What was learned from graded answers."""

    words: Words
    mean: Array  # (O,) of each overlap
    spread: Array  # (O,)
    points: Array  # (P, O) standardized overlaps of the graded answers
    pull: Array  # (P,) of each on a score
    off_pull: Array  # (P,) of each on how far a score is off
    offset: float
    off: float
    reach: float  # the range reaches so many times as far as scores are off

    @classmethod
    def fit(
        cls,
        answers: Sequence[Answer],
        scores: Array,
        *,
        texts: Sequence[str] = (),
        seed: int = 0,
    ) -> "Grader":
        """Learn from graded answers.  scores: (N,) 0..1.  texts: others of the same subject.

        Raises RefusedError where there are too few answers, or answers to one question only.
        """
        questions = np.unique([each.question for each in answers], return_inverse=True)[1]
        if len(answers) < FEWEST or len(np.unique(questions)) < 2:
            raise RefusedError(
                f"grade at least {FEWEST} answers to two questions or more before scores are "
                f"proposed; there are {len(answers)}"
            )
        words = Words.of([*(x for a in answers for x in (a.key, a.answer)), *texts], seed)
        raw = _overlaps(words, answers)
        mean, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
        points, scores = scale(raw, mean, spread), np.asarray(scores, np.float64)
        parts = _parts(points, questions, seed)
        said, penalty = _of_others(parts, scores)
        off = np.abs(scores - said)
        expected, off_penalty = _of_others(parts, off)
        offset, usual = float(scores.mean()), float(off.mean())
        every = Alike.of(likeness(points, points, REACH))
        pull = every.under(penalty, scores - offset)
        off_pull = every.under(off_penalty, off - usual)
        far = off / np.maximum(expected, LEAST_OFF)
        rank = min(1.0, LEVEL * (1 + 1 / len(far)))
        return cls(
            words,
            mean,
            spread,
            points,
            pull,
            off_pull,
            offset,
            usual,
            float(np.quantile(far, rank, method="higher")),
        )

    def propose(
        self,
        answers: Sequence[Answer],
        graded: Sequence[tuple[Answer, float]] = (),
    ) -> list[Proposal]:
        """A score for each answer.

        graded: answers and their scores 0..1; those to the same question shift a score, the more
        the nearer they are to the same. An answer without a letter or digit gets 0. That
        and an answer of which no word is known, as in another language, must be read.
        """
        value, off = self._say(answers)
        value += self._learned(answers, graded)
        found = []
        for each, one, far in zip(
            answers, value.tolist(), (self.reach * off).tolist(), strict=True
        ):
            if not any(map(str.isalnum, each.answer)):
                one = 0.0
            low, high = (min(max(x, 0.0), 1.0) for x in (one - far, one + far))
            if not self.words.knows(each.answer, each.key):
                low, high = 0.0, 1.0  # nothing to go by: a person must look
            found.append(Proposal(min(max(one, 0.0), 1.0), low, high))
        return found

    def _say(self, answers: Sequence[Answer]) -> tuple[Array, Array]:
        """The score of each answer and how far it may be off, (N,) each."""
        points = scale(_overlaps(self.words, answers), self.mean, self.spread)
        near = likeness(points, self.points, REACH)
        return self.offset + near @ self.pull, np.maximum(
            self.off + near @ self.off_pull, LEAST_OFF
        )

    def _learned(self, answers: Sequence[Answer], graded: Sequence[tuple[Answer, float]]) -> Array:
        """How far the teacher's scores of like answers to the same question differ from ours."""
        shift = np.zeros(len(answers))
        if not graded:
            return shift
        surplus = np.array([score for _, score in graded]) - self._say([a for a, _ in graded])[0]
        for at, each in enumerate(answers):
            near = np.array(
                [
                    ANY + _same(each.answer, other.answer)
                    if other.question == each.question
                    else 0.0
                    for other, _ in graded
                ]
            )
            shift[at] = float(near @ surplus / (near.sum() + 1.0))
        return shift


def _overlaps(words: Words, answers: Sequence[Answer]) -> Array:
    rows = [words.overlaps(each.question, each.key, each.answer) for each in answers]
    return np.array(rows, np.float64).reshape(len(rows), len(OVERLAPS))


@dataclass(frozen=True)
class _Part:
    """Answers to some questions, and how alike they are to those to the others."""

    mine: NDArray[np.int64]
    others: NDArray[np.int64]
    alike: Alike  # the others
    near: Array  # (mine, others)


def _parts(points: Array, questions: NDArray[np.int64], seed: int) -> list[_Part]:
    order = np.random.default_rng(seed).permutation(questions.max() + 1)
    fold = (order % min(FOLDS, len(order)))[questions]
    found = []
    for each in np.unique(fold):
        mine, rest = np.flatnonzero(fold == each), np.flatnonzero(fold != each)
        alike = Alike.of(likeness(points[rest], points[rest], REACH))
        found.append(_Part(mine, rest, alike, likeness(points[mine], points[rest], REACH)))
    return found


def _of_others(parts: Sequence[_Part], target: Array) -> tuple[Array, float]:
    """What answers to other questions say of each answer, (N,), and under which penalty.

    Answers to one question are alike, so a penalty that is chosen by leaving out single answers
    would be too small for a new question.
    """
    means = [float(target[part.others].mean()) for part in parts]
    best, found = np.inf, (np.zeros(len(target)), PENALTIES[-1])
    for penalty in PENALTIES:
        said = np.zeros(len(target))
        for part, mean in zip(parts, means, strict=True):
            pull = part.alike.under(penalty, target[part.others] - mean)
            said[part.mine] = mean + part.near @ pull
        error = float(np.mean((said - target) ** 2))
        if error < best:
            best, found = error, (said, penalty)
    return found


def _same(a: str, b: str) -> float:
    """How nearly the same two answers are, 0..1."""
    return alike(" ".join(stems(a)), " ".join(stems(b))) ** ALIKE
