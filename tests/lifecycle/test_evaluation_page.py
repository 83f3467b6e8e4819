"""The page of an evaluation, from a report written by hand."""

import json
import re
from typing import Any

import pytest

from edupulse_core.config import load_settings
from edupulse_core.lifecycle import evaluation_page, evaluations
from edupulse_core.models.risk_report import SHOWN

EVIL = '<script>alert("x")</script>'


def share(value: float | None) -> dict[str, Any]:
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def rates(rows: int = 500) -> dict[str, Any]:
    return {
        "rows": rows,
        "students": 60,
        "alarms": 100,
        "right": 80,
        "false": 20,
        "missed": 90,
        "base_rate": share(0.34),
        "selection": share(0.2),
        "recall": share(0.47),
        "fpr": share(0.06),
        "precision": share(0.8),
    }


def gap(value: float) -> dict[str, Any]:
    return {**share(value), "most": EVIL, "least": "b", "implied": 0.1, "by_chance": 0.2}


def alarm() -> dict[str, Any]:
    return {
        "flagged": "tier medium or above",
        "outcome": "any flag",
        "overall": rates(),
        "groups": {"school": [
            {"group": EVIL, "hidden": False, **rates(123)},
            {"group": "Small School", "hidden": True},
        ]},
        "gaps": {"school": {"recall": gap(0.123), "fpr": None}},
    }  # fmt: skip


@pytest.fixture
def report() -> dict[str, Any]:
    calibrated = {
        "ece": 0.0123, "limit": 0.0234, "within": True, "rows": 500, "students": 60,
        "off": share(0.01), "judged_by": "limit", "met": True,
    }  # fmt: skip
    band = {
        "rows": 500, "students": 60, "coverage": share(0.917), "width": 1.67, "uncertain": 0.08
    }  # fmt: skip
    tiers = {
        "confusion": [[9, 1, 0, 0], [2, 3, 1, 0], [0, 1, 2, 0], [0, 0, 1, 0]], "accuracy": 0.7
    }  # fmt: skip
    gaps = {"support": {"school": {"recall": gap(0.111), "fpr": None}}}
    return {
        "version": "v1",
        "evaluated_on": {"district": EVIL, "is_demo": True},
        "evaluated_at": "2026-11-21T08:00:00+00:00",
        "rows": 500,
        "students": 60,
        "weeks": ["2025-09-01", "2026-03-02"],
        "goals": [
            {"goal": "Small error", "found": "0.0123", "met": True},
            {"goal": "Small gap", "found": "12.3%", "met": False},
        ],
        "test": {
            "rows": 321,
            "students": 45,
            "weeks": ["2026-01-05", "2026-03-02"],
            "base_rates": {"any_flag": 0.3, "high": 0.1},
            "table": {name: dict.fromkeys(SHOWN, 0.5) for name in ("gru", "abc_rule", "boosting")},
            "against_best_baseline": {
                "auc_any": {"baseline": "boosting", "difference": 0.02, "low": 0.01, "high": 0.03}
            },
        },
        "calibration": {
            "overall": calibrated,
            "curve": [{"predicted": x / 10, "observed": x / 10, "rows": 50} for x in range(1, 11)],
            "groups": {"school": [{"group": EVIL, "hidden": False, **calibrated}]},
        },
        "bands": {
            "level": 0.9,
            "calibrated_on": {"rows": 900, "students": 80},
            "overall": band,
            "widths": [200, 250, 50, 0],
            "groups": {"school": [{"group": EVIL, "hidden": False, **band}]},
        },
        "fairness": {"support": alarm()},
        "tiers": {"shown": tiers, "likeliest": tiers},
        "ceiling": {"rows": 111, "students": 22, "gaps": {"version": gaps, "oracle": gaps}},
    }


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


def test_a_missed_goal_is_said_to_be_missed(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    assert '<span class="missed">Missed</span>: Small gap' in page
    assert '<span class="met">Reached</span>: Small error' in page


def test_a_hidden_group_is_named_and_nothing_more(report: dict[str, Any]) -> None:
    page = evaluation_page.page(report)

    row = re.search(r'<tr><th scope="row">Small School</th>(.*?)</tr>', page)
    assert row is not None
    assert set(re.findall(r">([^<]+)<", row.group(1))) == {"hidden"}


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
    assert "edupulse bench fairness of v1, on 2026-11-21" in page
    assert "Benchmarks" not in evaluation_page.page(report)


def test_the_page_lies_beside_the_kept_report(report: dict[str, Any], tmp_path: Any) -> None:
    settings = load_settings(home=tmp_path)

    kept = evaluations.keep(settings, "risk", report)
    page = evaluations.write_page(settings, "risk", report)

    assert page == kept.with_suffix(".html")
    assert json.loads(kept.read_text())["goals"] == report["goals"]
    assert [each.name for each in sorted(kept.parent.iterdir())] == ["v1.html", "v1.json"]
