"""What the model relies on, as a section: by group of numbers, record, weeks back and grade."""

from collections.abc import Mapping, Sequence

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.results import Importance
from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Bars, Block, Choice, Heat, Section, Table, Text
from edupulse_core.reports.risk.groups import GRADE_TODAY
from edupulse_core.training.evaluation import figure

PARTS = {
    "group": "Group of numbers",
    "modality": "Kind of record",
    "weeks_before": "Week",
}
GROUP_WORDS = {"marks": "grades"}  # as people say it, where the catalogue says it otherwise
SEEDS = "Benchmarks, Explanations, shows whether other trainings of this network weigh them alike."


def importance(found: Importance, has_seeds: bool) -> Section:
    """Every kind of part.  has_seeds: whether a benchmark compared other trainings."""
    text = Text(
        f"Measured on {found.student_weeks:,} student-weeks. Attribution: how far a part moves "
        "scores (average size, in log odds). AUC lost: how much worse the score finds who gets a "
        "flag if the part comes from another student in the same week; the mean of "
        f"{found.repeats} swaps, ± their standard deviation." + (f" {SEEDS}" if has_seeds else "")
    )
    options = {words: [_bars(found, kind)] for kind, words in PARTS.items()}
    by_grade = {"Grade today": _by_grade(found)} if found.by_grade else {}
    return Section(
        "importance", "What the model relies on", [text, Choice("Parts", options | by_grade)]
    )


def _bars(found: Importance, kind: str) -> Block:
    words, sizes, lost = PARTS[kind], found.gradient[kind], found.permutation[kind]
    names = _in_order(kind, sizes)
    most, most_lost = max(sizes.values()), max(lost.values())
    return Bars(
        title=f"Attribution by {words.lower()}: how far each moves scores",
        across="Log odds (average size)",
        bars=[(_part(kind, name), sizes[name]) for name in names],
        table=Table(
            f"Importance by {words.lower()}",
            (words, "Attribution (log odds)", "AUC lost"),
            [
                (
                    _part(kind, name),
                    figures.barred(f"{sizes[name]:.2f}", sizes[name], most),
                    figures.barred(
                        f"{figure(lost[name], '{:.3f}')} ± {found.spread[kind][name]:.3f}",
                        lost[name],
                        most_lost,
                    ),
                )
                for name in names
            ],
        ),
    )


def _by_grade(found: Importance) -> list[Block]:
    """Groups of numbers in each grade; a hidden grade shows only its name."""
    shown = {grade: sizes for grade, sizes in found.by_grade.items() if sizes is not None}
    dark = [figures.group(grade) for grade in found.by_grade if grade not in shown]
    said: list[Block] = [Text(_without(dark))] if dark else []
    if not shown:
        return said
    names = _in_order("group", found.gradient["group"])
    values = [[sizes[name] for sizes in shown.values()] for name in names]
    grades, groups = [figures.group(grade) for grade in shown], [_part("group", n) for n in names]
    most = max(map(max, values))
    heat = Heat(
        title="Attribution of each group of numbers, by grade",
        unit="Log odds (average size)",
        across="Grade today",
        columns=grades,
        rows=groups,
        values=values,
        table=Table(
            "Attribution (log odds) of each group of numbers, by grade",
            ("Grade today", *groups),
            [
                (grade, *(figures.barred(f"{row[at]:.2f}", row[at], most) for row in values))
                for at, grade in enumerate(grades)
            ],
        ),
    )
    return [Text(GRADE_TODAY), *said, heat]


def _without(grades: Sequence[str]) -> str:
    """Why grades are not shown."""
    return (
        f"Hidden: grade {', '.join(grades)}. A grade with fewer than {SMALLEST} students is "
        "hidden, and so are others that would give it away."
    )


def _part(kind: str, name: str) -> str:
    """A part of what the model reads; kind: one of `PARTS`."""
    if kind != "weeks_before":
        return GROUP_WORDS.get(name, name).capitalize()
    return "The last week" if name == "0" else f"{name.replace('-', ' to ')} weeks earlier"


def _in_order(kind: str, sizes: Mapping[str, float]) -> list[str]:
    """Weeks from the last one back; other parts from the largest."""
    return list(sizes) if kind == "weeks_before" else sorted(sizes, key=lambda name: -sizes[name])
