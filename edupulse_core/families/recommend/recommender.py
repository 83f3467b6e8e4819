"""A recommender that is ready to answer: for any learner and any resource, known or new."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from edupulse_core.config import SMALLEST
from edupulse_core.families import version as whole
from edupulse_core.families.recommend import learned as kept
from edupulse_core.families.recommend import linear, measures
from edupulse_core.families.recommend.examples import Learners
from edupulse_core.families.recommend.learned import Learned, Wanted
from edupulse_core.families.recommend.resources import Vocabulary, alike

Array = NDArray[np.float64]
PRIOR = 20.0  # learners by whom the popularity in a grade is drawn toward everybody's
LEVELS = (0.0, 0.1, 0.2, 0.4, 0.8)  # weights of the distance from a learner's level, to choose from
FILE, ABOUT = "resources.safetensors", "recommender.json"


@dataclass(frozen=True)
class Recommender:
    """What was learned, and the R resources that it was learned about."""

    algorithm: str
    learned: Learned
    ids: NDArray[np.str_]  # (R,)
    vocabulary: Vocabulary
    features: Array  # (R, F)
    popular: dict[str, Array]  # grade -> (R,) share of its learners; "" for all
    together: NDArray[np.int32]  # (R, R) learners who used both; 0 where that would tell of few
    level: float = 0.0  # how much a level away from the learner's own counts
    chosen: dict[str, float] = field(default_factory=dict)  # on validation data

    def wanted(self, learners: Learners) -> Wanted:
        """The learners' resources, beside those that are known."""
        asked = self.vocabulary.encode(learners.resources)
        return Wanted(
            learners.resources.places(self.ids), self.features, asked, alike(asked, self.features)
        )

    def scores(self, learners: Learners) -> Array:
        """How well each resource fits each learner, (N, Q); -inf where it is completed."""
        wanted = self.wanted(learners)
        found = self._by_level(self._raw(learners, wanted), learners)
        found[learners.finished.nonzero()] = -np.inf
        return found

    def has_history(self, learners: Learners) -> NDArray[np.bool_]:
        """Who used a resource that is known; for the others, popularity in their grade speaks."""
        if isinstance(self.learned, kept.Popular):
            return np.zeros(len(learners), bool)
        return np.asarray(self._history(learners).sum(axis=1)).ravel() > 0

    def _history(self, learners: Learners) -> sparse.csr_matrix:
        """The histories over the known resources, (N, R)."""
        places = learners.resources.places(self.ids)
        rows = np.flatnonzero(places >= 0)
        shape = (len(places), len(self.ids))
        return (
            learners.before @ sparse.csr_matrix((np.ones(len(rows)), (rows, places[rows])), shape)
        ).tocsr()

    def _raw(self, learners: Learners, wanted: Wanted) -> Array:
        found = self.learned.scores(self._history(learners), wanted)
        cold = np.flatnonzero(~self.has_history(learners))
        if len(cold):
            shares = [self.popular.get(g, self.popular[""]) for g in learners.grade[cold].tolist()]
            found[cold] = wanted.of(np.stack(shares))
        return found

    def _by_level(self, scores: Array, learners: Learners) -> Array:
        """Scores less the distance of each resource from the learner's level, in spreads."""
        if not self.level:
            return scores
        apart = np.abs(learners.resources.levels[None] - learners.level[:, None])
        spread = scores.std(axis=1, keepdims=True)
        lowered: Array = scores - self.level * spread * np.nan_to_num(apart)
        return lowered

    def gain(self, learners: Learners) -> float:
        """The mean NDCG of what is offered to these learners."""
        places = measures.top(self.scores(learners))
        return float(np.nanmean(_measured(places, learners)["ndcg"]))


def made(algorithm: str, learned: Learned, train: Learners) -> Recommender:
    """A recommender of what was learned from some learners."""
    used, vocabulary = train.used, Vocabulary.of(train.resources)
    together = (used.T @ used).toarray().astype(np.int32)
    together[together < SMALLEST] = 0
    np.fill_diagonal(together, 0)
    return Recommender(
        algorithm,
        learned,
        train.resources.ids,
        vocabulary,
        vocabulary.encode(train.resources),
        linear.popularity_by(used, train.grade, PRIOR),
        together,
    )


def leveled(found: Recommender, validation: Learners, asked: float) -> Recommender:
    """With the weight of the level that a plan asks for, else the best on validation data."""
    if asked >= 0:
        return replace(found, level=asked)
    if not validation.after.nnz:
        return found
    tried = [replace(found, level=each) for each in LEVELS]
    best = tried[int(np.argmax([each.gain(validation) for each in tried]))]
    return replace(best, chosen={**best.chosen, "level": best.level})


def save(model: Recommender, folder: Path) -> None:
    """Write everything into a version's folder."""
    model.learned.put(folder)
    model.vocabulary.save(folder)
    names = list(model.popular)
    kept.write(
        folder / FILE,
        {
            "features": model.features.astype(np.float32),
            "popular": np.stack([model.popular[name] for name in names]).astype(np.float32),
            "together": model.together,
        },
    )
    about = {
        "algorithm": model.algorithm,
        "level": model.level,
        "chosen": model.chosen,
        "ids": model.ids.tolist(),
        "grades": names,
    }
    whole.write_json(folder / ABOUT, about)


def opened(folder: Path, learned: Learned) -> Recommender:
    """Read a saved recommender around what was learned. ModelError when it is damaged."""
    about, parts = whole.read_json(folder, ABOUT), kept.arrays(folder, FILE)
    popular = parts["popular"].astype(np.float64)
    return Recommender(
        about["algorithm"],
        learned,
        np.array(about["ids"], np.str_),
        Vocabulary.open(folder),
        parts["features"].astype(np.float64),
        dict(zip(about["grades"], popular, strict=True)),
        parts["together"],
        float(about["level"]),
        about["chosen"],
    )


def _measured(places: NDArray[np.int64], learners: Learners) -> dict[str, Array]:
    wanted = learners.after.toarray() > 0
    hits = np.take_along_axis(wanted, places, axis=1)
    return dict(measures.of_lists(hits, wanted.sum(axis=1)))
