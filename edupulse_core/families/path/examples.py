"""What students had practiced on a day, and which skills they took up after it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.errors import RefusedError
from edupulse_core.families.path import BRING
from edupulse_core.families.path import course as courses
from edupulse_core.families.path.course import Course

Array = NDArray[np.float64]
Counts = NDArray[np.float32]
Places = NDArray[np.int64]
HISTORY = 16  # skills that the network reads back
AHEAD = 10  # skills that a recorded path goes on for
CUTS = 8  # days of one student that are learned from
KEEP = 0.85  # weight of an answer when one more to the same skill follows
FEWEST = 6  # answers to a skill from which a rise can be read


@dataclass(frozen=True)
class PathExamples:
    """N days of students: the state before the day, and the skills begun from it on."""

    course: Course
    who: NDArray[np.str_]  # (N,)
    day: NDArray[np.datetime64]  # (N,)
    done: Places  # (N, HISTORY) skills in the order in which they were begun, -1 before the first
    right: Counts  # (N, S) right answers, newer ones weigh more
    weight: Counts  # (N, S) all answers, likewise
    idle: Counts  # (N, S) days since the last answer, NaN if there is none
    grade: Array  # (N,) of the student, as a place in `grades.ORDER`; NaN where it is not needed
    given: Counts  # (N, S) mastery that the question says, NaN where it does not
    ahead: Places  # (N, AHEAD) skills begun from that day on, -1 after the last
    early: Array  # (N,) share right in the first third of the answers to the first of them
    late: Array  # (N,) and in the last third; NaN with few answers
    length: int = AHEAD  # steps that are asked for
    goal: int = -1  # the skill that the path leads to; -1: none

    def __len__(self) -> int:
        """The number of days."""
        return len(self.who)

    def of(self, rows: NDArray[Any]) -> "PathExamples":
        """Only these days."""
        whole = ("course", "length", "goal")
        own = [each.name for each in fields(self) if each.name not in whole]
        return replace(self, **{name: getattr(self, name)[rows] for name in own})

    def inputs(self) -> pa.Table:
        """The state in a few numbers, for the checks of quality and drift."""
        begun = self.weight > 0
        right, weight = self.right.sum(axis=1), self.weight.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(weight > 0, right / weight, np.nan)
            strong = (self.right / self.weight >= 0.8) & begun
        idle = np.where(begun, self.idle, np.inf).min(axis=1, initial=np.inf)
        return pa.table(
            {
                "skills_begun": begun.sum(axis=1).astype(float),
                "skills_strong": strong.sum(axis=1).astype(float),
                "share_right": share.astype(float),
                "days_idle": np.where(np.isfinite(idle), idle, np.nan).astype(float),
            }
        )

    def target(self) -> Array:
        """The share of right answers to the next skill, in the last third of its answers."""
        return self.late


def read(con: DuckDBPyConnection, first: date | None = None, last: date = date.max) -> PathExamples:
    """Every student's days on which they took up new skills, at most CUTS of each student.

    first, last: days to read; of each student then only the first such day from `first` on.
    Raises RefusedError if nobody took up a second skill.
    """
    course = courses.read(con)
    rows: list[dict[str, Any]] = []
    for who, day, skill, right in _by_student(con, course, None, last):
        rows += [
            {"who": who, **_state(course, day, skill, right, cut), **_taken(day, skill, right, cut)}
            for cut in _cuts(day, skill, first)
        ]
    if not rows:
        raise RefusedError(BRING.format(what="answers from which an order of skills can be read"))
    return _whole(course, rows)


def asked(
    con: DuckDBPyConnection,
    students: Collection[str],
    day: date,
    *,
    length: int,
    goal: str,
    mastery: dict[str, float],
) -> PathExamples:
    """The state of some students at the end of a day; students without answers are there too.

    Whoever is not in the records is left out.
    """
    course = courses.read(con)
    here = dict(sql.run(con, "families/path/students", {"students": [*students]}))
    students = [each for each in students if each in here]
    known = {row[0]: row[1:] for row in _by_student(con, course, students, day)}
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))
    cut = int(np.datetime64(day, "D").astype(int)) + 1  # so that the day itself counts
    rows = [
        {"who": who, **_state(course, *known.get(who, nothing), cut), **_taken(*nothing, cut)}
        for who in students
    ]
    made = _whole(course, rows)
    given = made.given.copy()
    for skill, value in mastery.items():
        if skill in course.skills:
            given[:, course.place(skill)] = value
    grade = courses.in_order([here[each] for each in students])
    place = course.place(goal) if goal else -1
    return replace(made, given=given, grade=grade, length=length, goal=place)


Answers = tuple[str, Places, Places, NDArray[np.bool_]]  # who, days, skills, right: oldest first


def _by_student(
    con: DuckDBPyConnection, course: Course, students: Sequence[str] | None, until: date
) -> Iterator[Answers]:
    """Each student's answers up to the end of a day."""
    last = min(until, date(9999, 12, 30))  # a day is added to it
    table = sql.table(con, "families/path/answers", {"students": students, "until": last})
    who = np.asarray(table["student_id"].to_pylist(), np.str_)
    coded = table["skill_id"].combine_chunks().dictionary_encode()
    names = course.places(coded.dictionary.to_pylist())
    skill = names[coded.indices.to_numpy()] if len(table) else np.zeros(0, np.int64)
    day = table["day"].to_numpy().astype(np.int64)
    right = np.asarray(table["is_correct"].combine_chunks().to_numpy(zero_copy_only=False), bool)
    edges = np.flatnonzero(who[1:] != who[:-1]) + 1
    for part in np.split(np.arange(len(who)), edges):
        if len(part):
            yield str(who[part[0]]), day[part], skill[part], right[part]


