"""The two ways to learn how hard a text is: the n-gram ridge and the network with two branches."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edupulse_core.families.difficulty import levels, ngrams
from edupulse_core.families.difficulty.examples import TextExamples
from edupulse_core.families.difficulty.levels import Learned, LevelModel
from edupulse_core.families.difficulty.ngrams import NgramPlan, Ngrams
from edupulse_core.families.family import Algorithm, Run, Split, step
from edupulse_core.families.version import read_json, write_json

Opener = Callable[[Path], Learned]


def fit_ngrams(split: Split[TextExamples], plan: NgramPlan, run: Run) -> LevelModel:
    """Fit on split.train; calibrate on split.validation and on texts left out one by one."""
    run.check()
    train = split.train.of(ngrams.some(len(split.train), plan, run.seed))
    with step(run.progress, "train"):
        learned, without = ngrams.fit(train.texts, train.level, plan, seed=run.seed)
    run.tell({"epoch": 1})
    return levels.finish(learned, train, split.validation, (train, levels.near(without)))


def fit_network(split: Split[TextExamples], plan: Any, run: Run) -> LevelModel:
    """Train on split.train; stop and calibrate on split.validation."""
    from edupulse_core.families.difficulty import network

    plan = replace(plan, loop=replace(plan.loop, seed=run.seed))
    learned = network.fit(split, plan, replace(run, progress=run.report))
    return levels.finish(learned, split.train, split.validation)


def save(model: LevelModel, folder: Path) -> None:
    """Write a model's files."""
    learned: Any = model.learned
    learned.save(folder)
    write_json(folder / levels.FILE, model.as_json())


def _opening(opener: Opener) -> Callable[[Path, str], LevelModel]:
    return lambda folder, form: LevelModel.from_json(opener(folder), read_json(folder, levels.FILE))


def _open_network(folder: Path) -> Learned:
    from edupulse_core.families.difficulty.network import Branches

    return Branches.open(folder)


def _network_plan() -> Any:
    from edupulse_core.families.difficulty.network import NetworkPlan

    return NetworkPlan()


def _network_space(trial: Any) -> Any:
    plan = _network_plan()
    loop = replace(
        plan.loop,
        learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
        batch=trial.suggest_categorical("batch", [16, 32, 64]),
    )
    return replace(plan, width=trial.suggest_categorical("width", [128, 256, 768]), loop=loop)


ALGORITHMS: Mapping[str, Algorithm] = {
    "ngram_ridge": Algorithm(
        NgramPlan,
        lambda trial: NgramPlan(
            words=trial.suggest_int("words", 1, 2),
            letters=trial.suggest_int("letters", 3, 5),
            style=trial.suggest_float("style", 0.1, 10.0, log=True),
            reach=trial.suggest_float("reach", 0.05, 2.0, log=True),
            topic=trial.suggest_float("topic", 0.1, 10.0, log=True),
        ),
        fit_ngrams,
        save,
        _opening(Ngrams.open),
        grid={
            "words": (1, 2),
            "letters": (3, 5),
            "style": (0.5, 2.0),
            "reach": (0.2, 0.5),
            "topic": (0.5, 2.0),
        },
    ),
    "network": Algorithm(
        _network_plan,
        _network_space,
        fit_network,
        save,
        _opening(_open_network),
        grid={
            "width": (256, 768),
            "learning_rate": (3e-4, 1e-3, 3e-3),
            "weight_decay": (1e-5, 1e-3),
            "batch": (32,),
        },
    ),
}
