"""Four plots of a risk evaluation as PNG files, for clients that show pictures."""

from collections.abc import Callable, Mapping

from matplotlib.axes import Axes

from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.reports.png import BLUE, GRAY, HIDDEN, NOT_MEASURED, png, say
from edupulse_core.training.evaluation import TIERS


def confusion_matrix(report: RiskEvaluation) -> bytes:
    """The level that followed by the level that was shown."""
    shown = report.tiers.shown

    def draw(axes: Axes) -> None:
        counts = shown.confusion
        if counts is None:
            say(axes, HIDDEN)
            return
        axes.imshow(counts, cmap="Blues")
        most = max(map(max, counts))
        for row, line in enumerate(counts):
            for column, n in enumerate(line):
                color = "white" if n > most / 2 else "black"
                axes.text(column, row, f"{n:,}", ha="center", va="center", color=color)
        axes.set_xticks(range(len(shown.said)), [_level(one) for one in shown.said])
        axes.set_yticks(range(len(shown.came)), [_level(one) for one in shown.came])
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Followed")

    return png("Risk level that followed, student-weeks", draw)


def roc_curve(report: RiskEvaluation) -> bytes:
    """The share found against the share falsely flagged, for each outcome."""

    def draw(axes: Axes) -> None:
        if not report.curves:
            say(axes, HIDDEN)
            return
        words = {"any_flag": "any flag", "high": "High or Critical"}
        for name, curve in report.curves.items():
            x = [0.0, *(point.fpr for point in curve.points)]
            y = [0.0, *(point.recall for point in curve.points)]
            axes.plot(x, y, marker=".", label=f"{words.get(name, name)} (AUC {curve.auc:.3f})")
        axes.plot([0, 1], [0, 1], "--", color=GRAY, label="by chance")
        axes.set_xlabel("False positive rate")
        axes.set_ylabel("Found, of those to whom it happened")
        axes.legend(loc="lower right")

    return png("ROC curve", draw)


def feature_importance(report: RiskEvaluation) -> bytes:
    """How far each group of numbers moves scores."""

    def draw(axes: Axes) -> None:
        if report.importance is None:
            say(axes, NOT_MEASURED)
            return
        sizes = sorted(report.importance.gradient["group"].items(), key=lambda each: each[1])
        axes.barh([name for name, _ in sizes], [size for _, size in sizes], color=BLUE)
        axes.set_xlabel("Log odds (average size)")

    return png("What moves the scores", draw)


def calibration(report: RiskEvaluation) -> bytes:
    """The mean score of each tenth against what followed."""

    def draw(axes: Axes) -> None:
        parts = report.calibration.curve
        if not parts:
            say(axes, HIDDEN)
            return
        axes.plot([0, 1], [0, 1], "--", color=GRAY, label="as promised")
        x, y = [part.predicted for part in parts], [part.observed for part in parts]
        axes.plot(x, y, marker="o", color=BLUE, label=f"this version (error {report.ece:.3f})")
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Followed")
        axes.legend(loc="upper left")

    return png("Calibration", draw)


PLOTS: Mapping[str, Callable[[RiskEvaluation], bytes]] = {
    "confusion_matrix": confusion_matrix,
    "roc_curve": roc_curve,
    "feature_importance": feature_importance,
    "calibration": calibration,
}


def _level(names: list[str]) -> str:
    return " or ".join(name.capitalize() for name in sorted(names, key=TIERS.index))
