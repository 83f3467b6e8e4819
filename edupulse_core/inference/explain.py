"""Why one student has the score that they have: what the model weighed, week by week."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.inference.attribution import path
from edupulse_core.inference.engine import softmax
from edupulse_core.inference.factors import Factor, strongest
from edupulse_core.inference.forms import Mask, Values, has_gpu
from edupulse_core.inference.tiers import tier_of
from edupulse_core.inference.version import fingerprint, verify

STEPS = 50  # of Integrated Gradients
AT_ONCE = 1024  # windows in memory: students times steps


@dataclass(frozen=True)
class Explanation:
    """One student's score, taken apart."""

    score: float  # calibrated, 0..1
    tier: str
    probabilities: NDArray[np.float64]  # (4,) of the tiers, low first
    attention: NDArray[np.float32]  # (heads, T, T): each row, a week, sums to 1 over observed weeks
    attributions: NDArray[np.float64]  # (T, F) on the score's logit; padding and unknown 0
    completeness_error: float  # |sum of attributions - (logit - typical logit)|
    factors: list[Factor]  # at most five, strongest first

    def as_json(self) -> dict[str, Any]:
        """What `edupulse explain --json` prints of it."""
        return {
            "risk_score": self.score,
            "tier": self.tier,
            "probabilities": self.probabilities.tolist(),
            "attention": self.attention.tolist(),
            "attributions": self.attributions.tolist(),
            "completeness_error": self.completeness_error,
            "factors": [factor.as_json() for factor in self.factors],
        }


def explain(
    settings: Settings, folder: Path, values: Values, observed: Mask, norms: NDArray[np.float64]
) -> Explanation:
    """Explain one student. values: (T, F), NaN unknown.  observed: (T,).  norms: (F,)."""
    return explain_all(settings, folder, values[None], observed[None], norms[None])[0]


def explain_all(
    settings: Settings, folder: Path, values: Values, observed: Mask, norms: NDArray[np.float64]
) -> list[Explanation]:
    """Explain N students, exactly: 50 steps of Captum's Integrated Gradients for each.

    values: (N, T, F) as built.  observed: (N, T).  norms: (N, F), each school's typical week, NaN
    where it knows none. Raises ModelError when the version is not whole.
    """
    version, network = verify(folder), _network(folder, fingerprint(folder))
    base, way = path(version, values, observed, norms)
    logits, category, attention = _look(network, base + way, observed)
    given, errors = _integrate(network, base, way, observed)
    scores = version.calibration.apply(logits.astype(np.float64))
    chances, reasons = softmax(category), strongest(given, values, norms)
    return [
        Explanation(
            float(scores[i]),
            tier_of(settings, float(scores[i])),
            chances[i],
            attention[i],
            given[i],
            float(errors[i]),
            reasons[i],
        )
        for i in range(len(values))
    ]


@lru_cache(maxsize=2)
def _network(folder: Path, fingerprint: str) -> Any:
    """The torch network of a version, loaded once while its manifest stays the same."""
    from edupulse_core.models.checkpoint import load

    network = load(folder).network.eval().requires_grad_(False)
    return network.to("cuda" if has_gpu() else "cpu")


def _look(network: Any, x: Values, observed: Mask) -> tuple[NDArray[Any], ...]:
    """Score logits (N,), category logits (N, 4) and attention (N, heads, T, T)."""
    import torch

    device = next(network.parameters()).device
    with torch.inference_mode(), _exact():
        outputs = network(
            torch.from_numpy(x).to(device),
            torch.from_numpy(observed).to(device),
            return_attention=True,
        )
    return tuple(output.cpu().numpy() for output in outputs)


def _integrate(
    network: Any, base: Values, way: Values, observed: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Attributions (N, T, F) and each student's completeness error (N,)."""
    import torch
    from captum.attr import IntegratedGradients

    device = next(network.parameters()).device
    start, end, mask = (
        torch.from_numpy(array).to(device) for array in (base, base + way, observed)
    )
    with _exact():
        given, error = IntegratedGradients(lambda x, seen: network(x, seen)[0]).attribute(
            end,
            start,
            additional_forward_args=(mask,),
            n_steps=STEPS,
            internal_batch_size=AT_ONCE,
            return_convergence_delta=True,
        )
    exact = np.where(way == 0, 0.0, given.cpu().numpy().astype(np.float64))
    return exact, np.abs(error.cpu().numpy().astype(np.float64))


@contextmanager
def _exact() -> Iterator[None]:
    """Full precision; cuDNN has no gradient through a GRU in eval mode."""
    import torch

    with torch.backends.cudnn.flags(enabled=False):
        yield
