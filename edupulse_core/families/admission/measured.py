"""The whole evaluation of an admission model: what the command line prints, keeps and shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from edupulse_core.families.admission.within import Gap
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.training.curves import Curve
from edupulse_core.training.evaluation import Part, auc, calibration_error, resampled_auc
from edupulse_core.training.fairness import AlarmsByGroup
from edupulse_core.training.reliability import Calibrated
from edupulse_core.training.results import ByGroup, Result, Told

Array = NDArray[np.float64]

HALF = 0.5  # from this chance on, admission is what is expected
COUNTED = ("accuracy", "precision", "recall", "f1_score")  # with the rows, they tell the counts


class Figures(Result):
    """How good some chances are. None: counts of a few students could be had from it."""

    auc_roc: float
    accuracy: float | None  # of "admitted" from a chance of one half on
    precision: float | None
    recall: float | None
    f1_score: float | None
    brier: float  # mean squared error
    ece: float  # expected calibration error


class Rates(Told):
    """How right the chances are for programs of one tier."""

    auc_roc: float | None  # each None where it could identify a few students
    accuracy: float | None
    predicted: float  # mean chance
    admitted: float | None  # share that was


class ByTier(ByGroup[Rates]):
    """How right the chances are, by tier of the program."""


class Calibration(Result):
    """Whether a chance means what it says; None and empty where few students would show."""

    overall: Calibrated | None
    slope: float  # how much more often students are admitted where the chance is 1 higher
    curve: list[Part]
    width: float  # of the ranges, mean


class Test(Result):
    """On which cases a version was tested, beside what needs no model."""

    rows: int
    students: int
    weeks: tuple[str, str]
    table: dict[str, Figures]


class AdmissionEvaluation(Evaluation):
    """A version on applications that it has not seen. The first numbers repeat those of `test`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    auc_roc: float
    accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1_score: float | None = None
    brier: float
    ece: float
    test: Test
    calibration: Calibration
    confusion: list[list[int]] | None  # came by said: denied, admitted; None where few would show
    curve: Curve | None
    by_tier: ByTier | None = None
    importance: dict[str, float] | None = None  # AUC lost without each input
    fairness: AlarmsByGroup | None = None
    gaps: dict[str, list[Gap]] = {}

    @property
    def groups(self) -> list[str]:
        """The attributes by which students were grouped."""
        return sorted(self.fairness.groups) if self.fairness else []

    @property
    def classes(self) -> dict[str, dict[str, float]] | None:
        """Precision, recall and F1 of either outcome; None where counts are hidden."""
        if self.confusion is None:
            return None
        counts, found = np.array(self.confusion, float), {}
        for at, name in enumerate(("denied", "admitted")):
            right, said, came = counts[at, at], counts[:, at].sum(), counts[at].sum()
            found[name] = _rates(right, said, came)
        return found

    @property
    def bins(self) -> Sequence[Part]:
        """The calibration curve."""
        return self.calibration.curve


def figures(chance: Array, admitted: Array) -> Figures:
    """Every figure of some chances, (N,) each."""
    once = {name: float(value[0]) for name, value in resampled(chance, admitted).items()}
    return Figures(
        **{name: round(value, 6) for name, value in once.items()},
        ece=round(calibration_error(chance, admitted), 6),
    )


def resampled(chance: Array, admitted: Array, weights: Array | None = None) -> dict[str, Array]:
    """Each figure under each draw of the cases, (D,).  weights: (D, N)."""
    weights = np.ones((1, len(chance))) if weights is None else weights
    came, said = admitted > HALF, chance >= HALF
    right, called, positive = (weights @ part for part in (said & came, said, came))
    total = weights.sum(axis=1)
    precision, recall = _over(right, called), _over(right, positive)
    return {
        "auc_roc": resampled_auc(chance, came, weights),
        "accuracy": weights @ (said == came) / total,
        "precision": precision,
        "recall": recall,
        "f1_score": _over(2 * right, called + positive),
        "brier": weights @ (chance - admitted) ** 2 / total,
    }


def by_case(chance: Array, admitted: Array) -> dict[str, Array]:
    """What is watched as decisions come: the error of each case, and whether it was foreseen."""
    foreseen = ((chance >= HALF) == (admitted > HALF)).astype(float)
    return {"brier": (chance - admitted) ** 2, "accuracy": foreseen}


def rates(chance: Array, admitted: Array, students: int) -> Rates:
    """How right the chances of some cases are."""
    came = admitted > HALF
    return Rates(
        rows=len(chance),
        students=students,
        auc_roc=round(auc(chance, came), 4),
        accuracy=round(float(((chance >= HALF) == came).mean()), 4),
        predicted=round(float(chance.mean()), 4),
        admitted=round(float(admitted.mean()), 4),
    )


def _rates(right: float, said: float, came: float) -> dict[str, float]:
    return {
        "precision": round(right / said, 6) if said else 0.0,
        "recall": round(right / came, 6) if came else 0.0,
        "f1": round(2 * right / (said + came), 6) if said + came else 0.0,
    }


def _over(part: Array, whole: Array) -> Array:
    found: Array = np.divide(part, whole, out=np.zeros_like(part, float), where=whole > 0)
    return found
