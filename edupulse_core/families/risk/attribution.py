"""How much of a score each feature of each week explains, for many students at once.

Integrated Gradients on the score's logit, from the school's typical week to the student's own. A
few Gauss-Legendre points rank features as the 50 even steps of the student page do (README).
"""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.engine import Engine
from edupulse_core.families.risk.forms import Mask, Values
from edupulse_core.families.risk.version import Version

POINTS = 5  # gradients a student
CHUNK = 512  # students held at once


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
    nodes, weights = np.polynomial.legendre.leggauss(points)
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        base, way = path(engine.trained, values[part], observed[part], norms[part])
        mean = np.zeros_like(way)
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            step = (base + np.float32(node) * way).astype(np.float32)
            mean += np.float32(weight) * engine.logit_and_gradient(step, observed[part])[1]
        made[part] = way * mean
    return made
