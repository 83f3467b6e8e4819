"""How much of a score each feature of each week explains: the one answer to "why".

Captum's Integrated Gradients on the score's logit, from the school's typical week to the student's
own. Reasons take a few points of it, at night, on the page and on the command line alike; a
heatmap takes as many as completeness needs.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.onnx import cores
from edupulse_core.families.risk.serve import Engine, Mask, Values
from edupulse_core.families.risk.version import Version

POINTS = 5  # of the way, for reasons; more do not change them
STEPS = (16, 50, 200, 800)  # for heatmaps: more where fewer leave too large an error
ENOUGH = 0.01  # completeness error, relative to what sets the student apart
LEAST = 0.1  # of the logit; who is less apart from the typical week counts as this much apart
STUDENTS = 64  # a call: their arrays stay in a core's cache
WINDOWS = 1024  # in memory: students times steps


def path(
    trained: Version, values: Values, observed: Mask, norms: NDArray[np.float64]
) -> tuple[Values, Values]:
    """Where attribution starts, and the way from there: standardised, (N, T, F) each.

    norms: (N, F), the typical week of each student's school, NaN where the school has none (the
    training mean then). An unknown or padded value has no way to go: its attribution is exactly 0.
    """
    own = trained.standardise(values, observed)
    typical = np.broadcast_to(norms[:, None, :], values.shape).astype(np.float32)
    way = own - trained.standardise(typical, observed)
    way[np.isnan(values) | ~observed[..., None]] = 0.0
    return own - way, way


def attribute(
    engine: Engine,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    *,
    points: int = POINTS,
) -> Values:
    """Attributions (N, T, F); a student's sum is about their logit less the typical one."""
    made = np.empty(values.shape, np.float32)

    def some(start: int) -> None:
        part = slice(start, start + STUDENTS)
        base, way = path(engine.trained, values[part], observed[part], norms[part])
        made[part] = _captum(engine, base, way, observed[part], points)

    with _side_by_side(len(values)) as run:
        run(some, range(0, len(values), STUDENTS))
    return made


def integrate(
    engine: Engine, base: Values, way: Values, observed: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Attributions (N, T, F) and each student's completeness error (N,), absolute.

    A score that bends sharply on its way from typical to the student's own gets more steps.
    """
    import torch

    start, end, seen = (torch.from_numpy(each) for each in (base, base + way, observed))
    with torch.inference_mode():
        apart = (engine.network(end, seen)[0] - engine.network(start, seen)[0]).numpy()
    given, errors = np.empty(way.shape), np.empty(len(way))
    rows = np.arange(len(way))
    for steps in STEPS:
        given[rows] = _captum(engine, base[rows], way[rows], observed[rows], steps)
        errors[rows] = np.abs(given[rows].sum(axis=(1, 2)) - apart[rows])
        rows = rows[errors[rows] > ENOUGH * np.maximum(np.abs(apart[rows]), LEAST)]
        if not len(rows):
            break
    return given, errors


def _captum(engine: Engine, base: Values, way: Values, observed: Mask, steps: int) -> Values:
    """Attributions (N, T, F): the way times its mean slope, at so many Gauss-Legendre points."""
    import torch
    from captum.attr import IntegratedGradients

    def logit(x: "torch.Tensor", seen: "torch.Tensor") -> "torch.Tensor":
        found: torch.Tensor = engine.network(x, seen)[0]
        return found

    start, end, seen = (torch.from_numpy(each) for each in (base, base + way, observed))
    given = IntegratedGradients(logit).attribute(
        end,
        start,
        additional_forward_args=(seen,),
        n_steps=steps,
        internal_batch_size=max(WINDOWS, len(base)),
    )
    exact: Values = np.where(way == 0, np.float32(0.0), given.numpy())
    return exact


@contextmanager
def _side_by_side(n: int) -> Iterator[Callable[..., Any]]:
    """A map over parts of n students: one thread a core, each with torch to itself."""
    if n <= STUDENTS:
        yield lambda work, parts: [*map(work, parts)]
        return
    import torch

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(cores(), "attribution", torch.set_num_threads, (1,)) as pool:
            yield lambda work, parts: [*pool.map(work, parts)]
    finally:
        torch.set_num_threads(before)
