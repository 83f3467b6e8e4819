"""The risk network: 20 weeks of attendance, grades and discipline to an expected severity."""

from dataclasses import asdict, dataclass, fields
from math import gcd
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.fused import last_week, weekly_states


@dataclass(frozen=True)
class RiskConfig:
    """The sizes of a risk network; the defaults are the contract's 42 features."""

    modality_sizes: tuple[int, ...] = (14, 15, 13)  # inputs: attendance, grades, discipline
    length: int = 20  # weeks of a window
    hidden: int = 42  # units of each GRU and direction (128 // 3)
    layers: int = 2  # of each GRU
    projection: int = 256  # width of the attention over weeks
    heads: int = 4
    fusion: tuple[int, int] = (128, 64)
    head: int = 32  # hidden units of each output head
    tiers: int = 4  # low, medium, high, critical
    dropout: float = 0.3  # in training: on attention and in the fusion
    dropout_between: float = 0.0  # in training: between GRU layers, one mask for all weeks
    bidirectional: bool = True  # False: no week sees a later one, so `each_week` can score them all
    cross: bool = False  # True: each week's modalities attend to each other before the weeks do

    def __post_init__(self) -> None:
        sizes = (*self.modality_sizes, self.length, self.hidden, self.layers, *self.fusion)
        if min(*sizes, self.projection, self.heads, self.head, self.tiers) < 1:
            raise ModelError(f"config.json: every size must be at least 1: {self}")
        if self.projection % self.heads:
            raise ModelError(
                f"config.json: projection {self.projection} is not divisible by {self.heads} heads"
            )
        for dropout in (self.dropout, self.dropout_between):
            if not 0 <= dropout < 1:
                raise ModelError(f"config.json: dropout must be in [0, 1), found {dropout}")

    @property
    def state(self) -> int:
        """Numbers that describe one week of one modality after its GRU."""
        return (1 + self.bidirectional) * self.hidden

    @property
    def cross_heads(self) -> int:
        """Of the attention between modalities; as many as divide a week's state, 0 without it."""
        return gcd(self.heads, self.state) if self.cross else 0

    @property
    def n_features(self) -> int:
        """Inputs of one week, all modalities."""
        return sum(self.modality_sizes)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "RiskConfig":
        """Read a saved config; unknown keys are refused with ModelError."""
        unknown = sorted(set(value) - {field.name for field in fields(cls)})
        if unknown:
            raise ModelError(f"config.json: unknown key {unknown[0]!r}")
        try:
            given: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in value.items()
            }
            return cls(**given)
        except TypeError as error:
            raise ModelError(f"config.json: {error}") from None


WINNER = RiskConfig(hidden=21, layers=1, projection=64, dropout=0.1, cross=True)
"""The network that won `edupulse bench networks`, and that is trained unless asked otherwise."""


