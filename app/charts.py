"""The charts: small and quiet, on fixed axes, so that two students can be compared."""

import html
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from app.ui import ACCENT, COLORS, LEVELS, SHAPES

WEEK = timedelta(days=7)
MARGIN = {"l": 10, "r": 10, "t": 50, "b": 10}
RAISES, LOWERS = "#c2560c", "#2d7fb8"
FAINT = "rgba(128,128,128,0.22)"  # a known nothing: told from the page in light and in dark
DIVERGING = [[0.0, LOWERS], [0.5, FAINT], [1.0, RAISES]]
LABEL = 19  # letters on a line beside a chart
BELOW = {  # a legend under the chart, over its whole width
    "orientation": "h",
    "x": 0,
    "xref": "container",
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
}
TITLES = (
    "Attendance (% of school days)",
    "Grades (% average of the week)",
    "Incidents (count)",
)
ROWS = ((0.672, 1.0), (0.254, 0.582), (0.0, 0.164))  # of the timeline: bottom and top of each
MOST_INCIDENTS = 5  # end of the fixed axis; a week with more is drawn up to it


def timeline(weeks: Sequence[dict[str, Any]]) -> Any:
    """Attendance, grades and incidents by week; a gap stays a gap."""
    weeks = _with_breaks(weeks)
    x = [week["week_start"] for week in weeks]
    first, last = _span(x)
    months = {
        "anchor": "y",
        "matches": "x3",
        "showticklabels": False,
        "range": (first, last),
        "dtick": "M1" if last - first < 30 * WEEK else "M2",
        "tickformat": "%b<br>%Y",
        "tickangle": 0,
    }
    line = {"mode": "lines+markers", "line": {"color": ACCENT}, "type": "scatter", "x": x}
    percent = {"range": [-4, 104], "ticksuffix": "%"}
    few = {"range": [0, MOST_INCIDENTS], "tickvals": [0, MOST_INCIDENTS]}
    data = [
        line | {"y": _percents(weeks, "attendance"), "xaxis": "x", "yaxis": "y"},
        line | {"y": _percents(weeks, "score_mean"), "xaxis": "x2", "yaxis": "y2"},
        {
            "type": "bar",
            "x": x,
            "y": [week["n_incidents"] for week in weeks],
            "marker": {"color": RAISES},
            "xaxis": "x3",
            "yaxis": "y3",
        },
    ]
    named = {"matches": None, "showticklabels": None, "title": {"text": "Week of"}}
    layout = {
        "xaxis": months,
        "xaxis2": months | {"anchor": "y2"},
        "xaxis3": months | {"anchor": "y3"} | named,
        "yaxis": percent | {"anchor": "x", "domain": ROWS[0]},
        "yaxis2": percent | {"anchor": "x2", "domain": ROWS[1]},
        "yaxis3": few | {"anchor": "x3", "domain": ROWS[2]},
        "annotations": [
            {
                "text": title,
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "y": top,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 13},
            }
            for title, (_, top) in zip(TITLES, ROWS, strict=True)
        ],
    }
    return _figure(data, layout, height=480, showlegend=False, margin=MARGIN)


def feature_line(
    weeks: Sequence[tuple[date, float]], label: str, unit: str, across: str = "Week of"
) -> Any:
    """One number over its known weeks; the line breaks where a week is not known."""
    rows = _with_breaks([{"week_start": week, "value": value} for week, value in weeks])
    line = {
        "type": "scatter",
        "x": [row["week_start"] for row in rows],
        "y": [row["value"] for row in rows],
        "mode": "lines+markers",
        "line": {"color": ACCENT},
    }
    layout = {
        "title": {"text": label, "font": {"size": 14}},
        "xaxis": {"title": {"text": across}},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero"},
    }
    return _figure([line], layout, height=260, margin=MARGIN)


