"""How much each feature of each week adds to a score: the one answer to "why".

It uses Captum's Integrated Gradients on the score's logit, from the school's typical week to the
student's own. Reasons use a few integration points, the same at night, on the page and on the
command line. A heatmap uses as many as completeness needs.
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
STEPS = (16, 32, 64, 200, 800)  # for heatmaps: more where fewer leave too large an error
ENOUGH = 0.01  # completeness error, relative to what sets the student apart
LEAST = 0.1  # of the logit; who is less apart from the typical week counts as this much apart
STUDENTS = 64  # a call: their arrays stay in a core's cache
WINDOWS = 1024  # in memory: students times steps


def path(
    trained: Version, values: Values, observed: Mask, norms: NDArray[np.float64]
) -> tuple[Values, Values]:
    """Where attribution starts and the difference to the student: standardized, (N, T, F) each.

    norms: (N, F), the typical week of each student's school. Where it is NaN, the training mean is
    used. The difference of an unknown or padded value is 0, so its attribution is exactly 0.
    """
    own = trained.standardize(values, observed)
    typical = np.broadcast_to(norms[:, None, :], values.shape).astype(np.float32)
    way = own - trained.standardize(typical, observed)
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
    """Attributions (N, T, F). A student's sum is close to their logit minus the typical one."""
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

    A score that bends sharply between the typical week and the student's own gets more steps.
    """
    given, errors = np.empty(way.shape), np.empty(len(way))

    def some(start: int) -> None:
        part = slice(start, start + STUDENTS)
        given[part], errors[part] = _integrate(engine, base[part], way[part], observed[part])

    with _side_by_side(len(way)) as run:
        run(some, range(0, len(way), STUDENTS))
    return given, errors


def _integrate(
    engine: Engine, base: Values, way: Values, observed: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import torch

    ends = torch.from_numpy(np.concatenate([base + way, base]))
    with torch.inference_mode():
        logits = engine.network(ends, torch.from_numpy(np.tile(observed, (2, 1))))[0].numpy()
    apart = logits[: len(way)] - logits[len(way) :]
    given, errors = np.empty(way.shape), np.empty(len(way))
    rows = np.arange(len(way))
    for steps in STEPS:
        given[rows] = _captum(engine, base[rows], way[rows], observed[rows], steps)
        errors[rows] = np.abs(given[rows].sum(axis=(1, 2)) - apart[rows])
        rows = rows[~is_complete(errors[rows], apart[rows])]
        if not len(rows):
            break
    return given, errors


def is_complete(
    errors: NDArray[np.floating[Any]], apart: NDArray[np.floating[Any]]
) -> NDArray[np.bool_]:
    """Whether attributions are exact enough for a heatmap.  apart: logit less typical logit."""
    enough: NDArray[np.bool_] = errors <= ENOUGH * np.maximum(np.abs(apart), LEAST)
    return enough


def _captum(engine: Engine, base: Values, way: Values, observed: Mask, steps: int) -> Values:
    """Attributions (N, T, F): the difference times the mean slope, by Gauss-Legendre points."""
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
    """Map over parts of n students, in one thread for each core, with torch single-threaded."""
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
