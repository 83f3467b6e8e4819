"""What work on a skill is expected to do to mastery, learned from a district's answers."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.path.course import Course, Flags
from edupulse_core.families.path.examples import PathExamples

Array = NDArray[np.float64]
Places = NDArray[np.int64]
MASTERED = 0.8  # chance of a right answer from which on a skill is mastered
NEARLY = 0.6  # and from which on it is nearly mastered
PRIOR = 0.4  # mastery of a skill that nobody has practiced
RISE = 0.5  # share of what is missing that a step adds, where nothing is known
FLOOR = 0.2  # of that, what is left without any of the prerequisites
DOUBT = 0.5  # power of it: mastery is only estimated, so a missing one is never quite certain
LEFT = 3  # grades below the student's own: what was never practiced there is taken as known
FAR = 2  # grades above it: only what leads to a goal is taken up there
FADES = 180.0  # days after which an answer counts half
GUESS, TOP = 0.2, 0.95  # chance of a right answer without knowing anything, and knowing all
OWN = 1.0  # answers that the prior is worth
SHARED = 30.0  # answers that the whole district's figure is worth in a skill's own


@dataclass(frozen=True)
class Practice:
    """How hard skills are to begin, and how fast they are learned: by skill."""

    skills: tuple[str, ...] = ()
    prior: tuple[float, ...] = ()  # mastery before the first answer
    rise: tuple[float, ...] = ()  # share of what is missing that a step adds
    usual: tuple[float, float] = (PRIOR, RISE)  # both, for any other skill

    def on(self, course: Course) -> tuple[Array, Array]:
        """Prior and rise of each skill of a course, (S,) each."""
        known = {name: at for at, name in enumerate(self.skills)}
        at = [known.get(name) for name in course.skills]
        prior = [self.usual[0] if place is None else self.prior[place] for place in at]
        rise = [self.usual[1] if place is None else self.rise[place] for place in at]
        return np.array(prior), np.array(rise)

    def mastery(self, examples: PathExamples, *, fresh: bool = False) -> Array:
        """The chance of a right answer to each skill, (N, S).

        As the question says it; else the share right, drawn toward the prior the less was answered
        and the longer ago.  fresh: as it was right after the last answer, whatever was said.
        """
        prior, _ = self.on(examples.course)
        idle = np.nan_to_num(examples.idle.astype(float))
        kept = np.ones_like(idle) if fresh else 0.5 ** (idle / FADES)
        right, weight = examples.right * kept, examples.weight * kept
        own: Array = (right + OWN * prior) / (weight + OWN)
        given = examples.given.astype(float)
        return own if fresh else np.where(np.isnan(given), own, given)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "skills": list(self.skills),
            "prior": list(self.prior),
            "rise": list(self.rise),
            "usual": list(self.usual),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Practice":
        """Read a saved one. Raises ModelError if it is none."""
        try:
            usual = value["usual"]
            return cls(
                tuple(map(str, value["skills"])),
                tuple(map(float, value["prior"])),
                tuple(map(float, value["rise"])),
                (float(usual[0]), float(usual[1])),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"practice.json: {error!r}") from None


def fit(examples: PathExamples) -> Practice:
    """Learn from the first skill that was taken up after each day."""
    course = examples.course
    told = examples.of(np.flatnonzero(~np.isnan(examples.late)))
    at, early, late = told.ahead[:, 0], told.early, told.late

    def by_skill(values: Array) -> Array:
        found: Array = np.bincount(at, values, course.size).astype(float)
        return found

    count = by_skill(np.ones(len(at)))
    usual = float(np.clip(early.mean(), 0.1, 0.7)) if len(at) else PRIOR
    priors = np.clip((by_skill(early) + SHARED * usual) / (count + SHARED), 0.05, 0.75)
    first = Practice(course.skills, tuple(priors.tolist()), (RISE,) * course.size, (usual, RISE))
    ready = Walk(first, told).ready[np.arange(len(at)), at]
    missing, gained = by_skill(ready * np.maximum(TOP - early, 0)), by_skill(late - early)
    rise = float(gained.sum() / missing.sum()) if missing.sum() > 0 else RISE
    rise = float(np.clip(rise, 0.05, 0.9))
    share = SHARED * (TOP - usual)
    rises = np.clip((gained + share * rise) / (missing + share), 0.05, 0.9)
    return Practice(
        course.skills,
        tuple(priors.round(6).tolist()),
        tuple(rises.round(6).tolist()),
        (round(usual, 6), round(rise, 6)),
    )


class Walk:
    """N students on their way: what each has mastered, and what may come next.

    mastery: (N, S) as expected now.  taken: (N, S) skills of the path so far.
    """

    def __init__(self, practice: Practice, examples: PathExamples) -> None:
        course = examples.course
        self.course = course
        self.mastery = practice.mastery(examples)
        self.taken = np.zeros(self.mastery.shape, bool)
        self._rise = practice.on(course)[1]
        self._before = course.before.T.astype(float)  # [p, s]
        done = self.mastery >= MASTERED
        begun = examples.weight > 0
        self.behind = done @ course.behind  # prerequisites of something that is mastered
        own = _own_grade(examples)
        self.behind |= ~begun & (course.grade <= own - LEFT)  # records begin some time
        met = done | self.behind
        self.in_scope = ~done & ~(self.behind & ~begun) & ~(course.grade >= own + FAR)
        if examples.goal >= 0:  # what it still needs, and it
            self.in_scope = course.behind[examples.goal] & ~met
            self.in_scope[:, examples.goal] = ~done[:, examples.goal]
        self.met = met & ~self.in_scope  # what is still to be worked on comes before what needs it

    def of(self, rows: Places) -> "Walk":
        """The walks of some rows, which may repeat; each goes on by itself."""
        made = copy(self)
        for name in ("mastery", "taken", "behind", "in_scope", "met"):
            setattr(made, name, getattr(self, name)[rows])
        return made

    @property
    def allowed(self) -> Flags:
        """The skills that may come next, (N, S): not mastered, not taken, nothing missing."""
        missing = (~(self.met | self.taken)).astype(float) @ self._before > 0.5
        found: Flags = self.in_scope & ~self.taken & ~missing
        return found

    @property
    def ready(self) -> Array:
        """How much of the usual gain the prerequisites let through, (N, S) in FLOOR..1."""
        known = np.clip((self.mastery - GUESS) / (TOP - GUESS), 0.0, 1.0)
        known = np.where(self.behind, 1.0, known)
        found: Array = np.exp(DOUBT * np.log(FLOOR + (1 - FLOOR) * known) @ self._before)
        return found

    @property
    def gains(self) -> Array:
        """The mastery that a step with each skill is expected to add to it, (N, S)."""
        found: Array = self._rise * self.ready * np.maximum(TOP - self.mastery, 0.0)
        return found

    def take(self, step: Places) -> Array:
        """Practice a skill each, -1 for none; the mastery that it adds, (N,)."""
        rows = np.flatnonzero(step >= 0)
        gain = np.zeros(len(step))
        gain[rows] = self.gains[rows, step[rows]]
        self.mastery[rows, step[rows]] += gain[rows]
        self.taken[rows, step[rows]] = True
        return gain


def _own_grade(examples: PathExamples) -> Array:
    """The student's grade, or the highest one practiced, (N, 1); NaN where neither is known."""
    practiced = np.where(examples.weight > 0, examples.course.grade, np.nan)
    both = np.concatenate([practiced, examples.grade[:, None]], axis=1)
    highest = np.where(np.isnan(both), -np.inf, both).max(axis=1, keepdims=True)
    return np.where(np.isfinite(highest), highest, np.nan)


def gained(practice: Practice, examples: PathExamples, paths: Places) -> Array:
    """The mastery that each step of some paths (N, L) is expected to add, (N, L)."""
    walk = Walk(practice, examples)
    found = [walk.take(step) for step in paths.T]
    return np.stack(found, axis=1) if found else np.zeros(paths.shape)
