"""Plots of a study time evaluation as PNG files."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes

from edupulse_core.families.study_time.measured import StudyEvaluation, Weight
from edupulse_core.reports.png import BLUE, GRAY, NOT_MEASURED, png, say

SHOWN = 15  # inputs


def predicted_actual(report: StudyEvaluation) -> bytes:
    """Predicted against actual hours, by tenths of the sessions."""

    def draw(axes: Axes) -> None:
        parts = report.predicted
        if not parts:
            say(axes, NOT_MEASURED)
            return
        x = [part.predicted for part in parts]
        axes.fill_between(
            x, [p.low for p in parts], [p.high for p in parts], alpha=0.2, label="8 of 10 sessions"
        )
        axes.plot(x, [part.actual for part in parts], marker="o", color=BLUE, label="mean")
        axes.plot(x, x, "--", color=GRAY, label="as predicted")
        axes.set_xlabel("Predicted, hours")
        axes.set_ylabel("Actual, hours")
        axes.legend(loc="upper left")

    return png("Predicted and actual hours", draw)


def residuals(report: StudyEvaluation) -> bytes:
    """Actual less predicted hours."""
    found = report.residuals

    def draw(axes: Axes) -> None:
        edges = found.edges
        widths = [b - a for a, b in zip(edges[:-1], edges[1:], strict=True)]
        counts = [count or 0 for count in found.counts]
        axes.bar(edges[:-1], counts, widths, align="edge", color=BLUE)
        for fence in (found.lower_fence, found.upper_fence):
            axes.axvline(fence, linestyle="--", color=GRAY)
        across = "Actual less predicted, hours; outliers are beyond the dashed lines"
        hidden = "\nParts with fewer than 10 students are hidden" if None in found.counts else ""
        axes.set_xlabel(across + hidden)
        axes.set_ylabel("Sessions")

    return png("Errors", draw)


def feature_importance(report: StudyEvaluation) -> bytes:
    """By how much the error grows when an input is shuffled."""
    found = report.importance.permutation if report.importance else []
    return _weights("What moves the predictions", "Error grows by, hours", found)


def shapley(report: StudyEvaluation) -> bytes:
    """How far each input moves the log hours: the middle 8 of 10 cases, and the mean size."""
    found = report.importance.shapley if report.importance else []

    def draw(axes: Axes) -> None:
        if not found:
            say(axes, NOT_MEASURED)
            return
        shown = list(reversed(found[:SHOWN]))
        names = [each.input.replace("_", " ") for each in shown]
        low, high = ([getattr(each, end) or 0.0 for each in shown] for end in ("low", "high"))
        axes.barh(names, [b - a for a, b in zip(low, high, strict=True)], left=low, color=BLUE)
        axes.axvline(0, color=GRAY)
        axes.set_xlabel("Moves log hours by, in 8 of 10 sessions")

    return png("Shapley values", draw)


def _weights(title: str, across: str, found: Sequence[Weight]) -> bytes:
    def draw(axes: Axes) -> None:
        if not found:
            say(axes, NOT_MEASURED)
            return
        shown = list(reversed(found[:SHOWN]))
        names = [each.input.replace("_", " ") for each in shown]
        axes.barh(names, [each.value for each in shown], color=BLUE)
        axes.set_xlabel(across)

    return png(title, draw)


PLOTS: Mapping[str, Callable[[StudyEvaluation], bytes]] = {
    "predicted_actual": predicted_actual,
    "residuals": residuals,
    "feature_importance": feature_importance,
    "shapley": shapley,
}
