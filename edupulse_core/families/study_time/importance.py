"""Which inputs move the predictions: shuffled, by first-layer weights, and by Shapley values.

An input is one of the 15, the skill, or the earlier sessions; what is derived from one moves with
it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.study_time.encoding import columns_of
from edupulse_core.families.study_time.ensemble import Ensemble
from edupulse_core.families.study_time.examples import (
    NUMBERS,
    WORDS,
    Array,
    StudyExamples,
    Whole,
)
from edupulse_core.families.study_time.measured import Importance, Weight
from edupulse_core.families.study_time.model import StudyModel

SKILL, PAST = "skill", "earlier sessions"
INPUTS = (*NUMBERS, *WORDS, SKILL, PAST)
REPEATS = 10
MOST = 2_000  # cases that are shuffled
EXPLAINED, BEHIND = 60, 20  # cases of the Shapley values, and those they are compared with


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
    for at, name in enumerate(INPUTS):
        grown = []
        for _ in range(repeats):
            sources = np.tile(np.arange(len(cases))[:, None], len(INPUTS))
            sources[:, at] = rng.permutation(len(cases))
            error = np.abs(model.hours(mixed(cases, sources)) - y).mean()
            grown.append(float(error) - usual)
        found.append(
            Weight(input=name, value=float(np.mean(grown)), low=min(grown), high=max(grown))
        )
    return _sorted(found)


def mixed(cases: StudyExamples, sources: Whole) -> StudyExamples:
    """New cases, each input of which comes from a case of its own.

    sources: (N, len(INPUTS)) the case that gives each input.
    """
    own = cases.own
    at = {name: sources[:, place] for place, name in enumerate(INPUTS)}
    columns = [own.numbers[at[name], place] for place, name in enumerate(NUMBERS)]
    words = [own.words[at[name], place] for place, name in enumerate(WORDS)]
    past = at[PAST]
    made = replace(
        own.of(past),  # the day goes with the sessions before it
        skill=own.skill[at[SKILL]],
        numbers=np.stack(columns, axis=1),
        words=np.stack(words, axis=1),
    )
    return StudyExamples(
        cases.sessions.joined(made),
        len(cases.sessions) + np.arange(len(sources)),
        cases.before[past],
        cases.count[past],
    )


def first_layer(model: StudyModel) -> list[Weight]:
    """The mean size of the weights that leave each input; empty unless it is a network."""
    if not isinstance(model.learned, Ensemble):
        return []
    names = model.encoding.flat_names
    each = [
        next(iter(network.head.parameters())).detach().abs().mean(dim=0).numpy()[: len(names)]
        for network in model.learned.networks
    ]
    return _together(names, np.mean(each, axis=0))


def shapley(model: StudyModel, cases: StudyExamples, seed: int = 0) -> list[Weight]:
    """The mean size of each input's Shapley value, in log hours, and its ends.

    low and high: a tenth of the cases have a smaller value, a tenth a larger one. Empty where the
    extra `shap` is not installed.
    """
    values = shapley_values(model, cases, seed)
    if values is None:
        return []
    low, high = np.quantile(values, [0.1, 0.9], axis=0)
    sizes = np.abs(values).mean(axis=0)
    return _sorted(
        [
            Weight(input=name, value=float(size), low=float(a), high=float(b))
            for name, size, a, b in zip(INPUTS, sizes, low, high, strict=True)
        ]
    )


def shapley_values(model: StudyModel, cases: StudyExamples, seed: int = 0) -> Array | None:
    """How far each input moves the log hours of some cases, (N, len(INPUTS)); None without shap.

    An input is hidden by taking it from another case (Lundberg and Lee 2017).
    """
    try:
        from shap.explainers import Permutation
    except ImportError:
        return None
    drawn = np.random.default_rng(seed).permutation(len(cases))[: EXPLAINED + BEHIND]
    chosen = cases.of(drawn)
    behind = max(1, min(BEHIND, len(chosen) // 2))

    def answer(sources: NDArray[Any]) -> Array:
        return model.log_hours(mixed(chosen, sources.astype(np.int64)))[0]

    each = np.tile(np.arange(len(chosen), dtype=float)[:, None], len(INPUTS))
    explainer: Any = Permutation(answer, each[:behind], seed=seed)
    found = explainer(each[behind:], max_evals=2 * len(INPUTS) + 1, silent=True)
    return np.asarray(found.values, float)


def _together(names: Sequence[str], sizes: Array) -> list[Weight]:
    """Columns of one input as one; what is made of several stands alone."""
    found, taken = [], set[int]()
    for name in (*NUMBERS, *WORDS):
        columns = columns_of(names, name)
        taken |= {*columns}
        found.append(Weight(input=name, value=float(np.sum(sizes[columns]))))
    found += [
        Weight(input=name, value=float(sizes[at]))
        for at, name in enumerate(names)
        if at not in taken and not name.startswith("unknown_")
    ]
    return _sorted(found)


def _sorted(found: list[Weight]) -> list[Weight]:
    return sorted(found, key=lambda each: -each.value)
