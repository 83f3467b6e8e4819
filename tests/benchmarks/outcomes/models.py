"""The models that are compared: each learns from the same inputs, with the same small budget.

A choice (inputs, sizes, weights of a blend) is made on students held out of the training part;
the test part is predicted once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.baselines import summaries
from edupulse_core.families.risk.network import WINNER, RiskConfig
from edupulse_core.training.evaluation import auc
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks.networks import ARCHITECTURES
from tests.benchmarks.outcomes import network
from tests.benchmarks.outcomes.network import SMALL, Recipe
from tests.benchmarks.outcomes.weekly import Case, Weekly

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Choice = dict[str, Any]

CROSS = ARCHITECTURES["cross-modal attention"]

BOOSTING: tuple[Choice, ...] = (
    {"last": True, "max_leaf_nodes": 4, "learning_rate": 0.03},
    {"last": False, "max_leaf_nodes": 4, "learning_rate": 0.03},
    {"last": False, "max_leaf_nodes": 8, "learning_rate": 0.03},
    {"last": True, "max_leaf_nodes": 8, "learning_rate": 0.03},
)
LOGISTIC: tuple[Choice, ...] = (
    {"last": True, "C": 0.1},
    {"last": True, "C": 0.01},
    {"last": False, "C": 0.01},
    {"last": False, "C": 0.001},
)
NETWORK: tuple[Choice, ...] = (
    {"recipe": Recipe()},
    {"recipe": Recipe(network=replace(SMALL, hidden=24), hidden_inputs=0.1), "together": True},
    {"recipe": Recipe(network=SMALL, hidden_inputs=0.3), "together": True},
    {"recipe": Recipe(variant=CROSS)},
)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of each model in a blend
BLENDS = tuple(weights for weights in product(SHARES, repeat=3) if sum(weights) == 1.0)
RULE = "ABC-like rule"  # learns nothing
WEIGHT = "weight of the network"  # stands beside the logits
DESIGN = replace(SMALL, bidirectional=True, dropout=0.3)
WINDOWED = {  # networks that see a window in both directions, as the product's do; none is chosen
    "GRU (designed)": (DESIGN, 2),
    "GRU (designed, full size)": (RiskConfig(), 1),
    "GRU (served)": (WINNER, 2),
}


@dataclass(frozen=True)
class Effort:
    """How much is spent on each model."""

    inner: int = 3  # folds inside the training part
    seeds: int = 3  # networks of an ensemble, and boosted models of a bag
    epochs: int = 20
    batch: int = 128
    variants: bool = True  # also the networks as designed and as served


QUICK = Effort(inner=2, seeds=1, epochs=4)

Predict = Callable[[Weekly], Array]  # N students -> logits at the times of prediction, (N, cuts)
Fit = Callable[[Case, Rows, Choice, int, Effort], Predict]


def logistic(case: Case, rows: Rows, choice: Choice, seed: int, effort: Effort) -> Predict:
    """Logistic regression for each time of prediction."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def make() -> Any:
        return make_pipeline(
            SimpleImputer(), StandardScaler(), LogisticRegression(C=choice["C"], max_iter=1000)
        )

    return _by_step(case, rows, choice["last"], make)


