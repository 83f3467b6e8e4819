"""Ways to share a score out among the parts of a student's record, side by side.

All explain the score's logit against the school's typical week, for any cut into parts, by Captum
where it has the method. A part's share runs from 0, typical, to 1, the student's own, so that noise
or steps move along the student's way alone and never touch padding or what is unknown.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk import parts as cutting
from edupulse_core.families.risk.agreement import rollout
from edupulse_core.families.risk.parts import Parts, Shares

if TYPE_CHECKING:
    from torch import Tensor

Method = Callable[[Parts, Shares, NDArray[np.int64]], Shares]
STEPS = 50
DRAWS = 50
NOISE = 0.1  # spread of a share around its point of the way, in GradientShap


def forward(parts: Parts) -> Callable[["Tensor", "Tensor"], "Tensor"]:
    """The logit (M,) as torch and Captum see it, by shares (M, P) and whose they are (M,)."""
    import torch

    class Logit(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, shares: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
            given, whose = shares.detach().numpy().astype(np.float64), rows.numpy()
            if not shares.requires_grad:
                return torch.from_numpy(parts.logits(given, whose))
            logits, slopes = parts.gradients(given, whose)
            ctx.save_for_backward(torch.from_numpy(slopes))
            return torch.from_numpy(logits)

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
            (slopes,) = ctx.saved_tensors
            return grads[0][:, None] * slopes, None

    def logit(shares: "Tensor", rows: "Tensor") -> "Tensor":
        apply: Callable[..., Tensor] = Logit.apply  # torch does not say its type
        return apply(shares, rows)

    return logit


def integrated_gradients(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """The slope along the straight way from typical to the student's own."""
    from captum.attr import IntegratedGradients

    return _captum(IntegratedGradients, parts, shares, rows, n_steps=STEPS)


def gradient_shap(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Expected slopes at random points around that way; the same draws at every call."""
    import torch
    from captum.attr import GradientShap

    baseline = torch.zeros((1, parts.n), dtype=torch.float64)
    given = {"n_samples": DRAWS, "stdevs": NOISE, "baselines": baseline}
    before = np.random.get_state()  # Captum draws from torch's and NumPy's own streams
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        np.random.seed(0)
        try:
            return _captum(GradientShap, parts, shares, rows, **given)
        finally:
            np.random.set_state(before)


def occlusion(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """What the score loses when a part alone reads as typical."""
    from captum.attr import FeatureAblation

    return _captum(FeatureAblation, parts, shares, rows, perturbations_per_eval=parts.n)


def shapley(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """The exact Shapley value, from all combinations of parts; for groups only."""
    return cutting.shapley(parts.of_students(rows), shares)


def attention(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Where the scored week looks, mean over the heads; for weeks only, and without direction."""
    looked = parts.engine.attention(parts.windows(shares, rows), parts.observed[rows])
    mean: Shares = looked.mean(axis=1, dtype=np.float64)
    return mean


def attention_rollout(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Attention rollout, after Abnar and Zuidema (2020); for weeks only, and without direction."""
    return rollout(parts.engine.attention(parts.windows(shares, rows), parts.observed[rows]))


def random(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Nothing but chance, to be compared with; another one for a network of another name."""
    seed = crc32(parts.engine.folder.name.encode())
    return np.random.default_rng(seed).normal(size=shares.shape)


EVERYWHERE: dict[str, Method] = {
    "Integrated Gradients": integrated_gradients,
    "GradientShap": gradient_shap,
    "occlusion": occlusion,
    "random": random,
}
METHODS: dict[str, dict[str, Method]] = {
    "group": {"Shapley": shapley, **EVERYWHERE},
    "feature": EVERYWHERE,
    "week": {"attention": attention, "attention rollout": attention_rollout, **EVERYWHERE},
}
COMPLETE = ("Integrated Gradients", "GradientShap", "occlusion", "Shapley")


def _captum(
    kind: Any, parts: Parts, shares: Shares, rows: NDArray[np.int64], **given: Any
) -> Shares:
    import torch

    given.setdefault("baselines", 0.0)
    tensors = torch.from_numpy(shares.astype(np.float64)), torch.from_numpy(rows)
    made = kind(forward(parts)).attribute(tensors[0], additional_forward_args=tensors[1], **given)
    found: Shares = made.detach().numpy()
    return found
