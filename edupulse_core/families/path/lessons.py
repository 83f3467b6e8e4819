"""The paths that the network is taught: those that students took, and searched ones."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edupulse_core.families.path import search, writing
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.network import MODES, PathConfig, PathNetwork
from edupulse_core.families.path.practice import Practice
from edupulse_core.families.path.writing import Writer

Places = NDArray[np.int64]
WIDE = 0.15  # spread of what is added to mastery, so that searched paths begin in many states


@dataclass(frozen=True)
class Lessons:
    """Paths to learn from, (M, L), each from the state of one of the examples."""

    examples: PathExamples  # M of them
    paths: Places
    mode: Places  # (M,) place in MODES


def seeded(sizes: PathConfig, seed: int) -> PathNetwork:
    """A new network; the same for the same seed, whatever was drawn before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return PathNetwork(sizes)


def of(
    examples: PathExamples, practice: Practice, *, most: int, width: int, seed: int = 0
) -> Lessons:
    """At most `most` recorded paths, and as many that a search finds from about these states."""
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.permutation(len(examples))[:most])
    mine = examples.of(rows)
    state = practice.mastery(mine)
    moved = np.clip(state + WIDE * draw.standard_normal(state.shape), 0.02, 0.98)
    half = draw.random(len(rows)) < 0.5  # the others begin where a student was
    given = np.where(half[:, None], moved, state).astype(np.float32)
    searched = search.ahead(practice, replace(mine, given=given), width=width)
    both = mine.of(np.tile(np.arange(len(rows)), 2))
    both = replace(both, given=np.concatenate([mine.given, given]))
    mode = np.repeat([MODES.index("recorded"), MODES.index("best")], len(rows))
    return Lessons(both, np.concatenate([mine.ahead, searched]), mode)


def loss(writer: Writer, practice: Practice, lessons: Lessons, rows: Places) -> Tensor:
    """The mean loss of some lessons' steps."""
    found, here = writing.losses(
        writer, practice, lessons.examples.of(rows), lessons.paths[rows], lessons.mode[rows]
    )
    return found.sum() / here.sum().clamp(min=1)


@torch.no_grad()
def mean_loss(writer: Writer, practice: Practice, lessons: Lessons, chunk: int = 256) -> float:
    """The mean loss of all lessons' steps."""
    total, count = 0.0, 0
    for at in range(0, len(lessons.mode), chunk):
        rows = np.arange(at, min(at + chunk, len(lessons.mode)))
        found, here = writing.losses(
            writer, practice, lessons.examples.of(rows), lessons.paths[rows], lessons.mode[rows]
        )
        total, count = total + float(found.sum()), count + int(here.sum())
    return total / max(count, 1)
