"""How much each feature of each week adds to a score: the one answer to "why".

It goes from the school's typical week to the student's own, and adds up to the score's logit.

* A network: Captum's Integrated Gradients. Reasons use a few integration points, the same at night,
  on the page and on the command line. A heatmap uses as many as completeness needs.
* A logistic regression: exactly what each number adds.
* Boosted trees: what the score loses without a feature's recent weeks, and without its earlier.
* A blend: the mean of its members', each on the scale of its calibrated score.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.onnx import cores
from edupulse_core.families.risk.blend import Blend
from edupulse_core.families.risk.learned import NETWORK, Learned, Mask, Values
from edupulse_core.families.risk.linear import Linear
from edupulse_core.families.risk.serve import Engine
from edupulse_core.families.risk.trees import Trees
from edupulse_core.families.risk.version import Version

POINTS = 5  # of the way, for reasons; more do not change them
STEPS = (POINTS, 16, 32, 64, 200, 800)  # for heatmaps: more where fewer leave too large an error
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
        given = values[part], base, way, observed[part]
        made[part] = _cells(engine, engine.learned, *given, _quick(engine, points))

    with _side_by_side(len(values)) as run:
        run(some, range(0, len(values), STUDENTS))
    return made


def exactly(
    engine: Engine, values: Values, base: Values, way: Values, observed: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For heatmaps: attributions (N, T, F) and each student's completeness error (N,), absolute."""
    if engine.trained.algorithm == NETWORK:
        return integrate(engine, base, way, observed)

    def fully(base: Values, way: Values, observed: Mask) -> Values:
        return integrate(engine, base, way, observed)[0].astype(np.float32)

    given = _cells(engine, engine.learned, values, base, way, observed, fully)
    ends = (
        engine.logits(x, observed)[0] for x in (values, typical(engine, values, base, observed))
    )
    own, start = (end.astype(np.float64) for end in ends)
    total = given.sum(axis=(1, 2), dtype=np.float64)
    return given.astype(np.float64), np.abs(total - (own - start))


def typical(engine: Engine, values: Values, base: Values, observed: Mask) -> Values:
    """Raw windows of the school's typical week; what the student's own does not know stays unknown.

    values, base: (N, T, F), the student's own and the typical, standardized.
    """
    raw = base * engine.trained.std + engine.trained.mean
    return np.where(np.isnan(values) | ~observed[..., None], np.float32(np.nan), raw)


Network = Callable[[Values, Values, Mask], Values]  # base, way, observed to attributions


def _quick(engine: Engine, points: int) -> Network:
    return lambda base, way, observed: _captum(engine, base, way, observed, points)


def _cells(
    engine: Engine,
    learned: Learned,
    values: Values,
    base: Values,
    way: Values,
    observed: Mask,
    network: Network,
) -> Values:
    """Attributions (N, T, F) of whatever was learned.  network: how a network's are found."""
    if isinstance(learned, Linear):
        return learned.contributions(way, values, observed)
    if isinstance(learned, Trees):
        return learned.lost(values, typical(engine, values, base, observed), way, observed)
    if not isinstance(learned, Blend):
        return network(base, way, observed)
    start, total = typical(engine, values, base, observed), np.zeros(way.shape, np.float32)
    for name, member in learned.members.items():
        curve = learned.mix.calibrations[name]
        ends = (member.logits(x, observed, engine.trained)[0] for x in (values, start))
        own, from_ = (end.astype(np.float64) for end in ends)
        apart = own - from_
        far = np.abs(apart) > 1e-6
        slope = np.where(far, curve.logit(own) - curve.logit(from_), 1.0) / np.where(
            far, apart, 1.0
        )
        cells = _cells(engine, member, values, base, way, observed, network)
        total += cells * (slope / len(learned.members))[:, None, None].astype(np.float32)
    return total


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
        rows = rows[~_is_complete(errors[rows], apart[rows])]
        if not len(rows):
            break
    return given, errors


def _is_complete(
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
