"""Makes a trained network really smaller: the units that matter least are cut out of its weights.

Whole units leave every layer: of the GRUs, of both attentions, of the fusion and of the heads. What
is left is an ordinary, narrower network, which can be trained a little more, saved and served.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork

Weights = Mapping[str, Tensor]


def pruned(network: RiskNetwork, share: float) -> RiskNetwork:
    """A network with about this share of each layer's units, the most important ones, in eval mode.

    A unit is as important as the weights that lead to it times those that lead on from it.
    Raises ModelError for a network with another encoder than GRUs.
    """
    config = network.config
    if config.encoder != "gru":
        raise ModelError(f"only a network of GRUs can be pruned, not one with a {config.encoder}")
    small = smaller(config, share)
    cut = RiskNetwork(small)
    with torch.no_grad():
        cut.load_state_dict(_cut(network.state_dict(), config, small))
    return cut.eval()


def smaller(config: RiskConfig, share: float) -> RiskConfig:
    """The sizes of a network with about this share of units. The heads stay as many as they are."""
    fits = [
        n
        for n in range(1, max(1, round(share * config.hidden)) + 1)
        if replace(config, hidden=n).cross_heads == config.cross_heads
    ]
    first, second = (max(1, round(share * each)) for each in config.fusion)
    return replace(
        config,
        hidden=fits[-1] if fits else config.hidden,
        projection=max(1, round(share * config.projection / config.heads)) * config.heads,
        fusion=(first, second),
        head=max(1, round(share * config.head)),
    )


def _cut(old: Weights, config: RiskConfig, small: RiskConfig) -> dict[str, Tensor]:
    """The weights of the smaller network."""
    new, state = _recurrent(old, config, small)
    every = torch.cat([at * config.state + state for at in range(len(config.modality_sizes))])
    if config.cross:
        heads = config.cross_heads
        new |= _attention(old, "cross", state, state, heads, small.state)
        new |= {name: old[name][state] for name in ("norm.weight", "norm.bias")}
    width = old["attention.in_proj_weight"].norm(dim=0) * old["project.weight"].norm(dim=1)
    inside = _best(width, small.projection)
    after = old["attention.out_proj.weight"].norm(dim=1) * old["fusion.0.weight"].norm(dim=0)
    pooled = _best(after, small.projection)
    new |= _line(old, "project", inside, every)
    new |= _attention(old, "attention", inside, pooled, config.heads, small.projection)
    first = _best(_weight(old, "fusion.0", "fusion.3"), small.fusion[0])
    beyond = _weight(old, "fusion.3", "score.0") + _weight(old, "fusion.3", "category.0")
    second = _best(beyond, small.fusion[1])
    new |= _line(old, "fusion.0", first, pooled) | _line(old, "fusion.3", second, first)
    for name in ("score", "category"):
        units = _best(_weight(old, f"{name}.0", f"{name}.2"), small.head)
        all_outputs = torch.arange(len(old[f"{name}.2.bias"]))
        new |= _line(old, f"{name}.0", units, second) | _line(old, f"{name}.2", all_outputs, units)
    return new


def _recurrent(
    old: Weights, config: RiskConfig, small: RiskConfig
) -> tuple[dict[str, Tensor], Tensor]:
    """The GRUs' weights, and which numbers of a week's state are left.

    The same units stay in every modality, because the attention between modalities shares them.
    """
    new: dict[str, Tensor] = {}
    ways = ("", "_reverse") if config.bidirectional else ("",)
    before: Tensor | None = None
    for layer in range(config.layers):
        state = []
        for at, way in enumerate(ways):
            end = f"_l{layer}{way}"
            size = sum(
                old[f"grus.{m}.weight_{kind}{end}"].reshape(3, config.hidden, -1).norm(dim=(0, 2))
                for m in range(len(config.modality_sizes))
                for kind in ("ih", "hh")
            )
            units = _best(torch.as_tensor(size), small.hidden)
            rows = torch.cat([gate * config.hidden + units for gate in range(3)])
            for m in range(len(config.modality_sizes)):
                given = old[f"grus.{m}.weight_ih{end}"][rows]
                new[f"grus.{m}.weight_ih{end}"] = given if before is None else given[:, before]
                new[f"grus.{m}.weight_hh{end}"] = old[f"grus.{m}.weight_hh{end}"][rows][:, units]
                for kind in ("ih", "hh"):
                    new[f"grus.{m}.bias_{kind}{end}"] = old[f"grus.{m}.bias_{kind}{end}"][rows]
            state.append(at * config.hidden + units)
        before = torch.cat(state)
    assert before is not None
    return new, before


def _attention(
    old: Weights, name: str, inside: Tensor, after: Tensor, heads: int, width: int
) -> dict[str, Tensor]:
    """An attention's weights, with fewer dimensions in each head.

    inside, after: which inputs and outputs are left.  width: of all heads together.
    """
    w_q, w_k, w_v = old[f"{name}.in_proj_weight"].chunk(3)
    b_q, b_k, b_v = old[f"{name}.in_proj_bias"].chunk(3)
    out = old[f"{name}.out_proj.weight"]
    size, left = len(w_q) // heads, width // heads

    def of_each_head(importance: Tensor) -> Tensor:
        parts = enumerate(importance.reshape(heads, size))
        return torch.cat([head * size + _best(part, left) for head, part in parts])

    looks = of_each_head(w_q.norm(dim=1) * w_k.norm(dim=1))
    says = of_each_head(w_v.norm(dim=1) * out.norm(dim=0))
    even = (left / size) ** 0.5  # a sum of fewer products is divided by less
    weight = torch.cat([even * w_q[looks], w_k[looks], w_v[says]])
    return {
        f"{name}.in_proj_weight": weight[:, inside],
        f"{name}.in_proj_bias": torch.cat([even * b_q[looks], b_k[looks], b_v[says]]),
        f"{name}.out_proj.weight": out[after][:, says],
        f"{name}.out_proj.bias": old[f"{name}.out_proj.bias"][after],
    }


def _weight(old: Weights, to: str, onward: str) -> Tensor:
    """How important each unit between two layers is."""
    found: Tensor = old[f"{to}.weight"].norm(dim=1) * old[f"{onward}.weight"].norm(dim=0)
    return found


def _line(old: Weights, name: str, rows: Tensor, columns: Tensor) -> dict[str, Tensor]:
    """A linear layer with some of its outputs and inputs."""
    return {
        f"{name}.weight": old[f"{name}.weight"][rows][:, columns],
        f"{name}.bias": old[f"{name}.bias"][rows],
    }


def _best(importance: Tensor, count: int) -> Tensor:
    """The most important units, in their order."""
    return importance.topk(count).indices.sort().values
