"""The network: reads the skills that a student has begun, and writes the ones to come."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from edupulse_core.errors import ModelError

SIGNS = 7  # numbers that say how a skill stands, see `fit.signs`
UNKNOWN = 0  # token of a skill that was not in the records at training; s + 1 is skill s
MODES = ("recorded", "best")  # what is written: as students went, or what gains most


@dataclass(frozen=True)
class PathConfig:
    """The sizes of the network."""

    skills: int
    embedding: int = 128
    hidden: int = 256
    layers: int = 2
    dropout: float = 0.2
    mixed: int = 16  # ways in which the numbers of a skill are weighed

    def __post_init__(self) -> None:
        if min(self.skills, self.embedding, self.hidden, self.layers, self.mixed) < 1:
            raise ModelError("config.json: sizes of the network must be 1 or more")

    def as_json(self) -> dict[str, Any]:
        """What the class is made from."""
        return asdict(self)


class PathNetwork(nn.Module):
    """An encoder and a decoder of LSTM layers over skills."""

    def __init__(self, config: PathConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(1 + config.skills + len(MODES), config.embedding)
        drop = config.dropout if config.layers > 1 else 0.0
        sizes: dict[str, Any] = {
            "num_layers": config.layers, "batch_first": True, "dropout": drop
        }  # fmt: skip
        self.encoder = nn.LSTM(config.embedding + 2, config.hidden, **sizes)
        self.decoder = nn.LSTM(config.embedding, config.hidden, **sizes)
        self.dropout = nn.Dropout(config.dropout)
        self.toward = nn.Linear(config.hidden, config.embedding)
        self.weigh = nn.Linear(config.hidden, config.mixed)
        self.signs = nn.Sequential(nn.Linear(SIGNS, config.mixed), nn.Tanh())
        self.plain = nn.Linear(SIGNS, 1)

    def start(self, mode: Tensor) -> Tensor:
        """The token that a path begins with.  mode: (B,) place in MODES."""
        return 1 + self.config.skills + mode

    def read(self, done: Tensor, mastery: Tensor) -> tuple[Tensor, Tensor]:
        """The state after the skills begun so far.

        done: (B, H) tokens, -1 before the first.  mastery: (B, H) of each skill.
        """
        here = (done >= 0).float().unsqueeze(-1)
        inputs = torch.cat(
            [self.embed(done.clamp(min=0)) * here, mastery.unsqueeze(-1) * here, here], dim=-1
        )
        _, state = self.encoder(inputs)
        found: tuple[Tensor, Tensor] = state
        return found

    def write(
        self, before: Tensor, state: tuple[Tensor, Tensor], signs: Tensor, tokens: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Logits of the next skill at each of L steps, (B, L, S), and the state after them.

        before: (B, L) token of the step before.  signs: (B, L, S, SIGNS).  tokens: (S,) of the
        skills that there are now, UNKNOWN for new ones.
        """
        hidden, state = self.decoder(self.embed(before), state)
        hidden = self.dropout(hidden)  # (B, L, H)
        alike = self.toward(hidden) @ self.embed(tokens).T  # (B, L, S)
        mixed = (self.signs(signs) @ self.weigh(hidden).unsqueeze(-1)).squeeze(-1)
        logits: Tensor = alike / self.config.embedding**0.5 + mixed + self.plain(signs).squeeze(-1)
        return logits, state  # fmt: skip


class Step(nn.Module):
    """One step of the decoder, for the skills that it was trained on; states with rows first."""

    tokens: Tensor

    def __init__(self, network: PathNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("tokens", torch.arange(1, network.config.skills + 1))

    def forward(
        self, before: Tensor, hidden: Tensor, cell: Tensor, signs: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `PathNetwork.write`.  before: (B, 1).  hidden, cell: (B, layers, H)."""
        state = (hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous())
        logits, (after, kept) = self.network.write(before, state, signs, self.tokens)
        return logits, after.transpose(0, 1), kept.transpose(0, 1)

    def example(self) -> dict[str, Tensor]:
        """What it reads, by name, two rows of each."""
        config = self.network.config
        state = torch.zeros(2, config.layers, config.hidden)
        signs = torch.zeros(2, 1, config.skills, SIGNS)
        before = torch.zeros(2, 1, dtype=torch.long)
        return {"before": before, "hidden": state, "cell": state.clone(), "signs": signs}
