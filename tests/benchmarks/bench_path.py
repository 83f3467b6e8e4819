"""What paths gain in two made-up classrooms, and how well a network foretells real ones.

`edupulse bench path [--data DIR] [--seeds N] [--quick] [--json]`. A course of its own for each
seed. Every way learns from the records of 800 students of the first classroom, in which a skill is
known or not; none sees the second, in which ability grows and is forgotten. Then it makes a path of
ten skills for 1,000 new students of each, from their records alone, and they follow it.
"gain" is the share of what they lacked that they have at the end.

--data: a folder with the two files of answers of ASSISTments 2009; the order in which its students
took up skills is foretold too. It names no prerequisites, so nothing can be gained there.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.path import examples, practice, report, search
from edupulse_core.families.path.algorithms import ALGORITHMS, SEQUENCE, PathModel, SequencePlan
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.family import PATH
from edupulse_core.families.usual import by_student
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks.classrooms import Laws, classroom, gained, live
from tests.benchmarks.command import carry_out, count, to_stderr

SEEDS = 5
LEARNED, ASKED = 800, 1_000  # students
LENGTH = 10
ROOMS: tuple[Laws, ...] = ("known_or_not", "growing")
ALONE = "mastery alone"  # the least mastered and fastest learned first, whatever else is missing
FILES = ("preprocessed_data_train.csv", "preprocessed_data_test.csv")
Paths = NDArray[np.int64]


def run(
    settings: Settings, *, data: Path | None = None, seeds: int = SEEDS, quick: bool = False
) -> dict[str, Any]:
    """The gains by way and classroom, broken rules, and how well recorded paths are foretold."""
    seeds = 1 if quick else seeds
    found = [_seed(seed, quick) for seed in range(seeds)]
    return {
        "family": "path",
        "quick": quick,
        "partial": seeds < SEEDS or data is None,
        "served": next(iter(ALGORITHMS)),
        "seeds": seeds,
        "students": found[0]["students"],
        "gains": {
            room: {
                way: [one["gains"][room][way] for one in found] for way in found[0]["gains"][room]
            }
            for room in ROOMS
        },
        "paths": sum(one["paths"] for one in found),
        "violations": sum(one["violations"] for one in found),
        "repeats": sum(one["repeats"] for one in found),
        "foretold": [one["foretold"] for one in found],
        "seconds": [one["seconds"] for one in found],
        "recorded": None if data is None else [_recorded(data, at, quick) for at in range(seeds)],
    }


def _seed(seed: int, quick: bool) -> dict[str, Any]:
    learned, asked = (120, 60) if quick else (LEARNED, ASKED)
    lived = live(classroom(seed, "known_or_not"), learned, 1_000 + seed)
    split = PATH.splits(examples.read(lived.con), seed=seed)[0]
    models, seconds = _trained(split, seed, quick)
    known = practice.fit(split.train)
    ways: dict[str, Callable[[PathExamples], Paths]] = {
        name: model.paths for name, model in models.items()
    }
    ways[ALONE] = lambda cases: _alone(known, cases)
    gains: dict[str, dict[str, float]] = {}
    broken = np.zeros(2, int)
    for place, laws in enumerate(ROOMS):
        room = classroom(seed, laws)
        new = live(room, asked, 2_000 + 100 * place + seed)
        cases = examples.asked(new.con, new.who, new.until, length=LENGTH, goal="", mastery={})
        gains[laws] = {}
        for way, paths_of in ways.items():
            paths = paths_of(cases)
            gains[laws][way] = float(gained(room, new, paths).mean())
            if way in models:
                broken += report.violations(cases, paths, known)
        to_stderr(f"seed {seed}, {laws}: {gains[laws]}")
    return {
        "gains": gains,
        "students": asked,
        "paths": len(ROOMS) * asked * len(models),
        "violations": int(broken[0]),
        "repeats": int(broken[1]),
        "foretold": _foretold(models[SEQUENCE], split),
        "seconds": seconds,
    }


def _trained(
    split: Split[PathExamples], seed: int, quick: bool
) -> tuple[dict[str, PathModel], dict[str, float]]:
    models, seconds = {}, {}
    for name, how in ALGORITHMS.items():
        plan = _small() if quick and name == SEQUENCE else how.plan()
        began = time.monotonic()
        models[name] = how.fit(split, plan, Run(seed=seed))
        seconds[name] = round(time.monotonic() - began, 1)
        to_stderr(f"seed {seed}: {name} trained in {seconds[name]} s")
    return models, seconds


def _small() -> SequencePlan:
    loop = LoopOptions(epochs=2, batch=64, learning_rate=5e-3)
    return SequencePlan(embedding=16, hidden=16, layers=1, most=100, taught=2, loop=loop)


def _alone(known: practice.Practice, cases: PathExamples) -> Paths:
    rise = known.on(cases.course)[1]
    return search.by_score(known, cases, lambda walk: rise * (1 - walk.mastery))


def _foretold(model: PathModel, split: Split[PathExamples]) -> dict[str, float]:
    """Of held-out paths: the network's perplexity and BLEU beside what is counted, and chance."""
    test, size = split.test, split.test.course.size
    counts = np.full((size + 1, size), 0.1)  # [the skill before, the next one]
    for done, ahead in zip(split.train.done[:, -1], split.train.ahead, strict=True):
        steps = [int(done), *ahead[ahead >= 0].tolist()]
        for before, after in zip(steps, steps[1:], strict=False):
            counts[before, after] += 1
    begun, logs, even = test.weight > 0, [], []
    paths = np.full_like(test.ahead, -1)
    for row in range(len(test)):
        closed, before = begun[row].copy(), int(test.done[row, -1])
        for step in test.ahead[row][test.ahead[row] >= 0].tolist():
            chances = np.where(closed, 0.0, counts[before])
            logs.append(np.log(chances[step] / chances.sum()))
            even.append(-np.log((~closed).sum()))
            closed[step], before = True, step
        closed, before = begun[row].copy(), int(test.done[row, -1])
        for at in range(min(paths.shape[1], int((~closed).sum()))):
            paths[row, at] = before = int(np.where(closed, 0.0, counts[before]).argmax())
            closed[before] = True
    by_chance = search.at_random(model.practice, replace(test, length=test.ahead.shape[1]))
    return {
        **report.imitation(model, test),
        "perplexity_counted": float(np.exp(-np.mean(logs))),
        "perplexity_even": float(np.exp(-np.mean(even))),
        "bleu_counted": report.bleu(paths, test.ahead),
        "bleu_random": report.bleu(by_chance, test.ahead),
    }


