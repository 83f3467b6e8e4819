"""Which network wins: every variant with the same data, epochs and number of candidates.

`edupulse bench networks [--full] [--data DIR] [--quick] [--json]`. Trained on a
part of three fictional districts, stopped and chosen on a fourth, and tested once on two that no
version and no choice has seen. What is trained is kept under the home's `data/training` and found
again. With `--full`, the best on the fourth district also at the design's full size. With
`--data DIR` that holds a folder `oulad`, also on real students, with forward networks.
"""

import hashlib
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from edupulse_core.config import AttendanceRules, Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.risk import baselines
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.families.risk.shipping import SHIP_PLAN, Districts, labeled
from edupulse_core.training import calibration, evaluation
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks.command import FLAG, Log, carry_out, to_stderr
from tests.benchmarks.differences import paired_difference
from tests.benchmarks.networks import ARCHITECTURES, DESIGN, INPUTS, Variant
from tests.benchmarks.networks_tables import tables
from tests.benchmarks.outcomes import oulad, oulad_daily, variants
from tests.benchmarks.outcomes.models import QUICK, Effort
from tests.benchmarks.outcomes.protocol import by_student

TRAIN, VALIDATION, TEST = (101, 102, 103), (201,), (301, 302)  # seeds of districts
ROWS = 40_000  # student-weeks that are learned from
SMALL = RiskConfig(hidden=21, layers=1, projection=64)
LOOP = replace(SHIP_PLAN.loop, patience=3)
CANDIDATES = ((0.002, 0.3), (0.005, 0.1))  # learning rate and dropout; each variant gets them all
PENALTIES = (0.1, 0.01)  # candidates of logistic regression
BOOSTING = ((0.08, 200), (0.05, 300))  # of boosting: rate and trees
WEIGHTS = tuple(np.linspace(0.0, 1.0, 11))  # of the network, in a blend
SEEDS = (0, 1, 2)  # of the ensemble
WORTH = 0.0005  # of AUC on the validation district, to be combined with others
APART = ("cross-modal attention", "Transformer encoder")  # cannot be combined
Array = NDArray[np.float64]


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

    @cached_property
    def fingerprint(self) -> str:
        """Of everything that is trained on, stopped by, chosen by or answered."""
        digest = hashlib.sha256()
        for part in (self.train, self.validation, self.test):
            targets = (target.numpy() for target in part.targets())
            for array in (part.values, part.observed, part.severity, *targets):
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

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
    choice: str = ""  # what was chosen on the validation district, in words

    def calibrated(self, task: Task) -> "Answers":
        """As the validation district teaches what a logit means."""
        scale = calibration.fit(self.validation, task.validation.severity)
        return replace(self, validation=scale.logit(self.validation), test=scale.logit(self.test))


def run(
    settings: Settings,
    data: Path | None = None,
    *,
    full: bool = False,
    quick: bool = False,
    log: Log = to_stderr,
) -> dict[str, Any]:
    """AUC of every variant, its distance from the design and from boosting, and its cost.

    Raises MissingError when data has no folder `oulad`.
    """
    if data is not None and not (data / "oulad").is_dir():
        raise MissingError(f"bench networks needs real data: there is no folder {data / 'oulad'}")
    torch.set_num_threads(1)
    found = measure(_task(settings.data / "training", quick), log, full=full)
    found["quick"] = quick
    found["command"] = "edupulse bench networks" + " --full" * full + " --data DIR" * bool(data)
    if data is not None:
        found["oulad"] = _on_real_students(data / "oulad", quick, log)
    return found


def _on_real_students(folder: Path, quick: bool, log: Log) -> list[dict[str, Any]]:
    case = oulad_daily.case(oulad.read(folder), (4, 8) if quick else oulad_daily.WEEKS)
    effort, folds = (QUICK, 2) if quick else (Effort(), 5)
    splits = by_student(case, effort, folds)
    return variants.compare(case, variants.predict(splits, log))


def measure(task: Task, log: Log = to_stderr, *, full: bool = False) -> dict[str, Any]:
    """All figures of one task; with full, the best at full size if it passes the design."""
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
    every = single | {f"three seeds, {name}": _mean(each) for name, each in seeds.items()}
    trees = others["boosting"]
    every |= {f"{name} + boosting": _blend(task, single[name], trees) for name in seeds}
    every |= others
    found = {
        "candidates": len(CANDIDATES),
        "train_rows": len(task.train),
        "test_rows": len(task.test),
        "test_students": len(np.unique(task.test.students)),
        "worth": WORTH,
        "rows": _compare(task, every, "design"),
        "seeds": {
            name: [evaluation.auc(each.test, task.outcomes["any"]) for each in answers]
            for name, answers in seeds.items()
        },
        "full": [],
    }
    if full and best != "design":
        pair = {
            name: _best(task, shapes[name], log, f"{name}, full size", task.full)
            for name in ("design", best)
        }
        found["full"] = _compare(task, pair | {"boosting": others["boosting"]}, "design")
    return found


