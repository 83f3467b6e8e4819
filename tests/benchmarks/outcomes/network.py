"""The product's network and loop on weekly inputs: one network for all weeks of prediction."""

from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardizer
from edupulse_core.training.loop import LoopOptions, train
from tests.benchmarks.networks import DESIGN, Inputs, Variant
from tests.benchmarks.outcomes.weekly import Weekly

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

SMALL = RiskConfig(
    hidden=16,
    layers=1,
    projection=32,
    heads=2,
    fusion=(32, 16),
    head=16,
    dropout=0.2,
    bidirectional=False,
)


@dataclass(frozen=True)
class Recipe:
    """A network's sizes and how it is trained; the number of epochs is fixed beforehand."""

    network: RiskConfig = SMALL
    variant: Variant = DESIGN
    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            epochs=25, batch=128, learning_rate=3e-3, schedule="cosine"
        )
    )
    hidden_inputs: float = 0.2  # chance that an input is hidden from a student, in training
    by_result: float = 0.5  # weight of the loss of telling the results apart

    def seeded(self, seed: int) -> "Recipe":
        """The same with other random numbers."""
        return replace(self, loop=replace(self.loop, seed=seed))


@dataclass(frozen=True)
class Fitted:
    """A trained network and what its inputs go through."""

    network: RiskNetwork
    standardizer: Standardizer | Inputs

    def logits(self, weekly: Weekly) -> Array:
        """The logit of every student at every step, (N, T)."""
        with torch.inference_mode():
            parts = _inputs(self.standardizer, weekly).split(2048)
            found = [self.network.each_week(part)[0] for part in parts]
        return torch.cat(found).double().numpy()

    def last(self, weekly: Weekly, step: int) -> Array:
        """The logit of every student at one step, (N,), from a window that ends there."""
        with torch.inference_mode():
            parts = _window(_inputs(self.standardizer, weekly), step).split(2048)
            seen = _seen(weekly.values.shape[1], step)
            found = [self.network(part, seen.expand(len(part), -1))[0] for part in parts]
        return torch.cat(found).double().numpy()


def fit(weekly: Weekly, recipe: Recipe, steps: NDArray[np.bool_]) -> Fitted:
    """Train on every step (N, T) at which a student counts."""
    standardizer = recipe.variant.inputs(weekly.values, steps, weekly.sizes)
    torch.manual_seed(recipe.loop.seed)
    network = recipe.variant.network(
        replace(recipe.network, modality_sizes=weekly.sizes, length=weekly.values.shape[1])
    )
    x = _inputs(standardizer, weekly)
    weight = torch.from_numpy(steps).float()
    result = torch.from_numpy(weekly.result)
    target = torch.from_numpy(weekly.at_risk[:, None] + np.zeros(steps.shape, dtype=np.float32))

    def loss(model: nn.Module, rows: Tensor) -> Tensor:
        assert isinstance(model, RiskNetwork)
        keep = 1.0 - recipe.hidden_inputs
        kept = torch.bernoulli(torch.full((len(rows), 1, x.shape[2]), keep)) / keep
        score, category = model.each_week(x[rows] * kept)
        by_score = F.binary_cross_entropy_with_logits(score, target[rows], reduction="none")
        wanted = result[rows, None].expand(-1, score.shape[1])
        by_result = F.cross_entropy(category.transpose(1, 2), wanted, reduction="none")
        each = weight[rows] * (by_score + recipe.by_result * by_result)
        return each.sum() / weight[rows].sum().clamp(min=1.0)

    epochs = count()
    train(network, len(weekly), loss, lambda _: -float(next(epochs)), recipe.loop)
    return Fitted(network, standardizer)


def fit_windows(
    weekly: Weekly,
    config: RiskConfig,
    loop: LoopOptions,
    steps: NDArray[np.bool_],
    ends: list[int],
) -> Fitted:
    """Train as the product does: a row is a window that ends at one of some steps, left-padded."""
    standardizer = Standardizer.fit(weekly.values, steps)
    torch.manual_seed(loop.seed)
    length = weekly.values.shape[1]
    network = RiskNetwork(replace(config, modality_sizes=weekly.sizes, length=length))
    x = _inputs(standardizer, weekly)
    windows = torch.cat([_window(x[steps[:, end]], end) for end in ends])
    seen = torch.cat([_seen(length, end).expand(int(steps[:, end].sum()), -1) for end in ends])
    result = torch.from_numpy(np.concatenate([weekly.result[steps[:, end]] for end in ends]))
    at_risk = np.concatenate([weekly.at_risk[steps[:, end]] for end in ends])
    target = torch.from_numpy(at_risk).float()

    def loss(model: nn.Module, rows: Tensor) -> Tensor:
        score, category = model(windows[rows], seen[rows])
        by_score = F.binary_cross_entropy_with_logits(score, target[rows])
        return by_score + 0.5 * F.cross_entropy(category, result[rows])

    epochs = count()
    train(network, len(windows), loss, lambda _: -float(next(epochs)), loop)
    return Fitted(network, standardizer)


def _window(x: Tensor, end: int) -> Tensor:
    """(N, T, F) up to a step, moved to the right; zeros before."""
    return F.pad(x[:, : end + 1], (0, 0, x.shape[1] - end - 1, 0))


def _seen(length: int, end: int) -> Tensor:
    return (torch.arange(length) >= length - end - 1)[None]


def _inputs(standardizer: Standardizer | Inputs, weekly: Weekly) -> Tensor:
    return standardizer.apply(weekly.values, np.ones(weekly.values.shape[:2], dtype=bool))
