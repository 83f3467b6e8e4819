"""Several networks of one kind, trained apart: their mean predicts, their spread says how sure."""

from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Run, Split
from edupulse_core.families.study_time import model
from edupulse_core.families.study_time.encoding import Encoded, Encoding, log_hours
from edupulse_core.families.study_time.examples import Array, StudyExamples, augmented
from edupulse_core.families.study_time.model import Learned, StudyModel
from edupulse_core.families.study_time.network import Kind, NetworkConfig, StudyNetwork
from edupulse_core.training.device import chosen
from edupulse_core.training.device import of as device_of
from edupulse_core.training.loop import LoopOptions
from edupulse_core.training.loop import train as run_loop

FILE, ABOUT = "networks.safetensors", "networks.json"
NETWORK, LSTM, ATTENTION = "network", "lstm", "attention"
LOOP = LoopOptions(
    epochs=150, batch=64, learning_rate=1e-3, patience=15, plateau_patience=10, plateau_factor=0.2
)


@dataclass(frozen=True)
class NetworkPlan:
    """The networks, and how they are trained."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    loop: LoopOptions = LOOP
    members: int = 5  # networks
    augment: float = 0.0  # share of the training cases that are added with noise

    def __post_init__(self) -> None:
        if self.members < 1 or not 0 <= self.augment <= 1:
            raise ConfigError("training: members must be 1 or more, augment a share")


@dataclass(frozen=True)
class Ensemble:
    """Networks of one kind."""

    kind: Kind
    config: NetworkConfig
    networks: tuple[StudyNetwork, ...]
    means: Array  # of the flat columns
    spreads: Array
    unit: float  # log hours that an output of 1 stands for
    spread: float  # log hours, of the residuals

    @property
    def steps(self) -> int:
        """See `Learned.steps`."""
        return 0 if self.kind == "network" else self.config.past

    def predict(self, cases: Encoded) -> tuple[Array, Array]:
        """See `Learned.predict`."""
        given = _tensors(cases, self.means, self.spreads, len(cases))
        with torch.inference_mode():
            found = np.stack([each(*given).double().numpy() for each in self.networks])
        value = cases.usual + self.unit * found.mean(axis=0)
        return value, np.hypot(self.spread, self.unit * found.std(axis=0))

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        about = {
            "kind": self.kind,
            "config": asdict(self.config),
            "members": len(self.networks),
            "means": self.means.tolist(),
            "spreads": self.spreads.tolist(),
            "unit": self.unit,
            "spread": self.spread,
            "step": _step(self.networks[0]),
        }
        folders.write_json(folder / ABOUT, about)
        weights = {
            f"{at}.{name}": value.contiguous()
            for at, each in enumerate(self.networks)
            for name, value in each.state_dict().items()
        }
        save_file(weights, folder / FILE)


def fit(kind: Kind, split: Split[StudyExamples], plan: NetworkPlan, run: Run) -> StudyModel:
    """Train on split.train; stop and calibrate on split.validation.

    Networks that go on learning keep their number and size, whatever the plan says. A trial is of
    one network, so that it does not take as long as all.
    """
    if run.trial:
        plan = replace(plan, members=1)
    if (start := _start(run)) is not None:
        plan = replace(plan, network=start.config, members=len(start.networks))
    train = augmented(split.train, plan.augment, run.seed) if plan.augment else split.train
    y = [log_hours(part.target()) for part in (train, split.validation)]
    steps = 0 if kind == "network" else plan.network.past

    def learn(
        read: Encoding, train: Encoded, validation: Encoded
    ) -> tuple[Learned, list[dict[str, float]]]:
        return _learn(kind, plan, run, read, (train, y[0]), (validation, y[1]))

    return model.fitted(kind, split, plan, run, steps, learn, train)


def _learn(
    kind: Kind,
    plan: NetworkPlan,
    run: Run,
    read: Encoding,
    train: tuple[Encoded, Array],
    validation: tuple[Encoded, Array],
) -> tuple[Ensemble, list[dict[str, float]]]:
    flat = train[0].flat
    start = _start(run)
    if start is not None:
        means, spreads = start.means, start.spreads
    else:
        means, spreads = flat.mean(axis=0), flat.std(axis=0)
        spreads = np.where(spreads > 1e-9, spreads, 1.0)
    device = chosen(run.device)
    parts = [
        (_tensors(cases, means, spreads, len(cases)), _aim(cases, y, read.spread))
        for cases, y in (train, validation)
    ]
    networks, history = [], []
    for at in range(plan.members):
        seed = run.seed * 1_000 + at
        torch.manual_seed(seed)
        made = StudyNetwork(kind, flat.shape[1], train[0].steps.shape[2], plan.network)
        if start is not None:
            made = deepcopy(start.networks[at])
        epochs = run_loop(
            made,
            len(flat),
            partial(_loss, *parts[0]),
            lambda network: _validated(network, *parts[1]),
            replace(plan.loop, seed=seed),
            device=device,
            checkpoint=run.checkpoint and run.checkpoint.with_suffix(f".{at}.checkpoint"),
            progress=partial(_progress, run, at, plan.members),
        )
        networks.append(made)
        history += [{**epoch, "member": at} for epoch in epochs]
    for at in range(plan.members if run.checkpoint else 0):
        assert run.checkpoint is not None
        run.checkpoint.with_suffix(f".{at}.checkpoint").unlink(missing_ok=True)
    bare = Ensemble(kind, plan.network, tuple(networks), means, spreads, read.spread, 0.0)
    off = np.abs(validation[1] - bare.predict(validation[0])[0])
    spread = max(float(np.median(off) / 0.6745), 1e-6)
    return replace(bare, spread=spread), history


def _start(run: Run) -> Ensemble | None:
    """The networks that go on learning; None if they begin anew."""
    learned = run.start.learned if isinstance(run.start, StudyModel) else None
    return learned if isinstance(learned, Ensemble) else None


def open_version(kind: Kind, folder: Path, form: str) -> StudyModel:
    """Read a saved model. Raises ModelError if its files are damaged."""
    about = folders.read_json(folder, ABOUT)
    try:
        given = {**about["config"], "recurrent": tuple(about["config"]["recurrent"])}
        config = NetworkConfig(**given)
        weights = load_file(folder / FILE)
        networks = []
        for at in range(int(about["members"])):
            made = StudyNetwork(kind, len(about["means"]), int(about["step"]), config)
            made.load_state_dict(
                {
                    name.partition(".")[2]: value
                    for name, value in weights.items()
                    if name.startswith(f"{at}.")
                }
            )
            networks.append(made.eval())
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"version {folder.name} is damaged: {FILE}: {error}") from None
    means, spreads = (model.numbers(about, name, ABOUT) for name in ("means", "spreads"))
    unit, spread = (float(model.numbers(about, name, ABOUT)) for name in ("unit", "spread"))
    made_of = Ensemble(kind, config, tuple(networks), means, spreads, unit, spread)
    return model.opened(kind, folder, made_of)


def lightly(plan: NetworkPlan) -> NetworkPlan:
    """How trained networks go on learning: a few passes at a low rate."""
    loop = replace(plan.loop, learning_rate=1e-4, epochs=5, patience=5)
    return replace(plan, loop=loop)


GRID: dict[str, tuple[Any, ...]] = {
    "width": (32, 64, 128),
    "dropout": (0.1, 0.2, 0.3),
    "learning_rate": (0.001, 0.01, 0.1),
}


def space(trial: Any) -> NetworkPlan:
    """One trial's choices."""
    config = NetworkConfig(
        width=trial.suggest_categorical("width", list(GRID["width"])),
        dropout=trial.suggest_float("dropout", 0.1, 0.3),
    )
    rate = trial.suggest_float("learning_rate", 0.001, 0.1, log=True)
    return NetworkPlan(config, replace(LOOP, learning_rate=rate))


