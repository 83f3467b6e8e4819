"""Which network wins: every variant with the same data, epochs and number of candidates.

`python -m tests.benchmarks.bench_networks [--data DIR] [--quick] [--json]`. Trained on a part of
three made-up districts, stopped and chosen on a fourth, and tested once on two that no version and
no choice has seen. What is trained is kept under the home's `data/training` and found again. With
`--data DIR` that holds a folder `oulad`, also on real students, with forward networks.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import EduPulseError, MissingError
from edupulse_core.lifecycle.shipping import SHIP_PLAN, Districts, _read
from edupulse_core.models import risk_examples, risk_fit, risk_report
from edupulse_core.models.risk import RiskConfig
from edupulse_core.models.risk_examples import Examples
from edupulse_core.training import calibration, evaluation, loop
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks.networks import ARCHITECTURES, DESIGN, INPUTS, Variant
from tests.benchmarks.networks_tables import show, tables
from tests.benchmarks.outcomes import oulad, oulad_daily, variants
from tests.benchmarks.outcomes.models import QUICK, Effort
from tests.benchmarks.outcomes.protocol import by_student, to_stderr

__all__ = ["measure", "run", "show", "tables"]

TRAIN, VALIDATION, TEST = (101, 102, 103), (201,), (301, 302)  # seeds of districts
ROWS = 40_000  # student-weeks that are learned from
SMALL = RiskConfig(hidden=21, layers=1, projection=64)
LOOP = replace(SHIP_PLAN.loop, patience=3)
CANDIDATES = ((0.002, 0.3), (0.005, 0.1))  # learning rate and dropout; each variant gets them all
WEIGHTS = tuple(np.linspace(0.0, 1.0, 11))  # of the network, in a blend
SEEDS = (0, 1, 2)  # of the ensemble
WORTH = 0.0005  # of AUC on the validation district, to be combined with others
APART = ("cross-modal attention", "Transformer encoder")  # cannot be combined
Array = NDArray[np.float64]
Log = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What everything is trained, chosen and tested on, and with how much effort."""

    train: Examples
    validation: Examples
    test: Examples
    ceiling: Array  # (N,) the simulation's own expected severity of the test rows
    small: RiskConfig
    full: RiskConfig
    loop: LoopOptions
    kept: Path  # where trained networks' answers lie

    @property
    def outcomes(self) -> dict[str, NDArray[np.bool_]]:
        """Of the test rows."""
        return {"any": self.test.actual.any_flag, "high": self.test.actual.high}

    def chosen_by(self, logits: Array) -> float:
        """Of the validation rows' logits: what every choice is made by."""
        return evaluation.auc(logits, self.validation.actual.any_flag)


@dataclass(frozen=True)
class Answers:
    """What a predictor says of the rows to choose by and of those to test on, and its cost."""

    validation: Array  # (N,) logits
    test: Array  # (N,) logits
    parameters: int = 0
    seconds: float = 0.0  # of one processor, to train
    candidate: tuple[float, float] | None = None  # learning rate and dropout
    weight: float | None = None  # of the network, in a blend

    @property
    def choice(self) -> str:
        """What was chosen on the validation district, in words."""
        if self.weight is not None:
            return f"weight {self.weight:.1f}"
        return "rate {:g}, dropout {:g}".format(*self.candidate) if self.candidate else ""

    def calibrated(self, task: Task) -> "Answers":
        """As the validation district teaches what a logit means."""
        scale = calibration.fit(self.validation, task.validation.severity)
        return replace(self, validation=scale.logit(self.validation), test=scale.logit(self.test))


def run(
    settings: Settings, data: Path | None = None, *, quick: bool = False, log: Log = to_stderr
) -> dict[str, Any]:
    """AUC of every variant, its distance from the design and from boosting, and its cost.

    Raises MissingError when data has no folder `oulad`.
    """
    if data is not None and not (data / "oulad").is_dir():
        raise MissingError(f"bench networks needs real data: there is no folder {data / 'oulad'}")
    torch.set_num_threads(1)
    found = measure(_task(settings.data / "training", quick), log)
    if data is not None:
        case = oulad_daily.case(oulad.read(data / "oulad"), (4, 8) if quick else oulad_daily.WEEKS)
        effort, folds = (QUICK, 2) if quick else (Effort(), 5)
        splits = by_student(case, effort, folds)
        found["oulad"] = variants.compare(case, variants.predict(splits, log))
    return found


