"""Study sessions as cases: what was known before each began, and how long it took."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from pydantic import BaseModel, Field, field_validator

from edupulse_core import sql
from edupulse_core.errors import MissingError, RefusedError

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

WORDS = (  # six of the 15 inputs
    "education_level",
    "learning_style",
    "subject",
    "content_type",
    "study_method",
    "environment",
)
NUMBERS = (  # the other nine
    "age",
    "avg_focus_duration",  # minutes
    "difficulty",  # of the skill, 1 to 10
    "base_hours",
    "prerequisites",  # how many
    "time_of_day",  # hour, 0 to 24
    "energy_level",  # 1 to 5
    "distraction_level",  # 1 to 5
    "breaks_taken",
)
TIMES = {"morning": 9.0, "afternoon": 14.0, "evening": 19.0, "night": 23.0}  # hour that is meant
PAST = 20  # sessions before a case that count, the newest first
RECENT = 30  # days: skills studied in them are asked about where a question names none
MISSING = (
    "There are no study sessions yet: bring skills.csv and study_sessions.csv, and learners.csv if "
    "there is one; data/README.md has the columns."
)
FEW = "The study sessions come from {found} students; {least} are needed to learn from them."
LEAST_STUDENTS = 30


class Question(BaseModel):
    """Which skills, and how a student will study; what is left open is as usual for the student."""

    skills: tuple[str, ...] = ()  # none: those that the student worked on lately
    time_of_day: float | None = Field(default=None, ge=0, lt=24)  # hour
    study_method: str | None = None
    environment: str | None = None
    energy_level: float | None = Field(default=None, ge=1, le=5)
    distraction_level: float | None = Field(default=None, ge=1, le=5)
    breaks_taken: float | None = Field(default=None, ge=0, le=100)

    @field_validator("time_of_day", mode="before")
    @classmethod
    def _hour(cls, value: Any) -> Any:
        """A word, or a time such as 16:30, as an hour."""
        if value is None:
            return None
        word = str(value).strip().lower()
        if word in TIMES:
            return TIMES[word]
        hours, is_time, minutes = word.partition(":")
        try:
            past = float(minutes) if is_time else 0.0
            if not (0 <= past < 60 and 0 <= float(hours) < 24):
                raise ValueError
            return float(hours) + past / 60
        except ValueError:
            known = ", ".join(TIMES)
            raise ValueError(
                f"must be {known}, or a time from 0:00 to 23:59 such as 16:30; found {value!r}"
            ) from None


@dataclass(frozen=True)
class Sessions:
    """M sessions, each student's together and in the order of time."""

    student: NDArray[np.str_]
    skill: NDArray[np.str_]
    started: NDArray[np.datetime64]  # seconds
    hours: Array  # NaN where it is not known yet
    numbers: Array  # (M, 9), as NUMBERS; NaN: unknown
    words: NDArray[np.str_]  # (M, 6), as WORDS; empty: unknown

    def __len__(self) -> int:
        return len(self.student)

    def of(self, rows: NDArray[Any]) -> Self:
        """Only these sessions."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def joined(self, other: Self) -> Self:
        """These sessions and then others."""
        parts = {
            f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)])
            for f in fields(self)
        }
        return replace(self, **parts)


@dataclass(frozen=True)
class StudyExamples:
    """N cases: each a session of `sessions`, with the sessions of its student before it."""

    sessions: Sessions
    rows: Whole  # (N,) the place of each case
    before: Whole  # (N, PAST) places of earlier sessions that had ended, newest first; -1: none
    count: Whole  # (N,) how many there were in all

    @property
    def who(self) -> NDArray[np.str_]:
        """The student of each case."""
        return self.sessions.student[self.rows]

    @property
    def day(self) -> NDArray[np.datetime64]:
        """The day of each case."""
        return self.sessions.started[self.rows].astype("datetime64[D]")

    @property
    def skill(self) -> NDArray[np.str_]:
        """The skill of each case."""
        return self.sessions.skill[self.rows]

    @cached_property
    def own(self) -> Sessions:
        """The cases themselves."""
        return self.sessions.of(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, rows: NDArray[Any]) -> "StudyExamples":
        """Only these cases; earlier sessions stay known."""
        return replace(self, rows=self.rows[rows], before=self.before[rows], count=self.count[rows])

    def target(self) -> Array:
        """The hours that each case took, NaN if not known."""
        return self.sessions.hours[self.rows]

    def inputs(self) -> pa.Table:
        """The 15 inputs, the two derived ones, and what is known of earlier sessions."""
        own = self.own
        columns: dict[str, Any] = {
            name: pa.array(own.words[:, at].tolist(), pa.string()) for at, name in enumerate(WORDS)
        }
        columns = {
            name: pa.array([word or None for word in column.to_pylist()], pa.string())
            for name, column in columns.items()
        }
        columns |= {name: own.numbers[:, at] for at, name in enumerate(NUMBERS)}
        ratio, balance = derived(own)
        last, since = self.last()
        return pa.table(
            {
                **columns,
                "focus_ratio": ratio,
                "energy_balance": balance,
                "sessions_before": self.count.astype(float),
                "last_hours": last,
                "days_since": since,
            }
        )

    def last(self) -> tuple[Array, Array]:
        """Hours of the session before, and days since it began; NaN without one."""
        place = self.before[:, 0]
        has = place >= 0
        hours = np.where(has, self.sessions.hours[place], np.nan)
        gap = self.sessions.started[self.rows] - self.sessions.started[place]
        return hours, np.where(has, gap.astype("timedelta64[s]").astype(float) / 86_400, np.nan)


def derived(sessions: Sessions) -> tuple[Array, Array]:
    """Difficulty by the hours that a student stays focused, and energy less distraction."""
    at = {name: sessions.numbers[:, place] for place, name in enumerate(NUMBERS)}
    focus = at["avg_focus_duration"] / 60
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(focus > 0, at["difficulty"] / focus, np.nan)
    return ratio, at["energy_level"] - at["distraction_level"]


def read(con: DuckDBPyConnection) -> StudyExamples:
    """Every session. Raises RefusedError where there is none, or too few students have any."""
    sessions = _sessions(
        sql.table(con, "families/study_time/sessions", {"students": None, "until": None})
    )
    if not len(sessions):
        raise RefusedError(MISSING)
    if (found := len(np.unique(sessions.student))) < LEAST_STUDENTS:
        raise RefusedError(FEW.format(found=found, least=LEAST_STUDENTS))
    return of_sessions(sessions)


def ask(
    con: DuckDBPyConnection, students: Collection[str], day: date, question: Question
) -> StudyExamples:
    """A session of each student on each skill, on a day; only sessions up to it are known.

    Raises MissingError for a skill that does not exist.
    """
    known = {row[0] for row in con.execute("select skill_id from skills").fetchall()}
    if not known:
        raise MissingError(MISSING)
    for skill in question.skills:
        if skill not in known:
            raise MissingError(f"There is no skill {skill!r}: skills.csv names the skills.")
    given = {
        **question.model_dump(),
        "students": list(students),
        "skills": list(question.skills),
        "day": day,
        "until": day,
        "recent": RECENT,
    }
    past = _sessions(sql.table(con, "families/study_time/sessions", given))
    asked = _sessions(sql.table(con, "families/study_time/asked", given))
    found = of_sessions(past)
    ends = {
        str(student): place for place, student in enumerate(past.student.tolist())
    }  # of each student's last session
    starts = dict(zip(past.student[::-1].tolist(), range(len(past) - 1, -1, -1), strict=True))
    before = np.full((len(asked), PAST), -1)
    count = np.zeros(len(asked), np.int64)
    for at, student in enumerate(asked.student.tolist()):
        if student in ends:
            count[at] = ends[student] - starts[student] + 1
            newest = ends[student] - np.arange(PAST)
            before[at] = np.where(newest >= starts[student], newest, -1)
    rows = len(past) + np.arange(len(asked))
    return StudyExamples(found.sessions.joined(asked), rows, before, count)


def of_sessions(sessions: Sessions) -> StudyExamples:
    """Every session as a case; a session counts before another if it had ended by then."""
    m = len(sessions)
    own = np.arange(m)
    is_new = np.ones(m, bool)
    is_new[1:] = sessions.student[1:] != sessions.student[:-1]
    first = np.maximum.accumulate(np.where(is_new, own, 0)) if m else own
    is_later = is_new.copy()
    is_later[1:] |= sessions.started[1:] != sessions.started[:-1]
    run = np.maximum.accumulate(np.where(is_later, own, 0)) if m else own  # began at the same time
    places = run[:, None] - 1 - np.arange(PAST)
    known = places >= first[:, None]
    places = np.where(known, places, -1)
    length = np.round(np.nan_to_num(sessions.hours) * 3600).astype("timedelta64[s]")
    ended = (sessions.started + length)[places] <= sessions.started[:, None]
    count = run - first - (known & ~ended).sum(axis=1)
    return StudyExamples(sessions, own, _packed(np.where(known & ended, places, -1)), count)


def augmented(examples: StudyExamples, share: float, seed: int) -> StudyExamples:
    """The cases, and noisy copies of a share of them: hours, energy and distraction vary a little.

    For training cases only. Earlier sessions stay as they were.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(examples))[: round(share * len(examples))])
    more = examples.of(chosen)
    copies = more.sessions.of(more.rows)
    numbers = copies.numbers.copy()
    for name in ("energy_level", "distraction_level"):
        at = NUMBERS.index(name)
        numbers[:, at] = np.clip(numbers[:, at] + rng.normal(0, 0.5, len(chosen)), 1, 5)
    factor = np.maximum(rng.normal(1, 0.1, len(chosen)), 0.1)
    copies = replace(copies, numbers=numbers, hours=copies.hours * factor)
    places = len(examples.sessions) + np.arange(len(chosen))
    return StudyExamples(
        examples.sessions.joined(copies),
        np.concatenate([examples.rows, places]),
        np.concatenate([examples.before, more.before]),
        np.concatenate([examples.count, more.count]),
    )


