"""Four plots of an admission evaluation as PNG files."""

from collections.abc import Callable, Mapping

from edupulse_core.families.admission.measured import AdmissionEvaluation
from edupulse_core.families.admission.sayings import LABELS
from edupulse_core.reports import pictures

OUTCOMES = ("Denied", "Admitted")


def confusion_matrix(report: AdmissionEvaluation) -> bytes:
    """What came of applications, by what was expected."""
    title = "What came of the applications"
    return pictures.confusion(title, report.confusion, OUTCOMES, OUTCOMES)


def roc_curve(report: AdmissionEvaluation) -> bytes:
    """The share found against the share falsely expected."""
    return pictures.roc({"admitted": report.curve} if report.curve else None)


def feature_importance(report: AdmissionEvaluation) -> bytes:
    """How much worse the odds are without each input."""
    sizes = report.importance and {LABELS[n]: size for n, size in report.importance.items()}
    return pictures.importance("What the odds rely on", sizes, "AUC lost without it")


def calibration(report: AdmissionEvaluation) -> bytes:
    """The mean chance of each tenth against the share admitted."""
    return pictures.calibration(report.calibration.curve, report.ece)


PLOTS: Mapping[str, Callable[[AdmissionEvaluation], bytes]] = {
    "confusion_matrix": confusion_matrix,
    "roc_curve": roc_curve,
    "feature_importance": feature_importance,
    "calibration": calibration,
}
