"""A network and a regression together: the weight of each is learned on the validation answers."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.errors import ModelError
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.families.tracing import deep, regression
from edupulse_core.families.tracing import model as models
from edupulse_core.families.tracing.deep import DktPlusPlan
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import Core, TracingModel, TracingPlan
from edupulse_core.families.tracing.regression import HistoryLrPlan, Terms
from edupulse_core.families.version import read_json, write_json
from edupulse_core.training.calibration import sigmoid

MIX = "mix.json"
NETWORK, REGRESSION = "dkt_plus", "history_lr"
SHARES = np.linspace(0.0, 1.0, 21)  # of the network


@dataclass(frozen=True)
class BlendPlan(TracingPlan):
    """How the members of a blend are trained."""

    network: DktPlusPlan = field(default_factory=DktPlusPlan)
    regression: HistoryLrPlan = field(default_factory=HistoryLrPlan)


@dataclass(frozen=True)
class Blend:
    """A weighted mean of two logits."""

    network: Core
    regression: Core
    share: float  # of the network

    def logits(self, examples: Examples) -> Array:
        """The logit of a right answer, (N,); a member without weight is not asked."""
        found: Array = np.zeros(len(examples))
        for core, weight in ((self.network, self.share), (self.regression, 1 - self.share)):
            if weight:
                found = found + weight * core.logits(examples)
        return found

    def save(self, folder: Path) -> None:
        """Write each member to a folder of its own."""
        for name, core in ((NETWORK, self.network), (REGRESSION, self.regression)):
            (folder / name).mkdir()
            core.save(folder / name)
        write_json(folder / MIX, {"share": self.share})


def fit(split: Split[Examples], plan: BlendPlan, run: Run) -> TracingModel:
    """Blend the members: those that the run has already, and the others trained here."""
    alone = replace(run, tracker=None)
    cores: dict[str, Any] = {
        name: run.trained[name].core for name in (NETWORK, REGRESSION) if name in run.trained
    }
    history: list[dict[str, float]] = []
    if NETWORK not in cores:
        cores[NETWORK], history = deep.trained(NETWORK, split, plan.network, alone)
    if REGRESSION not in cores:
        terms = Terms(order=True)
        cores[REGRESSION] = regression.fitted(split, plan.regression, terms, alone)
    held = split.validation
    logits = [cores[name].logits(held) for name in (NETWORK, REGRESSION)]
    losses = [_loss(share * logits[0] + (1 - share) * logits[1], held.correct) for share in SHARES]
    best = Blend(cores[NETWORK], cores[REGRESSION], float(SHARES[int(np.argmin(losses))]))
    run.tell(*(history or [{"epoch": 1, "validation_loss": min(losses)}]))
    return replace(models.finish(best, split, plan, run), history=history)


def _loss(logits: Array, correct: Array) -> float:
    p = np.clip(sigmoid(logits), 1e-6, 1 - 1e-6)
    return float(-np.where(correct > 0, np.log(p), np.log(1 - p)).mean())


def open_version(folder: Path, form: str) -> TracingModel:
    """A saved blend. Raises ModelError for a damaged file."""
    share = read_json(folder, MIX).get("share")
    if not isinstance(share, float) or not 0 <= share <= 1:
        raise ModelError(f"version {folder.name} is damaged: {MIX} holds no share")
    core = Blend(deep.open_core(folder / NETWORK), regression.open_core(folder / REGRESSION), share)
    return models.opened(core, folder)


def space(trial: Any) -> BlendPlan:
    """The plans among which tuning chooses."""
    rate = trial.suggest_float("learning_rate", 1e-3, 6e-3, log=True)
    plan = BlendPlan()
    network = replace(plan.network, loop=replace(plan.network.loop, learning_rate=rate))
    return replace(plan, network=network)


GRID: dict[str, tuple[Any, ...]] = {"learning_rate": (2e-3, 4e-3)}
