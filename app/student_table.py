"""Students as one table of the page: it wraps, fits a phone, and is quick to draw.

`st.dataframe` would load 30 more files before its first row, cuts its text off instead of wrapping
it, and shows two columns at 360 px.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from app import ui

_HERE = Path(__file__)


@dataclass(frozen=True)
class Column:
    """One column. `name`, `tier`, `score` and `weeks` are drawn, all others are text."""

    name: str  # of the cell in each row
    label: str
    help: str | None = None
    sort: str | None = None  # what a click on the head asks for
    order: Literal["ascending", "descending"] = "descending"  # of that


_draw = st.components.v2.component(
    "student_table",
    html='<div class="students"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def prepare() -> None:
    """Draw nothing, so that the browser fetches the table's code while the rows are being read."""
    _draw(key="student_table_first", width="content")


def show(
    key: str,
    label: str,
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    *,
    sorted_by: str = "",
    on_sort: Callable[[str], None] = lambda asked: None,
    at: str | None = None,
) -> None:
    """Draw the rows; a click on a name opens the student at the next `ui.go_to_student`.

    rows: `id`, `name`, `place` (the line below the name), `tier` (of ui.SHAPES), `uncertain`,
    `against` (a line where flags contradict the level, or empty), `score`, its `share` (0..1 or
    None), `weeks` (shares, None unknown), `weeks_in_words`, and texts by column.
    at: the id of the row to scroll to: the student whose page was just left.
    """
    colors = {name: {"words": ui.level(name), "color": color} for name, color in ui.COLORS.items()}
    _draw(
        key=key,
        data={
            "label": label,
            "columns": [asdict(column) for column in columns],
            "rows": list(rows),
            "sorted": sorted_by,
            "at": at,
            "tiers": colors,
            "uncertain": ui.UNCERTAIN,
        },
        on_open_change=partial(_open, key),
        on_sort_change=partial(_sort, key, on_sort),
    )


def explain(columns: Sequence[Column]) -> None:
    """What each column means, in a menu that also opens by touch and by keyboard."""
    with st.popover("Columns", icon=":material/help:", type="tertiary"):
        st.markdown("\n".join(f"- **{one.label}**: {one.help}" for one in columns if one.help))


def _open(key: str) -> None:
    if isinstance(asked := st.session_state[key]["open"], str):  # a browser may send anything
        st.session_state["clicked_student"] = asked


def _sort(key: str, on_sort: Callable[[str], None]) -> None:
    if isinstance(asked := st.session_state[key]["sort"], str):
        on_sort(asked)
