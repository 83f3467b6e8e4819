"""The forms of a network that only the benchmark serves: pruned, and TorchScript."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from edupulse_core.families.family import Split
from edupulse_core.families.risk import checkpoint, fit, pruning, serve
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.learned import Logits, Mask, Values
from edupulse_core.training.loop import LoopOptions

SHARE = 0.7  # of each layer's units stay
FINE = LoopOptions(epochs=6, batch=128, learning_rate=1e-3, patience=3)


def pruned(folder: Path, split: Split[Examples], out: Path, options: LoopOptions = FINE) -> Path:
    """A version whose network lost the units that matter least, trained on for a few epochs."""
    model = checkpoint.load(folder)
    train, validation = (part.reading(model.features) for part in (split.train, split.validation))
    small = pruning.pruned(model.network, SHARE)
    plan = fit.RiskPlan(small.config, options)
    fit.learn(small, model.standardizer, train, validation, plan)
    model = replace(model, learned=small, version=out.name)
    fit.calibrate(model, validation)
    checkpoint.save(model, out)
    serve.export(out)
    return out


def torchscript(folder: Path, out: Path) -> serve.Engine:
    """A version as TorchScript, run from the file that is written to `out`."""
    out.write_bytes(serve.traced(folder))
    network = torch.jit.load(io.BytesIO(out.read_bytes()))

    def run(values: Values, observed: Mask) -> Logits:
        made = []
        for start in range(0, len(values), 512):
            part = slice(start, start + 512)
            given = (torch.from_numpy(each[part]) for each in (values, observed))
            with torch.inference_mode():
                made.append([each.numpy() for each in network(*given)[:2]])
        score, category = (np.concatenate(parts) for parts in zip(*made, strict=True))
        return score, category

    return replace(serve.load(folder, form="eager"), form="torchscript", serve=run)
