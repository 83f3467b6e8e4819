"""Trains the networks: each use of a resource beside some resources that were not used."""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.families.family import Run
from edupulse_core.families.recommend import measures
from edupulse_core.families.recommend.networks import (
    Content,
    ContentSizes,
    Ncf,
    NcfSizes,
    preferred,
)
from edupulse_core.training.device import chosen
from edupulse_core.training.device import of as device_of
from edupulse_core.training.loop import LoopOptions, Loss, Validate
from edupulse_core.training.loop import train as run_loop

Array = NDArray[np.float64]
LOOP = LoopOptions(epochs=40, batch=512, learning_rate=3e-3, weight_decay=1e-6, patience=10)
MOST = 300  # learners by whom an epoch is judged
FOLD = 1.0  # ridge penalty of the map from a history to a learner's embedding


@dataclass(frozen=True)
class NcfPlan:
    """The NCF network and how it is trained."""

    network: NcfSizes = field(default_factory=NcfSizes)
    loop: LoopOptions = LOOP
    negatives: int = 4  # unused resources beside each use
    level: float = -1.0  # as in EasePlan


@dataclass(frozen=True)
class ContentPlan:
    """The content network and how it is trained."""

    network: ContentSizes = field(default_factory=ContentSizes)
    loop: LoopOptions = LOOP
    negatives: int = 4
    unknown: float = 0.3  # share of pairs in which the resource's own embedding is hidden
    level: float = -1.0


@dataclass(frozen=True)
class Held:
    """Learners by whom an epoch is judged."""

    history: sparse.csr_matrix  # (V, R)
    barred: sparse.csr_matrix  # (V, R) not to be offered
    wanted: sparse.csr_matrix  # (V, R) what they used next
    rows: NDArray[np.int64] | None = None  # which learners of the training they are, if they are

    def few(self, seed: int = 0) -> "Held":
        """At most MOST of them."""
        if self.history.shape[0] <= MOST:
            return self
        drawn = np.random.default_rng(seed).permutation(self.history.shape[0])[:MOST]
        rows = None if self.rows is None else self.rows[drawn]
        return Held(self.history[drawn], self.barred[drawn], self.wanted[drawn], rows)

    def gain(self, scores: Array) -> float:
        """The mean NDCG of ranking by scores (V, R)."""
        scores = np.where(self.barred.toarray() > 0, -np.inf, scores)
        wanted = self.wanted.toarray() > 0
        hits = np.take_along_axis(wanted, measures.top(scores), axis=1)
        found = measures.of_lists(hits, wanted.sum(axis=1))["ndcg"]
        return float(np.nanmean(found)) if np.isfinite(found).any() else 0.0


def ncf(x: sparse.csr_matrix, held: Held, plan: NcfPlan, run: Run) -> Ncf:
    """Train on uses (N, R); `fold` makes embeddings of learners that it has not seen."""
    torch.manual_seed(run.seed)
    network = Ncf(x.shape[0], x.shape[1], plan.network)
    pairs = _Pairs(x, plan.negatives)
    judged = held.few()

    def loss(net: nn.Module, rows: Tensor) -> Tensor:
        assert isinstance(net, Ncf)
        who, what, is_used, weight = (each.to(device_of(net)) for each in pairs.of(rows))
        said = net(net.learners(who), net.resources(what))
        return _cross_entropy(said, is_used, weight)

    def validate(net: nn.Module) -> float:
        assert isinstance(net, Ncf)
        if judged.rows is not None:
            learners = net.learners.weight[torch.from_numpy(judged.rows).to(device_of(net))]
        else:
            learners = _embedded(judged.history, fold(net, x)).to(device_of(net))
        return -judged.gain(net.every(learners).cpu().numpy())

    _teach(network, len(pairs), loss, validate, plan.loop, run)
    return network


def fold(network: Ncf, x: sparse.csr_matrix) -> Tensor:
    """What each resource in a history adds to a learner's embedding, (R, 2E): a ridge on all."""
    mine = network.learners.weight.detach().cpu().double().numpy()
    scaled = _scaled(x)
    gram = (scaled.T @ scaled).toarray() + FOLD * np.eye(x.shape[1])
    return torch.from_numpy(np.linalg.solve(gram, scaled.T @ mine)).float()


