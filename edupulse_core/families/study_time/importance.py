"""Which inputs move the predictions: shuffled, by first-layer weights, and by Shapley values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from edupulse_core.families.study_time.encoding import columns_of
from edupulse_core.families.study_time.ensemble import Ensemble
from edupulse_core.families.study_time.examples import NUMBERS, WORDS, Array, StudyExamples
from edupulse_core.families.study_time.measured import Importance, Weight
from edupulse_core.families.study_time.model import StudyModel

PAST_INPUT = "earlier sessions"
INPUTS = (*NUMBERS, *WORDS, "skill", PAST_INPUT)
REPEATS = 10
MOST = 2_000  # cases that are shuffled
EXPLAINED, BEHIND = 100, 50  # cases of the Shapley values, and those they are compared with


def measure(model: StudyModel, cases: StudyExamples, seed: int = 0) -> Importance:
    """All three, on cases whose hours are known."""
    if len(cases) > MOST:
        cases = cases.of(np.sort(np.random.default_rng(seed).permutation(len(cases))[:MOST]))
    return Importance(
        permutation=permutation(model, cases, seed=seed),
        repeats=REPEATS,
        first_layer=first_layer(model),
        shapley=shapley(model, cases, seed=seed),
    )


def permutation(
    model: StudyModel, cases: StudyExamples, *, repeats: int = REPEATS, seed: int = 0
) -> list[Weight]:
    """By how many hours the error grows when an input is shuffled among the cases."""
    rng, y = np.random.default_rng(seed), cases.target()
    usual = float(np.abs(model.hours(cases) - y).mean())
    found = []
    for name in INPUTS:
        grown = [
            float(np.abs(model.hours(_shuffled(cases, name, rng)) - y).mean()) - usual
            for _ in range(repeats)
        ]
        found.append(
            Weight(input=name, value=float(np.mean(grown)), low=min(grown), high=max(grown))
        )
    return _sorted(found)


def _shuffled(cases: StudyExamples, name: str, rng: np.random.Generator) -> StudyExamples:
    """The cases with one input exchanged among them; earlier sessions keep theirs."""
    order = rng.permutation(len(cases))
    if name == PAST_INPUT:
        return replace(cases, before=cases.before[order], count=cases.count[order])
    own = cases.own
    if name == "skill":
        own = replace(own, skill=own.skill[order])
    elif name in WORDS:
        words = own.words.copy()
        at = WORDS.index(name)
        words[:, at] = words[order, at]
        own = replace(own, words=words)
    else:
        numbers = own.numbers.copy()
        place = NUMBERS.index(name)
        numbers[:, place] = numbers[order, place]
        own = replace(own, numbers=numbers)
    rows = len(cases.sessions) + np.arange(len(cases))
    return replace(cases, sessions=cases.sessions.joined(own), rows=rows)


def first_layer(model: StudyModel) -> list[Weight]:
    """The mean size of the weights that leave each input; empty unless it is a network."""
    if not isinstance(model.learned, Ensemble):
        return []
    names = model.encoding.flat_names
    sizes = np.mean(
        [
            next(iter(each.head.parameters())).detach().abs().mean(dim=0).numpy()[: len(names)]
            for each in model.learned.networks
        ],
        axis=0,
    )
    return _together(names, sizes)


def shapley(model: StudyModel, cases: StudyExamples, seed: int = 0) -> list[Weight]:
    """The mean size of each input's Shapley value, in log hours; empty where shap is missing."""
    found = values(model, cases, seed)
    return [] if found is None else _together(found[0], np.abs(found[1]).mean(axis=0))


def values(
    model: StudyModel, cases: StudyExamples, seed: int = 0
) -> tuple[list[str], Array, Array] | None:
    """Shapley values of some cases: names, values (N, D) and inputs (N, D); None without shap."""
    try:
        import shap
    except ImportError:
        return None
    rng = np.random.default_rng(seed)
    chosen = cases.of(np.sort(rng.permutation(len(cases))[: EXPLAINED + BEHIND]))
    encoded = model.encoding(chosen, model.learned.steps)
    names = model.encoding.flat_names
    own = encoded.own.shape[1]

    def answer(x: Array) -> Array:
        rows = np.zeros(len(x), int)  # of the sequence: everybody's as the first case's
        asked = replace(
            encoded,
            own=x[:, :own],
            usual=x[:, own],
            history=x[:, own + 1 :],
            steps=encoded.steps[rows],
            seen=encoded.seen[rows],
        )
        return model.learned.predict(asked)[0]

    flat = encoded.flat
    behind = flat[: min(BEHIND, len(flat) // 2)]
    told = flat[len(behind) :]
    explainer: Any = shap.explainers.Permutation(answer, behind, seed=seed)
    explained = explainer(told, max_evals=2 * flat.shape[1] + 1, silent=True)
    return names, np.asarray(explained.values, float), told


def _together(names: Sequence[str], sizes: Array) -> list[Weight]:
    """Columns of one input as one."""
    found = []
    taken: set[int] = set()
    for name in (*NUMBERS, *WORDS):
        columns = columns_of(names, name)
        taken |= {*columns}
        found.append(Weight(input=name, value=float(np.sum(sizes[columns]))))
    rest = [at for at in range(len(names)) if at not in taken]
    found += [Weight(input=names[at], value=float(sizes[at])) for at in rest]
    return _sorted([each for each in found if not each.input.startswith("unknown_")])


def _sorted(found: list[Weight]) -> list[Weight]:
    return sorted(found, key=lambda each: -each.value)
