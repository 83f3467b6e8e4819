"""The contents of a report before it is drawn: sections of text, tables and charts.

The dashboard and the HTML file draw the same blocks, so both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cell:
    """A cell whose figure may also be drawn, if there is room."""

    text: str
    drawn: Literal["bar", "range", "shade"] | None = None
    at: tuple[float, ...] = ()  # 0..1 of the axis. bar, shade: length; range: low, value, high
    goal: float | None = None  # 0..1 of the axis, beside a range

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading above the blocks that follow, within a section."""

    text: str


@dataclass(frozen=True)
class Code:
    """A command to type."""

    text: str


@dataclass(frozen=True)
class Check:
    """Whether a goal was reached; None if it cannot be judged."""

    met: bool | None
    goal: str
    found: str


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first cell of a row is its heading."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str | Cell]]


@dataclass(frozen=True)
class Line:
    """Joined points of a chart; a guide is the line that others are compared with."""

    name: str
    points: Sequence[tuple[float, float]]
    guide: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines on a square of 0 to `top`, and the same numbers as a table."""

    title: str  # what it shows
    across: str  # of each axis: what, and its unit
    up: str
    lines: Sequence[Line]
    table: Table
    top: float = 1.0


@dataclass(frozen=True)
class Bars:
    """A bar for each part, and the same numbers as a table."""

    title: str
    across: str
    bars: Sequence[tuple[str, float]]
    table: Table


@dataclass(frozen=True)
class Heat:
    """A shade for each row and column, and the same numbers as a table."""

    title: str
    unit: str
    across: str
    columns: Sequence[str]
    rows: Sequence[str]
    values: Sequence[Sequence[float]]  # by row
    table: Table


@dataclass(frozen=True)
class Choice:
    """One of several: a page lets the reader choose, a file shows all, folded."""

    label: str
    options: Mapping[str, Sequence[Block]]


@dataclass(frozen=True)
class Folded:
    """Something that opens when asked for."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    """A part of a report under its own heading."""

    key: str
    title: str
    blocks: Sequence[Block]


Block = Text | Heading | Code | Check | Table | Chart | Bars | Heat | Choice | Folded
