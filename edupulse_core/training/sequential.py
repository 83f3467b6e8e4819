"""A mean that may be looked at after every new value: intervals that hold at all times at once.

An ordinary 95% interval that is looked at every week leaves out the truth sooner or later, and
whoever stops at that moment promotes a model that is no better. These intervals, the empirical
Bernstein confidence sequence of Waudby-Smith and Ramdas ("Estimating means of bounded random
variables by betting", Journal of the Royal Statistical Society B 86(1), 2024, Theorem 2), hold the
mean at every moment together with the promised probability, whatever the values are.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST = 0.75  # of a bet; the authors' choice


def confidence_sequence(values: Array, *, alpha: float = 0.05) -> tuple[Array, Array, Array]:
    """The mean after each value, and the low and high end of its interval, (N,) each.

    values: (N,) in -1..1, in the order in which they came. Each may depend on those before. Before
    there is much to say, an end is -1 or 1.
    """
    if not len(values):
        return np.empty(0), np.empty(0), np.empty(0)
    x = (np.asarray(values, dtype=np.float64) + 1) / 2
    n = np.arange(1, len(x) + 1)
    mean = (0.5 + np.cumsum(x)) / (n + 1)
    mean_before = np.concatenate([[0.5], mean[:-1]])
    spread = (0.25 + np.cumsum((x - mean) ** 2)) / (n + 1)
    spread_before = np.concatenate([[0.25], spread[:-1]])
    bets = np.minimum(np.sqrt(2 * np.log(2 / alpha) / (spread_before * n * np.log1p(n))), MOST)
    cost = (x - mean_before) ** 2 * (-np.log1p(-bets) - bets)
    staked = np.cumsum(bets)
    middle = np.cumsum(bets * x) / staked
    width = (np.log(2 / alpha) + np.cumsum(cost)) / staked
    low, high = (np.clip(end, 0.0, 1.0) for end in (middle - width, middle + width))
    return 2 * middle - 1, 2 * low - 1, 2 * high - 1
