"""Knowledge tracing on public answers, every way to learn beside the published figures.

`edupulse bench tracing [--data DIR] [--sets ...] [--methods ...] [--seeds N]
[--quick] [--json]`. DIR holds `assist2009_updated`, `assist2015` and `assistments09_items`; any
folder with the same files will do. The first two are tested on the split that they come with, and
stopped and calibrated on its validation part. The third comes with a test part; a part of the other
students validates, another part with each seed. What is the same with every seed is fitted once.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.families.family import Run, Split
from edupulse_core.families.tracing import report
from edupulse_core.families.tracing.algorithms import ALGORITHMS
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel
from edupulse_core.training.evaluation import resampled_auc
from tests.benchmarks.answers import ITEMS, shuffled, split_of
from tests.benchmarks.command import carry_out, count, to_stderr

DATA = REPOSITORY.parent / "shared" / "data" / "knowledge_tracing"
SETS = ("assist2009_updated", "assist2015", ITEMS)
RANDOM = ("dkt", "dkt_plus", "blend")  # another seed gives another model
SEEDS = 5
DRAWS = 200  # of the test students, for an interval
FEW = 150  # students of each part, with --quick
T95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78}  # Student's t by the number of seeds
PUBLISHED = {  # read; see the README of the data
    "assist2009_updated": {"DKT": 0.8181, "NPA": 0.8182, "SAKT": 0.8078, "DKVMN": 0.7956},
    "assist2015": {"DKT": 0.7294, "SAKT": 0.7149, "DKVMN": 0.7157},
    ITEMS: {"Best-LR": 0.77, "DKT": 0.75, "SAKT": 0.75, "PFA": 0.72, "IRT": 0.69},
}
GOALS = {"assist2009_updated": 0.820, "assist2015": 0.733, ITEMS: 0.780}
Found = dict[str, Any]


def run(
    settings: Settings,
    *,
    data: Path = DATA,
    sets: Sequence[str] = (),
    methods: Sequence[str] = (),
    seeds: int = SEEDS,
    quick: bool = False,
) -> Found:
    """AUC, log loss and calibration error of every way. Raises MissingError without the data.

    quick: few students, one seed, networks of two epochs.
    """
    data = data / "knowledge_tracing" if (data / "knowledge_tracing").is_dir() else data
    torch.set_num_threads(max(1, min(2, torch.get_num_threads())))
    found: Found = {
        "family": "tracing",
        "quick": quick,
        "partial": bool(sets or methods),
        "command": "edupulse bench tracing --data DIR",
        "seeds": 1 if quick else seeds,
        "sets": {},
    }
    for name in sets or SETS:
        chosen = list(methods or ALGORITHMS)
        found["sets"][name] = _set(data, name, chosen, found["seeds"], quick)
    if ITEMS in found["sets"]:
        found["shuffled"] = _shuffled(data, quick)
    return found


def _set(data: Path, name: str, methods: Sequence[str], seeds: int, quick: bool) -> Found:
    """Each method's figures on one data set, a row a seed."""
    rows: dict[str, list[Found]] = {method: [] for method in methods}
    simpler: dict[str, float] = {}
    for seed in range(seeds):
        split = split_of(data, name, seed, FEW if quick else None)
        if not seed:
            simpler = {
                method: report.measured(method, chance, split.test.correct).auc
                for method, chance in report.simpler(split).items()
            }
        trained: dict[str, TracingModel] = {}
        for method in methods:
            if seed and name != ITEMS and method not in RANDOM:
                continue
            started = time.monotonic()
            run_ = Run(seed=seed, device="cpu", trained=trained)
            trained[method] = ALGORITHMS[method].fit(split, plan_of(method, quick), run_)
            took = time.monotonic() - started
            rows[method].append(_measured(method, trained[method], split, took))
            to_stderr(f"{name}, seed {seed}: {method} {rows[method][-1]['auc']:.4f}, {took:.0f} s")
    return {"methods": rows, "simpler": simpler, "answers": len(split.test)}


