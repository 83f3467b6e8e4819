"""What may read the weeks of a risk network instead of its GRUs: a Transformer or convolutions.

Each gives every week a state that knows of the weeks around it. With `ahead` off, a week knows of
earlier weeks only. Padded weeks say nothing.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KERNEL = 3  # weeks that one convolution sees: a week, and one on each side or the two before


def looked(own: nn.MultiheadAttention, tokens: Tensor, hidden: Tensor | None = None) -> Tensor:
    """Self-attention with a module's weights: what each of N tokens collects from the others.

    tokens: (..., N, width).  hidden: bool, broadcast to (..., heads, N, N), True where one may not
    see another.  Written out, because torch's own has a shortcut that no exporter knows.
    """
    made = F.linear(tokens, own.in_proj_weight, own.in_proj_bias)
    made = torch.unflatten(made, -1, (3 * own.num_heads, -1)).transpose(-3, -2)
    query, key, value = made.chunk(3, dim=-3)  # (..., heads, N, d)
    scores = query @ key.mT * own.head_dim**-0.5
    if hidden is not None:
        scores = scores.masked_fill(hidden, -torch.inf)
    mixed = F.dropout(scores.softmax(dim=-1), own.dropout, own.training) @ value
    found: Tensor = own.out_proj(mixed.transpose(-3, -2).flatten(-2))
    return found


class Transformer(nn.Module):
    """Reads all inputs of a week at once: an encoder with learned positions (Vaswani et al. 2017).

    Norms come first in each layer, which trains more steadily.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        length: int,
        heads: int,
        layers: int,
        dropout: float,
        ahead: bool,
    ) -> None:
        super().__init__()
        self.ahead = ahead
        self.embed = nn.Linear(inputs, width)
        self.positions = nn.Parameter(0.02 * torch.randn(length, width))
        self.layers = nn.ModuleList(_Layer(width, heads, 2 * width, dropout) for _ in range(layers))

    def forward(self, values: Tensor, observed: Tensor) -> Tensor:
        """(B, T, F) and (B, T) to (B, T, width)."""
        length = values.shape[1]
        own = torch.eye(length, dtype=torch.bool, device=values.device)
        hidden = ~observed[:, None, :] & ~own  # each week sees itself, so none sees nothing
        if not self.ahead:
            hidden = hidden | torch.ones_like(own).triu(1)
        states: Tensor = self.embed(values) + self.positions[:length]
        for layer in self.layers:
            states = layer(states, hidden[:, None])
        return states


class _Layer(nn.TransformerEncoderLayer):
    """One layer: attention over the weeks, then each week by itself."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__(width, heads, inner, dropout, batch_first=True, norm_first=True)

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:  # type: ignore[override]
        """(B, T, width) to the same shape.  hidden: bool, broadcast to (B, heads, T, T)."""
        states = states + self.dropout1(looked(self.self_attn, self.norm1(states), hidden))
        inner = self.dropout(F.relu(self.linear1(self.norm2(states))))
        together: Tensor = states + self.dropout2(self.linear2(inner))
        return together


class Convolutions(nn.Module):
    """Temporal convolutions of one modality, each over weeks farther apart (Bai et al. 2018)."""

    def __init__(self, inputs: int, width: int, blocks: int, dropout: float, ahead: bool) -> None:
        super().__init__()
        self.embed = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(Convolution(width, 2**n, ahead) for n in range(blocks))
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor, observed: Tensor) -> Tensor:
        """(B, T, F) and (B, T) to (B, T, width)."""
        seen = observed[..., None]
        states: Tensor = self.embed(values)
        for block in self.blocks:
            states = self.dropout(block(states * seen))  # a padded week is as none at all
        return states


class Convolution(nn.Module):
    """Adds to each week what it and two others say: so many weeks apart, before and after it.

    Without `ahead`, both come before it.
    """

    def __init__(self, size: int, apart: int, ahead: bool = False) -> None:
        super().__init__()
        self.around = (apart, apart) if ahead else (2 * apart, 0)
        self.over = nn.Conv1d(size, size, KERNEL, dilation=apart)

    def forward(self, weeks: Tensor) -> Tensor:
        """(B, T, size) to the same shape."""
        wide = F.pad(weeks.transpose(1, 2), self.around)
        return weeks + F.relu(self.over(wide)).transpose(1, 2)