def _recorded(data: Path, seed: int, quick: bool) -> dict[str, float]:
    """The same for the order in which real students took up skills."""
    cases = examples.read(_answers(data))
    if quick:
        cases = cases.of(np.arange(min(len(cases), 400)))
    split = by_student(cases, seed=seed)[0]
    plan = _small() if quick else SequencePlan()
    found = _foretold(ALGORITHMS[SEQUENCE].fit(split, plan, Run(seed=seed)), split)
    to_stderr(f"seed {seed}, recorded: {found}")
    return {"cases": len(cases), "skills": cases.course.size, **found}


def _answers(data: Path) -> DuckDBPyConnection:
    """The answers as learning records; a student's rows are an hour apart, in their order."""
    paths = [data / name for name in FILES]
    if not all(path.is_file() for path in paths):
        raise MissingError(f"{data} does not hold {' and '.join(FILES)}")
    con = duckdb.connect()
    sql.run(con, "warehouse/sql/schema")
    con.read_csv([str(path) for path in paths], sep="\t").create_view("given")
    con.execute(
        "insert into items by name select distinct 'item' || item_id || '-' || skill_id as item_id,"
        " ['skill' || skill_id] as skill_ids from given"
    )
    con.execute(
        "insert into interactions by name select 'student' || user_id as student_id, "
        "'item' || item_id || '-' || skill_id as item_id, correct = 1 as is_correct, "
        "timestamp '2026-01-01' + to_hours(row_number() over ()) as answered_at from given"
    )
    return con


def tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table for each classroom, and one for recorded paths."""
    titles = {
        "known_or_not": "Gain where a skill is known or not",
        "growing": "Gain where ability grows and is forgotten (never learned from)",
    }
    made = [
        {
            "title": title,
            "words": f"Share of what {found['students']:,} new students of each of "
            f"{found['seeds']} courses lacked that they have after {LENGTH} steps; mean and 95% "
            f"interval over courses. {found['violations']} of {found['paths']:,} paths break the "
            f"order of prerequisites, {found['repeats']} repeat a skill.",
            "rows": [
                {
                    "way": way,
                    "gain": _mean(gains),
                    "more than greedy": _mean(_less(gains, found["gains"][room]["greedy"])),
                    "more than random": _mean(_less(gains, found["gains"][room]["random"])),
                }
                for way, gains in found["gains"][room].items()
            ],
        }
        for room, title in titles.items()
    ]
    foretold = {"in the first classroom": found["foretold"]}
    if found["recorded"] is not None:
        foretold["of real students (ASSISTments)"] = found["recorded"]
    for where, rows in foretold.items():
        made.append(
            {
                "title": f"The next ten skills {where}, foretold",
                "words": "On students who were not learned from. Counted: how often each skill "
                "follows each other one.",
                "rows": [
                    {
                        "way": way,
                        "perplexity": _mean([row[perplexity] for row in rows], 2),
                        "BLEU": _mean([row[bleu] for row in rows], 3) if bleu else "–",
                    }
                    for way, perplexity, bleu in (
                        ("network", "perplexity", "bleu_recorded"),
                        ("counted", "perplexity_counted", "bleu_counted"),
                        ("chance", "perplexity_even", "bleu_random"),
                    )
                ],
            }
        )
    return made


def _less(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(one, other, strict=True)]


T95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78}  # Student's t by the number of seeds


def _mean(values: Sequence[float], digits: int = 4) -> str:
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) not in T95:
        return mean
    reach = T95[len(values)] * np.std(values, ddof=1) / len(values) ** 0.5
    return f"{mean} ± {reach:.{digits}f}"


OPTIONS: dict[str, dict[str, Any]] = {
    "--data": {"type": Path, "metavar": "DIR"},
    "--seeds": {"type": count, "default": SEEDS, "metavar": "N"},
}

if __name__ == "__main__":
    sys.exit(carry_out("path", run, sys.argv[1:], tables=tables, options=OPTIONS))
