"""Draws the blocks of a report, made in `edupulse_core.reports`, on a page."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app import charts, ui
from edupulse_core.reports import figures
from edupulse_core.reports.blocks import (
    Bars,
    Block,
    Chart,
    Check,
    Choice,
    Code,
    Folded,
    Heading,
    Heat,
    Section,
    Table,
    Text,
)

MARKS = {True: "✓", False: "✗", None: "–"}
STYLES = ((ui.ACCENT, "solid", "circle"), (charts.RAISES, "dash", "diamond"))
GUIDE = {"dash": "dot", "color": "#7d828c"}


def show(sections: Sequence[Section]) -> None:
    """Every section under its heading."""
    for section in sections:
        st.header(section.title, anchor=False)
        draw_all(section.blocks, section.key)


def draw_all(blocks: Sequence[Block], key: str) -> None:
    """Blocks in their order.  key: their place, so that each has its own key in the browser."""
    for at, block in enumerate(blocks):
        draw(block, f"{key}-{at}")


@singledispatch
def draw(block: Any, key: str) -> None:
    raise TypeError(f"no page draws a {type(block).__name__}")


@draw.register
def _(block: Text, key: str) -> None:
    st.caption(ui.plain(block.text))


@draw.register
def _(block: Heading, key: str) -> None:
    st.subheader(ui.plain(block.text), anchor=False)


@draw.register
def _(block: Code, key: str) -> None:
    st.code(block.text, language=None, wrap_lines=True)


@draw.register
def _(block: Check, key: str) -> None:
    said = f"{MARKS[block.met]} {figures.reached(block.met)}"
    st.markdown(f"**{said}**: {ui.plain(block.goal)}. {ui.plain(block.found)}.")


@draw.register
def _(block: Table, key: str) -> None:
    st.markdown(f"**{ui.plain(block.title)}**")
    ui.table(block.title, columns(block))


@draw.register
def _(block: Folded, key: str) -> None:
    with st.expander(block.title):
        draw_all(block.blocks, key)


@draw.register
def _(block: Choice, key: str) -> None:
    names = list(block.options)
    if len(names) > 4:
        chosen = st.selectbox(block.label, names, width=260, key=f"choice_{key}")
    else:
        chosen = st.segmented_control(
            block.label, names, default=names[0], required=True, key=f"choice_{key}"
        )
    draw_all(block.options[chosen], f"{key}-{chosen}")


@draw.register
def _(block: Chart, key: str) -> None:
    ui.chart(curves(block), block.title, columns(block.table), key=key)


@draw.register
def _(block: Bars, key: str) -> None:
    names = [charts.in_lines(name) for name, _ in block.bars]
    most = max((name.count("<br>") for name in names), default=0) + 1  # lines of a name
    figure = go.Figure(
        go.Bar(
            x=[size for _, size in block.bars],
            y=names,
            orientation="h",
            marker_color=ui.ACCENT,
        )
    )
    figure.update_xaxes(title_text=block.across, rangemode="tozero")
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(
        title=block.title, height=120 + max(30, 15 * most) * len(names), margin=charts.MARGIN
    )
    ui.chart(figure, block.title, columns(block.table), key=key)


@draw.register
def _(block: Heat, key: str) -> None:
    figure = go.Figure(
        go.Heatmap(
            z=block.values,
            x=list(block.columns),
            y=list(block.rows),
            zmin=0,
            xgap=1,
            ygap=1,
            colorscale=[[0, charts.FAINT], [1, ui.ACCENT]],
            colorbar=charts.scale(block.unit),
            hovertemplate="%{y}, %{x}: %{z:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(
        title_text=block.across, type="category", tickangle=0, tickfont_size=10, showgrid=False
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    height = 160 + 32 * len(block.rows)
    figure.update_layout(title=block.title, height=height, margin=charts.MARGIN | {"b": 110})
    ui.chart(figure, block.title, columns(block.table), key=key)


def curves(block: Chart) -> Any:
    """Lines on a square; color, dash and symbol set them apart."""
    figure = go.Figure()
    styles = iter(STYLES)
    for line in block.lines:
        across, up = zip(*line.points, strict=True)
        if line.guide:
            figure.add_scatter(x=across, y=up, name=line.name, mode="lines", line=GUIDE)
            continue
        color, dash, symbol = next(styles)
        figure.add_scatter(
            x=across,
            y=up,
            name=line.name,
            mode="lines+markers",
            line={"color": color, "dash": dash},
            marker={"symbol": symbol, "size": 6},
        )
    shown = [-0.02 * block.top, 1.02 * block.top]  # whole markers at the ends
    figure.update_xaxes(title_text=charts.in_lines(block.across, 30), range=shown)
    figure.update_yaxes(title_text=charts.in_lines(block.up, 34), range=shown)
    return figure.update_layout(
        title=charts.in_lines(block.title, 34),
        height=560,
        margin=charts.MARGIN | {"t": 90, "b": 150},
        legend=charts.BELOW,
    )


def columns(table: Table) -> dict[str, list[str]]:
    """A table as columns, as `ui.table` takes it."""
    cells = [[str(cell) for cell in row] for row in table.rows]
    return {name: [row[at] for row in cells] for at, name in enumerate(table.head)}