def _tensors(cases: Encoded, means: Array, spreads: Array, n: int) -> tuple[Tensor, Tensor, Tensor]:
    flat = np.clip((cases.flat - means) / spreads, -8, 8)
    return (
        torch.from_numpy(flat.astype(np.float32)),
        torch.from_numpy(cases.steps),
        torch.from_numpy(cases.seen),
    )


def _aim(cases: Encoded, y: Array, unit: float) -> Tensor:
    """What a network shall put out: how far the hours are from what is usual, in spreads."""
    return torch.from_numpy(((y - cases.usual) / unit).astype(np.float32))


def _loss(
    given: tuple[Tensor, Tensor, Tensor], aim: Tensor, network: nn.Module, rows: Tensor
) -> Tensor:
    device = device_of(network)
    found = network(*(each[rows].to(device) for each in given))
    return F.smooth_l1_loss(found, aim[rows].to(device))


def _validated(network: nn.Module, given: tuple[Tensor, Tensor, Tensor], aim: Tensor) -> float:
    device = device_of(network)
    found = network(*(each.to(device) for each in given))
    return float(F.l1_loss(found, aim.to(device)))


def _progress(run: Run, at: int, members: int, name: str, done: int, of: int) -> None:
    run.report(name, at * of + done, members * of)


def _step(network: StudyNetwork) -> int:
    """The columns of an earlier session that a network reads."""
    if network.kind == "lstm":
        return int(network.layers[0].input_size)  # type: ignore[arg-type]
    return network.step.in_features if network.kind == "attention" else 0