def _cuts(day: Places, skill: Places, since: date | None) -> list[int]:
    """Days on which new skills were begun, after the first such day; evenly over the history."""
    _, first = np.unique(skill, return_index=True)
    days = np.unique(day[first])[1:]
    if since is not None:
        days = days[days >= int(np.datetime64(since, "D").astype(int))][:1]
    if len(days) > CUTS:
        days = days[np.linspace(0, len(days) - 1, CUTS).round().astype(int)]
    return [int(each) for each in days]


def _state(
    course: Course, day: Places, skill: Places, right: NDArray[np.bool_], cut: int
) -> dict[str, Any]:
    """What was known before a day: nothing of that day or after it."""
    known = int(np.searchsorted(day, cut))
    day, skill, right = day[:known], skill[:known], right[:known]
    count = np.bincount(skill, minlength=course.size)
    order = np.argsort(skill, kind="stable")
    nth = np.empty(known, np.int64)  # of the answers to the same skill, from 0
    nth[order] = np.arange(known) - np.repeat(np.cumsum(count) - count, count)
    weight = KEEP ** (count[skill] - 1 - nth)
    last = np.full(course.size, np.nan)
    last[skill] = day  # the last one written stays, and days rise
    begun, first = np.unique(skill, return_index=True)
    begun = begun[np.argsort(first)][-HISTORY:]
    done = np.full(HISTORY, -1)
    if len(begun):
        done[-len(begun) :] = begun
    return {
        "day": np.datetime64(cut, "D"),
        "done": done,
        "right": np.bincount(skill, weight * right, course.size),
        "weight": np.bincount(skill, weight, course.size),
        "idle": cut - last,
    }


def _taken(day: Places, skill: Places, right: NDArray[np.bool_], cut: int) -> dict[str, Any]:
    """The skills begun from a day on, and how the answers to the first of them went."""
    begun, first = np.unique(skill, return_index=True)
    new = day[first] >= cut
    order = begun[new][np.argsort(first[new])][:AHEAD]
    ahead = np.full(AHEAD, -1)
    ahead[: len(order)] = order
    said = right[skill == ahead[0]].astype(float)
    third = len(said) // 3
    enough = len(said) >= FEWEST
    return {
        "ahead": ahead,
        "early": said[:third].mean() if enough else np.nan,
        "late": said[-third:].mean() if enough else np.nan,
    }


def _whole(course: Course, rows: list[dict[str, Any]]) -> PathExamples:
    def column(name: str, kind: Any, width: int | None = None) -> Any:
        shape = (len(rows),) if width is None else (len(rows), width)
        return np.array([row[name] for row in rows], kind).reshape(shape)

    return PathExamples(
        course,
        np.asarray([row["who"] for row in rows], np.str_),
        column("day", "datetime64[D]"),
        column("done", np.int64, HISTORY),
        column("right", np.float32, course.size),
        column("weight", np.float32, course.size),
        column("idle", np.float32, course.size),
        np.full(len(rows), np.nan),
        np.full((len(rows), course.size), np.nan, np.float32),
        column("ahead", np.int64, AHEAD),
        column("early", float),
        column("late", float),
    )
