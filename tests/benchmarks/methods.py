"""Ways to share a score out among the parts of a student's record, side by side.

All explain the score's logit against the school's typical week, for any cut into parts, by Captum
where it has the method. A part's share runs from 0, typical, to 1, the student's own, so that noise
or steps move along the student's way alone and never touch padding or what is unknown.
"""

from collections.abc import Callable
from math import comb
from typing import Any
from zlib import crc32

import numpy as np
import torch
from captum.attr import FeatureAblation, GradientShap, IntegratedGradients
from numpy.typing import NDArray
from torch import Tensor

from edupulse_core.families.risk.agreement import rollout
from edupulse_core.families.risk.parts import Parts, Shares

Method = Callable[[Parts, Shares, NDArray[np.int64]], Shares]
STEPS = 50
DRAWS = 50
NOISE = 0.1  # spread of a share around its point of the way, in GradientShap


def apart(parts: Parts) -> NDArray[np.float64]:
    """What sets each student apart from the typical week: logit less the typical one, (N,)."""
    n = len(parts.base)
    ends = np.repeat([[1.0], [0.0]], n, axis=0) * np.ones(parts.n)
    own, typical = parts.logits(ends, np.tile(np.arange(n), 2)).reshape(2, n)
    difference: NDArray[np.float64] = own - typical
    return difference


def forward(parts: Parts) -> Callable[[Tensor, Tensor], Tensor]:
    """The logit (M,) as Captum asks for it, by shares (M, P) and whose they are (M,)."""
    base, way = torch.from_numpy(parts.base), torch.from_numpy(parts.way)
    observed, of = torch.from_numpy(parts.observed), torch.from_numpy(np.array(parts.of))

    def logit(shares: Tensor, rows: Tensor) -> Tensor:
        windows = base[rows] + way[rows] * shares.float()[:, of]
        found: Tensor = parts.engine.network(windows, observed[rows])[0].double()
        return found

    return logit


def integrated_gradients(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """The slope along the straight way from typical to the student's own."""
    return _captum(IntegratedGradients, parts, shares, rows, n_steps=STEPS)


def gradient_shap(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Expected slopes at random points around that way; the same draws at every call."""
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
    return _captum(FeatureAblation, parts, shares, rows, perturbations_per_eval=parts.n)


def shapley(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """The exact Shapley value, from all combinations of parts; for groups only."""
    n, p = len(rows), parts.n
    chosen = (np.arange(2**p)[:, None] >> np.arange(p)) & 1  # (2^P, P)
    found = np.empty((n, 2**p))
    for at, row in enumerate(rows):
        found[at] = parts.logits(chosen * shares[at], np.full(2**p, row))
    value = np.empty((n, p))
    for part in range(p):
        without = np.flatnonzero(chosen[:, part] == 0)
        others = chosen[without].sum(axis=1)
        weight = 1 / (p * np.array([comb(p - 1, k) for k in range(p)])[others])
        value[:, part] = (found[:, without + (1 << part)] - found[:, without]) @ weight
    return value


def attention(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Where the scored week looks, mean over the heads; for weeks only, and without direction."""
    mean: Shares = _looked(parts, shares, rows).mean(axis=1, dtype=np.float64)
    return mean


def attention_rollout(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> Shares:
    """Attention rollout, after Abnar and Zuidema (2020); for weeks only, and without direction."""
    return rollout(_looked(parts, shares, rows))


def _looked(parts: Parts, shares: Shares, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Attention of the scored week: (N, heads, T)."""
    windows, seen = parts.windows(shares, rows), parts.observed[rows]
    with torch.inference_mode():
        given = torch.from_numpy(windows), torch.from_numpy(seen)
        looked: Tensor = parts.engine.network(*given, return_attention=True)[2]
    return looked[:, :, -1].numpy()


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
    given.setdefault("baselines", 0.0)
    tensors = torch.from_numpy(shares.astype(np.float64)), torch.from_numpy(rows)
    made = kind(forward(parts)).attribute(tensors[0], additional_forward_args=tensors[1], **given)
    found: Shares = made.detach().numpy()
    return found
