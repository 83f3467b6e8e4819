"""Turn a network's logit into a score that matches how often the outcome comes true."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """A rising, piecewise linear map from logit to logit; the score is its sigmoid.

    With two knots it is Platt scaling. Beyond the first and last knot the line goes straight on.
    It rises everywhere, so students keep their order.
    """

    raw: tuple[float, ...] = (-1.0, 1.0)  # knots, rising
    calibrated: tuple[float, ...] = (-1.0, 1.0)  # their images, rising

    def __post_init__(self) -> None:
        if len(self.raw) != len(self.calibrated) or len(self.raw) < 2:
            raise ModelError("calibration.json: needs two knots or more, each with its image")
        if min(np.diff(self.raw)) <= 0 or min(np.diff(self.calibrated)) <= 0:
            raise ModelError("calibration.json: knots and their images must rise")

    def logit(self, raw: Array) -> Array:
        """The calibrated logit, (N,) float64."""
        x, y = np.asarray(self.raw), np.asarray(self.calibrated)
        slopes = np.diff(y) / np.diff(x)
        piece = np.clip(np.searchsorted(x, raw, side="right") - 1, 0, len(slopes) - 1)
        result: Array = y[piece] + slopes[piece] * (np.asarray(raw, dtype=np.float64) - x[piece])
        return result

    def apply(self, raw: Array) -> Array:
        """The calibrated score in (0, 1), (N,) float64."""
        return sigmoid(self.logit(raw))

    def as_json(self) -> dict[str, Any]:
        """The calibration as `from_json` reads it."""
        return {"raw": list(self.raw), "calibrated": list(self.calibrated)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Calibration":
        """Read a saved calibration. Raises ModelError if it is not one."""
        try:
            return cls(
                tuple(float(x) for x in value["raw"]), tuple(float(y) for y in value["calibrated"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"calibration.json: {error!r}") from None


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return result


def fit(raw: Array, actual: Array, *, knots: int = 6, stiffness: float = 1e-3) -> Calibration:
    """Fit on held-out rows by cross-entropy. Bends are penalized, so few rows give almost a line.

    raw: (N,) logits.  actual: (N,) in 0..1.
    """
    from scipy.optimize import minimize

    at = np.unique(np.quantile(raw, np.linspace(0.02, 0.98, knots)))
    if len(at) < 2:
        at = np.array([raw.min() - 1.0, raw.max() + 1.0])
    widths = np.diff(at)
    piece = np.clip(np.searchsorted(at, raw, side="right") - 1, 0, len(widths) - 1)
    spent = np.clip(raw[:, None] - at[None, :-1], 0.0, widths)  # (N, pieces)
    spent[:, 0] = np.where(piece == 0, raw - at[0], spent[:, 0])  # the ends go on
    last = len(widths) - 1
    spent[:, last] = np.where(piece == last, raw - at[last], spent[:, last])

    def cost(parameters: Array) -> tuple[float, Array]:
        slopes = np.exp(parameters[1:])
        logit = parameters[0] + spent @ slopes
        wrong = sigmoid(logit) - actual
        bends = np.diff(parameters[1:])
        value = np.mean(np.logaddexp(0.0, logit) - actual * logit)
        gradient = np.concatenate([[wrong.mean()], (spent.T @ wrong) / len(raw) * slopes])
        gradient[2:] += 2 * stiffness * bends
        gradient[1:-1] -= 2 * stiffness * bends
        return float(value + stiffness * (bends**2).sum()), gradient

    start = np.concatenate([[at[0]], np.zeros(len(widths))])
    found = minimize(
        cost, start, jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(-4, 4)] * len(widths)
    )
    images = found.x[0] + np.concatenate([[0.0], np.cumsum(np.exp(found.x[1:]) * widths)])
    return Calibration(
        tuple(round(float(x), 9) for x in at), tuple(round(float(y), 9) for y in images)
    )


def fit_categories(logits: Array, tier: NDArray[np.int64]) -> tuple[float, Array]:
    """Fit one scale and a shift for each category by cross-entropy on held-out rows.

    logits: (N, K).  tier: (N,) 0..K-1.  The softmax of scale * logits + shift is calibrated.
    """
    from scipy.optimize import minimize

    right = np.eye(logits.shape[1])[tier]

    def cost(parameters: Array) -> tuple[float, Array]:
        scale, shift = np.exp(parameters[0]), parameters[1:]
        z = scale * logits + shift
        z = z - z.max(axis=1, keepdims=True)
        wrong = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - right
        value = np.mean(np.log(np.exp(z).sum(axis=1)) - (right * z).sum(axis=1))
        gradient = np.concatenate(
            [[np.mean((wrong * logits).sum(axis=1)) * scale], wrong.mean(axis=0)]
        )
        return float(value + 1e-6 * (parameters**2).sum()), gradient + 2e-6 * parameters

    found = minimize(cost, np.zeros(1 + logits.shape[1]), jac=True, method="L-BFGS-B")
    return float(np.exp(found.x[0])), found.x[1:]
