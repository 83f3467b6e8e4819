"""How a model of knowledge tracing does on answers of students that it has not seen."""

import numpy as np
from pydantic import BaseModel

from edupulse_core.families.family import Array, Occasion, Report, Split
from edupulse_core.families.tracing.certainty import LEVEL, next_answers
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel
from edupulse_core.families.tracing.truth import beside_truth
from edupulse_core.training.evaluation import auc, calibration_error


class Method(BaseModel):
    """One way to predict the next answer."""

    method: str
    auc: float
    log_loss: float
    mae: float
    ece: float


class Tested(BaseModel):
    """The model beside simpler methods, on the same answers."""

    rows: int
    students: int
    weeks: tuple[str, str]
    methods: list[Method]
    coverage: float  # share of next answers to a skill that lie in the range
    coverage_goal: float = LEVEL


def log_loss(chance: Array, correct: Array) -> Array:
    """The log loss of each answer, (N,)."""
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.asarray(-np.where(correct > 0, np.log(p), np.log(1 - p)))


def report(
    model: TracingModel, split: Split[Examples], occasion: Occasion[Examples] | None = None
) -> Report:
    """The figures of the test answers; with a demo's truth, of the masteries too."""
    test = split.test
    ours = measured("model", model.chances(test), test.correct)
    methods = [ours, *(measured(n, p, test.correct) for n, p in simpler(split).items())]
    about = Tested(
        rows=len(test),
        students=len(np.unique(test.student)),
        weeks=(str(test.day.min()), str(test.day.max())),
        methods=methods,
        coverage=round(coverage(model, test), 4),
    )
    headline = {"auc": ours.auc, "log_loss": ours.log_loss, "mae": ours.mae, "ece": ours.ece}
    found = Report(headline={**headline, "coverage": about.coverage}, test=about.model_dump())
    if occasion is None or occasion.truth is None:
        return found
    planted = [each.model_dump() for each in beside_truth(model, occasion)]
    return Report.model_validate({**dict(found), "planted": planted})


def measured(method: str, chance: Array, correct: Array) -> Method:
    """The figures of one method."""
    return Method(
        method=method,
        auc=round(auc(chance, correct > 0), 6),
        log_loss=round(float(log_loss(chance, correct).mean()), 6),
        mae=round(float(np.abs(chance - correct).mean()), 6),
        ece=round(calibration_error(chance, correct), 6),
    )


def simpler(split: Split[Examples]) -> dict[str, Array]:
    """What can be said without a model: shares of right answers so far."""
    train, test = split.train, split.test
    usual = float(train.correct.mean())
    size = len(train.log.skill_names)
    rows, columns = np.nonzero(train.mask)
    numbers = train.skills[rows, columns]
    right = np.bincount(numbers, train.correct[rows], minlength=size) + usual
    share = np.append(right / (np.bincount(numbers, minlength=size) + 1), 0.0)
    n = np.maximum(test.mask.sum(axis=1), 1)
    of_skill = (share[test.skills] * test.mask).sum(axis=1) / n
    on = test.on_skills
    own = ((on.right * test.mask).sum(axis=1) + 2 * of_skill * n) / (
        (on.answers * test.mask).sum(axis=1) + 2 * n
    )
    return {
        "share right on the skill": of_skill,
        "the student's share right": (test.right + 2 * usual) / (test.answers + 2),
        "the student's share right on the skill": own,
    }


def coverage(model: TracingModel, test: Examples) -> float:
    """How often the share of right answers among the next ones is as likely as promised.

    The range is of the student's own rate, which a few answers only hint at: so it is judged by
    the place of what came in its beta-binomial distribution, drawn at random within a step.
    """
    from scipy.stats import betabinom

    cases, right, of = next_answers(test)
    if not len(cases):
        return LEVEL
    chance = np.clip(model.chances(cases), 1e-4, 1 - 1e-4)
    strength = model.certainty.strength(cases.on_skills.answers[:, 0])
    a, b = chance * strength, (1 - chance) * strength
    below = betabinom.cdf(right - 1, of, a, b)
    at = below + np.random.default_rng(0).random(len(right)) * betabinom.pmf(right, of, a, b)
    return float(np.mean((at > (1 - LEVEL) / 2) & (at < (1 + LEVEL) / 2)))