def plan_of(method: str, quick: bool) -> Any:
    """The plan of a method; with --quick, one of two epochs."""
    plan = ALGORITHMS[method].plan()
    if not quick or method not in RANDOM:
        return plan
    if method == "blend":
        return replace(plan, network=plan_of("dkt_plus", quick))
    return replace(plan, loop=replace(plan.loop, epochs=2))


def _measured(method: str, model: TracingModel, split: Split[Examples], seconds: float) -> Found:
    test, held = split.test, split.validation
    chance = model.chances(test)
    students, code = np.unique(test.student, return_inverse=True)
    n = len(students)
    draws = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=DRAWS)
    aucs = [
        float(resampled_auc(chance, test.correct > 0, draw[None, code].astype(float))[0])
        for draw in draws
    ]
    low, high = np.quantile(aucs, [0.025, 0.975])
    return {
        **report.measured(method, chance, test.correct).model_dump(),
        "validation_auc": report.measured(method, model.chances(held), held.correct).auc,
        "low": float(low),
        "high": float(high),
        "coverage": report.coverage(model, test),
        "seconds": round(seconds, 1),
    }


def _shuffled(data: Path, quick: bool) -> Found:
    """What the default finds where right and wrong are dealt out at random: it must be nothing."""
    name = next(iter(ALGORITHMS))
    split = shuffled(split_of(data, ITEMS, 0, FEW if quick else None), 0)
    model = ALGORITHMS[name].fit(split, plan_of(name, quick), Run(device="cpu"))
    auc = report.measured(name, model.chances(split.test), split.test.correct).auc
    to_stderr(f"shuffled answers: {name} {auc:.4f}")
    return {"method": name, "auc": auc}


def tables(found: Found) -> list[Mapping[str, Any]]:
    """What the Evidence page shows."""
    made = []
    for name, each in found["sets"].items():
        rows: list[Mapping[str, Any]] = [_row(*one) for one in each["methods"].items() if one[1]]
        rows += [{"way": way, "AUC": f"{auc:.4f}"} for way, auc in each["simpler"].items()]
        rows += [
            {"way": f"{way}, published", "AUC": f"{auc:.4g}"}
            for way, auc in PUBLISHED[name].items()
        ]
        made.append(
            {
                "title": f"The next answer on {name}",
                "words": f"{each['answers']:,} test answers of students who were not learned from. "
                f"The goal is an AUC of {GOALS[name]:.3f}. With several seeds: the mean and its "
                "95% interval. Beside it: the 95% interval over students.",
                "rows": rows,
            }
        )
    if "shuffled" in found:
        auc = found["shuffled"]["auc"]
        made.append(
            {
                "title": "Answers dealt out at random",
                "words": "Nothing is left to learn, so the AUC must be .50.",
                "rows": [{"way": found["shuffled"]["method"], "AUC": f"{auc:.4f}"}],
            }
        )
    return made


def _row(method: str, rows: Sequence[Found]) -> Mapping[str, Any]:
    first = rows[0]
    return {
        "way": method,
        "AUC": _mean([each["auc"] for each in rows]),
        "over students": f"{first['low']:.4f} to {first['high']:.4f}",
        "on validation": _mean([each["validation_auc"] for each in rows]),
        "log loss": _mean([each["log_loss"] for each in rows]),
        "calibration error": _mean([each["ece"] for each in rows]),
        "in the range": f"{np.mean([each['coverage'] for each in rows]):.1%}",
        "seconds": f"{np.mean([each['seconds'] for each in rows]):.0f}",
    }


def _mean(values: Sequence[float]) -> str:
    mean = f"{np.mean(values):.4f}"
    if len(values) not in T95:
        return mean
    return f"{mean} ± {T95[len(values)] * np.std(values, ddof=1) / len(values) ** 0.5:.4f}"


OPTIONS: dict[str, dict[str, Any]] = {
    "--data": {"type": Path, "default": DATA, "metavar": "DIR"},
    "--sets": {"nargs": "+", "choices": SETS, "default": ()},
    "--methods": {"nargs": "+", "choices": tuple(ALGORITHMS), "default": ()},
    "--seeds": {"type": count, "default": SEEDS, "metavar": "N"},
}

if __name__ == "__main__":
    sys.exit(carry_out("tracing", run, sys.argv[1:], tables=tables, options=OPTIONS))
