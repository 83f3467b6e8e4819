"""Pieces that the pages share: risk levels in word, shape and color, days, charts and tables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from itertools import groupby
from threading import BoundedSemaphore
from typing import Any

import streamlit as st

from app import navigation
from edupulse_core.actions.students import note_list
from edupulse_core.config import SMALLEST, load_settings
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import student as students
from edupulse_core.queries.district import District, open_district

LEVELS = ("critical", "high", "medium", "low")  # as people read them, the most urgent first
SHAPES = {"critical": "■", "high": "◆", "medium": "▲", "low": "●", "unscored": "○"}
COLORS = {  # far apart for every kind of color vision, and legible on white and on black
    "critical": "#b8327f",
    "high": "#c2560c",
    "medium": "#8f6d00",
    "low": "#24709f",
    "unscored": "#6b707a",
}
ACCENT = "#4a84d4"
WORDS = {"unscored": "Not enough data"}
NOTHING = "unknown"
HIDDEN = f"Hidden for privacy (under {SMALLEST})"
UNCERTAIN = "The model isn't sure. Rely on the records."
NO_REASON = "No reliable reason"
MANY = 10  # columns that do not fit beside each other on a small laptop
FEW = 4  # columns that fit beside each other on a phone, all but the first being figures
_FIGURE = re.compile(rf"[-+−±.\d▼]|([–✓✗]|{re.escape(HIDDEN)}|unknown)$")  # cells set flush right
_LONG = re.compile(r"\S{19}")  # a word that may be broken, so that no table is too wide
_MINUS = re.compile(r"(?<![\w.])-(?=[\d.])")
_RANGE = re.compile(r"(?<=[\d%]) (?=to [-+−]?\d)|(?<=\d to) (?=[-+−]?\d)|(?<=% to) (?=[-+−]?\d)")
_turns = BoundedSemaphore(students.AT_ONCE)
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
# Links, symbols and arrows are looked for after escapes are gone; only a letter in between helps.
_FOUND_LATER = re.compile(r"[@:]|www(?=\.)|[-<>~](?=[->=])", re.IGNORECASE)
_JOINER = "\u2060"  # no width, no break


def in_turn() -> BoundedSemaphore:
    """For drawing a student: as many pages at once as there are processors; others queue.

    Thirty who open a page together would otherwise all wait until the last page is done.
    """
    return _turns


def looking() -> tuple[Viewer, District]:
    """Who is looking, and the district as it stands now."""
    return st.session_state["viewer"], open_district(load_settings())


def plain(text: str) -> str:
    """Text that people wrote, as Markdown that shows it unchanged, on one line."""
    one_line = " ".join(text.split())
    return _MARKS.sub(r"\\\1", _FOUND_LATER.sub(rf"\g<0>{_JOINER}", one_line))


def sentence(said: str) -> str:
    """An error as a sentence on a page; on the command line it follows a colon."""
    return plain(said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?")) else "."))


def level(name: str | None) -> str:
    """A risk level in shape and word."""
    key = name or "unscored"
    return f"{SHAPES[key]} {WORDS.get(key, key.capitalize())}"


def span(lowest: str, highest: str) -> str:
    """The risk levels from one to another, such as "High" or "High or Critical"."""
    names = [name.capitalize() for name in reversed(LEVELS)]
    found = names[names.index(lowest.capitalize()) : names.index(highest.capitalize()) + 1]
    if len(found) == len(names):
        return f"anywhere from {found[0]} to {found[-1]}"
    return " or ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def day(when: date | datetime) -> str:
    """A day as people write it."""
    return f"{when:%b} {when.day}, {when.year}"


def day_of(moment: str) -> str:
    """The day of an ISO 8601 moment."""
    return day(datetime.fromisoformat(moment))


def short_day(when: date | datetime) -> str:
    """A recent day, without its year."""
    return f"{when:%b} {when.day}"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share of 0..1 in percent; unknown stays unknown."""
    return NOTHING if share is None else f"{100 * share:.{decimals}f}%"


def change(value: float, form: str) -> str:
    """A change with its sign; one that rounds to 0 is ±0."""
    said = format(value, form)
    return said.replace("-", "−") if float(said.replace(",", "")) else "±0"


def tidy(text: str) -> str:
    """Words with real minus signs, and no line break inside a share or a range."""
    return _RANGE.sub("\u00a0", _MINUS.sub("−", text))


def number(value: float | None) -> str:
    """A count without needless decimals."""
    return NOTHING if value is None else f"{value:g}"


