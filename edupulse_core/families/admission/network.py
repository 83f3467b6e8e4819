"""The small network: twelve numbers, two hidden layers, the log odds of being admitted."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.families import version as whole
from edupulse_core.families.admission.plans import NetworkPlan
from edupulse_core.families.admission.scale import Scale
from edupulse_core.families.family import Run
from edupulse_core.training import loop

Array = NDArray[np.float64]
WEIGHTS, SHAPE = "weights.safetensors", "network.json"
FARTHEST = 5.0  # spreads from the mean: a network knows nothing of what is farther


class AdmissionNetwork(nn.Module):
    """Two hidden layers."""

    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden // 2),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden // 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, F) -> log odds (B,)."""
        found: Tensor = self.layers(x).squeeze(-1)
        return found


@dataclass(frozen=True)
class Networks:
    """Several networks, whose mean log odds count."""

    members: tuple[AdmissionNetwork, ...]
    scale: Scale
    hidden: int

    @torch.no_grad()
    def logits(self, x: Array) -> Array:
        """See `Learned.logits`."""
        tensor = prepared(self.scale, x)
        return torch.stack([each(tensor) for each in self.members]).mean(dim=0).double().numpy()

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        weights = {
            f"{at}.{name}": value.contiguous()
            for at, each in enumerate(self.members)
            for name, value in each.state_dict().items()
        }
        safetensors.torch.save_file(weights, folder / WEIGHTS)
        about = {"hidden": self.hidden, "members": len(self.members), "scale": self.scale.as_json()}
        whole.write_json(folder / SHAPE, about)

    @classmethod
    def open(cls, folder: Path) -> "Networks":
        """Read saved networks."""
        about = whole.read_json(folder, SHAPE)
        scale, hidden = Scale.from_json(about["scale"]), int(about["hidden"])
        weights = safetensors.torch.load(whole.read(folder, WEIGHTS))
        members = []
        for at in range(int(about["members"])):
            made = AdmissionNetwork(len(scale.mean) + int(scale.gaps.sum()), hidden, 0.0)
            own = {n.split(".", 1)[1]: t for n, t in weights.items() if n.startswith(f"{at}.")}
            made.load_state_dict(own)
            members.append(made.eval())
        return cls(tuple(members), scale, hidden)


def prepared(scale: Scale, x: Array) -> Tensor:
    """The numbers as the network reads them, (N, F)."""
    return torch.from_numpy(np.clip(scale(x), -FARTHEST, FARTHEST).astype(np.float32))


def fit(
    train: tuple[Array, Array], validation: tuple[Array, Array], plan: NetworkPlan, run: Run
) -> tuple[Networks, list[dict[str, float]]]:
    """Train on cases and what came of them; stop and choose on validation cases.

    Returns the networks and a record of each epoch of the first.
    """
    scale = Scale.fit(train[0])
    x, y = prepared(scale, train[0]), torch.from_numpy(train[1].astype(np.float32))
    held, came = prepared(scale, validation[0]), torch.from_numpy(validation[1].astype(np.float32))

    def loss(network: nn.Module, rows: Tensor) -> Tensor:
        at = rows.to(y.device)
        return F.binary_cross_entropy_with_logits(network(x[at]), y[at])

    def validate(network: nn.Module) -> float:
        return F.binary_cross_entropy_with_logits(network(held), came).item()

    members, histories = [], []
    for at in range(plan.networks):
        seed = run.seed * 1009 + at
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            made = AdmissionNetwork(x.shape[1], plan.hidden, plan.dropout)
        options = replace(plan.loop, seed=seed)
        histories.append(loop.train(made, len(x), loss, validate, options, progress=run.report))
        members.append(made)
    return Networks(tuple(members), scale, plan.hidden), histories[0]
