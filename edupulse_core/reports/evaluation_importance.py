"""What a version weighs, drawn: every number with a bar, by part and by grade."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.reports.evaluation_words import (
    GRADE_TODAY,
    PARTS,
    SEEDS,
    in_order,
    part,
    without,
)
from edupulse_core.reports.markup import Html, barred, paragraph, table


def importance(found: Mapping[str, Any], benchmarks: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """By group of numbers, kind of record, weeks before and grade.

    found: what `inference.importance.importance` returns.  benchmarks: as `benchmarks.kept`.
    """
    size = f"{found['student_weeks']:,} student-weeks"
    parts = [
        paragraph(
            "Attribution: how far a part moved the scores (mean size of Integrated Gradients, in "
            "logits). AUC lost: how much worse the score tells who gets a flag when the part is "
            "another student's of the same week. The longest bar of a column is its largest number."
        )
    ]
    if any(each.get("name") == "explanations" for each in benchmarks):
        parts.append(paragraph(SEEDS))
    for kind, words in PARTS.items():
        sizes, lost = found["gradient"][kind], found["permutation"][kind]
        rows = [
            (
                part(kind, name),
                barred(sizes[name], max(sizes.values()), "{:.3f}"),
                barred(lost[name], max(lost.values()), "{:.4f}"),
            )
            for name in in_order(kind, sizes)
        ]
        head = (words, "attribution, logits", "AUC lost")
        parts.append(table(f"By {words.lower()}; {size}", head, rows))
    return parts + _by_grade(found.get("by_grade", {}), found["gradient"]["group"])


def _by_grade(
    found: Mapping[str, Mapping[str, float] | None], overall: Mapping[str, float]
) -> list[str]:
    """A line for each grade, groups of numbers across; a hidden one is only named."""
    shown = {grade: sizes for grade, sizes in found.items() if sizes is not None}
    dark = [grade for grade in found if grade not in shown]
    said = [paragraph(without(dark))] if dark else []
    if not shown:
        return said
    most = max(max(sizes.values()) for sizes in shown.values())
    names = in_order("group", overall)
    drawn = table(
        "Attribution of each group of numbers by grade, logits; the longest bar is the largest "
        "number of the table",
        ("grade", *(part("group", name) for name in names)),
        [
            (grade, *(barred(sizes[name], most, "{:.2f}") for name in names))
            for grade, sizes in shown.items()
        ],
    )
    return [Html(f'<div class="grades">{drawn}</div>'), *said, paragraph(GRADE_TODAY)]
