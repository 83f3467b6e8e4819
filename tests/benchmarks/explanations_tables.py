"""The figures of `bench explanations` as tables."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.features.catalogue import GROUPS
from edupulse_core.reports.risk.importance import GROUP_WORDS
from edupulse_core.training.evaluation import figure

COLUMNS = {  # measure → in a table, as a format
    "completeness_error": ("unexplained", "{:.1%}"),
    "within_1_percent": ("within 1 %", "{:.0%}"),
    "infidelity": ("infidelity", "{:.3f}"),
    "sensitivity": ("sensitivity", "{:.2f}"),
    "comprehensiveness": ("lost without the strongest", "{:.2f}"),
    "sufficiency": ("lost with nothing else", "{:.2f}"),
    "randomized": ("like random weights", "{:.2f}"),
    "seed_jaccard": ("like another training", "{:.2f}"),
    "students_per_second": ("students a second", "{:,.0f}"),
}
MEASURES = (
    "Unexplained: the part of the distance to a typical week that attributions leave unexplained "
    "(median), and the share of students with at most 1%. Infidelity: squared error of the "
    "predicted loss when a random half is deleted. Sensitivity: the largest relative change when "
    "every value moves a little. Lost without the strongest (comprehensiveness, more is better) "
    "and with nothing else (sufficiency, less is better): logits. Like random weights: rank "
    "correlation with networks that never learned (0 is right). Like another training: Jaccard "
    "index of the five strongest in two trainings."
)
RECALL = {
    "strongest": "strongest cause",
    "shown": "if the week's records show it",
    "groups": "up to three causes",
    "episodes": "episodes",
}


def tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Methods side by side, planted causes found, badges, and what other trainings repeat."""
    return [
        *(methods(found, kind) for kind in found["methods"]),
        _as_served(found["served"]),
        _recalled(found["recall"]),
        _badges(found["badge"]),
        _weighs(found["importance"]),
    ]


def methods(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Methods to explain by one kind of part, side by side."""
    words = f"{found['student_weeks']:,} student-weeks of a fictional district. "
    return {
        "title": f"Ways to explain, by {kind}",
        "words": words + (MEASURES if kind == "group" else "The columns mean the same as above."),
        "rows": [
            {"method": name}
            | {
                words: figure(rates[measure], form) if measure in rates else None
                for measure, (words, form) in COLUMNS.items()
            }
            for name, rates in found["methods"][kind].items()
        ],
    }


def _as_served(served: Mapping[str, Any]) -> dict[str, Any]:
    rows = {
        "Left unexplained, median": f"{served['completeness_error']:.2%}",
        "Within 1 %": f"{served['within_1_percent']:.0%}",
        "One student": f"{served['one_milliseconds']:.0f} ms",
        "100 students": f"{served['hundred_seconds']:.1f} s",
        "Reasons alike after two trainings": f"{served['seed_jaccard_groups']:.2f}",
        "The same of single features": f"{served['seed_jaccard_features_alone']:.2f}",
        "Reasons a student, mean": f"{served['reasons_each']:.1f}",
    }
    return {
        "title": "Explanations as they are served",
        "card": True,
        "words": "Integrated Gradients by group; a reason counts if adding the group first and "
        "last confirms it. Alike: Jaccard index of up to five reasons, with their directions.",
        "rows": [{"what": name, "measured": value} for name, value in rows.items()],
    }


def _recalled(found: Mapping[str, Any]) -> dict[str, Any]:
    weeks = next(iter(found.values()))["student_weeks"]
    return {
        "title": "Planted causes among the top three",
        "card": True,
        "words": f"{weeks:,} student-weeks with a clear planted cause, in a fictional district. "
        "Ceiling: boosting that was shown the planted causes of another district.",
        "rows": [
            {"ranked by": name} | {words: f"{row[key]:.2f}" for key, words in RECALL.items()}
            for name, row in found.items()
        ],
    }


def _badges(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": "Badges",
        "words": "How often each badge appears, and what share of the three strongest reasons "
        "another training repeats.",
        "rows": [
            {
                "badge": name,
                "of the students": f"{row['share']:.1%}",
                "top three told again": f"{row['recurs']:.2f}" if row["share"] else None,
            }
            for name, row in found.items()
        ],
    }


def _weighs(found: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "group": GROUP_WORDS.get(name, name),
            "attribution, logits": f"{found['gradient']['group'][name]:.3f}",
            "AUC lost": figure(found["permutation"]["group"][name], "{:.4f}"),
        }
        for name in GROUPS
    ]
    alike = {how: f"{found['stability'][how]['group']:.2f}" for how in ("gradient", "permutation")}
    rows.append(
        {
            "group": "rank correlation with other trainings",
            "attribution, logits": alike["gradient"],
            "AUC lost": alike["permutation"],
        }
    )
    return {
        "title": "What weighs over all students",
        "words": f"{found['student_weeks']:,} student-weeks of a fictional district. Attribution: "
        "mean size of Integrated Gradients. AUC lost: for any flag, when the group's numbers come "
        "from another student.",
        "rows": rows,
    }
