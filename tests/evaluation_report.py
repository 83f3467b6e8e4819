"""An evaluation's report, written by hand."""

from collections.abc import Iterator, Sequence
from typing import Any

from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.report import HEADLINE, SHOWN
from edupulse_core.reports.blocks import Bars, Block, Chart, Choice, Folded, Heat

SMALL = {"group": "Small School", "hidden": True}
EVIL = '<script>alert("x")</script>'
EXPLAINED: dict[str, Any] = {
    "name": "explanations",
    "title": "Explanations",
    "command": "edupulse bench explanations",
    "version": None,
    "measured_on": "2026-11-21",
    "tables": [],
}


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
        "overall": {"hidden": False, **rates()},
        "groups": {"school": [
            {"group": EVIL, "hidden": False, **rates(123)},
            SMALL,
        ]},
        "gaps": {"school": {"recall": gap(0.123), "fpr": None}},
    }  # fmt: skip


def importance() -> dict[str, Any]:
    """Of two groups of numbers, in one grade that is large enough and one that is not."""
    sizes = {
        "group": {"absence": 0.2, "marks": 0.4},
        "modality": {"attendance": 0.2, "grades": 0.4},
        "weeks_before": {"0": 0.5, "1-3": 0.1},
    }
    by_grade = {"7": sizes["group"], "8": None}
    return {
        "version": "v1",
        "student_weeks": 500,
        "auc": 0.85,
        "gradient": sizes,
        "permutation": sizes,
        "spread": {kind: dict.fromkeys(parts, 0.002) for kind, parts in sizes.items()},
        "repeats": 10,
        "by_grade": by_grade,
    }


def curve() -> dict[str, Any]:
    points = [
        {"score": 0.5, "called": 0.2, "recall": 0.5, "fpr": 0.1, "precision": 0.8},
        {"score": 0.0, "called": 1.0, "recall": 1.0, "fpr": 1.0, "precision": 0.3},
    ]
    return {"auc": 0.85, "average_precision": 0.7, "base_rate": 0.3, "points": points}


def evaluation(**changes: Any) -> RiskEvaluation:
    """The report as an evaluation, some of its parts being others."""
    return RiskEvaluation.model_validate(report() | changes)


def report() -> dict[str, Any]:
    """As `edupulse evaluate risk` keeps it, with a group's name that would run as a script."""
    calibrated = {
        "ece": 0.0123, "limit": 0.0234, "within": True, "rows": 500, "students": 60,
        "off": share(0.01), "judged_by": "limit", "met": True,
    }  # fmt: skip
    band = {
        "rows": 500, "students": 60, "coverage": share(0.917), "width": 1.67, "uncertain": 0.08
    }  # fmt: skip
    tiers = {
        "came": [["low"], ["medium"], ["high"], ["critical"]],
        "said": [["low"], ["medium"], ["high", "critical"]],
        "confusion": [[91, 12, 0], [23, 34, 15], [0, 16, 27], [0, 0, 18]],
        "accuracy": 0.7,
        "by_level": [
            {"level": [name], "said": 114, "came": 103, "precision": share(0.8),
             "recall": share(0.88), "f1": share(0.84)}
            for name in ("low", "medium")
        ],
    }  # fmt: skip
    unsaid = {"came": [], "said": [], "confusion": None, "accuracy": None, "by_level": []}
    gaps = {"support": {"school": {"recall": gap(0.111), "fpr": None}}}
    return {
        "version": "v1",
        "evaluated_on": {"district": EVIL, "is_demo": True},
        "evaluated_at": "2026-11-21T08:00:00+00:00",
        "rows": 500,
        "students": 60,
        "weeks": ["2025-09-01", "2026-03-02"],
        "test": {
            "rows": 321,
            "students": 45,
            "weeks": ["2026-01-05", "2026-03-02"],
            "few": False,
            "base_rates": {"severity": 0.2, "any_flag": 0.3, "high": 0.1},
            "table": {
                name: dict.fromkeys(SHOWN, 0.5) | {"rows": 321, "students": 45}
                for name in ("gru", "abc_rule", "boosting")
            },
            "against_best_baseline": {
                "auc_any": {"baseline": "boosting", "difference": 0.02, "low": 0.01, "high": 0.03}
            },
        },
        "calibration": {
            "overall": {"hidden": False, **calibrated},
            "curve": [{"predicted": x / 10, "observed": x / 10, "rows": 50} for x in range(1, 11)],
            "groups": {
                "school": [{"group": EVIL, "hidden": False, **calibrated}, SMALL],
                "grade": [{"group": "07", "hidden": False, **calibrated, "met": False}],
            },
        },
        "bands": {
            "level": 0.9,
            "calibrated_on": {"rows": 900, "students": 80},
            "overall": {"hidden": False, **band},
            "widths": [200, 250, 50, 0],
            "groups": {
                "school": [{"group": EVIL, "hidden": False, **band}, SMALL],
                "grade": [
                    {"group": "07", "hidden": False, **band, "rows": 199},
                    {"group": "08", "hidden": False, **band, "coverage": share(0.879)},
                ],
            },
        },
        "fairness": {"support": alarm()},
        "curves": {"any_flag": curve(), "high": curve()},
        **dict.fromkeys(HEADLINE, 0.5),
        "tiers": {"shown": tiers | {"grave_of_100": [5, 20, 60, None]}, "likeliest": unsaid},
        "importance": importance(),
        "ceiling": {"rows": 111, "students": 22, "gaps": {"version": gaps, "oracle": gaps}},
    }


def hidden() -> dict[str, Any]:
    """The same of so few students that nothing of everyone, and of no group, is told."""
    found = report()
    nobody = {"hidden": True}
    for part in (found["calibration"], found["bands"], *found["fairness"].values()):
        part["overall"] = nobody
        part["groups"] = {name: [SMALL] for name in part["groups"]}
    found["calibration"]["curve"] = []
    found["bands"]["widths"] = None
    found["fairness"]["support"]["gaps"] = {"school": {"recall": None, "fpr": None}}
    found["tiers"]["shown"] |= found["tiers"]["likeliest"]
    found["curves"] = None
    found["test"]["few"] = True
    return found | {"ceiling": None}


def every(blocks: Sequence[Block]) -> Iterator[Block]:
    """Each block, and those within."""
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from every(block.blocks)
        if isinstance(block, Choice):
            for inner in block.options.values():
                yield from every(inner)
        if isinstance(block, Chart | Bars | Heat):
            yield block.table
