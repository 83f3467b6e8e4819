"""Does knowing classmates' trajectories help? Networks over shared sections, measured.

`python -m tests.benchmarks.bench_peers [--data DIR] [--quick] [--json]`. On made-up districts that
no version has seen, the active version is frozen: its state of a student's 20 weeks, after
attention, is what every network here reads. Students of one school who share a section in the as-of
week are joined, each tie as strong as the number of sections shared. A head that looks at
classmates' states of the same week is compared with the same head without them, and with a placebo
whose classmates are dealt at random in the same school and grade; so is boosting on the student's
summaries with classmates' means of them. With --data (a folder with `oulad`), the same is asked of
real students.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits
from torch import nn

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.lifecycle import registry
from edupulse_core.training.evaluation import auc, difference_in_words, paired_difference
from tests.benchmarks.command import Log, carry_out, to_stderr
from tests.benchmarks.peers import districts, network
from tests.benchmarks.peers.districts import Part
from tests.benchmarks.peers.network import Way

TRAIN, VALIDATION, TEST = (411, 412, 413), (414,), (415, 416)  # seeds; no version saw them
STUDENTS = 3000  # of each district
EPOCHS = 12
SEEDS = 3  # networks, and boosted models, that are averaged
BOOSTING: tuple[dict[str, Any], ...] = (
    {"max_leaf_nodes": 7},
    {"max_leaf_nodes": 15},
    {"max_leaf_nodes": 15, "learning_rate": 0.04},
)
OUTCOMES = {"any": "any flag", "high": "high or critical"}
AS_IT_IS, ALONE, BOOSTED = "the version as it is", "head alone", "boosting alone"
HEADS: dict[str, tuple[Way, bool]] = {  # name -> way, and whether classmates are dealt at random
    ALONE: ("none", False),
    "head, mean at random": ("mean", True),
    "head, mean of classmates": ("mean", False),
    "head, attention at random": ("attention", True),
    "head, attention over classmates": ("attention", False),
}
BOOSTS: dict[str, str | None] = {
    BOOSTED: None,
    "boosting, means at random": "around_random",
    "boosting, means of classmates": "around",
    "boosting, told what classes share": "planted",
}
PLACEBO = {
    "head, mean of classmates": "head, mean at random",
    "head, attention over classmates": "head, attention at random",
    "boosting, means of classmates": "boosting, means at random",
}
WORDS = (
    "AUC of the score on made-up districts that no version has seen, less the same model without "
    "classmates and less the placebo, with 95 % intervals, students resampled. The version is "
    "frozen; heads read its states. At random: classmates are dealt anew in the school and grade. "
    "Told what classes share: teacher's leniency and the class's shock, which no record holds."
)
Array = NDArray[np.float64]


def run(
    settings: Settings, *, data: Path | None = None, quick: bool = False, log: Log = to_stderr
) -> dict[str, Any]:
    """All figures; MissingError where real data was asked for and is not there."""
    if data is not None and not (data / "oulad").is_dir():
        raise MissingError(f"bench peers --data needs OULAD: there is no folder {data / 'oulad'}")
    torch.set_num_threads(1)
    started = time.monotonic()
    with threadpool_limits(1):
        of = _districts(settings, quick, log)
        found: dict[str, Any] = {
            "quick": quick,
            "partial": data is None,  # what was kept with real students stays
            "command": "edupulse bench peers" + " --data DIR" * bool(data),
            "version": of["version"],
            "districts": of,
        }
        if data is not None:
            from tests.benchmarks.peers import oulad

            found["oulad"] = oulad.run(data / "oulad", quick=quick, log=log)
    found["seconds"] = round(time.monotonic() - started)
    return found


def _districts(settings: Settings, quick: bool, log: Log) -> dict[str, Any]:
    folder = registry.active_version(settings, "risk")
    model = checkpoint.load(folder)

    def read(seeds: tuple[int, ...]) -> Part:
        parts = []
        for seed in seeds[:1] if quick else seeds:
            log(f"district {seed}")
            students, futures = (400, 8) if quick else (STUDENTS, 64)
            parts.append(districts.read(model, seed, students=students, futures=futures))
        return districts.together(parts)

    train, validation, test = read(TRAIN), read(VALIDATION), read(TEST)
    scores: dict[str, list[Array]] = {}
    measured: dict[str, Any] = {}
    for name, each in _predictions(model, train, validation, test, quick):
        scores[name] = each
        measured[name] = _measured(name, scores, test)
        log(f"{name}: AUC {measured[name]['any']['auc']}, {measured[name]['high']['auc']}")
    return {
        "version": folder.name,
        "train_rows": len(train.truth),
        "test_rows": len(test.truth),
        "test_students": len(np.unique(test.students)),
        "classmates": round(_classmates(test), 1),
        "models": measured,
        "wins": {name: wins(measured[name]) for name in PLACEBO},
        "ceiling": {
            outcome: round(auc(test.truth[:, at], test.came(outcome)), 4)
            for at, outcome in enumerate(OUTCOMES, start=2)
        },
    }


def _predictions(
    model: RiskModel, train: Part, validation: Part, test: Part, quick: bool
) -> Iterator[tuple[str, list[Array]]]:
    """Each model's scores of the test rows, one a seed; a placebo stands before its original."""
    seeds, epochs = (1, 2) if quick else (SEEDS, EPOCHS)
    yield AS_IT_IS, [_as_it_is(model, test)]
    for name, (way, random) in HEADS.items():
        graphs = [part.graphs(random=random) for part in (train, validation, test)]
        fitted = network.fit_chosen(*graphs[:2], way, seeds=seeds, epochs=epochs)
        yield name, [network.logits(each, graphs[2]) for each in fitted]
    for name, around in BOOSTS.items():
        yield name, _boosted(train, validation, test, around, seeds=seeds)


