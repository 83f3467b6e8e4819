"""Public data for recommenders, their protocols, and the ways that are compared on them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy import sparse

from edupulse_core.errors import MissingError, SourceError
from edupulse_core.families.family import Run
from edupulse_core.families.recommend import fit, linear, measures
from edupulse_core.families.recommend.algorithms import settled
from edupulse_core.families.recommend.fit import Held, NcfPlan
from edupulse_core.families.recommend.linear import EasePlan

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Matrix = sparse.csr_matrix
NEIGHBORS = (20, 50, 100, 200, 400)
TIE = 1e-6  # of popularity, so that it decides between equal scores
SERVED = "EASE, joined"
PLAIN = EasePlan(
    own=0.0, evenness=0.0, sitting=0.0, near=0.0, share=0.0
)  # EASE as it was published


@dataclass(frozen=True)
class Uses:
    """Who used what, a row each time."""

    who: Whole  # (M,) from 0
    what: Whole
    when: Array  # second
    learners: int
    things: int

    def matrix(self, rows: Any) -> sparse.csr_matrix:
        """Some rows as a matrix of uses, (learners, things)."""
        shape = (self.learners, self.things)
        ones = np.ones(len(self.who[rows]))
        return sparse.csr_matrix((ones, (self.who[rows], self.what[rows])), shape).sign().tocsr()

    def times(self, rows: Any) -> sparse.csr_matrix:
        """When some rows were, (learners, things)."""
        shape = (self.learners, self.things)
        seconds = self.when[rows] - self.when.min() + 1
        return sparse.csr_matrix((seconds, (self.who[rows], self.what[rows])), shape)


def read_movies(folder: Path) -> Uses:
    """MovieLens 100K, as `ml-100k.inter`."""
    path = _there(folder / "ml100k" / "ml-100k.inter")
    table = pd.read_csv(path, sep="\t")
    table.columns = [name.partition(":")[0] for name in table.columns]
    _columns(path, table, ("user_id", "item_id", "timestamp"))
    who, what = (np.unique(table[name], return_inverse=True)[1] for name in ("user_id", "item_id"))
    when = table["timestamp"].to_numpy(float)
    return Uses(who, what, when, int(who.max()) + 1, int(what.max()) + 1)


@dataclass(frozen=True)
class LeaveOneOut:
    """One thing of each learner held out, to be found among 99 that they did not use."""

    train: sparse.csr_matrix  # (N, R)
    held: Whole  # (N,)
    others: Whole  # (N, 99)


def read_held(folder: Path, name: str, stem: str) -> LeaveOneOut:
    """One of the folders with `*.train.rating`, `*.test.rating` and `*.test.negative`."""
    parts = {}
    for part in ("train.rating", "test.rating"):
        path = _there(folder / name / f"{stem}.{part}")
        parts[part] = pd.read_csv(path, sep="\t", header=None).to_numpy(np.int64)
    path = _there(folder / name / f"{stem}.test.negative")
    rows = [re.findall(r"\d+", line) for line in path.read_text().splitlines() if line.strip()]
    if len({len(row) for row in rows}) != 1:
        raise SourceError("not every line names as many things", file=path.name)
    numbers = np.array(rows, np.int64)
    train, test = parts["train.rating"], parts["test.rating"]
    things = int(max(train[:, 1].max(), numbers[:, 1:].max())) + 1
    shape = (int(train[:, 0].max()) + 1, things)
    used = sparse.csr_matrix((np.ones(len(train)), (train[:, 0], train[:, 1])), shape)
    order = np.argsort(numbers[:, 0])
    held = test[np.argsort(test[:, 0])]
    return LeaveOneOut(used.sign().tocsr(), held[:, 1], numbers[order][:, 2:])


def gains(scores: Array, known: sparse.csr_matrix, wanted: sparse.csr_matrix) -> dict[str, Array]:
    """Each measure for each learner, over all that they had not used yet; NaN if none is wanted."""
    scores = scores.copy()
    scores[known.nonzero()] = -np.inf
    is_wanted = wanted.toarray() > 0
    hits = np.take_along_axis(is_wanted, measures.top(scores), axis=1)
    return dict(measures.of_lists(hits, is_wanted.sum(axis=1)))


def ndcg(scores: Array, known: sparse.csr_matrix, wanted: sparse.csr_matrix) -> float:
    """The mean NDCG of the first 10."""
    return float(np.nanmean(gains(scores, known, wanted)["ndcg"]))


def among(scores: Array, case: LeaveOneOut) -> dict[str, Array]:
    """HR and NDCG of the held thing among the 99 others; a tie counts as lost."""
    rows = np.arange(len(case.held))
    mine = scores[rows, case.held]
    ahead = (scores[rows[:, None], case.others] >= mine[:, None]).sum(axis=1)
    found = ahead < measures.TOP
    return {"hr": found.astype(float), "ndcg": np.where(found, 1 / np.log2(ahead + 2), 0.0)}


Judge = Callable[[Array], float]  # scores (N, R) -> how good the lists are


def ways(
    train: sparse.csr_matrix,
    whole: sparse.csr_matrix,
    judge: Judge,
    start: EasePlan,
    when: tuple[sparse.csr_matrix, sparse.csr_matrix] | None = None,
) -> tuple[dict[str, Array], EasePlan]:
    """Weights (R, R) of each way in closed form, learned from `whole`, and the plan of EASE.

    Each is chosen by a judge of what it says when it has learned from `train`.  start: what is not
    open stays.  when: the times of `train` and of `whole`.
    """

    def gain(plan: EasePlan) -> float:
        return judge(scores(train, linear.ease(train, plan, when and when[0])))

    def near(neighbors: int) -> float:
        return judge(scores(train, linear.nearest(train, neighbors)))

    plain, best = settled(PLAIN, gain), settled(start, gain)
    best = settled(replace(best, l2=-1.0), gain)  # again, now that the other parts are in
    neighbors = max(NEIGHBORS, key=near)
    things = whole.shape[1]
    return {
        "popularity": np.zeros((things, things)),
        "item-kNN": linear.nearest(whole, neighbors),
        "EASE": linear.ease(whole, plain),
        "EASE, joined, no times": linear.ease(whole, replace(best, sitting=0.0)),
        SERVED: linear.ease(whole, best, when and when[1]),
    }, best


def scores(history: sparse.csr_matrix, weights: Array) -> Array:
    """Scores (N, R) of histories; the number of uses decides between equal ones."""
    found: Array = history @ weights + TIE * linear.popularity(history)
    return found


def ncf(
    train: sparse.csr_matrix,
    held: sparse.csr_matrix,
    seed: int,
    quick: bool,
) -> tuple[Array, Any]:
    """NCF's scores (N, R) for the learners of the training, and what scores others' histories.

    It learns from `train`, and stops by how well it ranks `held`, one use of each learner that it
    does not learn from.
    """
    plan = NcfPlan()
    if quick:
        plan = replace(plan, loop=replace(plan.loop, epochs=1))
    judged = Held(train, train, held, np.arange(train.shape[0]))
    network = fit.ncf(train, judged, plan, Run(seed=seed)).eval()
    folded = fit.fold(network, train)
    with torch.inference_mode():
        found: Array = network.every(network.learners.weight).double().numpy()
    return found, lambda history: fit.ncf_scores(network, folded, history)


def few_of(x: sparse.csr_matrix, count: int, seed: int) -> sparse.csr_matrix:
    """At most `count` uses of each learner."""
    rng, found = np.random.default_rng(seed), sparse.lil_matrix(x.shape)
    for row in range(x.shape[0]):
        for column in rng.permutation(x[row].indices)[:count].tolist():
            found[row, column] = 1.0
    return found.tocsr()


def one_each(x: sparse.csr_matrix, seed: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """A matrix without one use of each learner who has several, and these uses."""
    several = sparse.diags((np.asarray(x.sum(axis=1)).ravel() > 1).astype(float))
    held = (several @ few_of(x, 1, seed)).tocsr()
    held.eliminate_zeros()
    left = (x - held).tocsr()
    left.eliminate_zeros()
    return left, held


def among_as_many(
    train: sparse.csr_matrix, held: sparse.csr_matrix, whole: sparse.csr_matrix, seed: int
) -> LeaveOneOut:
    """The held-out uses as a protocol of their own: each among 99 that its learner did not use."""
    rng, used = np.random.default_rng(seed), whole.toarray() > 0
    rows = np.flatnonzero(np.asarray(held.sum(axis=1)).ravel())
    others = [
        rng.choice(np.flatnonzero(~used[row]), min(99, int((~used[row]).sum())), replace=False)
        for row in rows
    ]
    fewest = min(map(len, others))
    return LeaveOneOut(
        train[rows], held[rows].indices, np.stack([each[:fewest] for each in others])
    )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise MissingError(
            f"this benchmark needs public data: there is no file {path}; --data DIR names a folder "
            "with ml100k, lastfm and amusic"
        )
    return path


def _columns(path: Path, table: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in table.columns:
            raise SourceError("there is no such column", file=path.name, column=name)
