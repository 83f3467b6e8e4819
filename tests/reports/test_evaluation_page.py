"""The page of an evaluation, from a report written by hand."""

import json
import re
from html import unescape
from typing import Any

import pytest

from edupulse_core.config import load_settings
from edupulse_core.lifecycle import evaluations
from edupulse_core.reports import evaluation_page
from edupulse_core.reports.evaluation_words import FEW_TESTED, GAPS, GRADE_TODAY, SEEDS, UNTOLD
from tests import evaluation_report as reports


def cells(page: str) -> list[list[str]]:
    """The text of every row's cells."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in found]


@pytest.fixture
def report() -> dict[str, Any]:
    return reports.report()


def test_nothing_from_the_data_is_markup(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;") >= 5


def test_the_page_needs_no_network(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    assert not re.search(r"https?:|//|src=|url\(|@import", page)
    assert "default-src 'none'" in page


def test_every_number_stands_with_its_rows_and_students(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    for words in (
        "500 student-weeks of 60 students",
        "321 student-weeks of 45 students",
        "900 student-weeks of 80 students",
        "111 student-weeks of 22 students",
        "weeks from 2025-09-01 to 2026-03-02",
    ):
        assert words in page


def test_what_is_counted_is_called_weeks_as_everywhere(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    heads = re.findall(r"<th[^>]*>([^<]*)</th>", page)
    assert "weeks" in heads and "rows" not in heads
    assert "of the rows" not in page


def test_a_figure_stands_with_its_interval_in_brackets(report: dict[str, Any]) -> None:
    report["calibration"]["overall"]["off"] = {"value": 0.001, "low": -0.002, "high": 0.004}

    page = evaluation_page.page(report)

    assert "+0.001 <small>(−0.002 to +0.004)</small>" in page
    assert "+0.0200 (+0.0100 to +0.0300)" in page  # less the best baseline


def test_an_interval_that_leaves_0_out_by_little_shows_on_which_side(
    report: dict[str, Any],
) -> None:
    report["calibration"]["overall"]["off"] = {"value": -0.0004, "low": -0.002, "high": -0.0001}

    assert "0.000 <small>(−0.002 to −0.000)</small>" in evaluation_page.page(report)


def test_a_missed_goal_is_said_to_be_missed(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    assert '<span class="missed">Missed</span>: Small gap' in page
    assert '<span class="met">Reached</span>: Small error' in page


def test_a_hidden_group_is_named_and_nothing_more(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    row = re.search(r'<tr><th scope="row">Small School</th>(.*?)</tr>', page)
    assert row is not None
    assert set(re.findall(r">([^<]+)<", row.group(1))) == {"hidden"}


def test_tiers_that_count_as_one_are_named_so_and_a_hidden_count_is_said(
    report: dict[str, Any],
) -> None:
    page = evaluation_page.page(report)

    assert '<th scope="col">high or critical</th>' in page
    assert "second output is hidden, as it would tell of fewer than 10 students" in page


def test_of_so_few_students_that_all_is_hidden_the_page_says_why() -> None:
    page = evaluation_page.page(reports.hidden())

    rows = cells(page)
    for name in ("everyone", "Support"):
        hidden = [row for row in rows if row[0] == name]
        assert hidden and all({*row[1:6]} <= {"hidden", *row[6:]} for row in hidden)
    assert page.count(f"{UNTOLD}") == 3  # calibration, bands, alarms
    assert "Weeks in" not in page and "<svg" not in page
    assert "How many bands are how wide is hidden" in page
    assert page.count("Not judged</span>") == 5
    assert FEW_TESTED in page and "30.0% came to any flag" not in page
    assert ["precision at caseload size, any flag", *["hidden"] * 3] in rows
    assert ["AUC, any flag", *["0.500"] * 3] in rows


def test_a_curve_of_fewer_parts_says_why(report: dict[str, Any]) -> None:
    assert "Weeks in 10 parts of equal size, by score.<" in evaluation_page.page(report)

    report["calibration"]["curve"] = report["calibration"]["curve"][:3]

    page = evaluation_page.page(report)
    assert "in 3 parts of equal size, by score: in more, one would tell of fewer than 10" in page


def test_a_group_whose_students_may_be_in_two_has_rows_alone(report: dict[str, Any]) -> None:
    report["bands"]["groups"]["school"][0] |= {"rows": 4321, "students": None}

    assert re.search(r"4,321</td><td[^>]*>–</td>", evaluation_page.page(report))


def test_a_gap_stands_in_points_beside_what_chance_makes(report: dict[str, Any]) -> None:
    gaps = report["fairness"]["support"]["gaps"]["school"]
    gaps["fpr"] = reports.gap(0.3) | {"implied": -0.0001}

    rows = cells(evaluation_page.page(report))

    over = f"{reports.EVIL} over b"
    assert ["recall", "12.3 (7.3 to 17.3)", over, "20.0", "no", "10.0"] in [r[:6] for r in rows]
    assert ["false-positive rate", "30.0 (25.0 to 35.0)", over, "20.0", "yes", "0.0"] in [
        row[:6] for row in rows
    ]


def test_a_gaps_interval_is_said_to_be_of_the_two_groups_that_were_picked(
    report: dict[str, Any],
) -> None:
    assert "picked because they lie furthest apart" in GAPS
    assert GAPS in unescape(evaluation_page.page(report))


def test_what_grade_means_is_said_above_and_by_the_importance_of_each(
    report: dict[str, Any],
) -> None:
    def said() -> int:
        return unescape(evaluation_page.page(report)).count(GRADE_TODAY)

    assert said() == 2
    del report["importance"]
    assert said() == 1


def test_importance_is_drawn_by_part_and_by_grade(report: dict[str, Any]) -> None:
    report["importance"]["permutation"] = {
        kind: dict(zip(sizes, (-0.001, 0.02), strict=True))
        for kind, sizes in report["importance"]["gradient"].items()
    }
    page = evaluation_page.page(report).partition('<section id="importance">')[2]

    rows = cells(page)

    assert rows[1:3] == [["Marks", "0.400", "0.0200"], ["Absence", "0.200", "−0.0010"]]
    assert ["The last week", "0.500", "−0.0010"] in rows
    assert rows[-2:] == [["grade", "Marks", "Absence"], ["7", "0.40", "0.20"]]
    assert "Not shown: grade 8. One with fewer than 10 students is hidden, and with it" in page
    bars = re.findall(r'<i style="width: ([\d.]+)%">', page)
    assert bars[:4] == ["100.0", "100.0", "50.0", "0.0"]
    assert bars[-2:] == ["100.0", "50.0"]


def test_that_other_seeds_weigh_alike_is_pointed_to_where_it_was_measured(
    report: dict[str, Any],
) -> None:
    kept = {
        "name": "explanations",
        "title": "Explanations",
        "command": "edupulse bench explanations",
        "version": None,
        "measured_on": "2026-11-21",
        "tables": [],
    }

    assert SEEDS in evaluation_page.page(report | {"benchmarks": [kept]})
    assert SEEDS not in evaluation_page.page(report)


def test_a_version_without_bands_says_so(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report | {"bands": None})

    assert "saved without bands" in page


def test_what_benchmarks_found_is_folded_up_with_their_command(report: dict[str, Any]) -> None:
    tables = [{"title": "Cost", "words": "Reweighted.", "rows": [{"strength": 1, "AUC": 0.8401}]}]
    kept = {
        "title": "Equal errors",
        "command": "edupulse bench fairness",
        "version": "v1",
        "measured_on": "2026-11-21",
        "tables": tables,
    }

    page = evaluation_page.page(report | {"benchmarks": [kept]})

    assert "<summary>Equal errors</summary>" in page and "Reweighted." in page and "0.8401" in page
    assert "Measured of v1 on 2026-11-21; again with <code>edupulse bench fairness</code>" in page
    assert "Benchmarks" not in evaluation_page.page(report)


def test_the_page_lies_beside_the_kept_report(report: dict[str, Any], tmp_path: Any) -> None:
    settings = load_settings(home=tmp_path)

    kept = evaluations.keep(settings, "risk", report)

    assert evaluations.page_path(settings, "risk", "v1") == kept.with_suffix(".html")
    assert json.loads(kept.read_text())["goals"] == report["goals"]
