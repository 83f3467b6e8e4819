"""Turns cases into numbers: learned on training cases alone, and saved with a version.

A word is a column of its own if the training cases have it; any other is unknown. `usual` is what a
session of this kind takes most students: a ridge regression of log hours on the inputs. What a
student took before, compared with what was usual for it, is the student's own pace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.study_time.examples import (
    NUMBERS,
    WORDS,
    Array,
    Sessions,
    StudyExamples,
    derived,
)

LOGS = ("avg_focus_duration", "difficulty", "base_hours")  # as logarithms too: hours multiply
MEASURES = (
    *(name for name in NUMBERS if name != "time_of_day"),
    *(f"log_{name}" for name in LOGS),
    "time_sine",
    "time_cosine",
    "focus_ratio",
    "energy_balance",
)
HISTORY = (  # of the sessions before
    "sessions_before",  # how many, as a logarithm
    "pace",  # mean log hours above what was usual; with few sessions, drawn to 0
    "last_pace",  # of the last one
    "skill_pace",  # of those on the same skill
    "skill_sessions",  # how many, as a logarithm
    "days_since",  # the last one, as a logarithm
)
STEP = ("pace", "days_before", "same_skill")  # of each earlier session, beside its own inputs
COMMON = 5  # training sessions: a skill with fewer has no column of its own
PENALTY = 3.0  # sessions that a column's zero effect counts for
LEAST_HOURS = 1e-6
STEADY = (0.2, 50.0)  # sessions whose mean pace counts half, at least and at most
HUBER = 1.345  # spreads: a residual beyond counts as one this far (Huber 1964)


@dataclass(frozen=True)
class Encoded:
    """N cases as numbers."""

    own: Array  # (N, D) the case's own inputs, standardized; 0 where unknown
    usual: Array  # (N,) log hours that such a session takes most students
    history: Array  # (N, H) as HISTORY
    steps: NDArray[np.float32]  # (N, T, D + 3) the inputs of earlier sessions, newest first
    seen: NDArray[np.bool_]  # (N, T) whether there is such a session

    def __len__(self) -> int:
        return len(self.own)

    @cached_property
    def flat(self) -> Array:
        """Everything but the sequence, (N, D + 1 + H)."""
        return np.column_stack([self.own, self.usual, self.history])


@dataclass(frozen=True)
class Encoding:
    """How words and numbers are read, and what is usual."""

    words: Mapping[str, tuple[str, ...]]  # of each column of words, those that were learned
    skills: tuple[str, ...]  # with a column of their own
    means: tuple[float, ...]  # of MEASURES
    spreads: tuple[float, ...]
    weights: tuple[float, ...]  # of the usual log hours: D, the skills, and the start
    spread: float  # of log hours around the usual
    steady: float  # sessions whose mean pace counts half

    @property
    def names(self) -> list[str]:
        """The names of the D columns."""
        found = [*MEASURES, *(f"unknown_{name}" for name in MEASURES)]
        return found + [f"{name}={each}" for name in WORDS for each in (*self.words[name], "?")]

    @property
    def flat_names(self) -> list[str]:
        """The names of the columns of `Encoded.flat`."""
        return [*self.names, "usual", *HISTORY]

    def own(self, sessions: Sessions) -> Array:
        """The inputs of M sessions as numbers, (M, D)."""
        raw = measures(sessions)
        unknown = np.isnan(raw)
        scaled = np.where(unknown, 0.0, (raw - np.array(self.means)) / np.array(self.spreads))
        parts = [np.clip(scaled, -6, 6), unknown.astype(float)]
        for at, name in enumerate(WORDS):
            known = np.array(self.words[name], np.str_)
            is_word = sessions.words[:, at][:, None] == known[None, :]
            parts.append(np.column_stack([is_word, ~is_word.any(axis=1)]).astype(float))
        return np.column_stack(parts)

    def usual(self, sessions: Sessions, own: Array) -> Array:
        """The log hours that M sessions take most students, (M,)."""
        weights = np.array(self.weights)
        found: Array = own @ weights[: own.shape[1]] + weights[-1]
        by_skill = dict(zip(self.skills, weights[own.shape[1] : -1], strict=True))
        more: Array = np.array([by_skill.get(each, 0.0) for each in sessions.skill.tolist()])
        return np.asarray(found + more, float)

    def __call__(self, examples: StudyExamples, steps: int = 0) -> Encoded:
        """Cases as numbers.  steps: how many earlier sessions a network reads one by one."""
        needed, place = np.unique(
            np.concatenate([examples.rows, examples.before[examples.before >= 0]]),
            return_inverse=True,
        )
        sessions = examples.sessions.of(needed)
        own = self.own(sessions)
        usual = self.usual(sessions, own)
        pace = np.nan_to_num(log_hours(sessions.hours) - usual)
        rows = place[: len(examples)]
        before = np.full(examples.before.shape, -1)
        before[examples.before >= 0] = place[len(examples) :]
        seen = before >= 0
        same = seen & (sessions.skill[before] == sessions.skill[rows][:, None])
        gap = (sessions.started[rows][:, None] - sessions.started[before]).astype("timedelta64[s]")
        days = np.where(seen, np.log1p(np.maximum(gap.astype(float), 0) / 86_400), 0.0)
        paces = np.where(seen, pace[before], 0.0)
        history = np.column_stack(
            [
                np.log1p(examples.count),
                paces.sum(axis=1) / (seen.sum(axis=1) + self.steady),
                paces[:, 0],
                np.where(same, paces, 0.0).sum(axis=1) / (same.sum(axis=1) + self.steady),
                np.log1p(same.sum(axis=1)),
                days[:, 0],
            ]
        )
        few = slice(0, steps)
        each = np.stack([paces / self.spread, days, same.astype(float)], axis=2)[:, few]
        sequence = np.concatenate(
            [own[before[:, few]] * seen[:, few, None], each * seen[:, few, None]], axis=2
        )
        return Encoded(own[rows], usual[rows], history, sequence.astype(np.float32), seen[:, few])

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {**asdict(self), "words": {name: list(each) for name, each in self.words.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Encoding":
        """Read a saved one. Raises ModelError for anything else."""
        try:
            return cls(
                {name: tuple(value["words"][name]) for name in WORDS},
                tuple(value["skills"]),
                tuple(map(float, value["means"])),
                tuple(map(float, value["spreads"])),
                tuple(map(float, value["weights"])),
                float(value["spread"]),
                float(value["steady"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"encoding.json: {error!r}") from None


def fit(train: StudyExamples, penalty: float = PENALTY) -> Encoding:
    """Learn the words, the scale, what is usual, and how steady paces are, from training cases."""
    own = train.own
    raw = measures(own)
    known = ~np.isnan(raw)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, raw, 0.0).sum(axis=0) / count
    spreads = np.sqrt(np.where(known, (raw - means) ** 2, 0.0).sum(axis=0) / count)
    spreads = np.where(spreads > 1e-9, spreads, 1.0)
    words = {
        name: tuple(sorted({*own.words[:, at].tolist()} - {""})) for at, name in enumerate(WORDS)
    }
    names, times = np.unique(own.skill, return_counts=True)
    skills = tuple(names[times >= COMMON].tolist())
    bare = Encoding(words, skills, tuple(means.tolist()), tuple(spreads.tolist()), (), 1.0, 1.0)
    x = bare.own(own)
    by_skill = own.skill[:, None] == np.array(skills, np.str_)[None, :]
    y = log_hours(own.hours)
    weights, spread = robust(np.column_stack([x, by_skill]), y, penalty)
    found = Encoding(
        words,
        skills,
        bare.means,
        bare.spreads,
        tuple(weights.tolist()),
        spread,
        1.0,
    )
    return Encoding(**{**vars(found), "steady": steadiness(y - found.usual(own, x), own.student)})


def measures(sessions: Sessions) -> Array:
    """The numbers of M sessions, NaN where unknown, (M, len(MEASURES))."""
    at = {name: sessions.numbers[:, place] for place, name in enumerate(NUMBERS)}
    ratio, balance = derived(sessions)
    turn = 2 * np.pi * at["time_of_day"] / 24
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = {f"log_{name}": np.where(at[name] > 0, np.log(at[name]), np.nan) for name in LOGS}
    more = {
        "time_sine": np.sin(turn),
        "time_cosine": np.cos(turn),
        "focus_ratio": ratio,
        "energy_balance": balance,
    }
    columns: dict[str, Array] = {**at, **logs, **more}
    return np.column_stack([columns[name] for name in MEASURES])


def log_hours(hours: Array) -> Array:
    """The logarithm of hours; NaN where they are not known."""
    found: Array = np.log(np.maximum(hours, LEAST_HOURS))
    return found


def robust(x: Array, y: Array, penalty: float, rounds: int = 4) -> tuple[Array, float]:
    """Ridge weights that a few very long sessions do not move, the start last; and the spread."""
    full = np.column_stack([x, np.ones(len(x))])
    weigh, weights, spread = np.ones(len(y)), np.zeros(full.shape[1]), 1.0
    damp = np.diag([*np.full(x.shape[1], penalty), 1e-6])
    for _ in range(rounds):
        gram = (full * weigh[:, None]).T @ full + damp
        weights = np.linalg.solve(gram, full.T @ (weigh * y))
        off = np.abs(y - full @ weights)
        spread = max(float(np.median(off) / 0.6745), 1e-6)
        weigh = np.minimum(1.0, HUBER * spread / np.maximum(off, 1e-12))
    return weights, spread


def steadiness(pace: Array, student: NDArray[np.str_]) -> float:
    """How many sessions it takes until a student's own mean pace counts half.

    The variance within students over the variance between them (empirical Bayes).
    """
    codes, counts = np.unique(student, return_inverse=True, return_counts=True)[1:]
    means = np.bincount(codes, pace) / counts
    freedom = max(len(pace) - len(counts), 1)
    within = float(((pace - means[codes]) ** 2).sum() / freedom)
    between = float(means.var() - (within / counts).mean())
    return float(np.clip(within / max(between, 1e-9), *STEADY))


def columns_of(names: Sequence[str], name: str) -> list[int]:
    """Which columns show an input: of one of the 15, its words, logarithm or sine too."""
    more = {"time_of_day": ("time_sine", "time_cosine")}.get(name, ())
    alike = {name, f"log_{name}", f"unknown_{name}", *more, *(f"unknown_{each}" for each in more)}
    return [at for at, each in enumerate(names) if each in alike or each.startswith(f"{name}=")]