def measure(task: Task, log: Log = to_stderr) -> dict[str, Any]:
    """All figures of one task."""
    log(f"{len(task.train)} rows to train, {len(task.validation)} to choose, {len(task.test)} test")
    shapes = {"design": DESIGN, **INPUTS, **ARCHITECTURES}
    single = {name: _best(task, variant, log, name) for name, variant in shapes.items()}
    won = _won(task, single)
    both = " + ".join(won)
    shapes[both] = reduce(or_, (shapes[name] for name in won))
    single[both] = _best(task, shapes[both], log, both)
    others = _others(task, log)
    best = max(single, key=lambda name: task.chosen_by(single[name].validation))
    seeds = {
        name: [
            _trained(task, shapes[name], task.small, single[name].candidate or CANDIDATES[0], seed)
            for seed in SEEDS
        ]
        for name in dict.fromkeys(("design", best))
    }
    every = single | {"three seeds of the design": _mean(seeds["design"])}
    every["design + boosting"] = _blend(task, single["design"], others["boosting"])
    every |= others
    rows = _compare(task, every, "design")
    found = {
        "candidates": len(CANDIDATES),
        "train_rows": len(task.train),
        "test_rows": len(task.test),
        "test_students": len(np.unique(task.test.students)),
        "rows": rows,
        "seeds": {
            name: [evaluation.auc(each.test, task.outcomes["any"]) for each in answers]
            for name, answers in seeds.items()
        },
        "full": [],
    }
    better = [
        row["name"]
        for row in rows
        if row["name"] in shapes and row["design"] and row["design"]["any"]["low"] > 0
    ]
    if better:
        name = max(better, key=lambda name: task.chosen_by(single[name].validation))
        pair = {
            each: _best(task, shapes[each], log, f"{each}, full size", task.full)
            for each in ("design", name)
        }
        found["full"] = _compare(task, pair | {"boosting": others["boosting"]}, "design")
    return found


def _task(work: Path, quick: bool) -> Task:
    sizes: dict[str, Any] = {"students": 200, "futures": 4} if quick else {}
    chosen = Districts(train=TRAIN[:1] if quick else TRAIN, validation=VALIDATION, **sizes)
    train = risk_examples.together(_read(chosen, chosen.train, work / "ship", None))
    validation = risk_examples.together(_read(chosen, chosen.validation, work / "ship", None))
    sharper = replace(chosen, futures=4 * chosen.futures)
    test = risk_examples.together(_read(sharper, TEST[: len(chosen.train)], work / "ship", None))
    assert test.expected is not None
    kept = np.sort(np.random.default_rng(0).permutation(len(train))[: 500 if quick else ROWS])
    tiny = replace(SMALL, hidden=4, projection=8, fusion=(8, 8), head=4)
    return Task(
        train.of(kept),
        replace(validation, expected=None),
        replace(test, expected=None),
        test.expected.severity,
        tiny if quick else SMALL,
        replace(tiny, layers=2) if quick else RiskConfig(),
        replace(LOOP, epochs=1) if quick else LOOP,
        work / "networks",
    )


def _best(
    task: Task, variant: Variant, log: Log, name: str, config: RiskConfig | None = None
) -> Answers:
    """The better of the candidates on the validation district."""
    tried = []
    for candidate in CANDIDATES:
        tried.append(_trained(task, variant, config or task.small, candidate))
        log(
            f"{name}, {tried[-1].choice}: validation AUC "
            f"{task.chosen_by(tried[-1].validation):.4f}, {tried[-1].seconds:.0f} s"
        )
    return max(tried, key=lambda answers: task.chosen_by(answers.validation))


def _won(task: Task, single: Mapping[str, Answers]) -> list[str]:
    """What passes the design on the validation district by enough, the best two at least."""
    reached = {name: task.chosen_by(answers.validation) for name, answers in single.items()}
    best = sorted((name for name in reached if name != "design"), key=reached.__getitem__)[::-1]
    best.remove([name for name in best if name in APART][-1])
    won = [name for name in best if reached[name] >= reached["design"] + WORTH]
    return won if len(won) > 1 else best[:2]


