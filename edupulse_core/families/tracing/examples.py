"""The cases of knowledge tracing: one answer each, with every answer that came before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families.family import Array
from edupulse_core.families.tracing.counts import Counted, Tally

Whole = NDArray[np.int64]
NONE = -1  # in place of an item or a skill: there is none
BRING = (
    "There are no answers to items yet: bring skills.csv, items.csv and interactions.csv; "
    "data/README.md has the columns"
)


@dataclass(frozen=True)
class Log:
    """Every answer, by student and then by time: A answers of S students."""

    students: NDArray[np.str_]  # (S,)
    starts: Whole  # (S + 1,) where the answers of each student begin
    item: Whole  # (A,) a place in `items`
    skills: Whole  # (A, K) places in `skill_names`, NONE after the last
    at: NDArray[np.datetime64]  # (A,) seconds
    correct: Array  # (A,) 0 or 1
    items: NDArray[np.str_]
    skill_names: NDArray[np.str_]

    @cached_property
    def student(self) -> Whole:
        """The place of each answer's student, (A,)."""
        return np.repeat(np.arange(len(self.students)), np.diff(self.starts))

    @cached_property
    def by_skill(self) -> Tally:
        """The answers to each skill."""
        return Tally.of(self.student, self.skills, self.correct, len(self.skill_names))

    @cached_property
    def by_item(self) -> Tally:
        """The answers to each item."""
        return Tally.of(self.student, self.item[:, None], self.correct, len(self.items))

    @cached_property
    def right(self) -> Array:
        """Right answers before each answer, of all students, (A + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.correct)])


@dataclass(frozen=True)
class Examples:
    """N answers that were given, or that might be given next."""

    log: Log
    student: Whole  # (N,) a place in log.students
    place: Whole  # (N,) what was known: the student's answers before this place in the log
    item: Whole  # (N,) a place in log.items; NONE: a typical item of the skills
    skills: Whole  # (N, K) places in log.skill_names
    at: NDArray[np.datetime64]  # (N,) when it is answered
    correct: Array  # (N,) NaN where not known

    def __len__(self) -> int:
        return len(self.student)

    @property
    def who(self) -> NDArray[np.str_]:
        """The student of each case."""
        return self.log.students[self.student]

    @property
    def day(self) -> NDArray[np.datetime64]:
        """The day of each answer."""
        return self.at.astype("datetime64[D]")

    def of(self, rows: NDArray[Any]) -> "Examples":
        """Only these cases; what came before each of them stays known."""
        return replace(
            self,
            student=self.student[rows],
            place=self.place[rows],
            item=self.item[rows],
            skills=self.skills[rows],
            at=self.at[rows],
            correct=self.correct[rows],
        )

    def target(self) -> Array:
        """Whether each answer was right."""
        return self.correct

    @cached_property
    def on_skills(self) -> Counted:
        """The earlier answers to each skill of a case, (N, K)."""
        return self.log.by_skill.before(self.student, self.skills, self.place)

    @cached_property
    def on_item(self) -> Counted:
        """The earlier answers to the same item, (N, 1)."""
        return self.log.by_item.before(self.student, self.item[:, None], self.place)

    @cached_property
    def answers(self) -> Array:
        """How many answers the student gave before, (N,)."""
        return (self.place - self.log.starts[self.student]).astype(np.float64)

    @cached_property
    def right(self) -> Array:
        """How many of them were right, (N,)."""
        found: Array = self.log.right[self.place] - self.log.right[self.log.starts[self.student]]
        return found

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where there is a skill, (N, K)."""
        return self.skills >= 0

    def hours_since(self, place: Whole) -> Array:
        """Hours from an earlier answer, a place in the log, to each case; NaN where there is none.

        place: of the shape (N,) or (N, K), negative for none.
        """
        if not len(self.log.at):
            return np.full(place.shape, np.nan)
        now = self.at if place.ndim == 1 else self.at[:, None]
        seconds = (now - self.log.at[place]).astype("timedelta64[s]").astype(np.float64)
        return np.where(place >= 0, np.maximum(seconds, 0.0) / 3600, np.nan)

    @cached_property
    def last(self) -> Whole:
        """The place of the student's last answer before each case, NONE if there is none, (N,)."""
        return np.where(self.answers > 0, self.place - 1, NONE)

    def inputs(self) -> pa.Table:
        """What every model reads, as counts: the network reads the answers in their order too."""
        skill = self.on_skills
        n = np.maximum(self.mask.sum(axis=1), 1)
        hours = self.hours_since(skill.last)
        since = np.where(self.mask, hours, np.inf).min(axis=1, initial=np.inf)
        return pa.table(
            {
                "answers": self.answers,
                "right_answers": self.right,
                "skill_answers": (skill.answers * self.mask).sum(axis=1) / n,
                "skill_right_answers": (skill.right * self.mask).sum(axis=1) / n,
                "item_answers": self.on_item.answers[:, 0],
                "skills_of_item": self.mask.sum(axis=1).astype(np.float64),
                "days_since_skill": pa.array(since / 24, mask=~np.isfinite(since)),
            }
        )


