"""A trained version: what it learned, calibrated, with ranges, and what it says of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families import version as whole
from edupulse_core.families.admission.doubt import Doubt
from edupulse_core.families.admission.examples import INPUTS, PLACE, Applications
from edupulse_core.families.admission.learned import BOOSTER, Booster, Estimator, Learned
from edupulse_core.families.admission.process import PROCESS, Process
from edupulse_core.families.family import Split
from edupulse_core.training import calibration
from edupulse_core.training.calibration import Calibration, sigmoid

Array = NDArray[np.float64]

ABOUT = "admission.json"
CHANGEABLE = ("gpa", "test_score", "statement", "extracurriculars")
SLIGHTLY = 0.25  # of the spread among applicants: a step in grades or test scores
KNOTS = (100, 2)  # cases to each knot of the calibration, and the fewest knots


@dataclass(frozen=True)
class Usual:
    """What is usual among the applications that were learned from, by input, (12,) each."""

    middle: Array  # NaN: never known
    spread: Array
    most: Array

    @classmethod
    def fit(cls, x: Array) -> "Usual":
        """Of some applications, (N, 12)."""
        known = [column[~np.isnan(column)] for column in x.T]
        found = [
            (np.median(each), each.std(), each.max()) if len(each) else (np.nan, 0.0, np.nan)
            for each in known
        ]
        return cls(*np.array(found, np.float64).T)

    def filled(self, x: Array) -> Array:
        """The numbers, 0 where training never knew one."""
        found: Array = np.where(np.isnan(self.middle), 0.0, x)
        return found


@dataclass(frozen=True)
class Change:
    """One thing that the student could change, and the chance then."""

    input: str
    now: float
    then: float
    chance: float


@dataclass(frozen=True)
class AdmissionModel:
    """See the module."""

    learned: Learned
    calibration: Calibration
    doubt: Doubt
    usual: Usual
    history: tuple[dict[str, float], ...] = ()

    def raw(self, x: Array) -> Array:
        """The log odds of (N, 12) numbers as they were learned; what was never known stays so."""
        return self.learned.logits(self.usual.filled(x)) if len(x) else np.zeros(0)

    def chances(self, x: Array) -> Array:
        """The calibrated chance of each application, (N,)."""
        return self.calibration.apply(self.raw(x))

    def with_ranges(self, x: Array) -> tuple[Array, Array, Array]:
        """The chance and the lower and upper end of its range, (N,) each."""
        logits = self.calibration.logit(self.raw(x))
        return sigmoid(logits), *self.doubt.around(x, logits)

    def effects(self, x: Array) -> Array:
        """How far each input moves the chance from where the usual value would put it, (N, 12)."""
        now, moved = self.chances(x), np.zeros(x.shape)
        for at, middle in enumerate(self.usual.middle):
            other = x.copy()
            other[:, at] = middle
            moved[:, at] = 0.0 if np.isnan(middle) else now - self.chances(_whole(other))
        return moved

    def changes(self, x: Array) -> list[list[Change]]:
        """For each application, what the student could change, the most helpful first."""
        found: list[list[Change]] = [[] for _ in x]
        for name in CHANGEABLE:
            at = PLACE[name]
            then = self._changed(name, x[:, at])
            other = x.copy()
            other[:, at] = then
            chance = self.chances(_whole(other))
            for row in np.flatnonzero(then > x[:, at]):
                now = float(x[row, at])
                found[row].append(Change(name, now, float(then[row]), float(chance[row])))
        return [sorted(each, key=lambda one: -one.chance) for each in found]

    def _changed(self, name: str, now: Array) -> Array:
        """A value that the student could reach, or the value as it is."""
        at, step = PLACE[name], 1.0
        if name in ("gpa", "test_score"):
            spread = SLIGHTLY * float(self.usual.spread[at])
            step = round(spread, 2) if spread < 1 else float(round(spread))
        most = 5.0 if name == "statement" else self.usual.most[at]
        return np.minimum(now + step, np.maximum(most, now))

    def save(self, folder: Path) -> None:
        """Write the version's own files."""
        self.learned.put(folder)
        usual = {
            name: [None if np.isnan(x) else float(x) for x in getattr(self.usual, name)]
            for name in ("middle", "spread", "most")
        }
        about = {
            "inputs": list(INPUTS),
            "calibration": self.calibration.as_json(),
            "doubt": self.doubt.as_json(),
            "usual": usual,
        }
        whole.write_json(folder / ABOUT, about)


def open_version(folder: Path, form: str) -> AdmissionModel:
    """Read a saved version."""
    from edupulse_core.families.admission.network import WEIGHTS, Networks

    about = whole.read_json(folder, ABOUT)
    kinds: dict[str, Any] = {WEIGHTS: Networks, BOOSTER: Booster, PROCESS: Process}
    kind = next((each for name, each in kinds.items() if (folder / name).is_file()), Estimator)
    learned: Learned = kind.open(folder)
    usual = about["usual"]
    return AdmissionModel(
        learned,
        Calibration.from_json(about["calibration"]),
        Doubt.from_json(about["doubt"]),
        Usual(*(np.array(usual[name], np.float64) for name in ("middle", "spread", "most"))),
    )


def finished(
    learned: Learned,
    split: Split[Applications],
    history: list[dict[str, float]],
    without: Sequence[Learned] = (),
) -> AdmissionModel:
    """Calibrate what was learned on validation cases, and say how sure it is.

    without: what was learned without one part of the students each; none if that adds no doubt.
    """
    usual, validation = Usual.fit(split.train.x), split.validation
    train, held = (learned.logits(usual.filled(part.x)) for part in (split.train, validation))
    knots = int(np.clip(len(held) // KNOTS[0], KNOTS[1], 6))
    scale = _asked_for(
        held, validation.admitted, calibration.fit(held, validation.admitted, knots=knots)
    )
    others = [scale.logit(each.logits(usual.filled(validation.x))) for each in without]
    doubt = Doubt.fit(
        (split.train.x, scale.logit(train)), scale.logit(held), np.stack(others) if others else None
    )
    return AdmissionModel(learned, scale, doubt, usual, tuple(history))


def _asked_for(raw: Array, came: Array, found: Calibration) -> Calibration:
    """The calibration, or none where validation cases give no more reason for it than chance does.

    By the Bayesian criterion: each knot must raise the likelihood by half the logarithm of the
    number of cases, counted in the spread that these have, as shares spread less than decisions.
    """
    chance = sigmoid(raw)
    spread = max(float(np.mean((came - chance) ** 2 / (chance * (1 - chance)))), 1e-6)
    gain = len(raw) * (_loss(raw, came) - _loss(found.logit(raw), came)) / spread
    return found if gain > len(found.raw) * np.log(len(raw)) / 2 else Calibration()


def _loss(logits: Array, came: Array) -> float:
    return float(np.mean(np.logaddexp(0.0, logits) - came * logits))


def _whole(x: Array) -> Array:
    """The same numbers, where what follows from others follows again."""
    made = x.copy()
    above, gpa, least = (PLACE[n] for n in ("gpa_minus_minimum", "gpa", "minimum_gpa"))
    follows = x[:, gpa] - x[:, least]
    made[:, above] = np.where(np.isnan(follows), x[:, above], follows)
    return made
