"""How sure a chance is: how far it could be off, given how many cases like it were learned from.

Two regressions say so, whatever the algorithm: one on the inputs, for what few applications like
this one leave open; one on the log odds of the validation cases, for what few of these leave open
(Laplace's approximation). Trees and the process leave more open than a regression does: how far
their log odds move when a part of the students is left out says how much (Efron's jackknife). All
variances add up. On made-up applicants whose odds are known, the ranges hold about nine in ten of
them; a test says so.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.admission.scale import Scale
from edupulse_core.training.calibration import sigmoid

Array = NDArray[np.float64]

WIDE = 2.0  # standard deviations to either side
PRIOR = 2.0  # variance of a weight before any case


@dataclass(frozen=True)
class Doubt:
    """The variance of the log odds of any application."""

    scale: Scale
    inputs: Array  # (1 + F, 1 + F) covariance of the weights
    calibration: Array  # (2, 2) the same of shift and slope
    own: float = 0.0  # variance that the algorithm leaves open beyond them

    @classmethod
    def fit(
        cls, train: tuple[Array, Array], validation: Array, without: Array | None = None
    ) -> "Doubt":
        """Of what was learned from.

        train: numbers (N, F) and calibrated log odds (N,).  validation: log odds (V,).  without:
        (K, V) the same where each of K parts of the students was left out; None: nothing is added.
        """
        scale = Scale.fit(train[0])
        return cls(
            scale,
            _covariance(_with_one(scale(train[0])), train[1]),
            _covariance(_with_one(validation[:, None]), validation),
            0.0 if without is None else _jackknife(without),
        )

    def around(self, x: Array, logits: Array) -> tuple[Array, Array]:
        """The lower and upper end of the range of each chance, (N,) each."""
        variance = _spread(_with_one(self.scale(x)), self.inputs)
        variance += _spread(_with_one(logits[:, None]), self.calibration) + self.own
        reach = WIDE * np.sqrt(variance)
        return sigmoid(logits - reach), sigmoid(logits + reach)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "scale": self.scale.as_json(),
            "inputs": self.inputs.tolist(),
            "calibration": self.calibration.tolist(),
            "own": self.own,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Doubt":
        """Read what was saved."""
        inputs, calibration = (np.array(value[n], np.float64) for n in ("inputs", "calibration"))
        own = float(value.get("own", 0.0))  # which versions of before do not have
        return cls(Scale.from_json(value["scale"]), inputs, calibration, own)


def _with_one(x: Array) -> Array:
    return np.concatenate([np.ones((len(x), 1)), x], axis=1)


def _covariance(x: Array, logits: Array) -> Array:
    chance = sigmoid(logits)
    weighed = (x * (chance * (1 - chance))[:, None]).T @ x
    return np.asarray(np.linalg.inv(weighed + np.eye(x.shape[1]) / PRIOR), np.float64)


def _jackknife(without: Array) -> float:
    """The variance of log odds that were learned without one part each, (K, V): its median."""
    variance = (len(without) - 1) * without.var(axis=0)
    return float(np.median(variance))


def _spread(x: Array, covariance: Array) -> Array:
    found: Array = ((x @ covariance) * x).sum(axis=1)
    return found
