"""What the reports on study time hold."""

from edupulse_core.families.evaluation import Evaluation, Goal
from edupulse_core.training.results import Result

GAIN = 0.10  # of the best simple method's error, by which it should be smaller
COVERED = (0.88, 0.92)  # the share of sessions that a 90% interval should hold
LABELS = {  # of a predictor, in words
    "model": "This model",
    "last_session": "Last session",
    "median": "Median of all sessions",
    "skill_median": "Median of the skill",
    "base_hours": "The skill's base hours, scaled",
    "boosting": "Plain boosting on the inputs",
}


class Accuracy(Result):
    """How good one predictor is, in hours."""

    mae: float  # mean absolute error
    rmse: float
    r2: float


class Comparison(Result):
    """The model beside what a district could use instead, on the same sessions."""

    rows: int
    students: int
    weeks: tuple[str, str]  # the first and the last day
    table: dict[str, Accuracy]
    coverage: float  # share of sessions inside their interval
    width: float  # mean hours from one end to the other

    @property
    def best_baseline(self) -> str:
        """The simple method with the smallest error."""
        others = [name for name in self.table if name != "model"]
        return min(others, key=lambda name: self.table[name].mae)

    @property
    def gain(self) -> float:
        """By which share its error is smaller than the best simple method's."""
        return 1 - self.table["model"].mae / max(self.table[self.best_baseline].mae, 1e-12)


class Spread(Result):
    """A figure of several folds or students."""

    mean: float
    deviation: float
    low: float
    high: float


class Crossed(Result):
    """Trained and tested anew on each fold; every student is tested once."""

    folds: list[Accuracy]
    mae: Spread  # over the folds
    rmse: Spread
    r2: Spread
    by_learner: Spread  # mean absolute error of each student: mean, deviation, 10% and 90% ends
    students: int


class Weight(Result):
    """How much an input matters; low and high are the ends of ten repeats."""

    input: str
    value: float
    low: float | None = None
    high: float | None = None


class Importance(Result):
    """What moves the predictions, in three ways; the largest first."""

    permutation: list[Weight]  # hours by which the error grows when the input is shuffled
    repeats: int
    first_layer: list[Weight] = []  # mean size of a network's weights; empty for others
    shapley: list[Weight] = []  # mean size of an input's share; empty where shap is not installed


class Bin(Result):
    """A tenth of the sessions, by what was predicted."""

    predicted: float
    actual: float
    low: float  # a tenth of the actual hours are below
    high: float  # a tenth are above
    rows: int


class Residuals(Result):
    """Actual less predicted hours."""

    edges: list[float]  # one more than the counts
    counts: list[int | None]  # None where it would tell of fewer than ten students
    lower_fence: float  # 1.5 interquartile ranges below the middle half
    upper_fence: float
    outliers: int | None  # sessions beyond; None where few students have any
    outlier_share: float | None


class StudyEvaluation(Evaluation):
    """An evaluation of a version that predicts study time."""

    mae: float
    rmse: float
    r2: float
    coverage: float
    test: Comparison
    predicted: list[Bin]
    residuals: Residuals
    importance: Importance | None = None
    crossed: Crossed | None = None

    @property
    def aims(self) -> list[Goal]:
        """The goals, in the order in which they are read."""
        test, low, high = self.test, *COVERED
        best = LABELS[test.best_baseline].lower()
        return [
            Goal(
                goal=f"Error at least {GAIN:.0%} smaller than the best simple method's",
                found=f"{test.table['model'].mae:.2f} h against "
                f"{test.table[test.best_baseline].mae:.2f} h ({best}): {test.gain:.0%} smaller",
                met=test.gain >= GAIN,
            ),
            Goal(
                goal=f"{low:.0%} to {high:.0%} of sessions inside their 90% interval",
                found=f"{test.coverage:.1%}",
                met=low <= round(test.coverage, 3) <= high,
            ),
        ]
