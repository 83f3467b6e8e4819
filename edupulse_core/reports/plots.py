"""The four plots of an evaluation whose family draws none of its own (PNG)."""

from collections.abc import Callable, Mapping
from functools import partial

from edupulse_core.families.evaluation import Evaluation
from edupulse_core.reports import pictures
from edupulse_core.reports.family import confusion
from edupulse_core.reports.png import NOT_MEASURED, png, say


def confusion_matrix(report: Evaluation) -> bytes:
    """How often each class followed each prediction, where the family counts it."""
    counts = confusion(report)
    if not counts:
        return _nothing("Confusion matrix", report)
    names = [f"{number}" for number in range(1, len(counts) + 1)]
    return pictures.confusion("What followed each prediction", counts, names, names)


def _nothing(title: str, _: Evaluation) -> bytes:
    """A picture that says that there is nothing to see."""
    return png(title, lambda axes: say(axes, NOT_MEASURED))


PLOTS: Mapping[str, Callable[[Evaluation], bytes]] = {
    "confusion_matrix": confusion_matrix,
    "roc_curve": partial(_nothing, "ROC curve"),
    "feature_importance": partial(_nothing, "Feature importance"),
    "calibration": partial(_nothing, "Calibration"),
}
