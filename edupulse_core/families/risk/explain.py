"""Why one student has the score that they have: what the model weighed, week by week."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.families.risk import parts
from edupulse_core.families.risk.agreement import Agreement, agreement, rollout
from edupulse_core.families.risk.engine import Engine, load, softmax
from edupulse_core.families.risk.factors import Factor, strongest
from edupulse_core.families.risk.forms import Mask, Values
from edupulse_core.families.risk.tiers import tier_of
from edupulse_core.families.risk.version import fingerprint

STEPS = (50, 200, 800)  # of Integrated Gradients: more where fewer leave too large an error
ENOUGH = 0.01  # completeness error, relative to what sets the student apart
LEAST = 0.1  # of the logit; who is less apart from the typical week counts as this much apart
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
    agreement: Agreement  # of the ways to take the score apart: the badge

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
            "agreement": self.agreement.as_json(),
        }


def explain(
    settings: Settings,
    folder: Path,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    handed_in: int | None = None,
    mark_age: float = 0,
) -> Explanation:
    """Explain one student. values: (T, F), NaN unknown.  observed: (T,).  norms: (F,)."""
    pieces = None if handed_in is None else np.array([handed_in])
    given = values[None], observed[None], norms[None], pieces, np.array([mark_age])
    return explain_all(settings, folder, *given)[0]


def explain_all(
    settings: Settings,
    folder: Path,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    handed_in: NDArray[np.int64] | None = None,
    mark_age: NDArray[np.float64] | None = None,
) -> list[Explanation]:
    """Explain N students, exactly: at least 50 steps of Captum's Integrated Gradients.

    values: (N, T, F) as built.  observed: (N, T).  norms: (N, F), each school's typical week, NaN
    where it knows none.  handed_in, mark_age: (N,), as for `factors.strongest`. Raises ModelError
    when the version is not whole.
    """
    engine, network = load(folder, form="onnx"), _network(folder, fingerprint(folder))
    groups = parts.cut(engine, values, observed, norms, "group")
    logits, category, attention = _look(network, groups.base + groups.way, observed)
    given, errors = integrate(engine, groups.base, groups.way, observed)
    scores = engine.trained.calibration.apply(logits.astype(np.float64))
    chances = softmax(category)
    lost = parts.deletion(groups)
    margins = parts.margins(groups, lost)
    reasons = strongest(given, margins, values, norms, engine.trained.std, handed_in, mark_age)
    badges = _agreement(groups, given, lost, attention)
    return [
        Explanation(
            float(scores[i]),
            tier_of(settings, float(scores[i])),
            chances[i],
            attention[i],
            given[i],
            float(errors[i]),
            reasons[i],
            badges[i],
        )
        for i in range(len(values))
    ]


def warm(folder: Path) -> None:
    """Load what the first explanation of a process waits for: torch, Captum and the network."""
    import captum.attr  # noqa: F401

    _network(folder, fingerprint(folder))
    load(folder, form="onnx")


def _agreement(
    groups: parts.Parts,
    given: NDArray[np.float64],
    lost: NDArray[np.float64],
    attention: NDArray[np.float32],
) -> list[Agreement]:
    weeks = groups.by("week")
    return agreement(
        (groups.summed(given), lost),
        (weeks.summed(given), parts.deletion(weeks)),
        rollout(attention[:, :, -1]),
        groups.observed,
    )


@lru_cache(maxsize=2)
def _network(folder: Path, fingerprint: str) -> Any:
    """The torch network of a version, loaded once while its manifest stays the same."""
    from edupulse_core.families.risk import checkpoint

    return checkpoint.load(folder).network.eval()


def _look(network: Any, x: Values, observed: Mask) -> tuple[NDArray[Any], ...]:
    """Score logits (N,), category logits (N, 4) and attention (N, heads, T, T)."""
    import torch

    with torch.inference_mode():
        outputs = network(torch.from_numpy(x), torch.from_numpy(observed), return_attention=True)
    return tuple(output.numpy() for output in outputs)


def integrate(
    engine: Engine, base: Values, way: Values, observed: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Attributions (N, T, F) and each student's completeness error (N,), absolute.

    A score that bends sharply on its way from typical to the student's own gets more steps.
    """
    given, errors = np.empty(way.shape), np.empty(len(way))
    rows = np.arange(len(way))
    for steps in STEPS:
        given[rows], error, distance = _integrate(
            engine, base[rows], way[rows], observed[rows], steps
        )
        errors[rows] = error
        rows = rows[error > ENOUGH * np.maximum(distance, LEAST)]
        if not len(rows):
            break
    return given, errors


def _integrate(
    engine: Engine, base: Values, way: Values, observed: Mask, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Attributions (N, T, F), completeness error (N,) and distance of the two logits (N,).

    Captum walks the path; value and gradient on it come from the engine, five times as fast as
    from torch's own, to which the tests hold them.
    """
    import torch
    from captum.attr import IntegratedGradients

    class Logit(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
            logit, gradient = engine.logit_and_gradient(x.detach().numpy(), seen.numpy())
            ctx.save_for_backward(torch.from_numpy(gradient))
            return torch.from_numpy(logit)

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
            (gradient,) = ctx.saved_tensors
            return grads[0][:, None, None] * gradient, None

    start, end, mask = (torch.from_numpy(array) for array in (base, base + way, observed))
    given, error = IntegratedGradients(Logit.apply).attribute(
        end,
        start,
        additional_forward_args=(mask,),
        n_steps=steps,
        internal_batch_size=max(AT_ONCE, len(base)),
        return_convergence_delta=True,
    )
    exact = np.where(way == 0, 0.0, given.numpy().astype(np.float64))
    delta = error.numpy().astype(np.float64)
    return exact, np.abs(delta), np.abs(exact.sum(axis=(1, 2)) - delta)
