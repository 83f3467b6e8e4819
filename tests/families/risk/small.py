"""Training and evaluation at a size that a test can wait for."""

from functools import partial

import pytest

from edupulse_core.families.risk import baselines, evaluation, importance, serve
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.training.loop import LoopOptions

NETWORK = RiskConfig(hidden=4, layers=1, projection=16, heads=2, fusion=(16, 8), head=8)
PLAN = RiskPlan(NETWORK, LoopOptions(epochs=2, batch=64, learning_rate=0.01))


def evaluate_few(patch: pytest.MonkeyPatch) -> None:
    """Let an evaluation resample, boost and permute little: seconds instead of a minute."""
    patch.setattr(evaluation, "RESAMPLES", 20)
    patch.setattr(baselines, "ROUNDS", 5)
    patch.setattr(importance, "importance", partial(importance.importance, repeats=2))
    patch.setattr(importance, "read", partial(importance.read, n=60))


def export_nothing(patch: pytest.MonkeyPatch) -> None:
    """Write no ONNX files beside a version, which takes ten seconds: torch serves without."""
    patch.setattr(serve, "export", lambda folder: {})