def _task(work: Path, quick: bool) -> Task:
    sizes: dict[str, Any] = {"students": 200, "futures": 4} if quick else {}
    chosen = Districts(train=TRAIN[:1] if quick else TRAIN, validation=VALIDATION, **sizes)
    train = risk_examples.together(labeled(chosen, chosen.train, work / "ship"))
    validation = risk_examples.together(labeled(chosen, chosen.validation, work / "ship"))
    sharper = replace(chosen, futures=4 * chosen.futures)
    test = risk_examples.together(labeled(sharper, TEST[: len(chosen.train)], work / "ship"))
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
    choice = f"rate {rate:g}, dropout {dropout:g}"
    config = replace(config, dropout=dropout)
    options = replace(task.loop, learning_rate=rate, seed=seed)
    asked = repr((variant, config, options, task.fingerprint))
    key = hashlib.sha256(asked.encode()).hexdigest()[:20]
    path = task.kept / f"{key}.npz"
    if path.exists():
        with np.load(path) as file:
            given = file["validation"], file["test"], int(file["parameters"])
            return Answers(*given, float(file["seconds"]), candidate, choice)
    torch.manual_seed(options.seed)
    started = time.process_time()
    inputs = variant.inputs(task.train.values, task.train.observed, config.modality_sizes)
    network = variant.network(config)
    plan = replace(SHIP_PLAN, network=config, loop=options)
    risk_fit.learn(network, inputs, task.train, task.validation, plan)
    seconds = time.process_time() - started
    validation, test = (
        risk_fit.logits_of(network, inputs, each)[0] for each in (task.validation, task.test)
    )
    parameters = sum(each.numel() for each in network.parameters())
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, validation=validation, test=test, parameters=parameters, seconds=seconds)
    return Answers(validation, test, parameters, seconds, candidate, choice)


def _mean(several: list[Answers]) -> Answers:
    return Answers(
        np.mean([each.validation for each in several], axis=0),
        np.mean([each.test for each in several], axis=0),
        sum(each.parameters for each in several),
        sum(each.seconds for each in several),
    )


def _others(task: Task, log: Log) -> dict[str, Answers]:
    """The baselines, the better of their candidates, fitted once for both parts."""
    asked = risk_examples.together([task.validation, task.test])
    severity, tiers = (target.double().numpy() for target in task.train.targets())
    lessons = baselines.Lessons(task.train.values, task.train.observed, severity, tiers)
    x = baselines.summaries(task.train.values, task.train.observed)
    summed = baselines.summaries(asked.values, asked.observed)

    def boosted(rate: float, trees: int) -> Array:
        options = baselines.BOOSTING | {"learning_rate": rate, "max_iter": trees}
        model = HistGradientBoostingRegressor(**options, random_state=0).fit(x, severity)
        score: Array = model.predict(summed)
        return score

    def scores() -> Iterator[tuple[str, str, Array]]:
        yield "abc_rule", "", baselines.abc_rule(asked.values, AttendanceRules(), asked.rules).score
        for c in PENALTIES:
            predicted = baselines.logistic(lessons, asked.values, asked.observed, c=c)
            yield "logistic", f"C {c:g}", predicted.score
        for rate, trees in BOOSTING:
            yield "boosting", f"rate {rate:g}, {trees} trees", boosted(rate, trees)

    found: dict[str, Answers] = {}
    for name, choice, score in scores():
        score = np.clip(score, 1e-6, 1 - 1e-6)
        logits = np.log(score) - np.log1p(-score)
        answers = Answers(*np.split(logits, [len(task.validation)]), choice=choice)
        log(f"{name}, {choice}: validation AUC {task.chosen_by(answers.validation):.4f}")
        best = found.get(name, answers)
        found[name] = max(best, answers, key=lambda each: task.chosen_by(each.validation))
    return found


def _blend(task: Task, network: Answers, boosting: Answers) -> Answers:
    """Their calibrated logits, weighed on the validation district."""
    ours, theirs = network.calibrated(task), boosting.calibrated(task)

    def mixed(weight: float) -> Answers:
        return replace(
            network,
            validation=weight * ours.validation + (1 - weight) * theirs.validation,
            test=weight * ours.test + (1 - weight) * theirs.test,
            choice=f"weight {weight:.1f}",
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
            kind: paired_difference(answers.test, every[other].test, came, student)
            for kind, came in task.outcomes.items()
            if name != other
        }
    return found


def main(arguments: list[str]) -> int:
    """Read the options, run, print, keep; the exit code."""
    options = {"--full": FLAG, "--data": {"type": Path}}
    return carry_out("networks", run, arguments, tables=tables, options=options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
