"""Pieces of a page: tables, shares with their intervals, a curve. What is text is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from edupulse_core.training.evaluation import end, figure


class Html(str):
    """Text that is markup already; everything else is escaped."""


def curve(points: Sequence[Mapping[str, float]]) -> str:
    """Predicted (across) by observed (up), on a square from 0 to the largest of either."""
    most = max([0.1, *(max(p["predicted"], p["observed"]) for p in points)])
    top = -(-most * 10 // 1) / 10

    def place(x: float, y: float) -> tuple[float, float]:
        return 40 + 270 * x / top, 290 - 270 * y / top

    where = [place(p["predicted"], p["observed"]) for p in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in where)
    return (
        '<figure><svg viewBox="0 0 320 330" role="img" aria-label="Calibration curve: the numbers '
        'are in the table below">'
        '<path class="axis" fill="none" d="M40 20V290H310"/><path class="even" d="M40 290L310 20"/>'
        f'<polyline class="curve" points="{line}"/>{dots}'
        f'<text x="34" y="294" text-anchor="end">0</text><text x="34" y="26" text-anchor="end">'
        f'{top:.1f}</text><text x="310" y="306" text-anchor="end">{top:.1f}</text>'
        '<text x="175" y="322" text-anchor="middle">predicted severity</text>'
        '<text x="14" y="155" text-anchor="middle" transform="rotate(-90 14 155)">observed severity'
        "</text></svg><figcaption>Severity, 0 to 1, by parts of the weeks; on the dashed line a "
        "score means exactly what it says.</figcaption></figure>"
    )


def interval(each: Mapping[str, Any], form: str = "{:.1%}") -> Html:
    """A value with its 95 % interval beside it; a dash where it is not defined."""
    if each["value"] is None:
        return Html("–")
    low, high = end(each["low"], form), end(each["high"], form)
    return Html(f"{figure(each['value'], form)} <small>({low} to {high})</small>")


def ranged(each: Mapping[str, Any], axis: tuple[float, float], goal: float | None = None) -> Html:
    """A share with its interval, drawn on an axis below."""
    if each["value"] is None:
        return Html("–")
    low, value, high, line = (
        100 * min(1.0, max(0.0, (x - axis[0]) / (axis[1] - axis[0])))
        for x in (each["low"], each["value"], each["high"], goal or 0.0)
    )
    mark = f'<u style="left: {line:.1f}%"></u>' if goal else ""
    return Html(
        f'{interval(each)}<span class="range" aria-hidden="true">{mark}'
        f'<i style="left: {low:.1f}%; width: {high - low:.1f}%"></i>'
        f'<b style="left: {value:.1f}%"></b></span>'
    )


def barred(value: float, most: float, form: str) -> Html:
    """A number over a bar that is as long as its share of the most; below zero there is none."""
    share = 100 * min(1.0, max(0.0, value / most)) if most > 0 else 0.0
    said = form.format(value).replace("-", "−")
    return Html(
        f'{said}<span class="bar" aria-hidden="true"><i style="width: {share:.1f}%"></i></span>'
    )


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]], *, prosaic: Sequence[int] = ()
) -> str:
    """A table whose cells are escaped, unless they are `Html`; the first of a row heads it.

    A row of one cell heads those below it.  prosaic: columns of words, set flush left.
    """
    top = "".join(
        f'<th scope="col"{_left(at, prosaic)}>{escape(name)}</th>' for at, name in enumerate(head)
    )
    lines = []
    for first, *cells in rows:
        if not cells:
            lines.append(f'<tr class="part"><th colspan="{len(head)}">{_text(first)}</th></tr>')
            continue
        rest = "".join(
            f"<td{_left(at, prosaic)}>{_text(cell)}</td>" for at, cell in enumerate(cells, 1)
        )
        lines.append(f'<tr><th scope="row">{_text(first)}</th>{rest}</tr>')
    label = escape(caption, quote=True)
    return (
        f'<p class="caption">{escape(caption)}</p>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}">'
        f'<table aria-label="{label}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _left(column: int, prosaic: Sequence[int]) -> str:
    return ' class="words"' if column in prosaic else ""


def _text(cell: Any) -> str:
    return str(cell) if isinstance(cell, Html) else escape(str(cell))


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def folded(summary: str, content: str) -> str:
    """Something that opens when asked for."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"
