"""The pictures that evaluations of several families have (PNG)."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from edupulse_core.reports.png import BLUE, GRAY, HIDDEN, NOT_MEASURED, png, say
from edupulse_core.training.curves import Curve
from edupulse_core.training.evaluation import Part


def confusion(
    title: str, counts: Sequence[Sequence[int]] | None, said: Sequence[str], came: Sequence[str]
) -> bytes:
    """How often each outcome (down) followed each prediction (across); None: hidden."""

    def draw(axes: Axes) -> None:
        if counts is None:
            say(axes, HIDDEN)
            return
        axes.imshow(counts, cmap="Blues")
        most = max(map(max, counts))
        for row, line in enumerate(counts):
            for column, n in enumerate(line):
                color = "white" if n > most / 2 else "black"
                axes.text(column, row, f"{n:,}", ha="center", va="center", color=color)
        axes.set_xticks(range(len(said)), said)
        axes.set_yticks(range(len(came)), came)
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Actual")

    return png(title, draw)


def roc(curves: Mapping[str, Curve] | None) -> bytes:
    """The share found against the share falsely flagged.  curves: by outcome; None: hidden."""

    def draw(axes: Axes) -> None:
        if not curves:
            say(axes, HIDDEN)
            return
        for name, curve in curves.items():
            x = [0.0, *(point.fpr for point in curve.points)]
            y = [0.0, *(point.recall for point in curve.points)]
            axes.plot(x, y, marker=".", label=f"{name} (AUC {curve.auc:.3f})")
        axes.plot([0, 1], [0, 1], "--", color=GRAY, label="by chance")
        axes.set_xlabel("False positive rate")
        axes.set_ylabel("Found, of those to whom it happened")
        axes.legend(loc="lower right")

    return png("ROC curve", draw)


def importance(title: str, sizes: Mapping[str, float] | None, across: str) -> bytes:
    """A bar for each part, the largest at the top; None: not measured."""

    def draw(axes: Axes) -> None:
        if sizes is None:
            say(axes, NOT_MEASURED)
            return
        parts = sorted(sizes.items(), key=lambda each: each[1])
        axes.barh([name for name, _ in parts], [size for _, size in parts], color=BLUE)
        axes.set_xlabel(across)

    return png(title, draw)


def calibration(parts: Sequence[Part], error: float) -> bytes:
    """The mean prediction of each part against what followed; no part: hidden."""

    def draw(axes: Axes) -> None:
        if not parts:
            say(axes, HIDDEN)
            return
        axes.plot([0, 1], [0, 1], "--", color=GRAY, label="as promised")
        x, y = [part.predicted for part in parts], [part.observed for part in parts]
        axes.plot(x, y, marker="o", color=BLUE, label=f"this version (error {error:.3f})")
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Observed")
        axes.legend(loc="upper left")

    return png("Calibration", draw)
