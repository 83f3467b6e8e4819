"""How good paths are: what they gain in two classrooms, and how like real ones they are."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.path import practice, search, simulators, writing
from edupulse_core.families.path.algorithms import PathModel
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.practice import Practice, Walk
from edupulse_core.families.path.simulators import SLOPE

Array = NDArray[np.float64]
Places = NDArray[np.int64]
WORDS = 4  # longest run of skills that BLEU counts
LIMITS = (0.02, 0.98)  # of mastery, before it is turned into ability


def gain(examples: PathExamples, paths: Places, known: Practice | None = None) -> Array:
    """The share of what is missing to mastery that each path is expected to gain, (N,)."""
    known = known or practice.fit(examples)
    missing = (1 - known.mastery(examples)).sum(axis=1)
    found: Array = practice.gained(known, examples, paths).sum(axis=1) / missing
    return found


def gain_later(examples: PathExamples, paths: Places, known: Practice | None = None) -> Array:
    """The same where ability grows and is forgotten, a while after each path, (N,)."""
    known = known or practice.fit(examples)
    state = np.clip(known.mastery(examples), *LIMITS)
    hardness, rise = np.zeros(examples.course.size), known.on(examples.course)[1]
    ability = np.log(state / (1 - state)) / SLOPE
    last = simulators.growing(examples.course, rise, hardness, ability, paths)
    return simulators.share_gained(state, simulators.right(last, hardness))


def followed(examples: PathExamples, paths: Places) -> Array:
    """The share of each path's skills that the student took up by themselves, NaN without, (N,)."""
    same = (paths[:, :, None] == examples.ahead[:, None, :]) & (paths[:, :, None] >= 0)
    steps = (paths >= 0).sum(axis=1)
    return np.where(steps > 0, same.any(axis=2).sum(axis=1) / np.maximum(steps, 1), np.nan)


def next_hit(examples: PathExamples, paths: Places) -> Array:
    """Whether the skill that each student took up next is on their path (N, L): (N,), or NaN."""
    taken = examples.ahead[:, 0]
    return np.where(taken < 0, np.nan, (paths == taken[:, None]).any(axis=1))


def violations(examples: PathExamples, paths: Places, known: Practice) -> tuple[int, int]:
    """How many paths take a skill before its prerequisites, and how many take one twice."""
    walk = Walk(known, examples)
    early = np.zeros(len(paths), bool)
    twice = np.zeros(len(paths), bool)
    rows = np.arange(len(paths))
    taken = np.zeros_like(walk.met)
    for step in paths.T:
        here = step >= 0
        missing = (examples.course.before[step] & ~(walk.met | taken)).any(axis=1)
        early |= here & missing
        twice |= here & taken[rows, step]
        taken[rows[here], step[here]] = True
    return int(early.sum()), int(twice.sum())


def bleu(paths: Places, taken: Places) -> float:
    """BLEU of paths (N, L) against those that students took, up to runs of WORDS skills.

    Runs of two or more count one more match and one more run, so that a short path can have some
    (Lin and Och 2004).
    """
    matches, runs = np.zeros(WORDS), np.zeros(WORDS)
    mine, theirs = (paths >= 0).sum(), (taken >= 0).sum()
    for path, other in zip(paths.tolist(), taken.tolist(), strict=True):
        for n in range(1, WORDS + 1):
            found, wanted = _runs(path, n), _runs(other, n)
            matches[n - 1] += sum((found & wanted).values())
            runs[n - 1] += found.total()
    matches[1:] += 1
    runs[1:] += 1
    if not mine or not matches.all():
        return 0.0
    short = min(1.0, float(np.exp(1 - theirs / mine)))
    return short * float(np.exp(np.log(matches / np.maximum(runs, 1)).mean()))


def _runs(path: list[int], n: int) -> Counter[tuple[int, ...]]:
    steps = [step for step in path if step >= 0]
    return Counter(zip(*(steps[at:] for at in range(n)), strict=False))


def perplexity(model: PathModel, examples: PathExamples) -> float | None:
    """Of the paths that students took, for a network; None for what gives no chances."""
    from edupulse_core.families.path.lessons import mean_loss

    if model.writer is None:
        return None
    mode = np.zeros(len(examples), np.int64)
    told = writing.along(model.writer, model.practice, examples, examples.ahead, mode)
    return float(np.exp(mean_loss(model.writer.network, told)))


def beside(model: PathModel, examples: PathExamples) -> list[dict[str, Any]]:
    """The model's paths beside the simpler ways, each with its figures."""
    known = model.practice
    ways = {
        "model": model.paths(examples),
        "greedy": search.greedy(known, examples),
        "random": search.at_random(known, examples),
    }
    return [
        {
            "way": name,
            "gain": float(gain(examples, paths).mean()),
            "gain_later": float(gain_later(examples, paths).mean()),
            "followed": _mean(followed(examples, paths)),
            "next_hit": _mean(next_hit(examples, paths)),
            "bleu": bleu(paths, examples.ahead),
        }
        for name, paths in ways.items()
    ]


def _mean(values: Array) -> float:
    """Of the known ones; 0 without any."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def imitation(model: PathModel, examples: PathExamples) -> dict[str, float]:
    """How well a network foretells what students did; empty without one."""
    found = perplexity(model, examples)
    if found is None or model.writer is None:
        return {}
    said = writing.write(model.writer, model.practice, examples, mode="recorded", width=model.width)
    return {"perplexity": found, "bleu_recorded": bleu(said, examples.ahead)}
