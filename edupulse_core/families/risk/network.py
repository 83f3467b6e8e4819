"""The risk network: from 20 weeks of attendance, grades and discipline to an expected severity."""

from dataclasses import asdict, dataclass, fields
from math import gcd
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.risk.encoders import Convolutions, Transformer, looked
from edupulse_core.families.risk.learned import Logits, Mask, Scale, Values, standardize

CHUNK = 1024  # rows scored at once
Encoder = Literal["gru", "transformer", "tcn"]  # tcn: temporal convolutions


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
    dropout_between: float = 0.0  # in training: between GRU layers
    dropout_heads: float = 0.0  # in training: in both output heads
    bidirectional: bool = True  # False: no week sees a later one, so `each_week` can score them all
    cross: bool = False  # True: each week's modalities attend to each other before the weeks do
    encoder: Encoder = "gru"  # what reads the weeks; a transformer reads all modalities together

    def __post_init__(self) -> None:
        sizes = (*self.modality_sizes, self.length, self.hidden, self.layers, *self.fusion)
        if min(*sizes, self.projection, self.heads, self.head, self.tiers) < 1:
            raise ModelError(f"config.json: every size must be at least 1: {self}")
        if self.projection % self.heads:
            raise ModelError(
                f"config.json: projection {self.projection} is not divisible by {self.heads} heads"
            )
        for dropout in (self.dropout, self.dropout_between, self.dropout_heads):
            if not 0 <= dropout < 1:
                raise ModelError(f"config.json: dropout must be in [0, 1), found {dropout}")
        if self.encoder not in get_args(Encoder):
            known = ", ".join(get_args(Encoder))
            raise ModelError(f"config.json: encoder must be one of {known}, found {self.encoder!r}")

    @property
    def state(self) -> int:
        """Numbers that describe one week of one modality after its encoder."""
        return (1 + self.bidirectional) * self.hidden

    @property
    def width(self) -> int:
        """Numbers that describe one week of all modalities."""
        together = self.encoder == "transformer"
        return self.projection if together else self.state * len(self.modality_sizes)

    @property
    def cross_heads(self) -> int:
        """Heads of the attention between modalities: as many as divide a week's state, or 0."""
        apart = self.cross and self.encoder != "transformer"
        return gcd(self.heads, self.state) if apart else 0

    @property
    def n_features(self) -> int:
        """Inputs of one week, all modalities."""
        return sum(self.modality_sizes)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads; dropout in the heads and the encoder only where they differ.

        Versions were saved before these existed, and saving one again changes no byte.
        """
        value = asdict(self)
        if not self.dropout_heads:
            del value["dropout_heads"]
        if self.encoder == "gru":
            del value["encoder"]
        return value

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
    """A bidirectional GRU for each modality, attention over the weeks, and two heads.

    Another encoder may stand in the place of the GRUs. With `cross`, the modalities of a week
    attend to each other first (Tsai et al. 2019), with a residual connection and layer
    normalization.
    """

    def __init__(self, config: RiskConfig) -> None:
        super().__init__()
        self.config = config
        self.grus, self.encoders = nn.ModuleList(), nn.ModuleList()
        _add_encoders(self, config)
        if config.cross_heads:
            self.cross = nn.MultiheadAttention(
                config.state, config.cross_heads, config.dropout, batch_first=True
            )
            self.norm = nn.LayerNorm(config.state)
        self.project = nn.Linear(config.width, config.projection)
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
        self.score = _head(second, config, 1)
        self.category = _head(second, config, config.tiers)

    def forward(
        self, values: Tensor, observed: Tensor, *, return_attention: bool = False
    ) -> tuple[Tensor, ...]:
        """Score each student's weeks, oldest first and left-padded.

        values: (B, T, F) float, standardized, 0 where unknown or padded.
        observed: (B, T) bool, False where padded; the last week is always observed.
        Returns score logits (B,), category logits (B, 4) and, if asked for, attention
        (B, heads, T, T), whose rows sum to 1 over observed weeks and are 0 for padded ones.
        """
        if not return_attention:
            return self.scored(values, observed)[:2]
        weeks = self._weeks(values, observed)
        mixed, attention = self._attend(weeks, weeks, ~observed[:, None, None])
        outputs = self._heads(mixed[:, -1])
        return *outputs, attention.transpose(1, 2) * observed[:, None, :, None]

    def scored(self, values: Tensor, observed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `forward`, with the attention of the scored week alone.

        Returns score logits (B,), category logits (B, 4) and how much the last week looks at each,
        (B, heads, T); a row sums to 1.
        """
        weeks = self._weeks(values, observed)
        mixed, attention = self._attend(weeks[:, -1:], weeks, ~observed[:, None, None])
        return *self._heads(mixed[:, -1]), attention[:, 0]

    def each_week(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Score every week from itself and earlier weeks, as `forward` would in that week.

        values: (B, T, F), no week padded.  Returns score logits (B, T) and category logits
        (B, T, 4).  Raises ModelError for a network whose weeks see later ones.
        """
        if self.config.bidirectional:
            raise ModelError("config.json: a bidirectional network scores only the last week")
        weeks = self._weeks(values, torch.ones_like(values[..., 0], dtype=torch.bool))
        square = (values.shape[1], values.shape[1])
        later = torch.ones(square, dtype=torch.bool, device=values.device).triu(1)
        return self._heads(self._attend(weeks, weeks, later[:, None])[0])

    def logits(self, values: Values, observed: Mask, scale: Scale) -> Logits:
        """See `Learned.logits`."""
        scores, categories = [], []
        with torch.inference_mode():
            for start in range(0, max(1, len(values)), CHUNK):
                part = slice(start, start + CHUNK)
                weeks = torch.from_numpy(standardize(scale, values[part], observed[part]))
                score, category = self(weeks, torch.from_numpy(observed[part]))
                scores.append(score.double().numpy())
                categories.append(category.double().numpy())
        return np.concatenate(scores), np.concatenate(categories)

    @torch.no_grad()
    def rescale(self, scale: float, shift: NDArray[np.float64]) -> None:
        """See `Learned.rescale`: both go into the layer's own weights."""
        last = self.category[-1]
        assert isinstance(last, nn.Linear)
        last.weight *= scale
        last.bias.mul_(scale).add_(torch.from_numpy(shift.astype(np.float32)))

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        whole.write_json(folder / "config.json", self.config.as_json())
        state = {name: value.contiguous() for name, value in self.state_dict().items()}
        (folder / "weights.safetensors").write_bytes(safetensors.torch.save(state))

    def _weeks(self, values: Tensor, observed: Tensor) -> Tensor:
        """The state of every week: (B, T, F) to (B, T, width)."""
        if self.config.encoder == "transformer":
            together: Tensor = self.encoders[0](values, observed)
            return together
        sizes = list(self.config.modality_sizes)
        if self.config.encoder == "tcn":
            parts = torch.split(values, sizes, dim=2)
            read = [own(part, observed) for own, part in zip(self.encoders, parts, strict=True)]
            return self._met(torch.cat(read, dim=2))
        parts = torch.split(values.transpose(0, 1), sizes, dim=2)
        states = [gru(part)[0] for gru, part in zip(self.grus, parts, strict=True)]
        return self._met(torch.cat(states, dim=2)).transpose(0, 1)

    def _met(self, states: Tensor) -> Tensor:
        """The modalities of a week after they attended to each other; (..., width) both."""
        if not self.config.cross_heads:
            return states
        tokens = torch.unflatten(states, -1, (-1, self.config.state))  # (..., M, state)
        met: Tensor = self.norm(tokens + looked(self.cross, tokens))
        return met.flatten(-2)

    def _attend(self, asking: Tensor, weeks: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """What each asking week collects from the weeks that it may see.

        asking: (B, Q, width).  weeks: (B, T, width).  hidden: bool, broadcast to (B, Q, heads, T).
        Returns (B, Q, projection) and the attention (B, Q, heads, T).  Keys and values are made
        from the weeks' own states, so only the asking weeks are projected.
        """
        own, project, n_asking = self.attention, self.project, asking.shape[1]
        heads, size = own.num_heads, own.head_dim
        w_q, w_k, w_v = own.in_proj_weight.chunk(3)
        b_q, _, b_v = own.in_proj_bias.chunk(3)  # a bias of the keys would shift all weeks alike
        keys, values = (
            torch.unflatten(part @ project.weight, 0, (heads, size)) for part in (w_k, w_v)
        )  # (heads, d, width)
        question = F.linear(project(asking), w_q, b_q) * size**-0.5
        question = question.reshape(-1, heads, size).transpose(0, 1)  # (heads, B Q, d)
        sought = (question @ keys).transpose(0, 1).reshape(-1, n_asking * heads, keys.shape[2])
        scores = torch.unflatten(sought @ weeks.mT, 1, (n_asking, heads))  # (B, Q, heads, T)
        attention = scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)
        looks = F.dropout(attention, own.dropout, self.training)
        gathered = (looks.flatten(1, 2) @ weeks).reshape(-1, heads, keys.shape[2])
        mixed = (gathered.transpose(0, 1) @ values.mT).transpose(0, 1)  # (B Q, heads, d)
        bias = (w_v @ project.bias + b_v).reshape(heads, size)
        mixed = mixed + looks.sum(dim=-1).reshape(-1, heads, 1) * bias
        return own.out_proj(mixed.reshape(-1, n_asking, heads * size)), attention

    def _heads(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        fused = self.fusion(pooled)  # (B, 64) or (B, T, 64)
        return self.score(fused).squeeze(-1), self.category(fused)


def _add_encoders(network: RiskNetwork, config: RiskConfig) -> None:
    """What reads the weeks: one module for each modality, or one for all."""
    ahead, dropout, sizes = config.bidirectional, config.dropout, config.modality_sizes
    if config.encoder == "transformer":
        network.encoders.append(
            Transformer(
                config.n_features,
                config.width,
                config.length,
                config.heads,
                config.layers + 1,
                dropout,
                ahead,
            )
        )
    elif config.encoder == "tcn":
        blocks = config.layers + 2  # 7 weeks on each side of a week, with one layer
        network.encoders.extend(
            Convolutions(size, config.state, blocks, dropout, ahead) for size in sizes
        )
    else:
        between = config.dropout_between if config.layers > 1 else 0.0
        network.grus.extend(
            nn.GRU(size, config.hidden, config.layers, bidirectional=ahead, dropout=between)
            for size in sizes
        )


def _head(inputs: int, config: RiskConfig, outputs: int) -> nn.Sequential:
    bend: nn.Module = nn.ReLU()
    if config.dropout_heads:  # within one step, so that the weights keep their names
        bend = nn.Sequential(bend, nn.Dropout(config.dropout_heads))
    return nn.Sequential(nn.Linear(inputs, config.head), bend, nn.Linear(config.head, outputs))


@dataclass(frozen=True)
class Standardizer:
    """Scales each feature to mean 0 and spread 1; unknown becomes the mean, padding becomes 0."""

    mean: NDArray[np.float32]  # (F,)
    std: NDArray[np.float32]  # (F,), never 0

    @classmethod
    def fit(
        cls, values: NDArray[np.float32], observed: NDArray[np.bool_], chunk: int = 8192
    ) -> "Standardizer":
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
        return torch.from_numpy(standardize(self, values, observed).astype(np.float32))


class Served(nn.Module):
    """The network with its standardizer inside: this is what serves and what ONNX holds."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: RiskNetwork, standardizer: Standardizer) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.from_numpy(standardizer.mean))
        self.register_buffer("std", torch.from_numpy(standardizer.std))

    def forward(self, values: Tensor, observed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score raw weeks (B, T, F), NaN where unknown; as `RiskNetwork.scored` otherwise."""
        known = ~values.isnan() & observed[..., None]
        scaled = torch.where(known, (values - self.mean) / self.std, 0.0)
        return self.network.scored(scaled, observed)
