"""Public data for recommenders, their protocols, and the ways that are compared on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from edupulse_core.errors import MissingError, SourceError
from edupulse_core.families.recommend import fit, linear, measures
from edupulse_core.families.recommend.fit import Held, NcfPlan
from edupulse_core.families.recommend.linear import EasePlan

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
SHARE = 0.75  # of the interactions, for training; of these again, to learn before choosing
FEW = 3  # interactions of a learner who is called cold
NEIGHBORS = (20, 50, 100, 200, 400)
L2 = (100.0, 200.0, 300.0, 500.0, 800.0)
SHRINK = 1e-9


@dataclass(frozen=True)
class Uses:
    """Who used what, a row each time."""

    who: Whole  # (M,) from 0
    what: Whole
    learners: int
    things: int

    def matrix(self, rows: Any) -> sparse.csr_matrix:
        """Some rows as a matrix of uses, (learners, things)."""
        shape = (self.learners, self.things)
        ones = np.ones(len(self.who[rows]))
        return sparse.csr_matrix((ones, (self.who[rows], self.what[rows])), shape).sign().tocsr()


def read_movies(folder: Path) -> Uses:
    """MovieLens 100K, as `ml-100k.inter`."""
    path = _there(folder / "ml100k" / "ml-100k.inter")
    table = pd.read_csv(path, sep="\t")
    table.columns = [name.partition(":")[0] for name in table.columns]
    _columns(path, table, ("user_id", "item_id"))
    who, what = (np.unique(table[name], return_inverse=True)[1] for name in ("user_id", "item_id"))
    return Uses(who, what, int(who.max()) + 1, int(what.max()) + 1)


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


def chosen(
    train: sparse.csr_matrix, held: sparse.csr_matrix, plans: Sequence[Any], score: Any
) -> Any:
    """The plan whose scores rank the held part best.  score: plan -> (N, R)."""
    found = [ndcg(score(plan), train, held) for plan in plans]
    return plans[int(np.argmax(found))]


def ease_plans(base: EasePlan) -> list[EasePlan]:
    """The penalties to choose from."""
    return [replace(base, l2=each) for each in L2]


def refined(train: sparse.csr_matrix, held: sparse.csr_matrix, start: EasePlan) -> EasePlan:
    """The best plan of EASE on the held part, one field after the other."""
    tried: Mapping[str, tuple[float, ...]] = {
        "dropout": (0.0, 0.3, 0.5),
        "evenness": (0.0, 0.25, 0.5),
        "own": (0.0, 0.5, 1.0),
        "fewest": (0.0, 0.05, 0.1),
        "l2": (0.6 * start.l2, start.l2, 1.5 * start.l2),
    }
    best = start
    for name, values in tried.items():
        plans = [replace(best, **{name: value}) for value in values]
        best = chosen(train, held, plans, lambda plan: train @ linear.ease(train, plan))
    return best


def ncf_scores(
    train: sparse.csr_matrix,
    known: sparse.csr_matrix,
    held: sparse.csr_matrix,
    plan: NcfPlan,
    seed: int,
) -> tuple[Array, Any]:
    """NCF's scores for the learners of the training, (N, R), and what scores others.

    It learns from `train`, and stops by how well it ranks `held`, a part that it does not learn
    from; `known` is never offered.
    """
    judged = Held(known, known, held, np.arange(train.shape[0]))
    network, _ = fit.ncf(train, judged, plan, seed=seed)
    import torch

    with torch.inference_mode():
        scores: Array = network.every(network.learners.weight).double().numpy()
    return scores, (network, fit.fold(network, train))


def one_each(x: sparse.csr_matrix, seed: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """A matrix without one use of each learner who has several, and these uses."""
    rng, held = np.random.default_rng(seed), sparse.lil_matrix(x.shape)
    for row in range(x.shape[0]):
        mine = x[row].indices
        if len(mine) > 1:
            held[row, rng.choice(mine)] = 1.0
    held = held.tocsr()
    left = (x - held).tocsr()
    left.eliminate_zeros()
    return left, held


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
