"""Two made-up classrooms in which a path is tried: what do students know at its end?

They differ in what learning is. In the first, a skill is known or not, and prerequisites decide how
fast it comes: `practice` is what one expects there. In the second, ability grows and is forgotten;
no algorithm learns from it, so it tells whether a path is good beyond the first one's ideas.
"""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.path.course import Course, Flags
from edupulse_core.families.path.practice import FLOOR

Array = NDArray[np.float64]
Places = NDArray[np.int64]
SLOPE = 1.2  # of the chance of a right answer, by ability
SESSIONS = 6  # that a step of a path takes
STRIDE = 0.8  # of ability a session; a step then adds about as much as in the first classroom
FORGOTTEN = 0.004  # share of what was gained that a session with other skills takes away
REFRESHED = 0.15  # of a session, what it does for each direct prerequisite
PAUSE = 40  # sessions without practice before the last test


def known_or_not(
    course: Course, rise: Array, known: Flags, paths: Places, *, draw: np.random.Generator
) -> Flags:
    """What is known after each path, (N, S).

    rise: (S,) chance that a step teaches a skill whose prerequisites are known; each missing one
    leaves FLOOR of it.  known: (N, S) before the path.
    """
    now, rows = known.copy(), np.arange(len(known))
    before = course.before.T.astype(float)
    for step in paths.T:
        missing = (~now).astype(float) @ before
        chance = (rise * FLOOR**missing)[rows, step]
        learned = (draw.random(len(rows)) < chance) & (step >= 0)
        now[rows[learned], step[learned]] = True
    return now


def right(ability: Array, hardness: Array) -> Array:
    """The chance of a right answer, (N, S)."""
    found: Array = 1 / (1 + np.exp(-SLOPE * (ability - hardness)))
    return found


def growing(
    course: Course,
    rise: Array,
    hardness: Array,
    ability: Array,
    paths: Places,
    *,
    pause: int = PAUSE,
) -> Array:
    """Ability after each path and a pause, (N, S).

    rise: (S,) how fast each skill is learned.  ability: (N, S) before the path; it is never
    forgotten: only what the path adds fades.
    """
    now = ability.copy()
    for step in np.repeat(paths.T, SESSIONS, axis=0):
        now = session(course, rise, hardness, now, ability, step)
    for _ in range(pause):
        now -= FORGOTTEN * (now - ability)
    return now


def session(
    course: Course, rise: Array, hardness: Array, now: Array, at_first: Array, step: Places
) -> Array:
    """Ability after a session: what is practiced grows, all else that was gained fades."""
    after = now - FORGOTTEN * (now - at_first)
    took = np.flatnonzero(step >= 0)
    at = step[took]
    chance = right(now[took], hardness)
    ready = np.where(course.before[at], chance, 1.0).min(axis=1)
    mine = chance[np.arange(len(took)), at]
    grown = STRIDE * rise[at] * ready * (1 - mine)
    after[took, at] = now[took, at] + grown
    after[took] += REFRESHED * grown[:, None] * course.before[at]
    return after


def share_gained(first: Array, last: Array) -> Array:
    """The share of what was missing that is there now, (N,).  Both: (N, S) in 0..1."""
    missing = np.maximum((1 - first).sum(axis=1), 1e-9)
    found: Array = (last - first).sum(axis=1) / missing
    return found
