"""Four plots of a risk evaluation as PNG files."""

from collections.abc import Callable, Mapping

from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.reports import pictures
from edupulse_core.training.evaluation import TIERS

OUTCOMES = {"any_flag": "any flag", "high": "High or Critical"}


def confusion_matrix(report: RiskEvaluation) -> bytes:
    """The level that followed by the level that was shown."""
    shown = report.tiers.shown
    said, came = ([_level(one) for one in names] for names in (shown.said, shown.came))
    return pictures.confusion(
        "Risk level that followed, student-weeks", shown.confusion, said, came
    )


def roc_curve(report: RiskEvaluation) -> bytes:
    """The share found against the share falsely flagged, for each outcome."""
    curves = report.curves and {OUTCOMES.get(n, n): each for n, each in report.curves.items()}
    return pictures.roc(curves)


def feature_importance(report: RiskEvaluation) -> bytes:
    """How far each group of numbers moves scores."""
    sizes = report.importance.gradient["group"] if report.importance else None
    return pictures.importance("What moves the scores", sizes, "Log odds (average size)")


def calibration(report: RiskEvaluation) -> bytes:
    """The mean score of each tenth against what followed."""
    return pictures.calibration(report.calibration.curve, report.ece)


PLOTS: Mapping[str, Callable[[RiskEvaluation], bytes]] = {
    "confusion_matrix": confusion_matrix,
    "roc_curve": roc_curve,
    "feature_importance": feature_importance,
    "calibration": calibration,
}


def _level(names: list[str]) -> str:
    return " or ".join(name.capitalize() for name in sorted(names, key=TIERS.index))
