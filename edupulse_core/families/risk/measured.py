"""The whole evaluation of a risk model: what the command line prints, keeps and shows."""

from collections.abc import Sequence

from pydantic import ConfigDict, computed_field

from edupulse_core.families.evaluation import Evaluation, Goal
from edupulse_core.families.risk import goals
from edupulse_core.families.risk.results import (
    Bands,
    Calibration,
    Ceiling,
    Comparison,
    Curve,
    Importance,
    Levels,
    RiskAlarm,
)
from edupulse_core.training.evaluation import Part


class RiskEvaluation(Evaluation):
    """A version on weeks that it has not seen. The first numbers repeat those of `test`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    auc_any: float
    auc_high: float
    score_auc_any: float
    score_auc_high: float
    mae: float
    ece: float
    accuracy: float
    test: Comparison
    calibration: Calibration
    bands: Bands | None
    fairness: dict[str, RiskAlarm]
    tiers: Levels
    curves: dict[str, Curve] | None  # by outcome; None where they could identify a few students
    importance: Importance | None = None
    ceiling: Ceiling | None = None  # with the truth of a fictional district

    @computed_field  # type: ignore[prop-decorator]
    @property
    def goals(self) -> list[Goal]:
        """The goals in words, made from the figures each time."""
        return goals.goals(self.calibration, self.bands, self.fairness)

    @property
    def bins(self) -> Sequence[Part]:
        """The calibration curve."""
        return self.calibration.curve

    @property
    def aims(self) -> list[Goal]:
        """The goals, in the order in which they are read."""
        return self.goals

    @property
    def groups(self) -> list[str]:
        """The attributes by which students were grouped."""
        return sorted(self.calibration.groups)
