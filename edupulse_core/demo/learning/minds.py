"""What each student of a group knows and prefers, and how that changes from week to week."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo import states
from edupulse_core.demo.learning.curriculum import KINDS, Curriculum, Ints
from edupulse_core.demo.learning.subjects import SUBJECTS
from edupulse_core.demo.population import Floats, Traits
from edupulse_core.demo.rollout import Group, Happened

GUESS, SLIP = 0.12, 0.05  # chances of a right answer without the skill, of a wrong one with it
_ONE_GRADE = 0.45  # log odds
_KEPT_A_WEEK, _KEPT_A_SUMMER = 0.985, 0.8  # of what practice has added
_A_LESSON = 0.28  # log odds, for the average student, at most
_f32 = np.float32


@dataclass(frozen=True)
class Seen:
    """What a week says about learning; one entry a student."""

    monday: np.datetime64
    year: int  # position of its plan
    week: int
    here: NDArray[np.bool_]  # (n, 5) at school for some of the day
    active: NDArray[np.bool_]  # enrolled at the week's end
    grade: NDArray[np.int16]
    ability: Floats  # (n, SUBJECTS) log odds: what drives the grades of this week
    engagement: Floats


def see(group: Group, happened: Happened) -> Seen:
    """Copy what learning depends on from a week, before the next one changes it."""
    traits, state, record = group.traits, happened.state, happened.record
    form = 7.0 * traits.skill + 2.0 * traits.engagement
    form = form + 6.0 * state.skill + 1.5 * state.engagement
    ability = (form[:, None] + traits.subjects[:, : len(SUBJECTS)]) / 9.0
    return Seen(
        monday=np.datetime64(happened.plan.year.mondays[happened.week], "D"),
        year=group.plans.index(happened.plan),
        week=happened.week,
        here=record.enrolled & (record.minutes < states.DAY),
        active=state.active.copy(),
        grade=happened.plan.fixed.grade,
        ability=ability.astype(_f32),
        engagement=(traits.engagement + state.engagement).astype(_f32),
    )


@dataclass
class Learners:
    """What does not change about how each student learns."""

    knack: Floats  # (n, skills) log odds: better or worse at a skill than at its subject
    rate: Floats  # (n,) how fast practice works
    likes_kind: Floats  # (n, KINDS) rating points
    likes_subject: Floats  # (n, SUBJECTS) rating points
    style: Ints  # of KINDS: what they say that they like, which is not always true
    pace: Floats  # hours, times
    focus: Ints  # minutes
    age: Ints


def draw(traits: Traits, n_skills: int, rng: np.random.Generator) -> Learners:
    """Draw how the students of a group learn."""
    n = len(traits.cohort)
    likes = 0.55 * rng.standard_normal((n, len(KINDS))) + np.array([-0.1, 0.0, 0.3, 0.1, 0.0])
    liked_subject = 0.4 * rng.standard_normal((n, len(SUBJECTS)))
    said = likes + 0.4 * rng.standard_normal(likes.shape)
    focus = 14 + 1.6 * traits.cohort + 4 * traits.engagement + 5 * rng.standard_normal(n)
    return Learners(
        knack=(0.5 * rng.standard_normal((n, n_skills))).astype(_f32),
        rate=np.exp(0.2 * traits.engagement + 0.3 * rng.standard_normal(n)).astype(_f32),
        likes_kind=likes.astype(_f32),
        likes_subject=(liked_subject + 0.025 * traits.subjects[:, : len(SUBJECTS)]).astype(_f32),
        style=said.argmax(axis=1) if n else np.zeros(0, np.int64),
        pace=np.exp(0.18 * rng.standard_normal(n) - 0.08 * traits.skill).astype(_f32),
        focus=np.clip(np.rint(focus), 8, 60).astype(int),
        age=traits.cohort.astype(int) + 5,
    )


@dataclass
class Minds:
    """What each student knows now: (n, skills) log odds, in two parts."""

    plan: Curriculum
    learners: Learners
    base: Floats  # from the student's ability, grade and knack
    gain: Floats  # from practice; fades

    def begin(self, seen: Seen, *, is_new_year: bool) -> None:
        """Let a week, or a summer, pass."""
        grades = np.clip(seen.grade[:, None] - self.plan.grade, -4, 4).astype(_f32)
        ability = seen.ability[:, self.plan.subject]
        base = _f32(0.4) + ability + _f32(_ONE_GRADE) * grades + self.learners.knack
        self.base = np.where(seen.grade[:, None] >= 0, base, self.base)  # else not at school
        self.gain *= _f32(_KEPT_A_SUMMER if is_new_year else _KEPT_A_WEEK)

    def log_odds(self, who: Ints, skill: Ints) -> Floats:
        """Of having a skill."""
        return self.base[who, skill] + self.gain[who, skill]

    def mastery(self) -> Floats:
        """P(has the skill) of every student and skill."""
        return chance(self.base + self.gain)

    def is_ready(self) -> Floats:
        """(n, skills) mean mastery of what a skill needs; 1 where it needs nothing."""
        needed = self.plan.earlier.astype(_f32)
        n_needed = needed.sum(axis=1)
        mean = self.mastery() @ needed.T / np.maximum(n_needed, 1)
        return np.where(n_needed == 0, _f32(1), mean).astype(_f32)

    def learn(self, who: Ints, skill: Ints, ready: Floats, share: float | Floats) -> None:
        """One exercise of each student, who is there once; less helps where much is known."""
        room = chance(_f32(1.5) - self.log_odds(who, skill))
        step = _A_LESSON * self.learners.rate[who] * (0.4 + 0.6 * ready) * room
        self.gain[who, skill] += (step * share).astype(_f32)


def start(plan: Curriculum, learners: Learners) -> Minds:
    """Before the first week."""
    nothing = np.zeros_like(learners.knack)
    return Minds(plan, learners, nothing, nothing.copy())


def chance(log_odds: NDArray[np.floating[Any]]) -> Floats:
    """The probability of log odds."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), _f32)


def p_correct(log_odds: Floats) -> Floats:
    """P(correct) from the log odds of the skill less the hardness of the item."""
    return (GUESS + (1 - GUESS - SLIP) * chance(log_odds)).astype(_f32)
