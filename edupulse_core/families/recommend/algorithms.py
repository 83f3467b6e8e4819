"""The ways to learn which resource comes next, each as a record; the first is the default."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.errors import ConfigError
from edupulse_core.families.family import Algorithm, Run, Split
from edupulse_core.families.recommend import fit, learned, linear, recommender
from edupulse_core.families.recommend.examples import Learners
from edupulse_core.families.recommend.fit import ContentPlan, Held, NcfPlan
from edupulse_core.families.recommend.linear import EasePlan
from edupulse_core.families.recommend.recommender import Recommender
from edupulse_core.training import plans as plans_of

EASE, KNN, POPULAR, NCF, CONTENT, HYBRID = (
    "ease",
    "item_knn",
    "popularity",
    "ncf",
    "content",
    "hybrid",
)
# what EasePlan may leave open: chosen on validation data, one field after the other
OPEN: Mapping[str, tuple[float, ...]] = {
    "l2": (3.0, 10.0, 30.0, 100.0, 200.0, 400.0, 800.0),
    "near": (0.0, 0.5, 1.0, 2.0),
    "share": (0.0, 0.2, 0.4, 0.8),
    "sitting": (0.0, 1.0, 3.0),
}
HALF = (1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True)
class KnnPlan:
    """How many neighbors count."""

    neighbors: int = 50
    level: float = -1.0  # as in EasePlan

    def __post_init__(self) -> None:
        if self.neighbors < 1:
            raise ConfigError("item_knn: neighbors must be positive")


@dataclass(frozen=True)
class PopularPlan:
    """Popularity has only the weight of the level."""

    level: float = -1.0  # as in EasePlan


@dataclass(frozen=True)
class HybridPlan:
    """Both networks, and how they are mixed."""

    ncf: NcfPlan = field(default_factory=NcfPlan)
    content: ContentPlan = field(default_factory=ContentPlan)
    half: float = 0.0  # history with which both count alike; 0: the best on validation data of HALF
    level: float = -1.0  # as in EasePlan


def fit_ease(split: Split[Learners], plan: EasePlan, run: Run) -> Recommender:
    """Weights from split.train; what the plan leaves open is chosen on split.validation."""
    train, tried = split.train, 0
    blank = recommender.made(EASE, learned.Popular(), train)

    def gain(each: EasePlan) -> float:
        nonlocal tried
        run.check()
        weights = learned.Weights(linear.ease(train.used, each, train.when))
        found = _gain(replace(blank, learned=weights), split.validation)
        _told(run, tried, sum(map(len, OPEN.values())), {**chosen(each, plan), "ndcg": found})
        tried += 1
        return found

    best = settled(plan, gain)
    if not tried:
        gain(best)
    weights = learned.Weights(linear.ease(train.used, best, train.when))
    found = replace(blank, learned=weights, chosen=chosen(best, plan))
    return recommender.leveled(found, split.validation, plan.level)


def settled(plan: EasePlan, gain: Callable[[EasePlan], float]) -> EasePlan:
    """The plan with what it leaves open at the best of OPEN, one field after the other."""
    best = plan
    for name, values in OPEN.items():
        if getattr(best, name) >= 0:
            continue
        plans = [plans_of.changed(best, {name: each}) for each in values]
        best = plans[int(np.argmax([gain(each) for each in plans]))]
    return best


def chosen(plan: EasePlan, asked: EasePlan) -> dict[str, float]:
    """What one plan settles of what another leaves open."""
    return {
        name: getattr(plan, name)
        for name in OPEN
        if getattr(asked, name) < 0 <= getattr(plan, name)
    }


def fit_knn(split: Split[Learners], plan: KnnPlan, run: Run) -> Recommender:
    """Cosines from split.train."""
    run.check()
    weights = learned.Weights(linear.nearest(split.train.used, plan.neighbors))
    return _finished(KNN, weights, split, plan.level, run)


def fit_popular(split: Split[Learners], plan: PopularPlan, run: Run) -> Recommender:
    """Shares by grade from split.train."""
    run.check()
    return _finished(POPULAR, learned.Popular(), split, plan.level, run)


def fit_ncf(split: Split[Learners], plan: NcfPlan, run: Run) -> Recommender:
    """Train on split.train; stop by learners of split.validation, whom it has not seen."""
    run.check()
    used = split.train.used
    network = fit.ncf(used, _held(split.validation), plan, run)
    found = learned.LearnedNcf(network, fit.fold(network, used))
    return _finished(NCF, found, split, plan.level, run)


def fit_content(split: Split[Learners], plan: ContentPlan, run: Run) -> Recommender:
    """Train on split.train; stop by learners of split.validation."""
    run.check()
    blank = recommender.made(CONTENT, learned.Popular(), split.train)
    held = _held(split.validation)
    network = fit.content(split.train.used, blank.features, held, plan, run)
    found = replace(blank, learned=learned.LearnedContent(network))
    return recommender.leveled(found, split.validation, plan.level)


def fit_hybrid(split: Split[Learners], plan: HybridPlan, run: Run) -> Recommender:
    """Mix both networks: those that the run has already, or others trained here."""
    alone = replace(run, tracker=None, checkpoint=None)
    ncf = run.trained.get(NCF) or fit_ncf(split, plan.ncf, alone)
    content = run.trained.get(CONTENT) or fit_content(split, plan.content, alone)
    one, other = ncf.learned, content.learned
    assert isinstance(one, learned.LearnedNcf) and isinstance(other, learned.LearnedContent)
    halves = (plan.half,) if plan.half else HALF
    blank = recommender.made(HYBRID, learned.Popular(), split.train)
    tried = [replace(blank, learned=learned.Hybrid(one, other, half)) for half in halves]
    gains = [_gain(each, split.validation) for each in tried]
    for at, (half, gain) in enumerate(zip(halves, gains, strict=True)):
        _told(run, at, len(halves), {"half": half, "ndcg": gain})
    best = tried[int(np.argmax(gains))]
    if not plan.half:
        best = replace(best, chosen={"half": halves[int(np.argmax(gains))]})
    return recommender.leveled(best, split.validation, plan.level)


def _finished(
    name: str, found: learned.Learned, split: Split[Learners], level: float, run: Run
) -> Recommender:
    made = recommender.leveled(recommender.made(name, found, split.train), split.validation, level)
    if name in (KNN, POPULAR):
        _told(run, 0, 1, {"ndcg": _gain(made, split.validation)})
    return made


def _gain(model: Recommender, validation: Learners) -> float:
    return model.gain(validation) if validation.after.nnz else 0.0


def _held(validation: Learners) -> Held:
    return Held(validation.before, validation.finished, validation.after)


def _told(run: Run, at: int, of: int, numbers: Mapping[str, float]) -> None:
    if run.progress is not None:
        run.progress("train", at + 1, of)
    run.tell({"epoch": at + 1, **numbers})


def _opening(read: Callable[[Path], Any]) -> Callable[[Path, str], Recommender]:
    return lambda folder, form: recommender.opened(folder, read(folder))


def _ease_space(trial: Any) -> EasePlan:
    return EasePlan(
        l2=trial.suggest_float("l2", 1.0, 3000.0, log=True),
        own=trial.suggest_float("own", 0.0, 1.0),
        evenness=trial.suggest_float("evenness", 0.0, 0.5),
        sitting=trial.suggest_float("sitting", 0.0, 5.0),
        near=trial.suggest_float("near", 0.0, 2.0),
        share=trial.suggest_float("share", 0.0, 1.0),
        rank=trial.suggest_int("rank", 4, 64, log=True),
    )


def _loop(trial: Any) -> Any:
    return replace(
        fit.LOOP, learning_rate=trial.suggest_float("learning_rate", 3e-4, 5e-3, log=True)
    )


def _network_space(kind: Any) -> Callable[[Any], Any]:
    def space(trial: Any) -> Any:
        return kind(loop=_loop(trial), negatives=trial.suggest_int("negatives", 1, 8))

    return space


RATES = {"learning_rate": (5e-4, 1e-3, 3e-3), "negatives": (2, 4, 8)}
ALGORITHMS: Mapping[str, Algorithm] = {
    EASE: Algorithm(
        EasePlan,
        _ease_space,
        fit_ease,
        recommender.save,
        _opening(learned.open_weights),
        grid={
            "l2": (10.0, 30.0, 100.0, 300.0),
            "own": (0.0, 0.5),
            "evenness": (0.0, 0.25),
            "sitting": (0.0, 1.0),
            "near": (0.0, 1.0),
            "share": (0.0, 0.4),
            "rank": (8, 32),
        },
    ),
    KNN: Algorithm(
        KnnPlan,
        lambda trial: KnnPlan(trial.suggest_int("neighbors", 5, 500, log=True)),
        fit_knn,
        recommender.save,
        _opening(learned.open_weights),
        grid={"neighbors": (10, 30, 100, 300)},
    ),
    POPULAR: Algorithm(
        PopularPlan,
        lambda trial: PopularPlan(trial.suggest_float("level", 0.0, 1.0)),
        fit_popular,
        recommender.save,
        _opening(learned.open_popular),
        grid={"level": recommender.LEVELS},
    ),
    NCF: Algorithm(
        NcfPlan,
        _network_space(NcfPlan),
        fit_ncf,
        recommender.save,
        _opening(learned.open_ncf),
        grid=RATES,
    ),
    CONTENT: Algorithm(
        ContentPlan,
        _network_space(ContentPlan),
        fit_content,
        recommender.save,
        _opening(learned.open_content),
        grid=RATES,
    ),
    HYBRID: Algorithm(
        HybridPlan,
        lambda trial: HybridPlan(half=trial.suggest_float("half", 0.5, 50.0, log=True)),
        fit_hybrid,
        recommender.save,
        _opening(learned.open_hybrid),
        grid={"half": HALF},
    ),
}
