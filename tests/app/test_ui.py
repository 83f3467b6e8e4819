"""What the pages share."""

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
