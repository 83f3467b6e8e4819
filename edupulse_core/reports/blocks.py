"""What a report says, before it is drawn: sections of text, tables and charts.

A page of the dashboard and a file of HTML draw the same blocks, so both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cell:
    """A cell whose figure may be drawn too, where there is room for that."""

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
    """A line above the blocks that follow, within a section."""

    text: str


@dataclass(frozen=True)
class Code:
    """A command to type."""

    text: str


@dataclass(frozen=True)
class Check:
    """Whether a goal was reached; None where it cannot be judged."""

    met: bool | None
    goal: str
    found: str


@dataclass(frozen=True)
class Table:
    """Rows of cells, the first of each heading its row."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str | Cell]]


@dataclass(frozen=True)
class Line:
    """Points of a chart, joined; a guide is what the others are held against."""

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
