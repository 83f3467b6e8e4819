"""The page of an evaluation: whole, safe, and the same as its sections."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from edupulse_core.config import load_settings
from edupulse_core.lifecycle import evaluations
from edupulse_core.reports import evaluation, figures
from edupulse_core.reports.blocks import Table
from edupulse_core.reports.risk.evaluation import sections
from tests import evaluation_report as reports


def page(measured: Any = (), **changes: Any) -> str:
    said = evaluation.page("risk", reports.evaluation(**changes), measured)
    assert said is not None
    return said


def cells(text: str) -> list[list[str]]:
    """The text of every row's cells."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in found]


def test_nothing_from_the_data_is_markup() -> None:
    said = page([reports.EXPLAINED | {"title": reports.EVIL, "version": reports.EVIL}])

    assert "<script" not in said
    assert said.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") >= 5


def test_the_page_needs_no_network() -> None:
    assert not re.search(r"https?:|//|src=|url\(|@import", page())
    assert "default-src 'none'" in page()


def test_the_page_says_all_that_the_sections_say() -> None:
    told = sections(reports.evaluation(), [reports.EXPLAINED])
    said = page([reports.EXPLAINED])
    rows = cells(said)

    for block in (b for section in told for b in reports.every(section.blocks)):
        if isinstance(block, Table):
            assert list(block.head) in rows
            for row in block.rows:
                name, *rest = map(str, row)
                hidden = set(rest) == {figures.HIDDEN}
                assert [name, *(rest[:1] if hidden else rest)] in rows
    assert re.findall(r"<h2>(.*?)</h2>", said) == [section.title for section in told]


def test_every_chart_is_drawn_where_its_numbers_are() -> None:
    body = page().partition("</head>")[2].partition("</html>")[0].replace("<br>", "<br/>")

    drawn = ElementTree.fromstring(body)

    lines = [line.attrib["points"] for line in drawn.iter("polyline")]
    assert len(lines) == 2 + 3 + 2  # calibration, ROC, precision-recall: with their guides
    assert "44.0,286.0 71.0,151.0 314.0,16.0" in lines
    bars = [each for each in drawn.iter("span") if each.get("class") == "bar"]
    assert [bar[0].attrib["style"] for bar in bars[:2]] == ["width: 100.0%", "width: 100.0%"]


def test_a_missed_goal_is_said_to_be_missed() -> None:
    assert '<span class="missed">Missed</span>: Recall differs' in page()
    assert '<span class="met">Reached</span>: Calibration error' in page()
    assert page(**reports.hidden()).count('<span class="open">Not judged</span>') == 5


def test_what_benchmarks_measured_is_folded_up_with_their_command() -> None:
    tables = [{"title": "Cost", "words": "Reweighted.", "rows": [{"strength": 1, "AUC": 0.8401}]}]
    kept = reports.EXPLAINED | {"title": "Equal errors", "version": "v1", "tables": tables}

    said = page([kept])

    assert "<summary>Equal errors</summary>" in said and ["1", "0.8401"] in cells(said)
    assert "Measured with version v1 on Nov 21, 2026" in said
    assert "<code>edupulse bench explanations</code>" in said
    assert "finished" in page([kept | {"command": ""}]) and "Benchmarks" not in page()


def test_the_page_lies_beside_the_kept_report(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    kept = evaluations.keep(settings, "risk", reports.evaluation())

    assert evaluations.page_path(settings, "risk", "v1") == kept.with_suffix(".html")
