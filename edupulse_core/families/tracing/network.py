"""The networks: a recurrent state of the student, and a score of what is asked.

`Dkt` after Piech and others (2015): skills and correctness alone. `DktPlus` also reads items,
counts of right and wrong answers and recency, both of what was answered and of what is asked.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edupulse_core.errors import ConfigError
from edupulse_core.families.tracing.sequences import FEATURES, Asked


@dataclass(frozen=True)
class NetworkConfig:
    """The sizes of a network."""

    items: int = 0  # numbers, that of the unknown one not counted
    skills: int = 0
    hidden: int = 128
    layers: int = 2
    width: int = 64  # of an embedding
    dropout: float = 0.2
    item_dropout: float = 0.1  # share of items that it learns without: so it knows a typical one

    def __post_init__(self) -> None:
        if min(self.hidden, self.layers, self.width) < 1 or not 0 <= self.dropout < 1:
            raise ConfigError(
                "training: hidden, layers and width must be above 0, dropout in [0, 1)"
            )


class Tracer(nn.Module):
    """What both networks have: states of a student, one before the first answer and after each."""

    recurrent: nn.LSTM

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.skill = nn.Embedding(config.skills + 1, config.width)
        self.correct = nn.Embedding(2, config.width)
        self.dropout = nn.Dropout(config.dropout)

    def states(self, asked: Asked, correct: Tensor) -> Tensor:
        """The states of B students, (B, T + 1, H).  asked: (B, T).  correct: (B, T) 0 or 1."""
        after, _ = self.recurrent(self.read(asked, correct))
        before = after.new_zeros(after.shape[0], 1, after.shape[2])
        return torch.cat([before, self.dropout(after)], dim=1)

    def read(self, asked: Asked, correct: Tensor) -> Tensor:
        """What the recurrent layers read, (B, T, I)."""
        raise NotImplementedError

    def score(self, state: Tensor, asked: Asked) -> Tensor:
        """The logit of a right answer, (N,).  state: (N, H)."""
        raise NotImplementedError

    def skills_of(self, asked: Asked) -> Tensor:
        """The mean embedding of the skills, (..., width)."""
        found: Tensor = (self.skill(asked.skills) * asked.mask.unsqueeze(-1)).sum(dim=-2)
        return found / asked.mask.sum(dim=-1, keepdim=True).clamp(min=1)


class Dkt(Tracer):
    """Skill and correctness in; a logit for each skill out."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.recurrent = nn.LSTM(
            2 * config.width,
            config.hidden,
            config.layers,
            dropout=config.dropout if config.layers > 1 else 0.0,
            batch_first=True,
        )
        self.weight = nn.Embedding(config.skills + 1, config.hidden)
        self.bias = nn.Embedding(config.skills + 1, 1)
        nn.init.normal_(self.weight.weight, std=config.hidden**-0.5)
        nn.init.zeros_(self.bias.weight)

    def read(self, asked: Asked, correct: Tensor) -> Tensor:
        """Both embeddings side by side."""
        return torch.cat([self.skills_of(asked), self.correct(correct.long())], dim=-1)

    def score(self, state: Tensor, asked: Asked) -> Tensor:
        """The mean of the logits of the skills."""
        logits: Tensor = (self.weight(asked.skills) * state.unsqueeze(-2)).sum(dim=-1)
        logits = (logits + self.bias(asked.skills).squeeze(-1)) * asked.mask
        return logits.sum(dim=-1) / asked.mask.sum(dim=-1).clamp(min=1)


class DktPlus(Tracer):
    """Reads everything that is known of an answer, and of what is asked."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        width, hidden = config.width, config.hidden
        self.item = nn.Embedding(config.items + 1, width)
        self.enter = nn.Linear(3 * width + FEATURES, hidden)
        self.recurrent = nn.LSTM(
            hidden,
            hidden,
            config.layers,
            dropout=config.dropout if config.layers > 1 else 0.0,
            batch_first=True,
        )
        self.probe = nn.Linear(2 * width, hidden)
        self.mix = nn.Sequential(
            nn.Linear(2 * hidden + 2 * width + FEATURES, hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(hidden, 1),
        )
        self.item_bias = nn.Embedding(config.items + 1, 1)
        self.skill_bias = nn.Embedding(config.skills + 1, 1)
        self.counts = nn.Linear(FEATURES, 1)
        for each in (self.item, self.skill, self.correct):
            nn.init.normal_(each.weight, std=0.1)
        for each in (self.item_bias, self.skill_bias):
            nn.init.zeros_(each.weight)

    def read(self, asked: Asked, correct: Tensor) -> Tensor:
        """Embeddings and counts, mixed."""
        parts = [
            self.skills_of(asked),
            self.item(self._items(asked)),
            self.correct(correct.long()),
            asked.past,
        ]
        return torch.relu(self.enter(torch.cat(parts, dim=-1)))

    def score(self, state: Tensor, asked: Asked) -> Tensor:
        """A product of state and question, both mixed with the counts, and plain weights."""
        items = self._items(asked)
        question = torch.cat([self.skills_of(asked), self.item(items)], dim=-1)
        probed = state * self.probe(question)
        mixed = self.mix(torch.cat([state, probed, question, asked.past], dim=-1))
        share = asked.mask / asked.mask.sum(dim=-1, keepdim=True).clamp(min=1)
        plain = (self.skill_bias(asked.skills).squeeze(-1) * share).sum(dim=-1)
        plain = plain + self.item_bias(items).squeeze(-1) + self.counts(asked.past).squeeze(-1)
        logits: Tensor = mixed.squeeze(-1) + probed.mean(dim=-1) + plain
        return logits

    def _items(self, asked: Asked) -> Tensor:
        """The items, of which some are hidden while it learns."""
        if not self.training or not self.config.item_dropout:
            return asked.items
        kept = torch.rand(asked.items.shape, device=asked.items.device) >= self.config.item_dropout
        return asked.items * kept


NETWORKS: dict[str, type[Dkt] | type[DktPlus]] = {"dkt": Dkt, "dkt_plus": DktPlus}