def _as_it_is(model: RiskModel, test: Part) -> Array:
    head = nn.Sequential(model.network.fusion, model.network.score)
    with torch.inference_mode():
        found = [head(each.states).squeeze(-1)[~each.target.isnan()] for each in test.graphs()]
    return torch.cat(found).double().numpy()


def _boosted(
    train: Part, validation: Part, test: Part, around: str | None, *, seeds: int
) -> list[Array]:
    """Scores of the best candidate on the validation part, of so many seeds."""
    x, held, asked = (part.columns(around) for part in (train, validation, test))

    def fit(choice: Mapping[str, Any], seed: int) -> HistGradientBoostingRegressor:
        options = {"learning_rate": 0.08, "max_iter": 200, "min_samples_leaf": 60, **choice}
        model = HistGradientBoostingRegressor(
            l2_regularization=5.0,
            max_features=0.3,
            early_stopping=False,
            random_state=seed,
            **options,
        )
        return model.fit(x, train.truth[:, 1])

    tried = [(choice, fit(choice, 0)) for choice in BOOSTING]
    choice, best = min(
        tried, key=lambda each: np.mean((each[1].predict(held) - validation.truth[:, 1]) ** 2)
    )
    models = [best, *(fit(choice, seed) for seed in range(1, seeds))]
    return [each.predict(asked) for each in models]


def _measured(name: str, scores: Mapping[str, list[Array]], test: Part) -> dict[str, Any]:
    """AUC of the mean over seeds, of each seed, and less the model alone and the placebo."""
    alone = BOOSTED if name in BOOSTS else ALONE
    against = {} if name in (alone, AS_IT_IS) else {"alone": alone}
    if name in PLACEBO:
        against["random"] = PLACEBO[name]
    mean = np.mean(scores[name], axis=0)
    found: dict[str, Any] = {}
    for outcome in OUTCOMES:
        came = test.came(outcome)
        found[outcome] = {
            "auc": round(auc(mean, came), 4),
            "seeds": [round(auc(each, came), 4) for each in scores[name]],
        }
        for which, other in against.items():
            theirs = np.mean(scores[other], axis=0)
            found[outcome][which] = paired_difference(mean, theirs, came, test.students)
    return found


def wins(measured: Mapping[str, Any]) -> bool:
    """Whether both outcomes are told better than alone and than by the placebo, beyond chance."""
    return all(
        measured[outcome][other]["low"] > 0 for outcome in OUTCOMES for other in ("alone", "random")
    )


def _classmates(test: Part) -> float:
    """With how many others a student shares a section, on average."""
    degrees = [(each.ties > 0).sum(dim=1).double() for each in test.graphs()]
    return float(torch.cat(degrees).mean())


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What a page of evidence shows: title, words and rows of cells."""
    of = found["districts"]
    rows = []
    for name, measured in of["models"].items():
        row = {"model": name}
        for outcome, words in OUTCOMES.items():
            row[words] = f"{measured[outcome]['auc']:.4f}"
            row[f"{words}: less alone"] = difference_in_words(measured[outcome].get("alone"))
            row[f"{words}: less at random"] = difference_in_words(measured[outcome].get("random"))
        rows.append(row)
    ceiling = {words: f"{of['ceiling'][outcome]:.4f}" for outcome, words in OUTCOMES.items()}
    blank = dict.fromkeys(rows[0], "–")
    rows.append({**blank, "model": "the simulation's own ceiling", **ceiling})
    words = (
        f"{WORDS} {of['version']}; {of['train_rows']:,} student-weeks train, {of['test_rows']:,} "
        f"of {of['test_students']:,} students test; {of['classmates']:g} classmates on average."
    )
    shown = [{"title": "Classmates, made-up districts", "words": words, "rows": rows, "card": True}]
    if "oulad" in found:
        shown.append(_real(found["oulad"]))
    return shown


def _real(found: Mapping[str, Any]) -> dict[str, Any]:
    """OULAD's table: a row a week and model."""
    rows = [
        {
            "week": week,
            "model": name,
            "failed or withdrew": f"{measured['auc']:.3f}",
            "less alone": difference_in_words(measured.get("alone")),
            "less at random": difference_in_words(measured.get("random")),
        }
        for week, of in found.items()
        for name, measured in of["models"].items()
    ]
    alike = "; ".join(
        f"week {week} {of['at_risk_around']['of those at risk']:.2f} and "
        f"{of['at_risk_around']['of others']:.2f}"
        for week, of in found.items()
    )
    words = (
        "OULAD with daily clicks, students still registered, folds by student: AUC of failed or "
        "withdrew. Neighbours opened the same sites in the four weeks before; every model is told "
        "the presentation. Share at risk among neighbours of those at risk, and of others: "
        f"{alike}."
    )
    return {"title": "Neighbours, real students", "words": words, "rows": rows}


def main(arguments: list[str]) -> int:
    """Read the options, run, print, keep; the exit code."""
    return carry_out("peers", run, arguments, tables=tables, options={"--data": {"type": Path}})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
