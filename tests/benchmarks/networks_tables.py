"""What `bench networks` found, as tables."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.differences import difference_in_words

NAMES = {"design": "the design", "boosting": "boosting"}
AFTER = {"any": "any flag", "high": "high or critical"}


def tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a page shows: a title, words and rows of cells each."""
    seeds = "; ".join(
        f"{name} {min(aucs):.4f} to {max(aucs):.4f}" for name, aucs in found["seeds"].items()
    )
    words = (
        f"Trained on {found['train_rows']:,} student-weeks of three fictional districts; a fourth "
        f"was used for stopping and every choice; tested on {found['test_rows']:,} student-weeks "
        f"of {found['test_students']:,} students in two more. Each network had the same "
        f"{found['candidates']} candidates of learning rate and dropout, and the same epochs; "
        "boosting and logistic regression had as many of their own. Changes were combined if they "
        f"beat the design by {found['worth']} of AUC or more on the fourth district, at least the "
        "best two. AUC of the score; differences with 95% intervals from resampling whole "
        "students. Time: processor time to train, with the design as 1. AUC, any flag, with other "
        f"random numbers: {seeds}."
    )
    told = [
        {
            "title": "Networks compared, sizes reduced alike",
            "words": words,
            "rows": [_cells(row) for row in found["rows"]],
            "card": True,
        }
    ]
    if found["full"]:
        told.append(
            {
                "title": "The best on the fourth district and the design, both at full size",
                "words": "As above, with 42 units for each direction and modality, in two layers.",
                "rows": [_cells(row) for row in found["full"]],
            }
        )
    if "oulad" in found:
        told.append(
            {
                "title": "On real students: OULAD with daily clicks, still registered",
                "words": "Forward networks of 16 units, the same two candidates each, and the five "
                "folds by student of `bench outcomes`. AUC by week, and the difference to the "
                "design.",
                "rows": [_by_week(row) for row in found["oulad"]],
            }
        )
    return told


def _by_week(row: Mapping[str, Any]) -> dict[str, str]:
    cells = {"network": str(row["name"])}
    for week, value in row["auc"].items():
        cells[f"week {week}"] = f"{value:.4f}"
        cells[f"less the design, week {week}"] = difference_in_words(row["design"].get(week))
    return cells


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    def less(other: str) -> dict[str, str]:
        of = row[other]
        return {
            f"less {NAMES[other]}, {words}": difference_in_words(of.get(kind))
            for kind, words in AFTER.items()
        }

    return {
        "network": str(row["name"]).replace("_", " "),
        **{f"AUC, {words}": f"{row['auc'][kind]:.4f}" for kind, words in AFTER.items()},
        **less("design"),
        **less("boosting"),
        "ECE": f"{row['ece']:.3f}",
        "parameters": f"{row['parameters']:,}" if row.get("parameters") else "–",
        "time": f"{row['times']:.1f}" if row.get("times") else "–",
        "chosen": row.get("choice") or "–",
    }