def count(n: int, what: str) -> str:
    """A number of things."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def warn_of(district: District, instead: str) -> None:
    """Say why no score is shown and what is shown instead, or whose scores are shown."""
    for problem in district.standing.problems:
        st.warning(f"{problem} {instead}", icon=":material/warning:")
    for note in district.standing.notes:
        st.info(note, icon=":material/info:")


@dataclass(frozen=True)
class Link:
    """A cell of `table` that leads to a web address; without one it is its text alone."""

    text: str
    address: str = ""

    def __str__(self) -> str:
        return self.text


def _cell(value: Any) -> str:
    """A cell as HTML, with real minus signs."""
    said = escape(_MINUS.sub("−", str(value)))
    if not isinstance(value, Link):
        return said
    if not value.address:
        return escape(value.text)
    return (
        f'<a href="{escape(value.address)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(value.text)}</a>"
    )


def _class(is_figure: bool, cell: Any = "") -> str:
    """The look of a cell: figures are set flush right, and only a long word is broken."""
    names = ["right"] * is_figure + ["long"] * bool(_LONG.search(str(cell)))
    return f' class="{" ".join(names)}"' if names else ""


def _is_figures(cells: Sequence[Any]) -> bool:
    """Whether a column holds figures, and not dashes alone."""
    said = [str(cell) for cell in cells]
    return all(map(_FIGURE.match, said)) and set(said) != {"–"}


def table(label: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """A few rows of text and figures; the first column heads each row. On a phone, rows are cards.

    A row whose cells are all hidden says so once.

    `st.dataframe` would scroll sideways there, and cuts words off instead of wrapping them.
    """
    names = list(columns)
    right = [at > 0 and _is_figures(columns[name]) for at, name in enumerate(names)]
    head = "".join(
        f'<th scope="col" role="columnheader"{_class(flush)}>{escape(name)}</th>'
        for name, flush in zip(names, right, strict=True)
    )
    lines = []
    for first, *cells in zip(*columns.values(), strict=True):
        rest = "".join(
            f'<td role="cell" data-label="{escape(name)}"{_class(flush, cell)}>{_cell(cell)}</td>'
            for name, flush, cell in zip(names[1:], right[1:], cells, strict=True)
        )
        if set(cells) == {HIDDEN}:
            rest = f'<td role="cell" colspan="{len(cells)}"{_class(True)}>{HIDDEN}</td>'
        number = f' data-label="{escape(names[0])}"' if str(first)[:1].isdigit() else ""
        lines.append(
            f'<tr role="row"><th scope="row" role="rowheader"{number}{_class(False, first)}>'
            f"{_cell(first)}</th>"
            f"{rest}</tr>"
        )
    narrow = len(names) == 2 or (len(names) <= FEW and all(right[1:]))
    size = " few" if narrow else " many" if len(names) >= MANY else ""
    size += " two" * (len(names) == 2)
    st.html(
        f'<div class="figures{size}">'
        f'<table role="table" aria-label="{escape(label)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table></div>'
    )


def document(text: str) -> None:
    """A Markdown text; its tables are drawn so that they need no scrolling on a phone."""
    for is_table, lines in groupby(text.splitlines(), lambda line: line.startswith("|")):
        if not is_table:
            st.markdown("\n".join(lines))
            continue
        head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)
        table("Table of the document", dict(zip(head, zip(*rows, strict=True), strict=True)))


def chart(figure: Any, says: str, rows: Any, *, key: str, **shown: Any) -> None:
    """A chart with a description for screen readers and the same numbers as a table.

    rows: columns for `table`, or anything for `st.dataframe`, with its options in `shown`; or a
    function that returns them, which is called only when somebody opens the table.
    """
    st.plotly_chart(figure, key=key, alt=says, config={"displayModeBar": False, "responsive": True})
    named = "The same as a table"
    if not callable(rows):
        fold = st.expander(named)
    elif (fold := st.expander(named, key=f"{key}_table", on_change="rerun")).open:
        rows = rows()
    else:
        return
    with fold:
        if isinstance(rows, dict):
            table(says, rows)
        else:
            st.dataframe(rows, hide_index=True, alt=says, **shown)


def go_to_student(page: str) -> None:
    """Open the student whose name was clicked on this page, if any was."""
    if "clicked_student" in st.session_state:
        student_id = st.session_state.pop("clicked_student")
        st.session_state["came_from"] = student_id
        st.session_state["way_back"] = page
        st.switch_page(navigation.student(), query_params={"id": student_id})


def came_from() -> str | None:
    """The student whose page was just left, to scroll back to their row; returned only once."""
    found: str | None = st.session_state.pop("came_from", None)
    return found


def address() -> dict[str, list[str]]:
    """What the page's address asks for."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def write_address(values: Mapping[str, Any]) -> None:
    """Write what is chosen into the page's address; empty values leave it."""
    wanted = {
        name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        for name, value in values.items()
        if value not in (None, "", [], ())
    }
    if address() != wanted:
        st.query_params.from_dict(wanted)


def forget_address() -> None:
    """Leave nothing in the page's address, even what a widget such as the tabs has written there.

    `st.query_params.clear` refuses while a widget is bound to one of them.
    """
    st.query_params.from_dict({})


def note_names(
    viewer: Viewer, district: District, name: str, n_students: int, filters: Mapping[str, Any]
) -> None:
    """Audit that a list of names is about to be shown, once in a session for each filter."""
    noted = st.session_state.setdefault("noted_lists", set())
    note_list(person(viewer), district, name, n_students, filters, noted=noted)


def only_our_exports() -> None:
    """Hide the tables' own download button: it is not audited, and cells could run as formulas."""
    st.html("<style>button[aria-label^='Download as CSV']{display:none}</style>")


def left_student() -> None:
    """Remember that no student is open now, so that the next opening is audited again."""
    st.session_state.pop("open_student", None)
