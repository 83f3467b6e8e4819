"""The training loop for any network and any loss: it stops early, and resumes after a crash."""

import ctypes
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from edupulse_core import files
from edupulse_core.errors import ConfigError
from edupulse_core.progress import Progress
from edupulse_core.training.device import of as device_of

Loss = Callable[[nn.Module, Tensor], Tensor]  # (network, chosen rows (B,)) -> mean loss
Validate = Callable[[nn.Module], float]  # network in eval mode -> loss; lower is better


@dataclass(frozen=True)
class LoopOptions:
    """How a network is trained."""

    epochs: int = 100  # at most
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    clip: float = 1.0  # largest norm of all gradients together
    patience: int = 10  # epochs without a better validation loss, then stop
    schedule: Literal["plateau", "cosine"] = "plateau"
    plateau_patience: int = 4  # epochs without improvement, then the rate is lowered
    plateau_factor: float = 0.5  # by which it is then multiplied
    average: float = 0.0  # decay of a running average of the weights, used for validation; 0: none
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.patience) < 1 or self.learning_rate <= 0:
            raise ConfigError(
                "training: epochs, batch, patience and learning_rate must be positive"
            )
        if not 0 < self.plateau_factor < 1:
            raise ConfigError(
                f"training: plateau_factor must be in (0, 1), found {self.plateau_factor}"
            )
        if not 0 <= self.average < 1:
            raise ConfigError(f"training: average must be in [0, 1), found {self.average}")


@dataclass
class Run:
    """The state of a training run; the checkpoint holds all of it."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: Any
    averaged: dict[str, Tensor]
    best: dict[str, Tensor]
    best_loss: float = math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)


def train(
    network: nn.Module,
    n: int,
    loss: Loss,
    validate: Validate,
    options: LoopOptions,
    *,
    device: str | torch.device = "cpu",
    chances: Tensor | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, float]]:
    """Train on rows 0..n-1 and leave the network, in eval mode, at its best epoch.

    device: where the network is while it trains; afterwards it is back where it was. Row numbers
    stay on the CPU, so the same seed draws the same rows on every device.
    chances: (n,) relative chance to draw a row (oversampling); None visits each once an epoch.
    checkpoint: a file written after every epoch and read if it exists, so that an interrupted
    run continues to the same result. Returns one record per epoch.
    """
    before = device_of(network)
    there = torch.device(device)
    run = _start(network.to(there), options)
    if checkpoint is not None and checkpoint.exists():
        _restore(run, checkpoint, options)
    with _own_randomness(there):
        while run.epoch < options.epochs and run.epoch - run.best_epoch < options.patience:
            torch.manual_seed(
                options.seed * 100_003 + run.epoch
            )  # so that an epoch repeats exactly
            _one_epoch(run, _order(n, chances), loss, validate, options, progress)
            if checkpoint is not None:
                _save(run, checkpoint, options)
    network.load_state_dict(run.best)
    network.to(before).eval()
    return run.history


@contextmanager
def _own_randomness(device: torch.device) -> Iterator[None]:
    """Keep the caller's random numbers as they are, and large buffers between the steps."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(-3, 2**25)  # M_MMAP_THRESHOLD: fresh pages at every step cost a third
        allocator.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus), torch.backends.cudnn.flags(deterministic=True):
        yield


def _start(network: nn.Module, options: LoopOptions) -> Run:
    optimizer = torch.optim.Adam(
        network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    scheduler: Any
    if options.schedule == "plateau":
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=options.plateau_factor, patience=options.plateau_patience
        )
    else:
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=options.epochs, eta_min=options.learning_rate / 50
        )
    return Run(network, optimizer, scheduler, _copy(network), _copy(network))


def _order(n: int, chances: Tensor | None) -> Tensor:
    if chances is None:
        return torch.randperm(n)
    return torch.multinomial(chances, n, replacement=True)


def _one_epoch(
    run: Run,
    order: Tensor,
    loss: Loss,
    validate: Validate,
    options: LoopOptions,
    progress: Progress | None,
) -> None:
    started = time.monotonic()
    rate = run.optimizer.param_groups[0]["lr"]
    trained = _train_epoch(run, order, loss, options, progress)
    found = _validate(run, validate, options)
    if options.schedule == "plateau":
        run.scheduler.step(found)
    else:
        run.scheduler.step()
    run.history.append(
        {
            "epoch": run.epoch + 1,
            "train_loss": trained,
            "validation_loss": found,
            "learning_rate": rate,
            "seconds": round(time.monotonic() - started, 2),
        }
    )
    if found < run.best_loss:
        run.best_loss, run.best_epoch = found, run.epoch
        run.best = _clone(run.averaged) if options.average else _copy(run.network)


def _train_epoch(
    run: Run, order: Tensor, loss: Loss, options: LoopOptions, progress: Progress | None
) -> float:
    run.network.train()
    total = 0.0
    for start in range(0, len(order), options.batch):
        rows = order[start : start + options.batch]
        run.optimizer.zero_grad(set_to_none=True)
        value = loss(run.network, rows)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(run.network.parameters(), options.clip)
        run.optimizer.step()
        total += value.item() * len(rows)  # the last batch is smaller, so weigh by size
        if options.average:
            _average(run, options.average)
        if progress is not None:
            done = run.epoch * len(order) + start + len(rows)
            progress("train", done, options.epochs * len(order))
    return total / len(order)


def _validate(run: Run, validate: Validate, options: LoopOptions) -> float:
    """The validation loss of the weights that would be saved."""
    own = _copy(run.network) if options.average else {}
    if options.average:
        run.network.load_state_dict(run.averaged)
    run.network.eval()
    with torch.no_grad():
        found = validate(run.network)
    if options.average:
        run.network.load_state_dict(own)
    return found


@torch.no_grad()
def _average(run: Run, decay: float) -> None:
    step = run.optimizer.state[next(run.network.parameters())]["step"].item()
    decay = min(decay, step / (step + 10))  # the first steps are far from any average
    averaged = [run.averaged[name] for name, _ in run.network.named_parameters()]
    torch._foreach_lerp_(averaged, list(run.network.parameters()), 1 - decay)


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return _clone(network.state_dict())


def _clone(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in state.items()}


def _save(run: Run, checkpoint: Path, options: LoopOptions) -> None:
    state = {
        "options": asdict(options),
        "network": run.network.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "scheduler": run.scheduler.state_dict(),
        "averaged": run.averaged,
        "best": run.best,
        "best_loss": run.best_loss,
        "best_epoch": run.best_epoch,
        "history": run.history,
    }
    with files.replacing(checkpoint) as half:
        torch.save(state, half)


def _restore(run: Run, checkpoint: Path, options: LoopOptions) -> None:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if saved["options"] != asdict(options):
        raise ConfigError(f"{checkpoint}: was started with other options; delete it to start over")
    run.network.load_state_dict(saved["network"])
    run.optimizer.load_state_dict(saved["optimizer"])
    run.scheduler.load_state_dict(saved["scheduler"])
    device = device_of(run.network)
    run.averaged = {name: value.to(device) for name, value in saved["averaged"].items()}
    run.best = {name: value.to(device) for name, value in saved["best"].items()}
    run.best_loss, run.best_epoch = saved["best_loss"], saved["best_epoch"]
    run.history = saved["history"]