def _packed(places: Whole) -> Whole:
    """Known places first, in their order."""
    order = np.argsort(places < 0, axis=1, kind="stable")
    return np.take_along_axis(places, order, axis=1)


def _sessions(table: pa.Table) -> Sessions:
    started = table["started_at"].to_numpy().astype("datetime64[s]")
    seconds = (started - started.astype("datetime64[D]")).astype("timedelta64[s]").astype(float)
    usual = _floats(table["usual_time"])
    is_asked = np.asarray(table["hours"].is_null().to_numpy(), bool)
    hour = np.where(is_asked, usual, seconds / 3600)
    columns = {name: _floats(table[name]) for name in NUMBERS if name != "time_of_day"}
    columns["time_of_day"] = hour
    return Sessions(
        student=_texts(table["student_id"]),
        skill=_texts(table["skill_id"]),
        started=np.where(
            np.isnan(usual), started, started + np.nan_to_num(usual * 3600).astype("timedelta64[s]")
        ),
        hours=_floats(table["hours"]),
        numbers=np.stack([columns[name] for name in NUMBERS], axis=1),
        words=np.stack([_texts(table[name]) for name in WORDS], axis=1),
    )


def _floats(column: pa.ChunkedArray) -> Array:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), float)


def _texts(column: pa.ChunkedArray | Sequence[str]) -> NDArray[np.str_]:
    values = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column
    return np.asarray([value or "" for value in values], np.str_)
