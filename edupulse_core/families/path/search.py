"""Paths without a network: at random, by the next gain alone, or by looking ahead."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.practice import Practice, Walk

Array = NDArray[np.float64]
Places = NDArray[np.int64]
TRIED = 12  # next steps of each path that are looked at closely
CHUNK = 512  # students at once


def at_random(practice: Practice, examples: PathExamples, *, seed: int = 0) -> Places:
    """Any skill that may come next, (N, L); -1 after the last step."""
    draw = np.random.default_rng(seed)
    return by_score(practice, examples, lambda walk: draw.random(walk.mastery.shape))


def greedy(practice: Practice, examples: PathExamples) -> Places:
    """The skill that gains most right now, (N, L)."""
    return by_score(practice, examples, lambda walk: walk.gains)


def by_score(practice: Practice, examples: PathExamples, score: Callable[[Walk], Array]) -> Places:
    """Always the skill with the highest score of those that may come next, (N, L).

    score: gives (N, S) numbers of 0 or more.
    """
    walk = Walk(practice, examples)
    steps = [np.zeros((len(examples), 0), np.int64)]
    for _ in range(examples.length):
        allowed = walk.allowed
        step = np.where(allowed.any(axis=1), np.where(allowed, score(walk), -1).argmax(axis=1), -1)
        walk.take(step)
        steps.append(step[:, None])
    return np.concatenate(steps, axis=1)


def ahead(practice: Practice, examples: PathExamples, *, width: int = 8) -> Places:
    """The path with the largest gain among the `width` most promising ones, (N, L).

    A path promises what it has gained so far and what the best single steps would still gain.
    """
    parts = range(0, len(examples), CHUNK)
    rows = [np.arange(at, min(at + CHUNK, len(examples))) for at in parts]
    found = [_ahead(practice, examples.of(part), width) for part in rows]
    return np.concatenate([np.zeros((0, examples.length), np.int64), *found])


def _ahead(practice: Practice, examples: PathExamples, width: int) -> Places:
    n, length = len(examples), examples.length
    walk = Walk(practice, examples)
    paths = np.full((n, 1, length), -1)
    total = np.zeros((n, 1))
    for at in range(length):
        beams = paths.shape[1]
        score = np.where(walk.allowed, walk.gains, -1.0)
        tried = min(TRIED, score.shape[1])
        steps = np.argpartition(-score, tried - 1, axis=1)[:, :tried]  # (n * beams, tried)
        fits = np.take_along_axis(score, steps, axis=1) >= 0
        steps = np.where(fits, steps, -1)
        steps[~fits.any(axis=1), 0] = -2  # the path ends here, and stays in the running
        rows = np.repeat(np.arange(n * beams), tried)
        following = walk.of(rows)
        step = np.where(steps.ravel() < 0, -1, steps.ravel())
        sums = np.repeat(total.ravel(), tried) + following.take(step)
        promised = sums + _still(following, length - at - 1)
        promised[steps.ravel() == -1] = -np.inf
        best = np.argsort(-promised.reshape(n, beams * tried), axis=1, kind="stable")[:, :width]
        chosen = (np.arange(n)[:, None] * beams * tried + best).ravel()
        walk = following.of(chosen)
        paths = paths.reshape(n * beams, length)[rows[chosen]]
        paths[:, at] = step[chosen]
        total = np.where(np.isinf(promised[chosen]), -np.inf, sums[chosen])
        paths, total = paths.reshape(n, -1, length), total.reshape(n, -1)
    found: Places = paths[np.arange(n), total.argmax(axis=1)]
    return found


def _still(walk: Walk, steps: int) -> Array:
    """What the best single steps of a walk would gain, each taken by itself, (N,)."""
    if not steps:
        return np.zeros(len(walk.mastery))
    open_to = np.where(walk.taken, 0.0, walk.gains)
    open_to = np.where(walk.in_scope, open_to, 0.0)
    steps = min(steps, open_to.shape[1])
    found: Array = np.partition(open_to, -steps, axis=1)[:, -steps:].sum(axis=1)
    return found
