"""How well study time is predicted: on planted hours, on real answer times, and with 600 sessions.

`edupulse bench study-time [--data DIR] [--only NAME …] [--grounds …] [--single] [--quick]
[--json]`. Five splits by student each; figures are the mean over them, and the spread. Every choice
was made on validation data.

* planted: the fictional district's sessions, whose true hours are known. The oracle knows them.
* answers: seconds that real students took to answer a question (ASSISTments), 600 s at most; longer
  ones are tabs that were left open.
* reference: 600 sessions, as the design that this family follows was measured with, beside its
  figures.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core import demo
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.families.family import Run, Split
from edupulse_core.families.study_time import report
from edupulse_core.families.study_time.algorithms import ALGORITHMS
from edupulse_core.families.study_time.baselines import BASELINES, boosting
from edupulse_core.families.study_time.ensemble import NetworkPlan
from edupulse_core.families.study_time.examples import StudyExamples
from edupulse_core.families.study_time.measured import LABELS
from edupulse_core.families.usual import by_student
from tests.benchmarks import answer_times, planted_hours
from tests.benchmarks.command import FLAG, carry_out, to_stderr
from tests.families.study_time.simulated import simulated

DATA = REPOSITORY.parent / "shared" / "data"
SEEDS = 5
STUDENTS = 1200  # of the fictional district
PLAIN = "plain boosting"
SERVED = next(iter(ALGORITHMS))
SIMPLE = (*BASELINES, PLAIN)  # what the served one is compared with
REFERENCE = {"method": "the reference design", "MAE": "0.99", "RMSE": "1.39", "size": "50 KB"}
AUGMENTED = "network, augmented"
GROUNDS = ("planted", "answers", "reference")
Way = tuple[str, str, Any]  # its name, its algorithm, its plan


@dataclass(frozen=True)
class Ground:
    """Examples, and what each would take without noise, where that is known."""

    examples: StudyExamples
    truth: NDArray[np.float64] | None = None
    unit: float = 1.0  # of the figures, in hours


def run(
    settings: Settings,
    *,
    data: Path = DATA,
    only: Sequence[str] = (),
    grounds: Sequence[str] = GROUNDS,
    single: bool = False,
    quick: bool = False,
) -> dict[str, Any]:
    """Every algorithm and simple method on each ground.

    only: some of the algorithms.  single: of five networks, one alone, as a search tries them.
    """
    seeds = 1 if quick else SEEDS
    ways = [each for each in _plans(quick) if not only or each[0] in (SERVED, *only)]
    measured: dict[str, Callable[[], dict[str, Any]]] = {
        "planted": lambda: _compared(_planted(quick), seeds, ways, single),
        "answers": lambda: _compared(
            Ground(answer_times.read(data), unit=1 / answer_times.SECONDS), seeds, ways, single
        ),
        "reference": lambda: _reference(seeds, ways, single),
    }
    found: dict[str, Any] = {
        "quick": quick,
        "partial": bool(only) or single or set(grounds) != set(GROUNDS),
        "family": "study_time",
        "served": SERVED,
    }
    for ground in grounds:
        to_stderr(f"{ground}: reading")
        found[ground] = measured[ground]()
    return found


def _planted(quick: bool) -> Ground:
    if quick:
        made = simulated(80, 10, seed=11)
        return Ground(made.examples, made.truth)
    return Ground(*planted_hours.district(STUDENTS, demo.SEED))


def _plans(quick: bool) -> Iterator[Way]:
    """Each way to learn: its name, its algorithm, its plan."""
    for name, how in ALGORITHMS.items():
        plan = how.plan()
        if isinstance(plan, NetworkPlan):
            plan = _small(plan) if quick else plan
        yield name, name, plan
    augmented = ALGORITHMS["network"].plans["augmented"]()
    yield AUGMENTED, "network", _small(augmented) if quick else augmented


def _small(plan: NetworkPlan) -> NetworkPlan:
    return replace(plan, loop=replace(plan.loop, epochs=2), members=1)


def _compared(ground: Ground, seeds: int, ways: Sequence[Way], single: bool) -> dict[str, Any]:
    """The errors of every method on every split."""
    errors: dict[str, list[dict[str, float]]] = {}
    for seed in range(seeds):
        split = by_student(ground.examples, seed=seed)[0]
        y = split.test.target() / ground.unit
        said = {name: each(split.train, split.test) for name, each in BASELINES.items()}
        said[PLAIN] = boosting(split.train, split.test)
        if ground.truth is not None:
            said["oracle"] = ground.truth[split.test.rows]
        for name, value in said.items():
            errors.setdefault(name, []).append(_errors(value / ground.unit, y))
        for name, algorithm, plan in ways:
            errors.setdefault(name, []).append(
                _trained(ground, split, algorithm, plan, Run(seed=seed, trial=single))
            )
        _tell(seed, seeds, errors)
    best = min((name for name in SIMPLE), key=lambda name: _mean(errors[name], "mae"))
    plain = min(BASELINES, key=lambda name: _mean(errors[name], "mae"))
    ours = _mean(errors[SERVED], "mae")
    return {
        "rows": len(ground.examples),
        "students": len(np.unique(ground.examples.who)),
        "errors": errors,
        "best_simple": best,
        "gain": 1 - ours / _mean(errors[best], "mae"),
        "best_baseline": plain,
        "gain_over_baseline": 1 - ours / _mean(errors[plain], "mae"),
    }


def _trained(
    ground: Ground, split: Split[StudyExamples], algorithm: str, plan: Any, run: Run
) -> dict[str, float]:
    began = time.monotonic()
    model = ALGORITHMS[algorithm].fit(split, plan, run)
    seconds = time.monotonic() - began
    y = split.test.target()
    low, high, _ = model.margins.of(*model.log_hours(split.test), split.test.count)
    with tempfile.TemporaryDirectory() as folder:
        ALGORITHMS[algorithm].save(model, Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return {
        **_errors(model.hours(split.test) / ground.unit, y / ground.unit),
        "validation_mae": float(
            np.abs(model.hours(split.validation) - split.validation.target()).mean() / ground.unit
        ),
        "coverage": float(((low <= y) & (y <= high)).mean()),
        "seconds": seconds,
        "kilobytes": size / 1024,
    }


def _errors(value: NDArray[np.float64], y: NDArray[np.float64]) -> dict[str, float]:
    found = report.accuracy(value, y)
    return {"mae": found.mae, "rmse": found.rmse, "r2": found.r2}


def _reference(seeds: int, ways: Sequence[Way], single: bool) -> dict[str, Any]:
    """600 sessions of 60 students, another district for each seed."""
    errors: dict[str, list[dict[str, float]]] = {}
    for seed in range(seeds):
        ground = Ground(simulated(60, 10, seed=100 + seed).examples)
        split = by_student(ground.examples, seed=seed)[0]
        for name, algorithm, plan in ways:
            errors.setdefault(name, []).append(
                _trained(ground, split, algorithm, plan, Run(seed=seed, trial=single))
            )
        _tell(seed, seeds, errors)
    return {"rows": 600, "errors": errors}


def _tell(seed: int, seeds: int, errors: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """How each method did on the split that was just measured."""
    said = ", ".join(f"{name} {rows[-1]['mae']:.3f}" for name, rows in errors.items())
    to_stderr(f"split {seed + 1} of {seeds}: {said}")


def _mean(rows: list[dict[str, float]], name: str) -> float:
    return float(np.mean([row[name] for row in rows]))


def _spread(rows: list[dict[str, float]], name: str) -> str:
    if name not in rows[0]:
        return "–"
    values = [row[name] for row in rows]
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table for each ground."""
    made = []
    for name, title, unit in (
        ("planted", "Planted hours", "hours"),
        ("answers", "Answers of real students", "seconds"),
    ):
        if name not in found:
            continue
        part = found[name]
        made.append(
            {
                "title": title,
                "words": f"{part['rows']:,} sessions of {part['students']:,} students, errors in "
                f"{unit}, mean and spread over {len(part['errors'][SERVED])} splits by student. "
                f"{found['served']} serves: its error is {part['gain']:.1%} smaller than that of "
                f"{part['best_simple']}, the best simple method that learns, and "
                f"{part['gain_over_baseline']:.1%} smaller than that of {part['best_baseline']}.",
                "rows": [_row(name, rows) for name, rows in part["errors"].items()],
            }
        )
    return [*made, *([_reference_table(found["reference"])] if "reference" in found else [])]


