"""Variants of the risk network: other inputs, and other ways from the weeks to the one state.

Each is asked as the served network is: `forward` scores the last week, `each_week` all of them when
no week may see a later one.
"""

from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.encoders import Convolution
from edupulse_core.families.risk.network import Encoder, RiskConfig, RiskNetwork, Standardizer

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]

FAR = 5.0  # spreads; robust inputs end there


@dataclass(frozen=True)
class Variant:
    """What differs from the design; nothing does by default."""

    masks: bool = False  # beside each value: whether it is unknown, and weeks since it was not 0
    robust: bool = False  # logarithms, less the median, in interquartile ranges, clipped
    pooling: bool = False  # attention over all weeks' states, in place of the last week's
    convolutions: bool = False  # over time, before the GRUs
    cross: bool = False  # modalities attend to each other, week by week
    transformer: bool = False  # the product's, in place of the GRUs

    def __or__(self, other: "Variant") -> "Variant":
        return Variant(*(a or b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def inputs(self, values: Values, observed: Mask, sizes: tuple[int, ...]) -> "Inputs":
        """What raw weeks go through, fitted on training rows.

        values: (N, T, F), NaN where unknown.  observed: (N, T).
        sizes: of the modalities, F in all.
        """
        if not self.robust:
            return Inputs(Standardizer.fit(values, observed), sizes, self)
        logs = _log(values)
        scale = Standardizer.fit(logs, observed)
        known = [logs[..., f][observed & ~np.isnan(logs[..., f])] for f in range(logs.shape[2])]
        low, middle, high = np.array(
            [np.quantile(some, (0.25, 0.5, 0.75)) if len(some) else np.zeros(3) for some in known],
            dtype=np.float32,
        ).T
        spread = (high - low) / np.float32(1.349)  # of a normal distribution: its deviation
        robust = Standardizer(middle, np.where(spread > 1e-6, spread, scale.std))
        return Inputs(robust, sizes, self)

    def network(self, config: RiskConfig) -> RiskNetwork:
        """An untrained network for the inputs of this variant.

        config: of the design, `modality_sizes` counting the raw features.
        """
        sizes = tuple((1 + 2 * self.masks) * size for size in config.modality_sizes)
        encoder: Encoder = "transformer" if self.transformer else config.encoder
        config = replace(config, modality_sizes=sizes, cross=self.cross, encoder=encoder)
        plain = not (self.pooling or self.convolutions)
        return RiskNetwork(config) if plain else Network(config, self)


DESIGN = Variant()
INPUTS = {"masks and times": Variant(masks=True), "logs, robust scale": Variant(robust=True)}
ARCHITECTURES = {
    "attention pooling": Variant(pooling=True),
    "temporal convolutions": Variant(convolutions=True),
    "cross-modal attention": Variant(cross=True),
    "Transformer encoder": Variant(transformer=True),
}


@dataclass(frozen=True)
class Inputs:
    """From raw weeks to a network's input; stands where a Standardizer does."""

    scale: Standardizer
    sizes: tuple[int, ...]  # of the modalities, before masks
    variant: Variant

    def apply(self, values: Values, observed: Mask) -> Tensor:
        """(N, T, F) to (N, T, F) float32, or 3 F with masks; 0 where padded."""
        if self.variant.robust:
            x = self.scale.apply(_log(values), observed).clamp(-FAR, FAR)
        else:
            x = self.scale.apply(values, observed)
        if not self.variant.masks:
            return x
        unknown = torch.from_numpy((np.isnan(values) & observed[..., None]).astype(np.float32))
        beside = [
            torch.split(part, self.sizes, 2) for part in (x, unknown, _since(values, observed))
        ]
        modalities = zip(*beside, strict=True)
        return torch.cat([part for modality in modalities for part in modality], dim=2)


def _log(values: Values) -> Values:
    """Signed logarithms: counts shrink, shares hardly change."""
    shrunk: Values = np.sign(values) * np.log1p(np.abs(values))
    return shrunk


def _since(values: Values, observed: Mask) -> Tensor:
    """Share of the window since a value was last known and not 0; since the first week if never."""
    length = values.shape[1]
    week = np.arange(length)[None, :, None]
    first = np.where(observed.any(axis=1), observed.argmax(axis=1), length)[:, None, None]
    seen = np.where(observed[..., None] & (np.nan_to_num(values) != 0), week, first)
    since = np.where(observed[..., None], week - np.maximum.accumulate(seen, axis=1), 0)
    return torch.from_numpy((since / length).astype(np.float32))


class Network(RiskNetwork):
    """The design with parts that the product lacks; takes a RiskNetwork's place."""

    def __init__(self, config: RiskConfig, variant: Variant) -> None:
        super().__init__(config)
        self.variant = variant
        if variant.convolutions:
            self.convolutions = nn.ModuleList(
                nn.Sequential(Convolution(size, 1), Convolution(size, 2))
                for size in config.modality_sizes
            )
        if variant.pooling:
            self.pool = nn.Linear(config.projection, 1)

    def forward(self, values: Tensor, observed: Tensor, **unknown: Any) -> tuple[Tensor, Tensor]:
        """As RiskNetwork's, without the attention."""
        return self._heads(self._attended(values, observed, slice(-1, None))[:, 0])

    def each_week(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """As RiskNetwork's."""
        if self.config.bidirectional:
            raise ModelError("config.json: a bidirectional network scores only the last week")
        observed = torch.ones(values.shape[:2], dtype=torch.bool)
        return self._heads(self._attended(values, observed, slice(None)))

    def _attended(self, values: Tensor, observed: Tensor, asked: slice) -> Tensor:
        """The state of each asked week, (B, asked, projection)."""
        hidden = self._hidden(observed)
        weeks = self._projected(values, observed)
        if not self.variant.pooling:
            return self._attend(weeks[:, asked], weeks, hidden[:, asked])
        mixed = self._attend(weeks, weeks, hidden)
        scores = self.pool(mixed).transpose(1, 2)  # (B, 1, T)
        return scores.masked_fill(hidden[:, asked], -torch.inf).softmax(dim=-1) @ mixed

    def _attend(self, queries: Tensor, weeks: Tensor, hidden: Tensor) -> Tensor:
        mask = hidden.repeat_interleave(self.config.heads, dim=0)
        mixed: Tensor = self.attention(queries, weeks, weeks, attn_mask=mask, need_weights=False)[0]
        return mixed

    def _hidden(self, observed: Tensor) -> Tensor:
        """(B, T, T): whether a week may not see another. Each sees itself, so none sees nothing."""
        length = observed.shape[1]
        hidden = ~observed[:, None, :] & ~torch.eye(length, dtype=torch.bool)
        if self.config.bidirectional:
            return hidden
        return hidden | torch.ones(length, length, dtype=torch.bool).triu(1)

    def _projected(self, values: Tensor, observed: Tensor) -> Tensor:
        """(B, T, F) to (B, T, projection)."""
        if self.variant.convolutions:
            parts = torch.split(values, list(self.config.modality_sizes), dim=2)
            values = torch.cat(
                [own(part) for own, part in zip(self.convolutions, parts, strict=True)], dim=2
            )
        weeks: Tensor = self.project(self._weeks(values, observed))
        return weeks
