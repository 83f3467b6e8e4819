"""Draws blocks as one HTML page that opens anywhere, without network or script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Cell, Chart, Line, Section

LEFT, TOP, SIDE = 44, 16, 270  # of a chart's square, in its own units


@dataclass(frozen=True)
class Drawn:
    """A chart's line in the units of its picture."""

    line: Line
    points: Sequence[tuple[float, float]]
    style: int  # 0 for guides, then 1, 2 … in their order

    @property
    def path(self) -> str:
        """What `polyline` takes."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def page(title: str, facts: Mapping[str, str], sections: Sequence[Section]) -> str:
    """Some sections as a page. facts: what stands above them, each under its name."""
    return _TEMPLATES.get_template("evaluation.html").render(
        title=title, facts=facts, sections=sections
    )


def drawn(chart: Chart) -> list[Drawn]:
    """The lines of a chart, placed on its square."""
    found, style = [], 0
    for line in chart.lines:
        style += not line.guide
        points = [
            (LEFT + SIDE * x / chart.top, TOP + SIDE * (1 - y / chart.top)) for x, y in line.points
        ]
        found.append(Drawn(line, points, 0 if line.guide else style))
    return found


def _kind(block: object) -> str:
    """The name of the macro that draws a block."""
    return type(block).__name__.lower()


def _is_hidden(row: Sequence[str | Cell]) -> bool:
    """Whether a row shows only its name."""
    return {str(cell) for cell in row[1:]} == {figures.HIDDEN}


_TEMPLATES = Environment(
    loader=PackageLoader("edupulse_core.reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters |= {
    "drawn": drawn,
    "is_hidden": _is_hidden,
    "kind": _kind,
    "reached": figures.reached,
}
