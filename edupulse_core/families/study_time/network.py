"""The networks: on the inputs alone, with an LSTM over earlier sessions, or attention to them.

Each predicts how far the log hours are from what is usual, in spreads.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from edupulse_core.errors import ConfigError

Kind = Literal["network", "lstm", "attention"]


@dataclass(frozen=True)
class NetworkConfig:
    """The size of a network."""

    width: int = 128  # of the first layer; each of the next three is half as wide
    dropout: float = 0.3  # after the first layer; after the next two, 2/3 of it
    recurrent: tuple[int, ...] = (64, 32)  # of the LSTM's layers
    heads: int = 4  # of the attention
    past: int = 10  # earlier sessions that are read one by one

    def __post_init__(self) -> None:
        if self.width < 8 or self.past < 1 or self.heads < 1 or not self.recurrent:
            raise ConfigError("training: width must be 8 or more, past and heads 1 or more")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"training: dropout must be in [0, 1), found {self.dropout}")
        if self.recurrent[-1] % self.heads:
            raise ConfigError("training: the last of recurrent must be a multiple of heads")


class StudyNetwork(nn.Module):
    """Reads N cases; `kind` says what it makes of the sessions before."""

    def __init__(self, kind: Kind, inputs: int, step: int, config: NetworkConfig) -> None:
        """inputs: columns of a case.  step: columns of an earlier session."""
        super().__init__()
        self.kind = kind
        size = config.recurrent[-1]
        if kind == "lstm":
            widths = (step, *config.recurrent)
            self.layers = nn.ModuleList(
                nn.LSTM(a, b, batch_first=True)
                for a, b in zip(widths[:-1], widths[1:], strict=True)
            )
        elif kind == "attention":
            self.step = nn.Linear(step, size)
            self.query = nn.Linear(inputs, size)
            self.attend = nn.MultiheadAttention(size, config.heads, batch_first=True)
            self.nothing = nn.Parameter(torch.zeros(1, 1, size))  # attended to without a past
        self.head = _dense(inputs + (size if kind != "network" else 0), config)

    def forward(self, flat: Tensor, steps: Tensor, seen: Tensor) -> Tensor:
        """How far the log hours are from what is usual.

        flat: (B, D).  steps: (B, T, P), newest first.  seen: (B, T) bool, False without one.
        Returns (B,).
        """
        if self.kind == "network":
            return self.head(flat).squeeze(-1)  # type: ignore[no-any-return]
        past = self._lstm(steps, seen) if self.kind == "lstm" else self._attend(flat, steps, seen)
        return self.head(torch.cat([flat, past], dim=1)).squeeze(-1)  # type: ignore[no-any-return]

    def _lstm(self, steps: Tensor, seen: Tensor) -> Tensor:
        """What the last step says, oldest first; steps that are not there come first as zeros."""
        states = torch.flip(steps * seen.unsqueeze(-1), dims=[1])
        for layer in self.layers:
            states, _ = layer(states)
        return states[:, -1]

    def _attend(self, flat: Tensor, steps: Tensor, seen: Tensor) -> Tensor:
        keys = torch.cat([self.nothing.expand(flat.shape[0], -1, -1), self.step(steps)], dim=1)
        hidden = torch.cat([torch.zeros_like(seen[:, :1]), ~seen], dim=1)
        query = self.query(flat).unsqueeze(1)
        found, _ = self.attend(query, keys, keys, key_padding_mask=hidden, need_weights=False)
        return found.squeeze(1)  # type: ignore[no-any-return]


def _dense(inputs: int, config: NetworkConfig) -> nn.Sequential:
    """128-64-32-16-1 by default, with dropout .3, .2 and .2 after the first three."""
    width = config.width
    widths = (inputs, width, width // 2, width // 4, width // 8)
    drops = (config.dropout, config.dropout * 2 / 3, config.dropout * 2 / 3, 0.0)
    layers: list[nn.Module] = []
    for a, b, drop in zip(widths[:-1], widths[1:], drops, strict=True):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(drop)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1))
