"""What the pages share."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from app import ui
from edupulse_core.queries import student


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("Ana Ruiz", "Ana Ruiz"),
        ("O'Brien-Smith", r"O\'Brien\-Smith"),
        ("*Ana* _B_ [c](d) <b>", r"\*Ana\* \_B\_ \[c\]\(d\) \<b\>"),
        ("# Ana\n$x$ `y` \\", r"\# Ana \$x\$ \`y\` \\"),
        ("Ana  |  2 ", r"Ana \| 2"),
    ],
)
def test_marks_of_markdown_stand_for_themselves(written: str, markdown: str) -> None:
    assert ui.plain(written) == markdown


@pytest.mark.parametrize("found", ["rivera@", "http:", ":", "www", "WWW", "-", "<", ">", "~"])
def test_a_letter_without_width_stands_where_links_and_symbols_are_found_later(found: str) -> None:
    rest = {"rivera@": "d.example", "http:": "//d.example", ":": "red[x]", "-": "> b"}
    written = found + rest.get(found, ".d.example" if found.lower() == "www" else "= b")

    shown = ui.plain(written).replace("\\", "")

    assert shown == found + "\u2060" + written[len(found) :]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a page was given to show as HTML."""
    said: list[str] = []
    monkeypatch.setattr(ui.st, "html", said.append)
    return said


def test_a_table_is_read_as_one_also_where_its_rows_are_cards(drawn: list[str]) -> None:
    ui.table(
        "Rows",
        {"File": ["7 <b>", "users"], "Why": ["no date", "none"], "n": ["-1 (-2.5 to 0)", "2-3"]},
    )

    table = ElementTree.fromstring(drawn[0])[0]
    assert (table.attrib["role"], table.attrib["aria-label"]) == ("table", "Rows")
    heads = table.findall("thead/tr/th")
    assert [each.attrib["scope"] for each in heads] == ["col"] * 3
    first, second = table.findall("tbody/tr")
    assert [each.text for each in first] == ["7 <b>", "no date", "−1 (−2.5 to 0)"]
    assert [each.attrib.get("data-label") for each in first] == ["File", "Why", "n"]
    assert second[2].text == "2-3"
    assert second[0].attrib == {"scope": "row", "role": "rowheader"}
    assert [each.attrib.get("class") for each in first] == [None, None, "right"]


def test_nothing_of_a_table_is_markup(drawn: list[str]) -> None:
    evil = "<b title='x'>\"&"

    ui.table(evil, {evil: [evil, "7" + evil], "n": [evil, "-1"], evil + "2": [1, evil]})

    assert "<b" not in drawn[0]
    html = ElementTree.fromstring(drawn[0])
    assert html[0].attrib["aria-label"] == evil
    assert [each.text for each in html.iter("th")] == [evil, "n", evil + "2", evil, "7" + evil]
    assert [each.text for each in html.iter("td")] == [evil, "1", "−1", evil]
    assert html.findall(".//td")[1].attrib["data-label"] == evil + "2"


@pytest.mark.parametrize(
    ("columns", "is_narrow"),
    [
        ({"a": ["x"], "b": ["words"]}, True),
        ({"a": ["x"], "b": ["1"], "c": ["2"], "d": ["unknown"]}, True),
        ({"a": ["x"], "b": ["1"], "c": ["words"]}, False),
        ({"a": ["x"], "b": ["1"], "c": ["2"], "d": ["3"], "e": ["4"]}, False),
    ],
)
def test_few_columns_stay_a_table_on_a_phone(
    columns: Mapping[str, Sequence[Any]], is_narrow: bool, drawn: list[str]
) -> None:
    ui.table("Rows", columns)

    assert ("few" in ElementTree.fromstring(drawn[0]).attrib["class"].split()) == is_narrow


def test_the_head_over_the_rows_names_stands_above_them(drawn: list[str]) -> None:
    ui.table("Imports", {"Imported": ["Nov 21, 2026"], "Students": ["1,200"]})

    heads = ElementTree.fromstring(drawn[0]).findall(".//thead/tr/th")
    assert [each.attrib.get("class") for each in heads] == [None, "right"]


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [(0.1234, "+.2f", "+0.12"), (-0.1234, "+.2f", "−0.12"), (-0.001, "+.2f", "±0"),
     (0.0, "+.2f", "±0"), (1200, "+,", "+1,200"), (-1200, "+,", "−1,200")],
)  # fmt: skip
def test_a_change_has_a_sign_unless_it_rounds_to_nothing(
    value: float, form: str, said: str
) -> None:
    assert ui.change(value, form) == said


def test_a_sentence_keeps_its_ranges_together_and_has_a_real_minus() -> None:
    said = ui.tidy("Grades of 9-12 moved by -2.5 points; 40% (-3% to 90%) late, 2 to ask")

    assert said == (
        "Grades of 9-12 moved by −2.5 points; 40% (−3%\u00a0to\u00a090%) late, 2 to ask"
    )


@pytest.mark.parametrize(
    ("lowest", "highest", "said"),
    [
        ("high", "high", "High"),
        ("high", "critical", "High or Critical"),
        ("low", "high", "Low, Medium or High"),
        ("low", "critical", "anywhere from Low to Critical"),
    ],
)
def test_a_span_of_levels_is_said_in_words(lowest: str, highest: str, said: str) -> None:
    assert ui.span(lowest, highest) == said


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.1 defines it. color: #rrggbb."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("level", ui.COLORS)
def test_a_level_is_legible_and_stands_out_from_the_page_in_both_themes(level: str) -> None:
    color = ui.COLORS[level]

    assert contrast("#ffffff", color) >= 4.5  # its word, in white
    assert contrast(color, "#ffffff") >= 3 and contrast(color, "#171614") >= 3  # its area


def test_a_row_of_which_nothing_is_shown_says_so_once(drawn: list[str]) -> None:
    ui.table("Rows", {"Group": ["a"], "x": [ui.HIDDEN], "y": [ui.HIDDEN], "z": [ui.HIDDEN]})

    cells = ElementTree.fromstring(drawn[0]).findall(".//tbody/tr/td")
    assert [(each.text, each.attrib["colspan"]) for each in cells] == [(ui.HIDDEN, "3")]


def test_as_many_students_are_drawn_at_once_as_there_are_processors() -> None:
    turns = ui.in_turn()

    came = [turns.acquire(blocking=False) for _ in range(student.AT_ONCE + 1)]
    for _ in range(student.AT_ONCE):
        turns.release()

    assert came == [True] * student.AT_ONCE + [False]
