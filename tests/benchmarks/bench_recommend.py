"""Recommenders on public data, each beside the published figures.

`edupulse bench recommend [--data DIR] [--parts ...] [--quick] [--json]`. DIR
holds `ml100k`, `lastfm` and `amusic`; any folder with the same files will do. MovieLens is split at
random, 75 to 25, with five seeds; every choice is made on a quarter of the training part, and the
lists are of all movies that a learner has not rated. The others hold out one thing of each learner
among 99.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.families.recommend import linear
from edupulse_core.families.recommend.linear import EasePlan
from edupulse_core.training.results import Interval
from tests.benchmarks import recommending as public
from tests.benchmarks.command import carry_out, to_stderr
from tests.benchmarks.recommending import SERVED, LeaveOneOut

DATA = REPOSITORY.parent / "shared" / "data" / "recommend"
SEEDS = (42, 43, 44, 45, 46)
FEW = 3  # uses of a learner who is called cold
NCF = "NCF"
MOVIES = EasePlan(sitting_seconds=40.0)  # who rates movies rates several a minute
OTHERS = EasePlan(sitting=0.0)  # no times are known
PUBLISHED = {  # read, or from memory: see the README of the data
    "ml100k": {"BiVAE": 0.475, "BPR": 0.442, "NCF": 0.396, "SAR": 0.383},
    "lastfm": {"NeuMF": (0.887, 0.601), "CFNet": (0.900, 0.619), "popularity": (0.663, 0.386)},
    "amusic": {"NeuMF": (0.389, 0.239), "CFNet": (0.412, 0.260), "popularity": (0.248, 0.130)},
}
STEMS = {"lastfm": "lastfm", "amusic": "AMusic"}
GOAL = 0.485
DRAWS = 1000
Found = dict[str, Any]


def run(settings: Settings, *, data: Path, parts: Sequence[str] = (), quick: bool = False) -> Found:
    """All figures. quick: one seed, networks of one epoch."""
    started = time.monotonic()
    found: Found = {
        "family": "recommend",
        "quick": quick,
        "partial": bool(parts) and set(parts) != {"ml100k", *STEMS},
        "command": "edupulse bench recommend --data DIR",
        "notes": [],
    }
    for part in parts or ("ml100k", *STEMS):
        to_stderr(f"{part}: reading")
        if part == "ml100k":
            found[part] = _movies(data, SEEDS[:1] if quick else SEEDS, quick)
        else:
            found[part] = _held(public.read_held(data, part, STEMS[part]), part, quick)
    found["seconds"] = round(time.monotonic() - started)
    return found


def _movies(data: Path, seeds: Sequence[int], quick: bool) -> Found:
    uses = public.read_movies(data)
    warm: dict[str, list[float]] = defaultdict(list)
    cold: dict[str, list[list[float]]] = defaultdict(list)
    plans = []
    for seed in seeds:
        started = time.monotonic()
        order = np.random.default_rng(seed).permutation(len(uses.who))
        parts = np.split(order, [int(0.5625 * len(order)), int(0.75 * len(order))])
        learn, held, test = (uses.matrix(rows) for rows in parts)
        both = np.concatenate(parts[:2])
        whole = uses.matrix(both)
        times = uses.times(parts[0]), uses.times(both)
        judge = _judge(learn, held)
        weights, plan = public.ways(learn, whole, judge, MOVIES, times)
        plans.append(plan)
        for name, each in weights.items():
            warm[name].append(public.ndcg(public.scores(whole, each), whole, test))
        left, one = public.one_each(whole, seed)
        scores, _ = public.ncf(left, one, seed, quick)
        warm[NCF].append(public.ndcg(scores, whole, test))
        for name, pair in _new(uses, both, test, plan, seed, quick).items():
            cold[name].append(pair)
        to_stderr(
            f"ml100k, seed {seed}: {SERVED} {warm[SERVED][-1]:.4f}, NCF {warm[NCF][-1]:.4f}, "
            f"{time.monotonic() - started:.0f} s"
        )
    return {
        "ndcg": {name: _over_seeds(values).model_dump() for name, values in warm.items()},
        "ahead_of_ease": _over_seeds(np.subtract(warm[SERVED], warm["EASE"])).model_dump(),
        "new": {name: np.mean(pairs, axis=0).round(4).tolist() for name, pairs in cold.items()},
        "plans": [vars(plan) for plan in plans],
        "goal": GOAL,
    }


def _judge(learn: public.Matrix, held: public.Matrix) -> public.Judge:
    return lambda scores: public.ndcg(scores, learn, held)


def _new(
    uses: public.Uses, rows: Any, test: Any, plan: EasePlan, seed: int, quick: bool
) -> Mapping[str, list[float]]:
    """A fifth of the learners, of whom nothing was learned: by their history, or FEW uses of it."""
    drawn = np.random.default_rng(seed).random(uses.learners) < 0.2
    whole = uses.matrix(rows)
    taught = rows[~drawn[uses.who[rows]]]
    train, history, wanted = uses.matrix(taught), whole[drawn], test[drawn]
    few = public.few_of(history, FEW, seed)
    near = linear.nearest(train, public.NEIGHBORS[2])
    served = linear.ease(train, plan, uses.times(taught))
    left, one = public.one_each(train, seed)
    _, fold = public.ncf(left, one, seed, quick)
    popular = public.TIE * linear.popularity(train)
    ways = {
        "popularity": lambda known: np.tile(popular, (known.shape[0], 1)),
        "item-kNN": lambda known: known @ near + popular,
        SERVED: lambda known: known @ served + popular,
        NCF: fold,
    }
    return {
        name: [public.ndcg(way(known), history, wanted) for known in (history, few)]
        for name, way in ways.items()
    }


def _held(case: LeaveOneOut, name: str, quick: bool) -> Found:
    started = time.monotonic()
    train, held = public.one_each(case.train, 0)
    choosing = public.among_as_many(train, held, case.train, 0)
    rows = np.flatnonzero(np.asarray(held.sum(axis=1)).ravel())

    def judge(scores: public.Array) -> float:
        return float(public.among(scores[rows], choosing)["ndcg"].mean())

    weights, plan = public.ways(train, case.train, judge, OTHERS)
    found = {
        way: public.among(public.scores(case.train, each), case) for way, each in weights.items()
    }
    runs = [
        public.among(public.ncf(train, held, seed, quick)[0], case)
        for seed in (SEEDS[:1] if quick else SEEDS)
    ]
    found[NCF] = {each: np.mean([run[each] for run in runs], axis=0) for each in ("hr", "ndcg")}
    cold = np.asarray(case.train.sum(axis=1)).ravel() <= np.quantile(
        np.asarray(case.train.sum(axis=1)).ravel(), 0.1
    )
    to_stderr(f"{name}: {time.monotonic() - started:.0f} s")
    return {
        "plan": vars(plan),
        "all": {way: _over_learners(each) for way, each in found.items()},
        "cold": {
            way: {m: round(float(v[cold].mean()), 4) for m, v in each.items()}
            for way, each in found.items()
        },
        "cold_learners": int(cold.sum()),
    }


def _over_seeds(values: Any) -> Interval:
    """The mean, with the interval of Student's t over seeds."""
    values = np.asarray(values, float)
    spread = 2.776 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    mean = float(values.mean())
    return Interval(value=round(mean, 4), low=round(mean - spread, 4), high=round(mean + spread, 4))