def _embedded(history: sparse.csr_matrix, folded: Tensor) -> Tensor:
    return torch.from_numpy(_scaled(history) @ folded.numpy()).float()


def ncf_scores(network: Ncf, folded: Tensor, history: sparse.csr_matrix) -> Array:
    """Logits of all resources for histories (N, R)."""
    with torch.inference_mode():
        found: Array = network.eval().every(_embedded(history, folded)).double().numpy()
    return found


def content(
    x: sparse.csr_matrix,
    features: Array,
    held: Held,
    plan: ContentPlan,
    run: Run,
) -> Content:
    """Train on uses (N, R) of resources with features (R, F)."""
    torch.manual_seed(run.seed)
    network = Content(features.shape[1], x.shape[1], plan.network)
    pairs = _Pairs(x, plan.negatives)
    judged, about = held.few(), torch.from_numpy(features).float()
    histories = torch.from_numpy(x.toarray()).float()
    none = x.shape[1]  # the place of a resource that is not known

    def loss(net: nn.Module, rows: Tensor) -> Tensor:
        assert isinstance(net, Content)
        there = device_of(net)
        who, what, is_used, weight = pairs.of(rows)
        history = histories[who].scatter(1, what[:, None], 0.0)  # without the resource itself
        hidden = torch.rand(len(what)) < plan.unknown
        place = torch.where(hidden, torch.full_like(what, none), what).to(there)
        encoded = net.encoder(about.to(there))
        said = net(encoded[what.to(there)], place, preferred(history.to(there), encoded))
        return _cross_entropy(said, is_used.to(there), weight.to(there))

    def validate(net: nn.Module) -> float:
        assert isinstance(net, Content)
        return -judged.gain(content_scores(net, judged.history, features, features))

    _teach(network, len(pairs), loss, validate, plan.loop, run)
    return network


def content_scores(
    network: Content,
    history: sparse.csr_matrix,
    known: Array,
    asked: Array,
    places: NDArray[np.int64] | None = None,
) -> Array:
    """Logits (N, Q) of resources with features (Q, F) for histories (N, R)."""
    there = device_of(network)
    at = np.arange(len(asked)) if places is None else places
    with torch.inference_mode():
        found: Array = (
            network.eval()
            .every(
                torch.from_numpy(history.toarray()).float().to(there),
                torch.from_numpy(known).float().to(there),
                torch.from_numpy(asked).float().to(there),
                torch.from_numpy(at).to(there),
            )
            .cpu()
            .double()
            .numpy()
        )
    return found


def _teach(
    network: nn.Module, n: int, loss: Loss, validate: Validate, loop: LoopOptions, run: Run
) -> None:
    """Train, and tell of each epoch."""
    history = run_loop(
        network,
        n,
        loss,
        validate,
        replace(loop, seed=run.seed),
        device=chosen(run.device),
        checkpoint=run.checkpoint,
        progress=run.report,
    )
    run.tell(*history)


class _Pairs:
    """Uses, each with some resources that its learner did not use, drawn anew every time."""

    def __init__(self, x: sparse.csr_matrix, negatives: int) -> None:
        rows, columns = x.nonzero()
        self.who, self.what = torch.from_numpy(rows).long(), torch.from_numpy(columns).long()
        self.is_used = torch.from_numpy(x.toarray() > 0)
        self.negatives = negatives

    def __len__(self) -> int:
        return len(self.who)

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Learners, resources, whether used, and weights; a drawn one that was used weighs 0."""
        who = self.who[rows].repeat(1 + self.negatives)
        drawn = torch.randint(self.is_used.shape[1], (len(rows) * self.negatives,))
        what = torch.cat([self.what[rows], drawn])
        is_used = torch.zeros(len(who))
        is_used[: len(rows)] = 1.0
        weight = torch.ones(len(who))
        weight[len(rows) :] = (~self.is_used[who[len(rows) :], drawn]).float()
        return who, what, is_used, weight


def _cross_entropy(said: Tensor, is_used: Tensor, weight: Tensor) -> Tensor:
    lost = F.binary_cross_entropy_with_logits(said, is_used, weight, reduction="sum")
    return lost / weight.sum().clamp(min=1)


def _scaled(x: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each history divided by the root of its length."""
    size = np.sqrt(np.maximum(np.asarray(x.sum(axis=1)).ravel(), 1.0))
    return sparse.diags(1 / size) @ x
