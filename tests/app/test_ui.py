"""What the pages share."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from app import ui


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

    assert (ElementTree.fromstring(drawn[0]).attrib["class"] == "figures few") == is_narrow


def test_a_row_of_which_nothing_is_shown_says_so_once(drawn: list[str]) -> None:
    ui.table("Rows", {"Group": ["a"], "x": [ui.HIDDEN], "y": [ui.HIDDEN], "z": [ui.HIDDEN]})

    cells = ElementTree.fromstring(drawn[0]).findall(".//tbody/tr/td")
    assert [(each.text, each.attrib["colspan"]) for each in cells] == [("not shown", "3")]
