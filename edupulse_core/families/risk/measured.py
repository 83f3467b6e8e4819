"""The evaluation of a risk model, whole: what the command line prints, keeps and shows."""

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


class RiskEvaluation(Evaluation):
    """A version on weeks that it has not seen. The first numbers are those of `test`."""

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
    curves: dict[str, Curve] | None  # by outcome; None where they would tell of few
    importance: Importance | None = None
    ceiling: Ceiling | None = None  # with the truth of a made-up district

    @computed_field  # type: ignore[prop-decorator]
    @property
    def goals(self) -> list[Goal]:
        """What was aimed at, in words made anew from the figures."""
        return goals.goals(self.calibration, self.bands, self.fairness)

    @property
    def aims(self) -> list[Goal]:
        """The goals, in the order in which they are read."""
        return self.goals

    @property
    def groups(self) -> list[str]:
        """What groups of students were told apart by."""
        return sorted(self.calibration.groups)
