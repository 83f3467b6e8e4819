"""What the losses of a training say: whether it learned too much, too little, or not yet enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

WORSE = 0.05  # share by which the validation loss must rise above its best
LEARNED = 0.02  # share by which a loss must fall for anything to have been learned
UNEVEN = 0.05  # mean change of the validation loss between epochs, as a share of its best
FEWEST = 3  # epochs; with fewer there is no curve


@dataclass(frozen=True)
class Sign:
    """One thing that the curves show."""

    kind: Literal["overfitting", "underfitting", "unfinished", "unsteady"]
    value: float  # the share, or for "unfinished" the best epoch
    limit: float


def read(history: Sequence[Mapping[str, Any]], epochs: int | None = None) -> list[Sign]:
    """What the curves show; empty where they look well, or where there are none.

    epochs: how many the plan allows.
    """
    losses = [(each.get("train_loss"), each.get("validation_loss")) for each in history]
    known = [(float(a), float(b)) for a, b in losses if a is not None and b is not None]
    if len(known) < FEWEST or not all(isfinite(a) and isfinite(b) for a, b in known):
        return []
    train, validation = zip(*known, strict=True)
    best = min(range(len(known)), key=validation.__getitem__)
    found = []
    rise = validation[-1] / validation[best] - 1
    if rise >= WORSE and train[-1] < train[best]:
        found.append(Sign("overfitting", rise, WORSE))
    fall = max(1 - min(train) / train[0], 1 - validation[best] / validation[0])
    if fall < LEARNED:
        found.append(Sign("underfitting", fall, LEARNED))
    elif epochs is not None and len(known) >= epochs and best == len(known) - 1:
        last = 1 - validation[-1] / validation[-2]
        if last > LEARNED / 4:
            found.append(Sign("unfinished", float(best + 1), float(epochs)))
    steps = [abs(b - a) for a, b in zip(validation, validation[1:], strict=False)]
    uneven = sum(steps[1:]) / max(len(steps) - 1, 1) / validation[best]
    if uneven >= UNEVEN and rise < WORSE:
        found.append(Sign("unsteady", uneven, UNEVEN))
    return found