def _trained(
    task: Task, variant: Variant, config: RiskConfig, candidate: tuple[float, float], seed: int = 0
) -> Answers:
    """Train one network, or find what it answered."""
    rate, dropout = candidate
    config = replace(config, dropout=dropout)
    options = replace(task.loop, learning_rate=rate, seed=seed)
    rows = len(task.train), len(task.validation), len(task.test)
    key = hashlib.sha256(repr((variant, config, options, rows)).encode()).hexdigest()[:20]
    path = task.kept / f"{key}.npz"
    if path.exists():
        with np.load(path) as file:
            given = file["validation"], file["test"], int(file["parameters"])
            return Answers(*given, float(file["seconds"]), candidate)
    torch.manual_seed(options.seed)
    started = time.process_time()
    inputs = variant.inputs(task.train.values, task.train.observed, config.modality_sizes)
    network = variant.network(config)
    plan = replace(SHIP_PLAN, network=config, loop=options)
    loop.train(
        network,
        len(task.train),
        risk_fit._loss(task.train, inputs, plan),
        risk_fit._validate(task.validation, inputs, plan),
        options,
    )
    seconds = time.process_time() - started
    with torch.inference_mode():
        validation, test = (
            risk_fit._forward(network, inputs, each)[0].double().numpy()
            for each in (task.validation, task.test)
        )
    parameters = sum(each.numel() for each in network.parameters())
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, validation=validation, test=test, parameters=parameters, seconds=seconds)
    return Answers(validation, test, parameters, seconds, candidate)


def _mean(several: list[Answers]) -> Answers:
    return Answers(
        np.mean([each.validation for each in several], axis=0),
        np.mean([each.test for each in several], axis=0),
        sum(each.parameters for each in several),
        sum(each.seconds for each in several),
    )


def _others(task: Task, log: Log) -> dict[str, Answers]:
    """The baselines, fitted once for both parts."""
    asked = risk_examples.together([task.validation, task.test])
    found = {}
    for name, predicted in risk_report.others(asked, task.train).items():
        score = np.clip(predicted.score, 1e-6, 1 - 1e-6)
        logits = np.log(score) - np.log1p(-score)
        found[name] = Answers(*np.split(logits, [len(task.validation)]))
        log(f"{name}: validation AUC {task.chosen_by(found[name].validation):.4f}")
    return found


def _blend(task: Task, network: Answers, boosting: Answers) -> Answers:
    """Their calibrated logits, weighed on the validation district."""
    ours, theirs = network.calibrated(task), boosting.calibrated(task)

    def mixed(weight: float) -> Answers:
        return replace(
            network,
            validation=weight * ours.validation + (1 - weight) * theirs.validation,
            test=weight * ours.test + (1 - weight) * theirs.test,
            weight=weight,
        )

    return max(map(mixed, WEIGHTS), key=lambda each: task.chosen_by(each.validation))


def _compare(task: Task, every: dict[str, Answers], design: str) -> list[dict[str, Any]]:
    """A row for each predictor, and one for what no predictor can pass."""
    rows = [_row(task, name, every[name], every, design) for name in every]
    top = {name: evaluation.auc(task.ceiling, came) for name, came in task.outcomes.items()}
    ceiling = evaluation.calibration_error(task.ceiling, task.test.severity)
    return [*rows, {"name": "ceiling", "auc": top, "ece": ceiling, "design": {}, "boosting": {}}]


def _row(
    task: Task, name: str, answers: Answers, every: Mapping[str, Answers], design: str
) -> dict[str, Any]:
    student = task.test.actual.student
    score = calibration.sigmoid(answers.calibrated(task).test)
    found: dict[str, Any] = {
        "name": name,
        "choice": answers.choice,
        "auc": {kind: evaluation.auc(answers.test, came) for kind, came in task.outcomes.items()},
        "validation_auc": task.chosen_by(answers.validation),
        "ece": evaluation.calibration_error(score, task.test.severity),
        "parameters": answers.parameters,
        "times": answers.seconds / every[design].seconds,
    }
    for other in (design, "boosting"):
        found[other] = {
            kind: evaluation.paired_difference(answers.test, every[other].test, came, student)
            for kind, came in task.outcomes.items()
            if name != other
        }
    return found


def main(arguments: list[str]) -> int:
    """Read the options, run, show or print; the exit code."""
    parser = argparse.ArgumentParser(prog="bench networks", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        found = run(load_settings(), given.data, quick=given.quick)
    except EduPulseError as error:
        print(f"edupulse: {error}", file=sys.stderr)
        return error.exit_code
    if given.json:
        print(json.dumps(found))
    else:
        show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
