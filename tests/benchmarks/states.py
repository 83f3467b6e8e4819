"""What a frozen version holds of a student-week before its heads."""

import torch
from torch import Tensor

from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples


def after_attention(model: RiskModel, examples: Examples) -> Tensor:
    """What goes into the fusion, (N, D)."""
    kept: list[Tensor] = []
    hook = model.network.fusion.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    risk_fit.logits(model, examples)
    hook.remove()
    return torch.cat(kept).clone()  # of inference; what learns from it wants its own
