"""The two networks: one of learners and resources (NCF), one of what resources are like.

NCF is by He et al. (2017): a generalized matrix factorization beside a multilayer perceptron.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

START = 0.1  # spread of embeddings at the start; with less, the first epochs learn nothing
CHUNK = 64  # learners whose resources are scored at once


@dataclass(frozen=True)
class NcfSizes:
    """The sizes of an NCF network."""

    embedding: int = 64
    hidden: tuple[int, ...] = (128, 64, 32)
    dropout: float = 0.2


class Ncf(nn.Module):
    """How likely a learner takes a resource, from an embedding of each.

    An embedding is two halves: the first for the product, the second for the perceptron.
    """

    def __init__(self, learners: int, resources: int, sizes: NcfSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.learners = nn.Embedding(learners, 2 * sizes.embedding)
        self.resources = nn.Embedding(resources, 2 * sizes.embedding)
        for each in (self.learners, self.resources):
            nn.init.normal_(each.weight, std=START)
        self.tower = _tower(2 * sizes.embedding, sizes.hidden, sizes.dropout)
        self.head = nn.Linear(sizes.embedding + sizes.hidden[-1], 1)

    def forward(self, learner: Tensor, resource: Tensor) -> Tensor:
        """Logits (B,) for embeddings of learners and resources, (B, 2E) each."""
        (mine, own), (its, other) = learner.chunk(2, dim=-1), resource.chunk(2, dim=-1)
        deep = self.tower(torch.cat([own, other], dim=-1))
        found: Tensor = self.head(torch.cat([mine * its, deep], dim=-1)).squeeze(-1)
        return found

    def every(self, learners: Tensor) -> Tensor:
        """Logits of all R resources for embeddings (N, 2E) of learners: (N, R)."""
        table = self.resources.weight
        found = []
        for part in _parts(learners):
            shape = (len(part), len(table), -1)
            pairs = (part[:, None].expand(shape), table[None].expand(shape))
            found.append(self(*pairs))
        return torch.cat(found) if found else torch.zeros(0, len(table))


@dataclass(frozen=True)
class ContentSizes:
    """The sizes of a content network."""

    encoder: tuple[int, ...] = (128, 128, 64)
    embedding: int = 64
    scorer: int = 64
    dropout: float = 0.2


class Content(nn.Module):
    """How likely a learner takes a resource, from what it and their history are like.

    The same encoder reads the resource and everything in the history; a resource that came later
    has no embedding of its own.
    """

    def __init__(self, features: int, resources: int, sizes: ContentSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = _tower(features, sizes.encoder, sizes.dropout)
        self.own = nn.Embedding(resources + 1, sizes.embedding)  # the last: not known
        nn.init.normal_(self.own.weight, std=START)
        wide = 2 * sizes.encoder[-1] + sizes.embedding
        self.scorer = _tower(wide, (sizes.scorer,), sizes.dropout)
        self.head = nn.Linear(sizes.scorer, 1)

    def forward(self, encoded: Tensor, place: Tensor, preference: Tensor) -> Tensor:
        """Logits (B,) for encoded resources (B, H), their places, and preferences (B, H)."""
        known = (place >= 0) & (place < self.own.num_embeddings - 1)
        own = self.own(place.clamp(min=0)) * known.unsqueeze(-1)
        scored = self.head(self.scorer(torch.cat([encoded, own, preference], dim=-1))).squeeze(-1)
        # how alike both are, which the scorer alone takes long to learn
        found: Tensor = scored + (encoded * preference).sum(dim=-1) / encoded.shape[-1] ** 0.5
        return found

    def every(self, history: Tensor, known: Tensor, asked: Tensor, places: Tensor) -> Tensor:
        """Logits (N, Q) of Q resources for histories (N, R) over the known ones.

        known: (R, F) and asked: (Q, F) features.  places: (Q,) among the known, -1 if new.
        """
        encoded, wanted = self.encoder(known), self.encoder(asked)
        found = []
        for part in _parts(history):
            preference = preferred(part, encoded)
            shape = (len(part), len(wanted), -1)
            found.append(
                self(
                    wanted[None].expand(shape),
                    places[None].expand(shape[:2]),
                    preference[:, None].expand(shape),
                )
            )
        return torch.cat(found) if found else torch.zeros(0, len(wanted))


def preferred(history: Tensor, encoded: Tensor) -> Tensor:
    """The mean of what each history (N, R) holds, (N, H); zeros for an empty one."""
    return history @ encoded / history.sum(dim=1, keepdim=True).clamp(min=1)


def _parts(rows: Tensor) -> list[Tensor]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _tower(wide: int, sizes: tuple[int, ...], dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in sizes:
        layers += [nn.Linear(wide, size), nn.ReLU(), nn.Dropout(dropout)]
        wide = size
    return nn.Sequential(*layers)