def _reference_table(found: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {
            **_row(name, each),
            "seconds": f"{_mean(each, 'seconds'):.1f}",
            "size": f"{_mean(each, 'kilobytes'):.0f} KB",
        }
        for name, each in found["errors"].items()
    ]
    return {
        "title": "With 600 sessions",
        "words": "Beside the reference's own figures, on other data: MAE 0.99 h, RMSE 1.39 h, "
        "trained in 2 to 3 minutes.",
        "rows": [*rows, {**REFERENCE, "seconds": "120 to 180"}],
    }


def _row(name: str, rows: list[dict[str, float]]) -> dict[str, str]:
    return {
        "method": LABELS[name] if name in BASELINES else name,
        "MAE": _spread(rows, "mae"),
        "RMSE": _spread(rows, "rmse"),
        "R²": _spread(rows, "r2"),
        "in the 90% interval": _spread(rows, "coverage"),
        "validation MAE": _spread(rows, "validation_mae"),
    }


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "study-time", run, sys.argv[1:], tables=tables,
            options={
                "--data": {"type": Path, "default": DATA},
                "--only": {
                    "nargs": "+",
                    "metavar": "NAME",
                    "choices": [*ALGORITHMS, AUGMENTED],
                    "default": (),
                },
                "--single": FLAG,
                "--grounds": {"nargs": "+", "choices": GROUNDS, "default": GROUNDS},
            },
        )
    )  # fmt: skip