class RiskNetwork(nn.Module):
    """A bidirectional GRU for each modality, attention over the weeks, two heads.

    With `cross`, the states of a week's modalities attend to each other first (Tsai et al. 2019),
    beside a residual connection and layer normalisation.
    """

    def __init__(self, config: RiskConfig) -> None:
        super().__init__()
        self.config = config
        between = config.dropout_between if config.layers > 1 else 0.0
        self.grus = nn.ModuleList(
            nn.GRU(
                size,
                config.hidden,
                config.layers,
                batch_first=True,
                bidirectional=config.bidirectional,
                dropout=between,
            )
            for size in config.modality_sizes
        )
        if config.cross:
            self.cross = nn.MultiheadAttention(
                config.state, config.cross_heads, config.dropout, batch_first=True
            )
            self.norm = nn.LayerNorm(config.state)
        self.project = nn.Linear(config.state * len(config.modality_sizes), config.projection)
        self.attention = nn.MultiheadAttention(
            config.projection, config.heads, dropout=config.dropout, batch_first=True
        )
        first, second = config.fusion
        self.fusion = nn.Sequential(
            nn.Linear(config.projection, first),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Dropout(config.dropout),
        )
        self.score = _head(second, config.head, 1)
        self.category = _head(second, config.head, config.tiers)

    def forward(
        self, values: Tensor, observed: Tensor, *, return_attention: bool = False
    ) -> tuple[Tensor, ...]:
        """Score each student's weeks, oldest first and left-padded.

        values: (B, T, F) float, standardised, 0 where unknown or padded.
        observed: (B, T) bool, False where padded; the last week is always observed.
        Returns score logits (B,), category logits (B, 4) and, if asked for, attention
        (B, heads, T, T), whose rows sum to 1 over observed weeks and are 0 for padded ones.
        """
        if self.training and self.config.bidirectional and not return_attention:
            states = weekly_states(self.grus, values, self.config.dropout_between)
            states = self._met(states)
            pooled = last_week(self.project, self.attention, states, observed)
            return self._heads(pooled)
        weeks = self._weeks(values)
        mixed, attention = self.attention(
            weeks,
            weeks,
            weeks,
            key_padding_mask=~observed,
            need_weights=return_attention,
            average_attn_weights=False,
        )
        outputs = self._heads(mixed[:, -1])  # the last week is the one that is scored
        if not return_attention:
            return outputs
        return *outputs, attention * observed[:, None, :, None]

    def each_week(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Score every week from itself and those before it, as `forward` would at that week.

        values: (B, T, F), no week padded.  Returns score logits (B, T) and category logits
        (B, T, 4).  Raises ModelError for a network whose weeks see later ones.
        """
        if self.config.bidirectional:
            raise ModelError("config.json: a bidirectional network scores only the last week")
        weeks = self._weeks(values)
        later = torch.ones(values.shape[1], values.shape[1], dtype=torch.bool).triu(1)
        mixed, _ = self.attention(weeks, weeks, weeks, attn_mask=later, need_weights=False)
        return self._heads(mixed)

    def _weeks(self, values: Tensor) -> Tensor:
        parts = torch.split(values, list(self.config.modality_sizes), dim=2)
        states = torch.cat(
            [gru(part)[0] for gru, part in zip(self.grus, parts, strict=True)], dim=2
        )  # (B, T, directions * hidden * modalities)
        weeks: Tensor = self.project(self._met(states))  # (B, T, projection)
        return weeks

    def _met(self, states: Tensor) -> Tensor:
        """Modalities of a week after they attended to each other; (B, T, width) both."""
        if not self.config.cross:
            return states
        tokens = states.reshape(-1, len(self.config.modality_sizes), self.config.state)
        mixed = self.cross(tokens, tokens, tokens, need_weights=False)[0]
        met: Tensor = self.norm(tokens + mixed)
        return met.reshape(states.shape)

    def _heads(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        fused = self.fusion(pooled)  # (B, 64) or (B, T, 64)
        return self.score(fused).squeeze(-1), self.category(fused)


def _head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


@dataclass(frozen=True)
class Standardiser:
    """Zero mean and unit spread by feature; unknown becomes the training mean, padding 0."""

    mean: NDArray[np.float32]  # (F,)
    std: NDArray[np.float32]  # (F,), never 0

    @classmethod
    def fit(
        cls, values: NDArray[np.float32], observed: NDArray[np.bool_], chunk: int = 8192
    ) -> "Standardiser":
        """Read the statistics of the known values of observed weeks.

        values: (N, T, F), NaN where unknown.  observed: (N, T).
        A feature that is never known, or always the same, keeps its scale.
        """
        n = np.zeros(values.shape[2])
        total, squares = n.copy(), n.copy()
        for start in range(0, len(values), chunk):
            weeks = values[start : start + chunk][observed[start : start + chunk]]
            known = ~np.isnan(weeks)
            filled = np.where(known, weeks, 0.0).astype(np.float64)
            n += known.sum(axis=0)
            total += filled.sum(axis=0)
            squares += (filled**2).sum(axis=0)
        mean = total / np.maximum(n, 1)
        variance = np.maximum(squares / np.maximum(n, 1) - mean**2, 0.0)
        std = np.where(variance > 1e-12, np.sqrt(variance), 1.0)
        return cls(mean.astype(np.float32), std.astype(np.float32))

    def apply(self, values: NDArray[np.float32], observed: NDArray[np.bool_]) -> Tensor:
        """Make the network's input: (N, T, F) float32."""
        scaled = (values - self.mean) / self.std
        known = ~np.isnan(values) & observed[..., None]
        return torch.from_numpy(np.where(known, scaled, np.float32(0.0)).astype(np.float32))