def _over_learners(found: Mapping[str, Any]) -> dict[str, Any]:
    """Each measure with its interval over resampled learners."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(found["hr"]), (DRAWS, len(found["hr"])))
    return {
        name: Interval.of(float(values.mean()), values[rows].mean(axis=1)).model_dump()
        for name, values in found.items()
    }


def tables(found: Found) -> list[dict[str, Any]]:
    """What the Evidence page shows."""
    made = []
    if "ml100k" in found:
        part = found["ml100k"]
        rows = [{"way": name, "NDCG@10": _said(each)} for name, each in part["ndcg"].items()]
        rows += [
            {"way": f"{name} (published)", "NDCG@10": f"{value:.3f}"}
            for name, value in PUBLISHED["ml100k"].items()
        ]
        made.append(
            {
                "title": "MovieLens 100K, all unseen movies",
                "words": f"{len(part['plans'])} random splits, 75 to 25, mean and 95% interval; "
                f"the goal is {GOAL}.",
                "rows": rows,
            }
        )
        made.append(
            {
                "title": "MovieLens 100K, learners of whom nothing was learned",
                "words": f"NDCG@10 by their whole history, and by {FEW} uses of it.",
                "rows": [
                    {"way": name, "whole history": f"{all_:.4f}", f"{FEW} uses": f"{few:.4f}"}
                    for name, (all_, few) in part["new"].items()
                ],
            }
        )
    for name in STEMS:
        if name in found:
            made.append(_among_table(name, found[name]))
    return made


def _among_table(name: str, part: Found) -> dict[str, Any]:
    rows = [
        {
            "way": way,
            "HR@10": _said(each["hr"], 3),
            "NDCG@10": _said(each["ndcg"], 3),
            "NDCG@10, few uses": f"{part['cold'][way]['ndcg']:.3f}",
        }
        for way, each in part["all"].items()
    ]
    rows += [
        {"way": f"{way} (published)", "HR@10": f"{hr:.3f}", "NDCG@10": f"{ndcg:.3f}"}
        for way, (hr, ndcg) in PUBLISHED[name].items()  # type: ignore[misc]
    ]
    return {
        "title": f"{name}, one held out among 99",
        "words": "95% interval over learners; few uses: the "
        f"{part['cold_learners']:,} learners with the fewest.",
        "rows": rows,
    }


def _said(each: Mapping[str, float], digits: int = 4) -> str:
    return f"{each['value']:.{digits}f} ({each['low']:.{digits}f} to {each['high']:.{digits}f})"


if __name__ == "__main__":
    options = {
        "--data": {"type": Path, "default": DATA, "metavar": "DIR"},
        "--parts": {"nargs": "+", "choices": ["ml100k", *STEMS], "default": ()},
    }
    sys.exit(carry_out("recommend", run, sys.argv[1:], tables=tables, options=options))
