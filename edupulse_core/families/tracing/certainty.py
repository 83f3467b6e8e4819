"""How sure a mastery is: the range in which a student's own share of right answers lies.

A chance p of a right answer says what students like this one do on average; one student's own rate
is spread around it as Beta(p * strength, (1 - p) * strength). The strength is learned, by how many
answers the student gave to the skill before, from how many of the next answers were right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from edupulse_core.errors import ModelError
from edupulse_core.families.family import Array
from edupulse_core.families.tracing.examples import NONE, Examples, Whole
from edupulse_core.training import calibration
from edupulse_core.training.calibration import Calibration

LEVEL = 0.9  # share of students whose own rate lies in the range
STRETCHES = (1, 3, 10)  # earlier answers to the skill, where the next stretch begins
NEXT = 10  # answers that count for a student's own rate
FEWEST = 50  # students and skills, to learn the strength of a stretch on its own
STRONGEST = 400.0
USUAL, SPREAD = 6.0, 0.7  # strength before anything is learned, and how far from it in logarithms


@dataclass(frozen=True)
class Certainty:
    """Turns a chance and the number of earlier answers into a range."""

    calibration: Calibration  # of a skill's typical item
    strengths: tuple[float, ...]  # by stretch of earlier answers

    def range_of(self, chance: Array, answers: Array) -> tuple[Array, Array]:
        """The low and high end around each chance, (N,) each."""
        from scipy.stats import beta

        strength = self.strength(answers)
        a, b = chance * strength, (1 - chance) * strength
        low, high = beta.ppf((1 - LEVEL) / 2, a, b), beta.ppf((1 + LEVEL) / 2, a, b)
        return np.minimum(low, chance), np.maximum(high, chance)

    def strength(self, answers: Array) -> Array:
        """How close students are to their chance, by their earlier answers, (N,)."""
        found: Array = np.asarray(self.strengths)[np.digitize(answers, STRETCHES)]
        return found

    @classmethod
    def fit(cls, logits: Callable[[Examples], Array], held: Examples, seed: int = 0) -> "Certainty":
        """Learn from held-out students what they answered next."""
        cases, right, of = next_answers(held, seed)
        if not len(cases):
            return cls(Calibration(), (USUAL,) * (len(STRETCHES) + 1))
        raw = logits(cases)
        fitted = calibration.fit(raw, right / of)
        chance, stretch = fitted.apply(raw), np.digitize(cases.on_skills.answers[:, 0], STRETCHES)
        everyone = _strength(chance, right, of)
        strengths = []
        for at in range(len(STRETCHES) + 1):
            mine = stretch == at
            enough = mine.sum() >= FEWEST
            found = _strength(chance[mine], right[mine], of[mine]) if enough else everyone
            strengths.append(round(found, 4))
        return cls(fitted, tuple(strengths))

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"calibration": self.calibration.as_json(), "strengths": list(self.strengths)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Certainty":
        """Read what was saved. Raises ModelError if it is not that."""
        strengths = tuple(float(each) for each in value["strengths"])
        if len(strengths) != len(STRETCHES) + 1 or min(strengths) <= 0:
            raise ModelError("model.json: needs a strength above 0 for each stretch")
        return cls(Calibration.from_json(value["calibration"]), strengths)


def next_answers(held: Examples, seed: int = 0) -> tuple[Examples, Array, Array]:
    """For each student and skill a moment, drawn at random, and the next answers to the skill.

    Returns the cases (a typical item of the skill, at that moment), how many of the next answers
    were right, and of how many, (N,) each.
    """
    tally = held.log.by_skill
    mine = np.isin(tally.group // tally.codes, np.unique(held.student))
    pairs = np.flatnonzero(mine)
    if not len(pairs):
        return held.of(np.arange(0)), np.zeros(0), np.zeros(0)
    groups, first, counts = np.unique(tally.group[pairs], return_index=True, return_counts=True)
    start = pairs[first]
    cut = start + (np.random.default_rng(seed).random(len(groups)) * counts).astype(np.int64)
    end = np.minimum(start + counts, cut + NEXT)
    right, of = tally.right[end] - tally.right[cut], (end - cut).astype(np.float64)
    return _typical(held, groups, tally.places[cut], tally.codes), right, of


def _typical(held: Examples, groups: Whole, places: Whole, codes: int) -> Examples:
    n = len(groups)
    return Examples(
        held.log,
        groups // codes,
        places,
        np.full(n, NONE, np.int64),
        (groups % codes)[:, None],
        held.log.at[places],
        np.full(n, np.nan),
    )


def _strength(chance: Array, right: Array, of: Array) -> float:
    """The likeliest strength (beta-binomial); with few answers, it stays near the usual one."""
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln

    p = np.clip(chance, 1e-4, 1 - 1e-4)

    def cost(log: float) -> float:
        a, b = p * np.exp(log), (1 - p) * np.exp(log)
        unusual = ((log - np.log(USUAL)) / SPREAD) ** 2 / 2
        return float(unusual - (betaln(right + a, of - right + b) - betaln(a, b)).sum())

    found = minimize_scalar(cost, bounds=(np.log(0.5), np.log(STRONGEST)), method="bounded")
    return float(np.exp(found.x))