def boosting(case: Case, rows: Rows, choice: Choice, seed: int, effort: Effort) -> Predict:
    """Gradient boosting for each time of prediction."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    def make() -> Any:
        return HistGradientBoostingClassifier(
            max_iter=200,
            min_samples_leaf=20,
            l2_regularization=5.0,
            max_features=0.2,
            early_stopping=False,
            random_state=seed,
            **{k: v for k, v in choice.items() if k != "last"},
        )

    return _by_step(case, rows, choice["last"], make)


def gru(case: Case, rows: Rows, choice: Choice, seed: int, effort: Effort) -> Predict:
    """One network for all times of prediction."""
    recipe = choice["recipe"].seeded(seed)
    loop = replace(recipe.loop, epochs=effort.epochs, batch=effort.batch)
    together = choice.get("together", False)
    weekly = _together(case.weekly.of(rows)) if together else case.weekly.of(rows)
    fitted = network.fit(weekly, replace(recipe, loop=loop), case.counted[rows])

    def predict(asked: Weekly) -> Array:
        logits = fitted.logits(_together(asked) if together else asked)
        return logits[:, list(case.cuts.values())]

    return predict


def _together(weekly: Weekly) -> Weekly:
    return replace(weekly, sizes=(sum(weekly.sizes),))


def windowed(
    case: Case, rows: Rows, config: RiskConfig, epochs: int, seed: int, effort: Effort
) -> Predict:
    """A network of both directions, on windows that end at a time of prediction."""
    weekly, steps = case.weekly.of(rows), list(case.cuts.values())
    times = -(-epochs // len(steps))  # a student is shown once for each time of prediction
    loop = LoopOptions(epochs=times, batch=effort.batch, seed=seed)
    fitted = network.fit_windows(weekly, config, loop, case.counted[rows], steps)
    return lambda asked: np.stack([fitted.last(asked, step) for step in steps], axis=1)


def _by_step(case: Case, rows: Rows, last: bool, make: Callable[[], Any]) -> Predict:
    models = {}
    for step in case.cuts.values():
        at = rows[case.counted[rows, step]]
        x = columns(case.weekly.of(at), step, last)
        chosen = useful(x)
        models[step] = chosen, make().fit(x[:, chosen], case.weekly.at_risk[at])

    def predict(asked: Weekly) -> Array:
        found = []
        for step, (chosen, model) in models.items():
            chance = model.predict_proba(columns(asked, step, last)[:, chosen])[:, 1]
            found.append(np.log(chance) - np.log1p(-chance))
        return np.stack(found, axis=1)

    return predict


def columns(weekly: Weekly, step: int, last: bool) -> NDArray[np.float32]:
    """What models without memory see: the step with its sums so far, or also the way there.

    The way: mean, spread, range and slope of all weeks, and the mean of the last four.
    """
    if last:
        return weekly.values[:, step]
    values = weekly.values[:, : step + 1]
    return summaries(values, np.ones(values.shape[:2], dtype=bool))


def useful(x: NDArray[Any]) -> NDArray[np.bool_]:
    """Columns with something to tell: enough known values, and not all the same."""
    known = ~np.isnan(x)
    low = np.where(known, x, np.inf).min(axis=0)
    high = np.where(known, x, -np.inf).max(axis=0)
    return (known.sum(axis=0) >= min(20, len(x) // 2)) & (high > low)


def folds(student: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """A fold for each row; all rows of a student are in the same one."""
    codes = np.unique(student, return_inverse=True)[1]
    return (np.random.default_rng(seed).permutation(codes.max() + 1) % n)[codes]


def predict_split(
    case: Case, train: Rows, test: Rows, effort: Effort, seed: int = 0
) -> dict[str, Array]:
    """Fit all models on one part and give the logits of the other: (len(test), cuts) each."""
    inner = folds(case.weekly.student[train], effort.inner, seed + 1)
    asked, found = case.weekly.of(test), {}
    if case.rule is not None:
        found[RULE] = case.rule[test][:, list(case.cuts.values())]
    held, ours = {}, {}
    for name, fit, choices, seeds in (
        ("logistic", logistic, LOGISTIC, 1),
        ("boosting", boosting, BOOSTING, effort.seeds),
        ("GRU", gru, NETWORK, effort.seeds),
    ):
        choice = choose(fit, choices, case, train, inner, effort)
        held[name] = _out_of_fold(fit, choice, case, train, inner, effort)
        bag = [fit(case, train, choice, seed + s, effort)(asked) for s in range(seeds)]
        ours[name] = np.mean(bag, axis=0)
        if name == "GRU":
            found |= {"GRU": bag[0], "GRU ensemble": ours[name]}
        else:
            found[name] = ours[name]
    weights = max(BLENDS, key=lambda weights: _score(_mix(held, weights), case, train))
    found["blend"] = _mix(ours, weights)
    found[WEIGHT] = np.full((len(test), len(case.cuts)), weights[list(ours).index("GRU")])
    if effort.variants:
        for name, (config, times) in WINDOWED.items():
            found[name] = windowed(case, train, config, times * effort.epochs, seed, effort)(asked)
    return found


def _mix(parts: dict[str, Array], weights: tuple[float, ...]) -> Array:
    return np.sum([w * part for w, part in zip(weights, parts.values(), strict=True)], axis=0)


def choose(
    fit: Fit, choices: tuple[Choice, ...], case: Case, train: Rows, inner: Rows, effort: Effort
) -> Choice:
    """The choice with the best mean AUC over all times of prediction, on one inner part.

    inner: (len(train),) the fold of each row; fold 0 is scored, the others train.
    """
    held = train[inner == 0]

    def score(choice: Choice) -> float:
        predict = fit(case, train[inner != 0], choice, 0, effort)
        return _score(predict(case.weekly.of(held)), case, held)

    return max(choices, key=score)


def _out_of_fold(
    fit: Fit, choice: Choice, case: Case, train: Rows, inner: Rows, effort: Effort
) -> Array:
    found = np.zeros((len(train), len(case.cuts)))
    for each in range(effort.inner):
        predict = fit(case, train[inner != each], choice, each, effort)
        found[inner == each] = predict(case.weekly.of(train[inner == each]))
    return found


def _score(logits: Array, case: Case, rows: Rows) -> float:
    """Mean AUC over the times of prediction."""
    found = []
    for at, step in enumerate(case.cuts.values()):
        counted = case.counted[rows, step]
        found.append(auc(logits[counted, at], case.weekly.at_risk[rows][counted]))
    return float(np.mean(found))