def losses(history: Sequence[Mapping[str, Any]]) -> Any:
    """Training and validation loss by epoch."""
    lines = (("Training", "train_loss", "solid"), ("Validation", "validation_loss", "dash"))
    data = [
        {
            "type": "scatter",
            "name": name,
            "x": [each["epoch"] for each in history],
            "y": [each[key] for each in history],
            "mode": "lines+markers",
            "line": {"color": color, "dash": dash},
        }
        for (name, key, dash), color in zip(lines, (ACCENT, RAISES), strict=True)
    ]
    layout = {
        "title": {"text": "Loss by epoch", "font": {"size": 14}},
        "xaxis": {"title": {"text": "Epoch"}, "dtick": max(1, len(history) // 10)},
        "yaxis": {"title": {"text": "Loss"}},
        "legend": BELOW,
    }
    return _figure(data, layout, height=300, margin=MARGIN | {"b": 90})


def trials(
    numbers: Sequence[int], values: Sequence[float], best: Sequence[float], label: str
) -> Any:
    """How each trial of a search did, and the best so far."""
    data = [
        {
            "type": "scatter",
            "name": "A trial",
            "x": list(numbers),
            "y": list(values),
            "mode": "markers",
            "marker": {"color": RAISES, "symbol": "diamond"},
        },
        {
            "type": "scatter",
            "name": "The best so far",
            "x": list(numbers),
            "y": list(best),
            "mode": "lines",
            "line": {"color": ACCENT, "shape": "hv"},
        },
    ]
    layout = {
        "title": {"text": "How each trial did", "font": {"size": 14}},
        "xaxis": {"title": {"text": "Trial"}},
        "yaxis": {"title": {"text": label}},
        "legend": BELOW,
    }
    return _figure(data, layout, height=320, margin=MARGIN | {"b": 90})


def attention(weights: Any, weeks: Sequence[str]) -> Any:
    """Which week (down) looked at which (across); weights (T, T) sum to 1 over a row."""
    heatmap = {
        "type": "heatmap",
        "z": weights,
        "x": list(weeks),
        "y": list(weeks),
        "colorscale": [[0, FAINT], [1, ACCENT]],
        "colorbar": scale("Share of the attention"),
        "hovertemplate": "week of %{y} looked at %{x}: %{z:.2f}<extra></extra>",
    }
    layout = {
        "title": {"text": "Where the model looked"},
        "xaxis": _weeks_across(weeks, "Week looked at", every=7),
        "yaxis": {
            "title": {"text": "Looking from week"},
            "type": "category",
            "autorange": "reversed",
            "tickvals": list(weeks[::-1][::2]),
            "ticktext": [_short(week) for week in weeks[::-1][::2]],
            "showgrid": False,
        },
    }
    return _figure([heatmap], layout, height=500, margin=MARGIN | {"b": 110})


def attributions(
    given: Any, features: Sequence[str], weeks: Sequence[str], title: str, most: float
) -> Any:
    """What raised and lowered the score.  given: (features, T), in logits.

    Each feature is a strip under its name, so that the weeks have the whole width of a phone.
    """
    n, length = len(features), len(weeks)
    heatmap = {
        "type": "heatmap",
        "z": [row for values in given for row in ([None] * length, values)],
        "x": list(weeks),
        "customdata": [[feature] * length for feature in features for _ in range(2)],
        "zmin": -most,
        "zmax": most,
        "xgap": 1,
        "colorscale": DIVERGING,
        "colorbar": scale("")
        | {"tickvals": [-most, 0, most], "ticktext": ["lowers", "nothing", "raises"]},
        "hoverongaps": False,
        "hovertemplate": "%{customdata}, week of %{x}: %{z:+.3f}<extra></extra>",
    }
    names = [  # as labels inside the axis they would hide the weeks'
        {
            "text": html.escape(feature),
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 2 * at,
            "showarrow": False,
            "font": {"size": 11},
        }
        for at, feature in enumerate(features)
    ]
    layout = {
        "title": {"text": title},
        "xaxis": _weeks_across(weeks, "Week of"),
        "yaxis": {
            "showticklabels": False,
            "ticks": "",
            "range": [2 * n - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
        "annotations": names,
    }
    return _figure([heatmap], layout, height=160 + 32 * n, margin=MARGIN | {"b": 110})


def levels(rows: Sequence[dict[str, Any]], label: str, title: str) -> Any:
    """Students by risk level in each row's group."""
    figure = go.Figure()
    for level in reversed(LEVELS):
        figure.add_bar(
            y=[in_lines(str(row[label])) for row in rows],
            x=[row[level] for row in rows],
            name=f"{SHAPES[level]} {level.capitalize()}",
            marker_color=COLORS[level],
            orientation="h",
        )
    figure.update_xaxes(title_text="Students")
    figure.update_yaxes(type="category", autorange="reversed")
    return figure.update_layout(
        title=title,
        barmode="stack",
        height=190 + 38 * len(rows),
        margin=MARGIN | {"b": 100},
        legend=BELOW | {"traceorder": "normal"},
    )


def rates(years: Sequence[dict[str, Any]], names: dict[str, str], title: str) -> Any:
    """Shares of students by school year, in percent."""
    figure = go.Figure()
    styles = (
        (ACCENT, "solid", "circle"),
        (RAISES, "dash", "diamond"),
        ("#7d828c", "dot", "square"),
    )
    for (name, label), (color, dash, symbol) in zip(names.items(), styles, strict=False):
        if all(year[name] is None for year in years):
            continue
        figure.add_scatter(
            x=[year["year"] for year in years],
            y=_percents(years, name),
            name=label,
            mode="lines+markers",
            line={"dash": dash, "color": color},
            marker={"symbol": symbol, "size": 9},
        )
    figure.update_xaxes(title_text="School year", type="category")
    figure.update_yaxes(title_text="Students (%)", ticksuffix="%", rangemode="tozero")
    return figure.update_layout(title=title, height=380, margin=MARGIN | {"b": 110}, legend=BELOW)


def scale(title: str) -> dict[str, Any]:
    """A color bar under the chart, where it does not take width from the chart."""
    return {
        "title": {"text": title, "side": "bottom"},
        "orientation": "h",
        "thickness": 10,
        "tickformat": ".2f",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
    }


def _figure(data: list[dict[str, Any]], layout: dict[str, Any], **more: Any) -> Any:
    """A figure made in one go, and as it was written.

    Each later change takes as long as making it, and checking every property takes 15 times as
    long; the tests check them.
    """
    return go.Figure(data=data, layout=layout | more, _validate=False)


def _weeks_across(weeks: Sequence[str], title: str, every: int = 5) -> dict[str, Any]:
    """Weeks as columns; every so many, counted from the last, has a label, to fit a phone."""
    named = list(weeks[::-1][::every])
    return {
        "title": {"text": title},
        "type": "category",
        "range": [-0.5, len(weeks) - 0.5],
        "tickvals": named,
        "ticktext": [_short(week) for week in named],
        "tickangle": 0,
        "showgrid": False,
    }


def _short(week: str) -> str:
    """A week without its year, for an axis."""
    return week.partition(",")[0]


def in_lines(label: str, width: int = LABEL) -> str:
    """A label in short lines, for the side of a chart; names are shown as written."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(label, width)) or " "


def _span(weeks: Sequence[date]) -> tuple[date, date]:
    """The first and last day of a timeline: at least twenty weeks."""
    return min(weeks[0], weeks[-1] - 19 * WEEK) - WEEK / 2, weeks[-1] + WEEK / 2


def _with_breaks(weeks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The weeks, with an empty one wherever a school week is missing."""
    found: list[dict[str, Any]] = []
    for week in weeks:
        if found and week["week_start"] - found[-1]["week_start"] > WEEK:
            blank = dict.fromkeys(week) | {"week_start": found[-1]["week_start"] + WEEK}
            found.append(blank)
        found.append(week)
    return found


def _percents(rows: Sequence[dict[str, Any]], name: str) -> list[float | None]:
    return [None if row[name] is None else round(100 * row[name]) for row in rows]
