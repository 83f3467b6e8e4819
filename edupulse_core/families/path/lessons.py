"""The paths that the network is taught: those that students took, and searched ones."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from edupulse_core.families.path import search, writing
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.network import MODES, PathConfig, PathNetwork
from edupulse_core.families.path.practice import Practice
from edupulse_core.families.path.writing import Steps, Writer

WIDE = 0.15  # spread of what is added to mastery, so that searched paths begin in many states


def seeded(sizes: PathConfig, seed: int) -> PathNetwork:
    """A new network; the same for the same seed, whatever was drawn before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return PathNetwork(sizes)


def of(
    writer: Writer,
    examples: PathExamples,
    practice: Practice,
    *,
    most: int,
    width: int,
    seed: int = 0,
) -> Steps:
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
    return writing.along(writer, practice, both, np.concatenate([mine.ahead, searched]), mode)


def loss(network: PathNetwork, steps: Steps, rows: Tensor) -> Tensor:
    """The mean loss of some paths' steps."""
    found, here = writing.losses(network, steps, rows)
    return found.sum() / here.sum().clamp(min=1)


@torch.no_grad()
def mean_loss(network: PathNetwork, steps: Steps, chunk: int = 256) -> float:
    """The mean loss of all paths' steps."""
    total, count = 0.0, 0
    for rows in torch.split(torch.arange(len(steps)), chunk):
        found, here = writing.losses(network, steps, rows)
        total, count = total + float(found.sum()), count + int(here.sum())
    return total / max(count, 1)
