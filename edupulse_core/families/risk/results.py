"""The parts of a risk evaluation: what was measured, as it is kept and shown."""

from typing import Literal

from edupulse_core.families.risk.levels import Levels as Levels
from edupulse_core.training.curves import Curve as Curve
from edupulse_core.training.evaluation import Difference, Metrics, Part
from edupulse_core.training.fairness import AlarmsByGroup, Gaps
from edupulse_core.training.reliability import Calibrated
from edupulse_core.training.results import ByGroup, Interval, Result, Told

ALARM = Literal["support", "intervention", "caseload"]
MAIN: ALARM = "support"  # the alarm that goals are judged on
UNCERTAIN = 3  # risk levels: a band this wide is called uncertain
PREDICTORS = {  # in `Comparison.table` → in words
    "gru": "This model",
    "abc_rule": "Flags alone",
    "logistic": "Logistic regression",
    "boosting": "Gradient boosting",
    "ceiling": "Best possible",
}


class BaseRates(Result):
    """How often each predicted outcome followed."""

    severity: float  # mean
    any_flag: float  # share of weeks
    high: float


class Against(Difference):
    """How far the model's AUC is from the best simpler method's."""

    baseline: str


class Comparison(Result):
    """The model compared with simpler methods, all on the same weeks."""

    rows: int
    students: int
    weeks: tuple[str, str]
    base_rates: BaseRates
    few: bool | None = None  # whether shares could identify a few students; None: not checked
    table: dict[str, Metrics]  # "gru" is the model
    against_best_baseline: dict[str, Against] = {}  # by the name of an AUC
    share_of_way_from_abc_to_ceiling: dict[str, dict[str, float]] | None = None

    def told(self, fictional: bool) -> "Comparison":
        """The same with `few` set: if nobody checked, only fictional students are safe to show."""
        return self if self.few is not None else self.model_copy(update={"few": not fictional})


class Calibration(ByGroup[Calibrated]):
    """Whether a score means what it says."""

    curve: list[Part]  # empty where it could identify a few students


class BandCheck(Told):
    """How often the outcome is inside the band around a score, and how wide bands are."""

    coverage: Interval
    width: float  # risk levels, mean
    uncertain: float  # share of bands of `UNCERTAIN` levels or more


class Size(Result):
    """How much something was measured on."""

    rows: int
    students: int


class Bands(ByGroup[BandCheck]):
    """Whether bands contain the outcome as often as promised."""

    level: float
    calibrated_on: Size
    widths: list[int] | None  # weeks with a band of 1, 2, 3, 4 levels; None where hidden


class RiskAlarm(AlarmsByGroup):
    """One kind of alarm, for everyone and by group."""

    flagged: str  # who is flagged
    outcome: str  # when the alarm was right


class Ceiling(Size):
    """Gaps between groups on weeks that the simulation's oracle predicted: ours and its own."""

    gaps: dict[Literal["version", "oracle"], dict[str, dict[str, Gaps]]]


class Importance(Result):
    """What the model weighs: {kind: {part: number}} in each table."""

    version: str
    student_weeks: int
    auc: float
    gradient: dict[str, dict[str, float]]  # mean size of the attribution, logits
    permutation: dict[str, dict[str, float]]  # AUC lost, mean of the repeats
    spread: dict[str, dict[str, float]]  # AUC lost, standard deviation over the repeats
    repeats: int
    by_grade: dict[str, dict[str, float] | None]  # None where it would tell of few
    stability: dict[str, dict[str, float]] | None = None
