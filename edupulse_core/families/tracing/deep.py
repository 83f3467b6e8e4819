"""Trains, keeps and opens the networks of knowledge tracing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from edupulse_core.errors import ModelError
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.families.tracing import model as models
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel, TracingPlan, Vocabulary
from edupulse_core.families.tracing.network import NETWORKS, NetworkConfig, Tracer
from edupulse_core.families.tracing.sequences import (
    Asked,
    Bucket,
    Histories,
    log_as_asked,
    stretches,
)
from edupulse_core.families.version import read_json, write_json
from edupulse_core.training import device as devices
from edupulse_core.training.loop import LoopOptions, train

WORDS, WEIGHTS = "vocabulary.json", "weights.safetensors"
SIZE = 16384  # answers in a bucket where nothing is learned


@dataclass(frozen=True)
class DktPlan(TracingPlan):
    """How `dkt` is trained."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            epochs=30, batch=1, learning_rate=2e-3, weight_decay=0.0, patience=4, average=0.98
        )
    )
    longest: int = 200  # answers of a stretch; a longer history is cut
    answers: int = 3072  # that it learns from in a step
    fewest: int = 5  # answers; a rarer item counts as unknown


@dataclass(frozen=True)
class DktPlusPlan(DktPlan):
    """How `dkt_plus` is trained."""

    network: NetworkConfig = field(default_factory=lambda: NetworkConfig(layers=1))


@dataclass(frozen=True)
class Deep:
    """A trained network and the words that it knows."""

    kind: str  # a name of NETWORKS
    vocabulary: Vocabulary
    network: Tracer

    def logits(self, examples: Examples) -> Array:
        """The logit of a right answer, (N,): the whole history of each student is read."""
        if not len(examples):
            return np.zeros(0)
        reader = _Reader(examples, self.vocabulary)
        with torch.no_grad():
            return reader.logits(self.network.eval()).double().numpy()

    def save(self, folder: Path) -> None:
        """Write the weights, the sizes, and the names of items and skills."""
        save_file(self.network.state_dict(), folder / WEIGHTS)
        about = {"kind": self.kind, "config": asdict(self.network.config)}
        write_json(folder / WORDS, {**self.vocabulary.as_json(), **about})


class _Reader:
    """What a network needs to answer some examples: made once, read after each epoch."""

    def __init__(self, examples: Examples, words: Vocabulary) -> None:
        self.n = len(examples)
        self.asked = Asked.of(examples, words)
        self.histories = Histories.of(examples, SIZE)
        self.log, self.correct = log_as_asked(examples, words)

    def logits(self, network: Tracer) -> Tensor:
        """(N,) on the CPU."""
        there = devices.of(network)
        found = torch.zeros(self.n)
        parts = zip(self.histories.buckets, self.histories.cases, self.histories.where, strict=True)
        for bucket, cases, (lines, steps) in parts:
            states = network.states(
                _there(self.log.at(bucket.rows), there), _of(self, bucket, there)
            )
            asked = _there(self.asked.at(cases), there)
            found[cases] = network.score(states[lines.to(there), steps.to(there)], asked).cpu()
        return found


def _of(reader: Any, bucket: Bucket, device: torch.device) -> Tensor:
    right: Tensor = reader.correct[bucket.rows].to(device)
    return right


def _there(asked: Asked, device: torch.device) -> Asked:
    if device.type == "cpu":
        return asked
    return Asked(*(each.to(device) for each in vars(asked).values()))


def fit(kind: str) -> Callable[[Split[Examples], DktPlan, Run], TracingModel]:
    """The function that trains a network of a kind, and calibrates it."""

    def fit_kind(split: Split[Examples], plan: DktPlan, run: Run) -> TracingModel:
        core, history = trained(kind, split, plan, run)
        made = models.finish(core, split, plan, run)
        run.tell(*history)
        return replace(made, history=history)

    return fit_kind


def trained(
    kind: str, split: Split[Examples], plan: DktPlan, run: Run
) -> tuple[Deep, list[dict[str, float]]]:
    """Train a network on split.train; split.validation says when to stop."""
    words = Vocabulary.of(split.train, plan.fewest)
    config = replace(plan.network, items=len(words.items), skills=len(words.skills))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        network = NETWORKS[kind](config)
    there = devices.chosen(run.device)
    buckets = stretches(split.train, plan.longest, plan.answers, run.seed)
    asked, correct = log_as_asked(split.train, words)
    held = _Reader(split.validation, words)
    known = torch.from_numpy(split.validation.correct.astype(np.float32))

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        assert isinstance(module, Tracer)
        bucket = buckets[int(rows[0])]
        is_there = bucket.there.to(there)
        mine, right = _there(asked.at(bucket.rows), there), correct[bucket.rows].to(there)
        states = module.states(mine, right)[:, :-1]
        flat = Asked(*(each[is_there] for each in vars(mine).values()))
        return binary_cross_entropy_with_logits(
            module.score(states[is_there], flat), right[is_there]
        )

    def validate(module: nn.Module) -> float:
        assert isinstance(module, Tracer)
        return float(binary_cross_entropy_with_logits(held.logits(module), known))

    history = train(
        network,
        len(buckets),
        loss,
        validate,
        replace(plan.loop, seed=run.seed),
        device=there,
        checkpoint=run.checkpoint,
        progress=run.report,
    )
    return Deep(kind, words, network), history


def open_version(folder: Path, form: str) -> TracingModel:
    """A saved network, on the CPU."""
    return models.opened(open_core(folder), folder)


def open_core(folder: Path) -> Deep:
    """What a saved network learned. Raises ModelError for a damaged file."""
    value = read_json(folder, WORDS)
    try:
        words = Vocabulary(tuple(value["items"]), tuple(value["skills"]))
        network = NETWORKS[value["kind"]](NetworkConfig(**value["config"]))
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"version {folder.name} is damaged: {error!r}") from None
    return Deep(value["kind"], words, network.eval())


def _changed(plan: DktPlan, trial: Any) -> DktPlan:
    dropout = trial.suggest_float("dropout", 0.1, 0.5)
    rate = trial.suggest_float("learning_rate", 5e-4, 5e-3, log=True)
    return replace(
        plan,
        network=replace(plan.network, dropout=dropout),
        loop=replace(plan.loop, learning_rate=rate),
    )


def dkt_space(trial: Any) -> DktPlan:
    """The plans among which tuning chooses."""
    return _changed(DktPlan(), trial)


def dkt_plus_space(trial: Any) -> DktPlan:
    """The plans among which tuning chooses."""
    return _changed(DktPlusPlan(), trial)


GRID: Mapping[str, tuple[Any, ...]] = {
    "dropout": (0.2, 0.35),
    "learning_rate": (1e-3, 2e-3, 4e-3),
}
