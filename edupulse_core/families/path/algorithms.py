"""The ways to make a path, each as a record: how it learns, and how it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families import derived, onnx
from edupulse_core.families import version as folders
from edupulse_core.families.family import Algorithm, Run, Split
from edupulse_core.families.path import lessons, practice, search, writing
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.network import PathConfig, PathNetwork, Step
from edupulse_core.families.path.practice import Practice
from edupulse_core.families.path.writing import Writer
from edupulse_core.training import loop
from edupulse_core.training.device import chosen
from edupulse_core.training.loop import LoopOptions

Places = NDArray[np.int64]
AHEAD, SEQUENCE, GREEDY, RANDOM = "lookahead", "seq2seq", "greedy", "random"
PRACTICE, CONFIG, WEIGHTS = "practice.json", "config.json", "weights.safetensors"
ONNX, STEP = "onnx", "step.onnx"  # a form, and its file


@dataclass(frozen=True)
class PathModel:
    """What an algorithm learned."""

    algorithm: str
    practice: Practice
    width: int = 1  # paths that are followed at once
    seed: int = 0
    writer: Writer | None = None  # the network, where there is one

    def paths(self, examples: PathExamples) -> Places:
        """The skills of each path in their order, (N, L); -1 after the last."""
        if self.writer is not None:
            return writing.write(self.writer, self.practice, examples, width=self.width)
        if self.algorithm == AHEAD:
            return search.ahead(self.practice, examples, width=self.width)
        if self.algorithm == RANDOM:
            return search.at_random(self.practice, examples, seed=self.seed)
        return search.greedy(self.practice, examples)


@dataclass(frozen=True)
class PlainPlan:
    """Nothing to choose."""


@dataclass(frozen=True)
class AheadPlan:
    """How far a search looks."""

    width: int = 4  # paths that are followed at once

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ConfigError("path: width must be 1 or more")


@dataclass(frozen=True)
class SequencePlan:
    """How the network is made, taught and asked."""

    embedding: int = 64
    hidden: int = 64
    layers: int = 2
    dropout: float = 0.1
    width: int = 8  # paths that are followed at once when it is asked
    taught: int = 4  # and in the search that it is taught by
    most: int = 1000  # recorded paths, and searched ones, that it learns from
    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            epochs=12, batch=64, learning_rate=5e-3, patience=3, plateau_patience=1
        )
    )

    def __post_init__(self) -> None:
        if min(self.width, self.taught, self.most) < 1:
            raise ConfigError("path: width, taught and most must be 1 or more")


REFERENCE = SequencePlan(  # the sizes of the design that this family follows
    embedding=128,
    hidden=256,
    dropout=0.2,
    most=1500,
    loop=LoopOptions(epochs=15, batch=64, learning_rate=2e-3, patience=4, plateau_patience=1),
)


def fit_plain(name: str) -> Any:
    """What a way without a network learns: how practice works in this district."""

    def fit(split: Split[PathExamples], plan: Any, run: Run) -> PathModel:
        run.tell({"epoch": 1})
        width = plan.width if isinstance(plan, AheadPlan) else 1
        return PathModel(name, practice.fit(split.train), width, run.seed)

    return fit


def fit_sequence(split: Split[PathExamples], plan: SequencePlan, run: Run) -> PathModel:
    """Teach the network recorded paths, and the best ones that a search finds."""
    known = practice.fit(split.train)
    course = split.train.course
    sizes = PathConfig(course.size, plan.embedding, plan.hidden, plan.layers, plan.dropout)
    network = lessons.seeded(sizes, run.seed)
    writer = Writer(network, course.skills)
    learned = lessons.of(
        writer, split.train, known, most=plan.most, width=plan.taught, seed=run.seed
    )
    most = max(plan.most // 4, 1)
    checked = lessons.of(
        writer, split.validation, known, most=most, width=plan.taught, seed=run.seed
    )

    history = loop.train(
        network,
        len(learned),
        lambda _, rows: lessons.loss(network, learned, rows),
        lambda _: lessons.mean_loss(network, checked),
        replace(plan.loop, seed=run.seed),
        device=chosen(run.device),
        checkpoint=run.checkpoint,
        progress=run.report,
    )
    run.tell(*history)
    return PathModel(SEQUENCE, known, plan.width, run.seed, writer)


def save(model: PathModel, folder: Path) -> None:
    """Write the model's files."""
    folders.write_json(folder / PRACTICE, model.practice.as_json())
    about: dict[str, Any] = {
        "algorithm": model.algorithm, "width": model.width, "seed": model.seed
    }  # fmt: skip
    if model.writer is not None:
        about["network"] = model.writer.network.config.as_json()
        about["skills"] = list(model.writer.skills)
        safetensors.torch.save_file(model.writer.network.state_dict(), folder / WEIGHTS)
    folders.write_json(folder / CONFIG, about)


def open_version(folder: Path, form: str) -> PathModel:
    """Read a model's files. Raises ModelError for damaged ones."""
    about = folders.read_json(folder, CONFIG)
    known = Practice.from_json(folders.read_json(folder, PRACTICE))
    try:
        writer = None
        if "network" in about:
            network = PathNetwork(PathConfig(**about["network"]))
            network.load_state_dict(safetensors.torch.load(folders.read(folder, WEIGHTS)))
            quick = None
            if form == ONNX and derived.sums(folder):
                quick = onnx.OnnxRun(derived.read(folder, STEP))
            writer = Writer(network.eval(), tuple(about["skills"]), quick)
        return PathModel(about["algorithm"], known, about["width"], about["seed"], writer)
    except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"version {folder.name} is damaged: {error}") from None


def derive(folder: Path) -> None:
    """Add the decoder's step in ONNX, with which a single student is answered faster."""
    writer = open_version(folder, "").writer
    assert writer is not None
    step = Step(writer.network)
    derived.keep(folder, {STEP: onnx.export(step, step.example(), ("logits", "after", "kept"))})


def _plain(name: str) -> Algorithm:
    return Algorithm(
        plan=PlainPlan,
        space=lambda trial: PlainPlan(),
        fit=fit_plain(name),
        save=save,
        open=open_version,
    )


ALGORITHMS: Mapping[str, Algorithm] = {
    SEQUENCE: Algorithm(
        plan=SequencePlan,
        space=lambda trial: SequencePlan(
            hidden=trial.suggest_categorical("hidden", [64, 128, 256]),
            dropout=trial.suggest_float("dropout", 0.0, 0.4),
            loop=replace(
                SequencePlan().loop,
                learning_rate=trial.suggest_float("learning_rate", 3e-4, 1e-2, log=True),
            ),
        ),
        plans={"reference": lambda: REFERENCE},
        fit=fit_sequence,
        save=save,
        open=open_version,
        forms=("", ONNX),
        derive=derive,
        grid={
            "hidden": (64, 128, 256),
            "dropout": (0.0, 0.1, 0.2),
            "learning_rate": (2e-3, 5e-3),
        },
    ),
    AHEAD: Algorithm(
        plan=AheadPlan,
        space=lambda trial: AheadPlan(trial.suggest_int("width", 1, 32, log=True)),
        fit=fit_plain(AHEAD),
        save=save,
        open=open_version,
        grid={"width": (1, 4, 8, 16, 32)},
    ),
    GREEDY: _plain(GREEDY),
    RANDOM: _plain(RANDOM),
}
