"""Explains a student's score: what the model weighed, week by week."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.families.risk import parts
from edupulse_core.families.risk.agreement import Agreement, agreement, rollout
from edupulse_core.families.risk.attribution import (
    STUDENTS,
    attribute,
    exactly,
    integrate,
)
from edupulse_core.families.risk.factors import FAINT, Factor, moved, strongest
from edupulse_core.families.risk.learned import NETWORK, Mask, Values, softmax
from edupulse_core.families.risk.pictures import Pictures
from edupulse_core.families.risk.serve import Engine, load
from edupulse_core.families.risk.tiers import tier_of

FORM = "onnx"  # whatever serves: reasons do not depend on the setting


@dataclass(frozen=True)
class Explanation:
    """One student's score, taken apart."""

    score: float  # calibrated, 0..1
    tier: str
    probabilities: NDArray[np.float64] | None  # (4,) low first; None: it learned other levels
    attention: NDArray[np.float32] | None  # (heads, T, T): each row, a week, sums to 1 over
    # observed weeks; None where no network alone made the score
    attributions: NDArray[np.float64]  # (T, F) on the score's logit; padding and unknown 0
    completeness_error: float  # |sum of attributions - (logit - typical logit)|
    factors: list[Factor]  # at most five, strongest first
    agreement: Agreement  # of the ways to take the score apart: the badge

    def as_json(self) -> dict[str, Any]:
        """What `edupulse explain --json` prints."""
        return {
            "risk_score": self.score,
            "tier": self.tier,
            "probabilities": None if self.probabilities is None else self.probabilities.tolist(),
            "attention": None if self.attention is None else self.attention.tolist(),
            "attributions": self.attributions.tolist(),
            "completeness_error": self.completeness_error,
            "factors": [factor.as_json() for factor in self.factors],
            "agreement": self.agreement.as_json(),
        }


def explain(
    settings: Settings,
    folder: Path,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    handed_in: int | None = None,
    mark_age: float = 0,
    told: bool = True,
) -> Explanation:
    """Explain one student. values: (T, F), NaN unknown.  observed: (T,).  norms: (F,).

    told: whether to work out the reasons, which the night has done already for what it scored.
    """
    pieces = None if handed_in is None else np.array([handed_in])
    given = values[None], observed[None], norms[None], pieces, np.array([mark_age])
    return explain_all(settings, folder, *given, told=told)[0]


def explain_all(
    settings: Settings,
    folder: Path,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    handed_in: NDArray[np.int64] | None = None,
    mark_age: NDArray[np.float64] | None = None,
    told: bool = True,
) -> list[Explanation]:
    """Explain N students: heatmaps as exact as completeness needs, and the reasons of the night.

    values: (N, T, F) as built.  observed: (N, T).  norms: (N, F), each school's typical week, NaN
    where it knows none.  handed_in, mark_age: (N,), as for `factors.strongest`.  told: whether to
    work out the reasons. Raises ModelError when the version is not whole.
    """
    engine = load(folder, form=FORM)
    groups = parts.cut(engine, values, observed, norms, "group")
    logits, category, attention = _look(engine, groups)
    given, errors = exactly(engine, values, groups.base, groups.way, observed)
    scores = engine.trained.calibration.apply(logits.astype(np.float64))
    chances = softmax(category)
    lost = parts.deletion(groups)
    why: list[list[Factor]] = [[] for _ in values]
    if told:
        few = attribute(engine, values, observed, norms)
        why = _strongest(groups, few, values, norms, handed_in, mark_age)
    badges = _agreement(groups, given, lost, attention)
    return [
        Explanation(
            float(scores[i]),
            tier_of(settings, float(scores[i])),
            chances[i] if engine.trained.fits(settings.outcomes) else None,
            None if attention is None else attention[i],
            given[i],
            float(errors[i]),
            why[i],
            badges[i],
        )
        for i in range(len(values))
    ]


def reasons(
    folder: Path,
    values: Values,
    observed: Mask,
    norms: NDArray[np.float64],
    handed_in: NDArray[np.int64] | None = None,
    mark_age: NDArray[np.float64] | None = None,
) -> list[list[Factor]]:
    """At most five reasons for each student, the same ones wherever they are shown.

    Takes the arguments of `explain_all`.
    """
    groups = parts.cut(load(folder, form=FORM), values, observed, norms, "group")
    given = attribute(groups.engine, values, observed, norms)
    return _strongest(groups, given, values, norms, handed_in, mark_age)


def draw(folder: Path, values: Values, observed: Mask, norms: NDArray[np.float64]) -> Pictures:
    """N students' heatmaps by a network, with as many points as completeness needs."""
    groups = parts.cut(load(folder, form=FORM), values, observed, norms, "group")
    given = integrate(groups.engine, groups.base, groups.way, observed)[0].astype(np.float32)
    lost = parts.deletion(groups)
    attention = np.empty((len(given), *groups.of.shape[:1] * 2), np.float32)
    badges: list[Agreement] = []
    for start in range(0, len(given), STUDENTS):  # a few at a time: weights of every head are large
        part = slice(start, start + STUDENTS)
        some = groups.only(np.arange(len(given))[part])
        heads = _look(groups.engine, some)[2]
        assert heads is not None  # only a network is pictured
        attention[part] = heads.mean(axis=1)
        badges += _agreement(some, given[part].astype(np.float64), lost[part], heads)
    return Pictures(attention, given, observed, badges)


def _strongest(
    groups: parts.Parts,
    given: Values,
    values: Values,
    norms: NDArray[np.float64],
    handed_in: NDArray[np.int64] | None,
    mark_age: NDArray[np.float64] | None,
) -> list[list[Factor]]:
    """The reasons of students whose windows are cut into groups.  given: of `attribute`."""
    trained = groups.engine.trained
    loud = np.abs(moved(given, trained.features)) >= FAINT
    return strongest(
        given,
        parts.margins(groups, loud),
        values,
        norms,
        trained.std,
        handed_in,
        mark_age,
        trained.features,
    )


def warm(folder: Path) -> None:
    """Load what makes a process's first explanation slow: torch, Captum and the network."""
    import captum.attr  # noqa: F401

    assert load(folder, form=FORM).learned is not None


def _agreement(
    groups: parts.Parts,
    given: NDArray[np.float64],
    lost: NDArray[np.float64],
    attention: NDArray[np.float32] | None,
) -> list[Agreement]:
    weeks = groups.by("week")
    return agreement(
        (groups.summed(given), lost),
        (weeks.summed(given), parts.deletion(weeks)),
        None if attention is None else rollout(attention[:, :, -1]),
        groups.observed,
    )


def _look(
    engine: Engine, cut: parts.Parts
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float32] | None]:
    """Score logits (N,), category logits (N, 4) and, of a network, attention (N, heads, T, T)."""
    if engine.trained.algorithm != NETWORK:
        return *engine.logits(cut.values, cut.observed), None
    import torch

    given = torch.from_numpy(cut.base + cut.way), torch.from_numpy(cut.observed)
    with torch.inference_mode():
        score, category, attention = engine.network(*given, return_attention=True)
    return score.numpy(), category.numpy(), attention.numpy()
