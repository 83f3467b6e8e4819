"""A head on students' states that may also look at their classmates' states of the same week.

`none` sees the student alone. `mean` puts the mean of classmates' states beside the student's own
(GraphSAGE: Hamilton, Ying and Leskovec 2017). `attention` weighs each classmate first (GAT:
Velickovic et al. 2018), starting from the number of shared sections. All else is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.training.loop import LoopOptions, train

Array = NDArray[np.float64]
Way = Literal["none", "mean", "attention"]
CANDIDATES = ((1e-3, 0.1), (1e-3, 0.3), (3e-3, 0.3))  # learning rate, dropout


@dataclass(frozen=True)
class Graph:
    """One school's week: what is known of n students, who sits with whom, what is to be learnt."""

    states: Tensor  # (n, D)
    ties: Tensor  # (n, n) sections shared
    target: Tensor  # (n,) 0..1, NaN where there is nothing to learn or to score


class PeerNetwork(nn.Module):
    """Own state, and one step over the graph."""

    def __init__(self, inputs: int, way: Way, *, width: int = 64, heads: int = 4, dropout: float):
        super().__init__()
        self.way, self.heads = way, heads
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("spread", torch.ones(inputs))
        self.encode = nn.Linear(inputs, width)
        self.mix = nn.Linear(width if way == "none" else 2 * width, width)
        self.score = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)
        if way == "attention":
            self.value = nn.Linear(width, width, bias=False)
            self.asks = nn.Parameter(0.1 * torch.randn(heads, width // heads))
            self.answers = nn.Parameter(0.1 * torch.randn(heads, width // heads))

    def standardise(self, states: Tensor) -> None:
        """Take mean and spread of the training part's states, (N, D)."""
        self.mean, self.spread = states.mean(dim=0), states.std(dim=0).clamp(min=1e-6)

    def forward(self, states: Tensor, ties: Tensor) -> Tensor:
        """Logits (n,). states: (n, D).  ties: (n, n)."""
        own = self.dropout(F.relu(self.encode((states - self.mean) / self.spread)))
        if self.way == "mean":
            weight = ties.float()
            weight = weight / weight.sum(dim=1, keepdim=True).clamp(min=1.0)
            own = torch.cat([own, weight @ own], dim=1)
        if self.way == "attention":
            own = torch.cat([own, self._attended(own, ties)], dim=1)
        return self.score(self.dropout(F.relu(self.mix(own)))).squeeze(-1)

    def _attended(self, own: Tensor, ties: Tensor) -> Tensor:
        value = self.value(own).unflatten(1, (self.heads, -1)).transpose(0, 1)  # (H, n, width / H)
        asks = (value * self.asks[:, None]).sum(dim=2)  # (H, n)
        answers = (value * self.answers[:, None]).sum(dim=2)
        alone = torch.diag((ties.sum(dim=1) == 0).float())  # whoever has no classmate sees themself
        fit = F.leaky_relu(asks[:, :, None] + answers[:, None, :], 0.2)
        weight = (fit + (ties.float() + alone).log()).softmax(dim=2)  # (H, n, n)
        return (weight @ value).transpose(0, 1).flatten(1)


def fit(
    parts: Sequence[Graph],
    validation: Sequence[Graph],
    way: Way,
    *,
    learning_rate: float,
    dropout: float,
    seed: int = 0,
    epochs: int = 12,
    batch: int = 4,
) -> tuple[PeerNetwork, float]:
    """Train, stop at the best epoch of the validation part; the network and its loss there."""
    torch.manual_seed(seed)
    network = PeerNetwork(parts[0].states.shape[1], way, dropout=dropout)
    network.standardise(torch.cat([graph.states for graph in parts]))

    def loss(model: nn.Module, rows: Tensor) -> Tensor:
        return _loss(model, [parts[row] for row in rows.tolist()])

    options = LoopOptions(
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        weight_decay=1e-5,
        patience=4,
        schedule="cosine",
        seed=seed,
    )
    history = train(
        network, len(parts), loss, lambda model: float(_loss(model, validation)), options
    )
    return network, min(epoch["validation_loss"] for epoch in history)


def fit_chosen(
    parts: Sequence[Graph],
    validation: Sequence[Graph],
    way: Way,
    *,
    seeds: int,
    candidates: Sequence[tuple[float, float]] = CANDIDATES,
    epochs: int = 12,
) -> list[PeerNetwork]:
    """The candidate with the lowest validation loss, trained from so many seeds."""
    tried = [
        (*fit(parts, validation, way, learning_rate=rate, dropout=dropout, epochs=epochs), at)
        for at, (rate, dropout) in enumerate(candidates)
    ]
    best, _, at = min(tried, key=lambda each: each[1])
    rate, dropout = candidates[at]
    more = [
        fit(parts, validation, way, learning_rate=rate, dropout=dropout, seed=seed, epochs=epochs)
        for seed in range(1, seeds)
    ]
    return [best, *(network for network, _ in more)]


def logits(network: PeerNetwork, graphs: Sequence[Graph]) -> Array:
    """The logit of every student with a target, in order."""
    with torch.inference_mode():
        found = [network(graph.states, graph.ties)[~graph.target.isnan()] for graph in graphs]
    return torch.cat(found).double().numpy()


def _loss(model: nn.Module, graphs: Sequence[Graph]) -> Tensor:
    """Mean cross-entropy over all students with a target."""
    logit = torch.cat([model(graph.states, graph.ties) for graph in graphs])
    target = torch.cat([graph.target for graph in graphs])
    known = ~target.isnan()
    return F.binary_cross_entropy_with_logits(logit[known], target[known])
