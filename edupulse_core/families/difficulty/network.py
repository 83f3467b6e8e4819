"""The network with two branches: what the text is about, and its ten plain measures."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families.difficulty import encoders
from edupulse_core.families.difficulty.examples import LEVELS, TextExamples
from edupulse_core.families.difficulty.measures import MEASURES
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.training.device import chosen
from edupulse_core.training.device import of as device_of
from edupulse_core.training.likeness import scale
from edupulse_core.training.loop import LoopOptions
from edupulse_core.training.loop import train as run_loop
from edupulse_core.training.texts import WIDTH, Encoder

TENSORS, KNOWN = "network.safetensors", "network.json"


@dataclass(frozen=True)
class NetworkPlan:
    """What reads the texts, and how the network is trained."""

    encoder: encoders.Kind = "own"
    width: int = WIDTH  # of the own encoder
    loop: LoopOptions = field(default_factory=lambda: LoopOptions(epochs=60, patience=8))

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ConfigError(f"difficulty: width must be positive, found {self.width}")


class TwoBranches(nn.Module):
    """A text's vector → 256 → 128, its measures → 32 → 32; both together → 64 → 5 levels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.text = nn.Sequential(
            nn.Linear(width, 256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, 128), nn.ReLU()
        )
        self.plain = nn.Sequential(
            nn.Linear(len(MEASURES), 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Linear(160, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, LEVELS)
        )

    def forward(self, vectors: Tensor, measures: Tensor) -> Tensor:
        """Logits of the levels, (B, 5).  vectors: (B, width).  measures: (B, 10), standardized."""
        both = torch.cat([self.text(vectors), self.plain(measures)], dim=1)  # (B, 160)
        found: Tensor = self.head(both)
        return found


@dataclass(frozen=True)
class Branches:
    """A trained network, what turns its texts into vectors, and the scale of the measures."""

    network: TwoBranches
    encoder: Encoder
    mean: Array  # (10,)
    spread: Array  # (10,)

    def inputs(self, examples: TextExamples) -> tuple[Tensor, Tensor]:
        """What the network reads of some texts."""
        vectors = torch.from_numpy(self.encoder.encode(examples.texts))
        plain = scale(examples.measures, self.mean, self.spread).astype(np.float32)
        return vectors, torch.from_numpy(plain)

    def logits(self, examples: TextExamples) -> Array:
        """How much speaks for each level, (N, 5)."""
        if not len(examples):
            return np.zeros((0, LEVELS))
        with torch.inference_mode():
            return self.network(*self.inputs(examples)).double().numpy()  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        """Write what `open` reads; a pretrained encoder itself is not written."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / TENSORS)
        known = {
            "encoder": encoders.save(self.encoder, folder),
            "width": self.encoder.width,
            "mean": self.mean.tolist(),
            "spread": self.spread.tolist(),
        }
        (folder / KNOWN).write_text(json.dumps(known) + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def open(cls, folder: Path) -> "Branches":
        """Read what `save` wrote. Raises ModelError if a file is missing or not one of these."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            known = json.loads((folder / KNOWN).read_text(encoding="utf-8"))
            network = TwoBranches(int(known["width"]))
            network.load_state_dict(load_file(folder / TENSORS))
            mean, spread = (np.array(known[name], np.float64) for name in ("mean", "spread"))
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            RuntimeError,
            SafetensorError,
        ) as error:
            raise ModelError(f"{KNOWN}, {TENSORS}: {error}") from None
        return cls(network.eval(), encoders.opened(known["encoder"], folder), mean, spread)


def fit(split: Split[TextExamples], plan: NetworkPlan, run: Run) -> Branches:
    """Train on split.train, and stop when split.validation no longer improves."""
    torch.manual_seed(run.seed)
    train, validation = split.train, split.validation
    encoder = encoders.learned(plan.encoder, train.texts, plan.width, run.seed)
    mean, spread = train.measures.mean(axis=0), train.measures.std(axis=0) + 1e-9
    network = TwoBranches(encoder.width)
    made = Branches(network, encoder, mean, spread)
    learned, judged = made.inputs(train), made.inputs(validation)
    levels, held_out = (torch.from_numpy(part.classes) for part in (train, validation))

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        there = device_of(module)
        said = module(*(each[rows].to(there) for each in learned))
        return F.cross_entropy(said, levels[rows].to(there))

    def validate(module: nn.Module) -> float:
        there = device_of(module)
        said = module(*(each.to(there) for each in judged))
        return float(F.cross_entropy(said, held_out.to(there)))

    history = run_loop(
        network,
        len(train),
        loss,
        validate,
        plan.loop,
        device=chosen(run.device),
        checkpoint=run.checkpoint,
        progress=run.progress,
    )
    run.tell(*history)
    return made
