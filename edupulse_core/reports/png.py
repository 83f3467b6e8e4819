"""How every plot of an evaluation is drawn as a PNG file."""

import io
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

SIZE = (6.4, 4.8)  # inches
DOTS = 110  # an inch
HIDDEN = "Hidden for privacy (under 10)"
NOT_MEASURED = "Not measured"
BLUE, GRAY = "#2563a8", "#6b7280"


def say(axes: Axes, sentence: str) -> None:
    """Show a sentence where there is nothing to draw."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", transform=axes.transAxes)


def png(title: str, draw: Callable[[Axes], None]) -> bytes:
    """A plot under its title."""
    figure = Figure(SIZE, dpi=DOTS, layout="constrained")  # not pyplot's: threads may draw at once
    axes = figure.subplots()
    axes.set_title(title)
    draw(axes)
    made = io.BytesIO()
    figure.savefig(made, format="png")
    return made.getvalue()