def as_cases(log: Log) -> Examples:
    """Every answer of a log as a case that is to be predicted."""
    places = np.arange(len(log.item))
    return Examples(log, log.student, places, log.item, log.skills, log.at, log.correct)


def read(con: DuckDBPyConnection) -> Examples:
    """Every answer in the warehouse. Raises RefusedError where there is none."""
    log = _log(con, None, None)
    if not len(log.item):
        raise RefusedError(BRING)
    return as_cases(log)


def asked(
    con: DuckDBPyConnection, students: Collection[str], day: date, skills: Sequence[str] = ()
) -> Examples:
    """Each student and skill at the end of a day, by what was answered up to then.

    skills: all that the district has unless given. Raises MissingError where it has none.
    """
    known = _skills(con)
    if not known:
        raise MissingError(BRING)
    wanted = [each for each in skills if each in known] if skills else known
    who = list(dict.fromkeys(students))
    log = _log(con, who, day + timedelta(days=1), known)
    return at_the_end(log, who, wanted, np.datetime64(day) + np.timedelta64(1, "D"))


def at_the_end(
    log: Log, who: Sequence[str], skills: Sequence[str], moment: np.datetime64
) -> Examples:
    """A typical item of each skill for each student, after all their answers in the log.

    A student without an answer in the log has a place of their own, with nothing before it.
    """
    has = {str(name): at for at, name in enumerate(log.students)}
    new = [each for each in who if each not in has]
    ends = np.full(len(new), log.starts[-1], np.int64)
    log = replace(
        log,
        students=np.array([*log.students.tolist(), *new], np.str_),
        starts=np.concatenate([log.starts, ends]),
    )
    has |= {name: len(has) + at for at, name in enumerate(new)}
    place = {str(name): at for at, name in enumerate(log.skill_names)}
    student = np.repeat(np.array([has[each] for each in who], np.int64), len(skills))
    codes = np.tile(np.array([place[each] for each in skills], np.int64), len(who))
    n = len(student)
    return Examples(
        log,
        student,
        log.starts[student + 1],
        np.full(n, NONE, np.int64),
        codes[:, None],
        np.full(n, moment.astype("datetime64[s]")),
        np.full(n, np.nan),
    )


def make_log(
    who: Sequence[str],
    item: Sequence[str],
    skills: Sequence[Sequence[str]],
    at: NDArray[np.datetime64],
    correct: Array,
    known: Sequence[str] = (),
) -> Log:
    """A log of answers that are in order: by student, and then by time.

    known: skills that may be asked about beside those that were answered.
    """
    order = list(dict.fromkeys(who))
    place = {name: at for at, name in enumerate(order)}
    student = np.fromiter((place[each] for each in who), np.int64, len(who))
    items, codes = np.unique(np.asarray(item, np.str_), return_inverse=True)
    names = sorted({*known, *(each for some in skills for each in some)})
    number = {name: at for at, name in enumerate(names)}
    width = max((len(some) for some in skills), default=1)
    told = np.full((len(who), max(width, 1)), NONE, np.int64)
    for row, some in enumerate(skills):
        told[row, : len(some)] = [number[each] for each in some]
    starts = np.searchsorted(student, np.arange(len(order) + 1))
    return Log(
        np.array(order, np.str_),
        starts.astype(np.int64),
        codes.astype(np.int64),
        told,
        np.asarray(at, "datetime64[s]"),
        np.asarray(correct, np.float64),
        items,
        np.array(names, np.str_),
    )


def _skills(con: DuckDBPyConnection) -> list[str]:
    """Every skill of the district, those included that only items name."""
    rows = con.execute(
        "select skill_id from skills union select unnest(skill_ids) from items order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def _log(
    con: DuckDBPyConnection,
    students: list[str] | None,
    before: date | None,
    known: Sequence[str] = (),
) -> Log:
    given = {"students": students, "before": before}
    rows = sql.table(con, "families/tracing/answers", given)
    return make_log(
        rows["student_id"].to_pylist(),
        rows["item_id"].to_pylist(),
        [list(dict.fromkeys(some)) for some in rows["skill_ids"].to_pylist()],
        rows["answered_at"].to_numpy().astype("datetime64[s]"),
        rows["is_correct"].to_numpy(zero_copy_only=False).astype(np.float64),
        known,
    )
