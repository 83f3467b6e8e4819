"""Logistic regressions on an item, its skills, and what the student answered before.

`history_lr` reads counts and the order of the last answers. `best_lr` reads counts alone, after
Gervet, Koedinger, Schneider and Mitchell (2020); so does `pfa`, performance factors analysis, after
Pavlik, Cen and Koedinger (2009).
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix, hstack

from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.families.tracing import model as models
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel, TracingPlan, Vocabulary
from edupulse_core.families.tracing.patterns import BACK, Patterns
from edupulse_core.families.version import read_json, write_json
from edupulse_core.training.calibration import sigmoid

WORDS, WEIGHTS = "vocabulary.json", "weights.safetensors"
SHARE = 0.2  # of a squared column, in the curvature of the loss: p (1 - p) of a usual answer
SHARED = 6  # columns that all cases have beside the items' and skills' own


@dataclass(frozen=True)
class Terms:
    """What a regression reads beside the skills and their counts."""

    items: bool = True
    totals: bool = True  # answers to any skill, to this item, and of all skills alike
    logs: bool = True  # log(1 + count); else the count itself
    order: bool = False  # which answers came last, and how they went


@dataclass(frozen=True)
class BestLrPlan(TracingPlan):
    """How `best_lr` is fitted."""

    penalty: float = 1.0  # of squared weights, of all answers together
    item_penalty: float = 1.0  # the same of the items' own weights
    fewest: int = 5  # answers; a rarer item has no weight of its own
    steps: int = 400  # at most

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.penalty, self.item_penalty) <= 0 or min(self.fewest, self.steps) < 1:
            raise ConfigError("training: penalties, fewest and steps must be above 0")


@dataclass(frozen=True)
class PfaPlan(BestLrPlan):
    """How `pfa` is fitted."""

    fewest: int = 1


@dataclass(frozen=True)
class HistoryLrPlan(BestLrPlan):
    """How `history_lr` is fitted."""

    penalty: float = 16.0
    item_penalty: float = 2.0
    fewest: int = 3


@dataclass(frozen=True)
class Regression:
    """A weight for each column."""

    vocabulary: Vocabulary
    terms: Terms
    weights: Array
    typical: Array = field(default_factory=lambda: np.zeros(0))  # by skill number: mean item weight
    patterns: Patterns | None = None  # with terms.order

    def logits(self, examples: Examples) -> Array:
        """The logit of a right answer, (N,)."""
        found: Array = self.columns(examples) @ self.weights
        if not len(self.typical):
            return found
        numbers = self.vocabulary.skill_numbers(examples.log.skill_names)[examples.skills]
        usual = (self.typical[numbers] * examples.mask).sum(axis=1)
        share = usual / np.maximum(examples.mask.sum(axis=1), 1)
        unknown = self.vocabulary.item_numbers(examples.log.items)[examples.item] == 0
        return found + np.where(unknown, share, 0.0)

    def columns(self, examples: Examples) -> csr_matrix:
        """What it reads of each case."""
        first = columns(examples, self.vocabulary, self.terms)
        if self.patterns is None:
            return first
        return hstack([first, self.patterns.columns(examples, self.vocabulary)]).tocsr()

    def save(self, folder: Path) -> None:
        """Write the weights, and the names of what they are for."""
        kept: dict[str, NDArray[Any]] = {"weights": self.weights, "typical": self.typical}
        about = {**self.vocabulary.as_json(), "terms": asdict(self.terms)}
        if self.patterns is not None:
            kept |= {f"pairs.{at}": each for at, each in enumerate(self.patterns.pairs)}
            kept |= {"expected": self.patterns.expected, "easier": self.patterns.easier}
            about["sets"] = list(self.patterns.sets)
        save_file(kept, folder / WEIGHTS)
        write_json(folder / WORDS, about)


def columns(examples: Examples, vocabulary: Vocabulary, terms: Terms) -> csr_matrix:
    """The columns of each case: items, then skills three times, then what all cases share."""
    n, width = examples.skills.shape
    scale = np.log1p if terms.logs else np.asarray
    numbers = vocabulary.skill_numbers(examples.log.skill_names)[examples.skills]
    on = examples.on_skills
    right, wrong = scale(on.right), scale(on.answers - on.right)
    mask = examples.mask
    places, values = [], []
    start = len(vocabulary.items) + 1
    for each in (np.ones_like(right), right, wrong):
        places.append(start + numbers)
        values.append(np.where(mask, each, 0.0))
        start += len(vocabulary.skills) + 1
    if terms.items:
        items = vocabulary.item_numbers(examples.log.items)[examples.item]
        places.append(items[:, None])
        values.append((items > 0).astype(np.float64)[:, None])
    shared = [np.ones(n)]
    if terms.totals:
        count = np.maximum(mask.sum(axis=1), 1)
        shared += [
            scale(examples.right),
            scale(examples.answers - examples.right),
            (right * mask).sum(axis=1) / count,
            (wrong * mask).sum(axis=1) / count,
            scale(examples.on_item.answers[:, 0]),
        ]
    places.append(np.tile(start + np.arange(len(shared)), (n, 1)))
    values.append(np.stack(shared, axis=1))
    where, what = np.concatenate(places, axis=1), np.concatenate(values, axis=1)
    pointer = np.arange(n + 1) * where.shape[1]
    shape = (n, start + SHARED)
    return csr_matrix((what.ravel(), where.ravel(), pointer), shape=shape)


def fitted(split: Split[Examples], plan: BestLrPlan, terms: Terms, run: Run) -> Regression:
    """Fit by maximum likelihood with a penalty (L-BFGS)."""
    from scipy.optimize import minimize

    train = split.train
    words = Vocabulary.of(train, plan.fewest)
    patterns = Patterns.of(train, words, plan.fewest) if terms.order else None
    made = Regression(words, terms, np.zeros(0), patterns=patterns)
    x, y = made.columns(train), train.correct
    squares = np.asarray(x.multiply(x).sum(axis=0)).ravel()
    penalty = np.full(x.shape[1], plan.penalty)
    penalty[: len(words.items) + 1] = plan.item_penalty
    scale = 1 / np.sqrt(SHARE * squares + penalty)  # so that every weight is as easy to find
    x = x.multiply(scale[None, :]).tocsr()
    turned, penalty = x.T.tocsr(), penalty * scale**2

    def cost(scaled: Array) -> tuple[float, Array]:
        if run.cancel is not None and run.cancel():
            raise RefusedError("the training was stopped")
        logit = x @ scaled
        value = np.logaddexp(0.0, logit).sum() - y @ logit + penalty @ scaled**2 / 2
        gradient = turned @ (sigmoid(logit) - y) + penalty * scaled
        return float(value / len(y)), gradient / len(y)

    start = np.zeros(x.shape[1])
    options = {"maxiter": plan.steps, "ftol": 1e-9, "gtol": 1e-8}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options=options)
    weights = found.x * scale
    run.tell({"epoch": 1, "train_loss": float(found.fun)})
    typical = _typical(train, words, weights) if terms.items else np.zeros(0)
    return replace(made, weights=weights, typical=typical)


def _typical(train: Examples, words: Vocabulary, weights: Array) -> Array:
    """The mean weight of the items that each skill was practiced on."""
    items = words.item_numbers(train.log.items)[train.item]
    weight = np.where(items > 0, weights[items], 0.0)
    numbers = words.skill_numbers(train.log.skill_names)[train.skills]
    size, mask = len(words.skills) + 1, train.mask
    each = np.broadcast_to(weight[:, None], mask.shape)[mask]
    total = np.bincount(numbers[mask], each, minlength=size)
    return np.asarray(total / np.maximum(np.bincount(numbers[mask], minlength=size), 1))


def fit_best_lr(split: Split[Examples], plan: BestLrPlan, run: Run) -> TracingModel:
    """Items, skills, and logarithms of counts by skill and in all."""
    return models.finish(fitted(split, plan, Terms(), run), split, plan, run)


def fit_history_lr(split: Split[Examples], plan: HistoryLrPlan, run: Run) -> TracingModel:
    """As `best_lr`, and the order of the last answers."""
    return models.finish(fitted(split, plan, Terms(order=True), run), split, plan, run)


def fit_pfa(split: Split[Examples], plan: PfaPlan, run: Run) -> TracingModel:
    """Skills, and counts of right and wrong answers by skill."""
    terms = Terms(items=False, totals=False, logs=False)
    return models.finish(fitted(split, plan, terms, run), split, plan, run)


def open_version(folder: Path, form: str) -> TracingModel:
    """A saved regression."""
    return models.opened(open_core(folder), folder)


def open_core(folder: Path) -> Regression:
    """What a saved regression learned."""
    value: dict[str, Any] = read_json(folder, WORDS)
    kept = load_file(folder / WEIGHTS)
    words = Vocabulary(tuple(value["items"]), tuple(value["skills"]))
    terms, patterns = Terms(**value["terms"]), None
    if terms.order:
        pairs = tuple(kept[f"pairs.{at}"] for at in range(len(BACK)))
        patterns = Patterns(tuple(value["sets"]), pairs, kept["expected"], kept["easier"])
    return Regression(words, terms, kept["weights"], kept["typical"], patterns)


def best_lr_space(trial: Any) -> BestLrPlan:
    """The plans among which tuning chooses."""
    return BestLrPlan(penalty=trial.suggest_float("penalty", 0.1, 10.0, log=True))


def history_lr_space(trial: Any) -> HistoryLrPlan:
    """The plans among which tuning chooses."""
    return HistoryLrPlan(
        penalty=trial.suggest_float("penalty", 1.0, 50.0, log=True),
        item_penalty=trial.suggest_float("item_penalty", 0.3, 10.0, log=True),
    )


def pfa_space(trial: Any) -> PfaPlan:
    """The plans among which tuning chooses."""
    return PfaPlan(penalty=trial.suggest_float("penalty", 0.1, 10.0, log=True))


GRID = {"penalty": (0.3, 1.0, 3.0)}
HISTORY_GRID = {"penalty": (3.0, 8.0, 16.0, 32.0), "item_penalty": (1.0, 2.0, 4.0)}
