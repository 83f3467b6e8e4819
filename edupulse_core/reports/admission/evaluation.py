"""An evaluation of an admission model as sections: the Models page and the HTML file draw them."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.families.admission.measured import AdmissionEvaluation, Figures, Rates
from edupulse_core.families.admission.sayings import LABELS, WARNING
from edupulse_core.families.admission.within import Gap
from edupulse_core.reports import benchmarks, figures
from edupulse_core.reports.blocks import Bars, Block, Chart, Line, Section, Table, Text
from edupulse_core.training.evaluation import Part
from edupulse_core.training.fairness import AlarmRates
from edupulse_core.training.results import Hidden, Interval

FIGURES = {
    "auc_roc": "AUC",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1_score": "F1",
    "brier": "Brier score",
    "ece": "Calibration error",
}
NAMES = {
    "model": "This model",
    "admit_rate": "The program's admit rate alone",
    "gpa_minus_minimum": "GPA above the program's minimum alone",
    "gpa": "GPA alone",
}
OUTCOMES = ("Denied", "Admitted")
NEVER = (
    "Sex and race never enter the model: they are read for this page only. A group is hidden where "
    f"figures could identify fewer than {SMALLEST} students."
)
WITHIN = (
    "More often admitted: the share of a group that was admitted, less the share of all others. In "
    "the same programs: the same difference within each program, so that where students apply no "
    "longer counts. Not explained: what is left of it beside the odds."
)


def facts(found: AdmissionEvaluation) -> dict[str, str]:
    """What was evaluated, on which applications, and when."""
    known = found.evaluated_on
    return {
        "Version": found.version,
        "District": known.district + (" (fictional)" if known.is_demo else ""),
        "Applications": f"{found.rows:,} of {found.students:,} students",
        "Sent": figures.weeks(found.weeks),
        "Evaluated": figures.day(found.evaluated_at),
    }


def sections(
    found: AdmissionEvaluation, measured: Sequence[Mapping[str, Any]] = ()
) -> list[Section]:
    """Every part of an evaluation.  measured: from `lifecycle.benchmarks.kept`."""
    return [
        Section("baselines", "How well it does", [Text(WARNING), beside(found.test.table)]),
        Section("calibration", "Do odds mean what they say?", _calibration(found)),
        Section("levels", "How often it is right", _right(found)),
        *_importance(found),
        *_fairness(found),
        *benchmarks.sections(measured),
    ]


def tables(found: AdmissionEvaluation) -> list[Table]:
    """The tables for a terminal."""
    return [beside(found.test.table), *_tiers(found), *_within(found.gaps)]


def beside(table: Mapping[str, Figures]) -> Table:
    """The model beside what needs none."""
    rows = [
        [words, *(_figure(getattr(each, name)) for each in table.values())]
        for name, words in FIGURES.items()
    ]
    head = ("Figure", *(NAMES.get(name, name) for name in table))
    return Table("Compared with what needs no model", head, rows)


def _figure(value: float | None) -> str:
    return "hidden" if value is None else f"{value:.3f}"


def _calibration(found: AdmissionEvaluation) -> list[Block]:
    told = found.calibration
    if told.overall is None:
        return [Text(figures.HIDDEN)]
    text = (
        f"Calibration error {told.overall.ece:.3f}; by chance alone, perfect odds would reach "
        f"{told.overall.limit:.3f} in 1 of 40 tries. Where odds are 10 points higher, "
        f"{10 * told.slope:.1f} points more were admitted. Ranges are "
        f"{100 * told.width:.0f} points wide on average."
    )
    return [Text(text), *([_curve(told.curve)] if told.curve else [])]


def _curve(parts: Sequence[Part]) -> Chart:
    points = [(part.predicted, part.observed) for part in parts]
    return Chart(
        title="Odds and the share admitted, part by part",
        across="Odds (mean, 0 to 1)",
        up="Admitted (share, 0 to 1)",
        lines=[
            Line("Exactly as predicted", [(0, 0), (1, 1)], guide=True),
            Line("This model", points),
        ],
        table=Table(
            "Odds and the share admitted",
            ("Part", "Odds", "Admitted", "Applications"),
            [
                (str(n), f"{part.predicted:.2f}", f"{part.observed:.2f}", f"{part.rows:,}")
                for n, part in enumerate(parts, 1)
            ],
        ),
    )


def _right(found: AdmissionEvaluation) -> list[Block]:
    counts = found.confusion
    if counts is None:
        return [Text(figures.HIDDEN), *_tiers(found)]
    table = Table(
        "What came (down) of what was expected (across), from even odds on",
        ("", "Denied", "Admitted"),
        [
            (name, *(f"{n:,}" for n in line))
            for name, line in zip(("Denied", "Admitted"), counts, strict=True)
        ],
    )
    return [table, *([_roc(found)] if found.curve else []), *_tiers(found)]


def _roc(found: AdmissionEvaluation) -> Chart:
    assert found.curve is not None
    points = found.curve.points
    return Chart(
        title=f"ROC curve (AUC {found.curve.auc:.3f})",
        across="Denied, but expected in (share)",
        up="Admitted, and expected in (share)",
        lines=[
            Line("By chance", [(0, 0), (1, 1)], guide=True),
            Line("This model", [(0.0, 0.0), *((one.fpr, one.recall) for one in points)]),
        ],
        table=Table(
            "ROC curve",
            ("From odds of", "Admitted, found", "Denied, expected in"),
            [(f"{p.score:.2f}", f"{p.recall:.0%}", f"{p.fpr:.0%}") for p in points],
        ),
    )


def _tiers(found: AdmissionEvaluation) -> list[Table]:
    if found.by_tier is None:
        return []
    lines = found.by_tier.groups["tier"]
    head = ("Tier", "AUC", "Accuracy", "Odds, mean", "Admitted", "Applications")
    rows = [_tier(each) for each in lines]
    title = "By tier of the program"
    if any(figures.HIDDEN in row for row in rows):
        title += (
            f". Hidden where a count of fewer than {SMALLEST} students could be worked out: those "
            "admitted or denied, or those for whom the odds were wrong"
        )
    return [Table(title, head, rows)]


def _tier(line: Hidden | Rates) -> list[str]:
    if isinstance(line, Hidden):
        return [line.group, *[figures.HIDDEN] * 5]
    auc = figures.HIDDEN if line.auc_roc is None else f"{line.auc_roc:.2f}"
    accuracy, admitted = (
        figures.HIDDEN if share is None else figures.percent(share)
        for share in (line.accuracy, line.admitted)
    )
    return [line.group, auc, accuracy, figures.percent(line.predicted), admitted, f"{line.rows:,}"]


def _importance(found: AdmissionEvaluation) -> list[Section]:
    if not found.importance:
        return []
    sizes = [(LABELS[name], size) for name, size in found.importance.items()]
    table = Table(
        "AUC lost", ("Input", "AUC lost"), [(name, f"{size:.4f}") for name, size in sizes]
    )
    text = Text("How much worse the odds rank applications if an input comes from another one.")
    bars = Bars("What the odds rely on", "AUC lost", sizes, table)
    return [Section("importance", "What the odds rely on", [text, bars])]


def _fairness(found: AdmissionEvaluation) -> list[Section]:
    if found.fairness is None:
        return []
    blocks: list[Block] = [Text(NEVER)]
    for by in found.fairness.groups:
        head = ("Group", "Admitted", "Expected in", "Found", "Expected in, but denied", "Students")
        rows = [_group(each) for each in found.fairness.lines(by)]
        blocks.append(Table(f"By {by}", head, rows))
    blocks += [Text(WITHIN), *_within(found.gaps)]
    return [Section("groups", "For whom is it right?", blocks)]


def _group(line: Hidden | AlarmRates) -> list[str]:
    name = figures.group(line.group)
    if isinstance(line, Hidden):
        return [name, *[figures.HIDDEN] * 5]
    shares = (line.base_rate, line.selection, line.recall, line.fpr)
    return [name, *(figures.percents(each) for each in shares), figures.number(line.students)]


def _within(gaps: Mapping[str, Sequence[Gap]]) -> list[Table]:
    head = ("Group", "More often admitted", "In the same programs", "Not explained", "Comes from")
    return [
        Table(
            f"Gaps by {by}, in percentage points",
            head,
            [
                (
                    figures.group(one.group),
                    *(_points(each) for each in (one.overall, one.within, one.unexplained)),
                    "where they apply" if one.comes_from_programs else figures.NOTHING,
                )
                for one in some
            ],
        )
        for by, some in gaps.items()
        if some
    ]


def _points(found: Interval) -> str:
    if found.value is None or found.low is None or found.high is None:
        return figures.NOTHING
    return figures.spread(100 * found.value, 100 * found.low, 100 * found.high, "{:+.1f}")
