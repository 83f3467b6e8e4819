"""The risk network's training path: the same function, with all GRUs stepped at once.

A GRU of 42 units is too small to keep a processor busy, so the three modalities and both
directions advance together, and only the last week, the one that is scored, asks a question of
the others. The tests hold outputs and gradients to the plain form of `models/risk.py`.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class _Steps(torch.autograd.Function):
    """The recurrent half of G independent GRUs; the input half is given."""

    @staticmethod
    def forward(ctx: Any, gates_x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """gates_x: (G, T, B, 3H), gates in the order reset, update, new.

        weight: (G, H, 3H).  bias: (G, 1, 3H).  Returns states (G, T, B, H).
        """
        groups, length, batch, width = gates_x.shape
        hidden = width // 3
        states = gates_x.new_zeros(groups, length + 1, batch, hidden)  # [:, 0] is the start
        rz = gates_x.new_empty(groups, length, batch, 2 * hidden)
        new = gates_x.new_empty(groups, length, batch, hidden)
        recurrent = torch.empty_like(new)
        for t in range(length):
            before = states[:, t]
            gates_h = torch.baddbmm(bias, before, weight)
            both = rz[:, t]
            torch.add(gates_x[:, t, :, : 2 * hidden], gates_h[..., : 2 * hidden], out=both)
            both.sigmoid_()
            recurrent[:, t] = gates_h[..., 2 * hidden :]
            n = new[:, t]
            torch.addcmul(
                gates_x[:, t, :, 2 * hidden :], both[..., :hidden], recurrent[:, t], out=n
            )
            n.tanh_()
            torch.lerp(n, before, both[..., hidden:], out=states[:, t + 1])
        ctx.save_for_backward(states, rz, new, recurrent, weight)
        return states[:, 1:]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Back through the weeks, then all weights in one product."""
        states, rz, new, recurrent, weight = ctx.saved_tensors
        groups, length, batch, hidden = new.shape
        keep = (1 - rz) * rz
        slope = 1 - new * new
        by_x = new.new_empty(groups, length, batch, 3 * hidden)
        by_h = torch.empty_like(by_x)
        carried = new.new_zeros(groups, batch, hidden)
        back = weight.transpose(1, 2)
        for t in range(length - 1, -1, -1):
            carried = carried + grads[0][:, t]
            r, z = rz[:, t, :, :hidden], rz[:, t, :, hidden:]
            by_new = by_x[:, t, :, 2 * hidden :]
            torch.mul(carried, 1 - z, out=by_new)
            by_new *= slope[:, t]
            torch.mul(by_new, r, out=by_h[:, t, :, 2 * hidden :])
            gate = by_x[:, t, :, : 2 * hidden]
            torch.mul(by_new, recurrent[:, t], out=gate[..., :hidden])
            torch.mul(carried, states[:, t] - new[:, t], out=gate[..., hidden:])
            gate *= keep[:, t]
            by_h[:, t, :, : 2 * hidden] = gate
            carried = torch.baddbmm(carried * z, by_h[:, t], back)
        flat = by_h.reshape(groups, length * batch, 3 * hidden)
        before = states[:, :-1].reshape(groups, length * batch, hidden)
        return by_x, torch.bmm(before.transpose(1, 2), flat), flat.sum(dim=1, keepdim=True)


def weekly_states(grus: nn.ModuleList, values: Tensor, dropout: float) -> Tensor:
    """What every GRU says of every week: (B, T, F) to (B, T, 2 * hidden * modalities)."""
    first = grus[0]
    assert isinstance(first, nn.GRU)
    sizes = [gru.input_size for gru in grus if isinstance(gru, nn.GRU)]
    weeks = [part.transpose(0, 1) for part in torch.split(values, sizes, dim=2)]  # (T, B, size)
    for layer in range(first.num_layers):
        if layer and dropout:
            weeks = [part * F.dropout(torch.ones_like(part[:1]), dropout) for part in weeks]
        weeks = _layer(grus, weeks, layer)
    return torch.cat(weeks, dim=2).transpose(0, 1)


def _layer(grus: nn.ModuleList, weeks: list[Tensor], layer: int) -> list[Tensor]:
    """One bidirectional layer of every modality; each item (T, B, in) to (T, B, 2 * hidden)."""
    gates, weights, biases = [], [], []
    for gru, part in zip(grus, weeks, strict=True):
        for suffix in (f"l{layer}", f"l{layer}_reverse"):
            x = F.linear(
                part, getattr(gru, f"weight_ih_{suffix}"), getattr(gru, f"bias_ih_{suffix}")
            )
            gates.append(x.flip(0) if suffix.endswith("reverse") else x)
            weights.append(getattr(gru, f"weight_hh_{suffix}").t())
            biases.append(getattr(gru, f"bias_hh_{suffix}").unsqueeze(0))
    given = torch.stack(gates), torch.stack(weights), torch.stack(biases)
    states: Tensor = _Steps.apply(*given)  # type: ignore[no-untyped-call]
    return [torch.cat([states[2 * m], states[2 * m + 1].flip(0)], dim=2) for m in range(len(weeks))]


def last_week(
    project: nn.Linear, attention: nn.MultiheadAttention, states: Tensor, observed: Tensor
) -> Tensor:
    """The attended state of the last week: (B, T, width) to (B, projection).

    The question is carried back to the width of the states, so no week is projected by itself.
    """
    heads, size = attention.num_heads, attention.head_dim
    w_q, w_k, w_v = attention.in_proj_weight.chunk(3)
    b_q, _, b_v = attention.in_proj_bias.chunk(3)  # a key bias shifts all weeks alike
    query = F.linear(project(states[:, -1]), w_q, b_q).reshape(-1, heads, size) * size**-0.5
    sought = torch.einsum("bhd,hdp->bhp", query, w_k.reshape(heads, size, -1))
    sought = sought @ project.weight  # (B, heads, width); the bias shifts all weeks alike
    scores = torch.bmm(sought, states.transpose(1, 2))  # (B, heads, T)
    weights = scores.masked_fill(~observed[:, None, :], -torch.inf).softmax(dim=-1)
    weights = F.dropout(weights, attention.dropout)
    attended = torch.bmm(weights, states) @ project.weight.t()  # (B, heads, projection)
    attended = attended + weights.sum(dim=-1, keepdim=True) * project.bias
    mixed = torch.einsum("bhp,hdp->bhd", attended, w_v.reshape(heads, size, -1))
    mixed = mixed + weights.sum(dim=-1, keepdim=True) * b_v.reshape(heads, size)
    pooled: Tensor = attention.out_proj(mixed.flatten(1))
    return pooled
