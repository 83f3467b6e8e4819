"""An evaluation of a study time model as sections: the Models page and the HTML file draw them."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.families.study_time.measured import (
    LABELS,
    Crossed,
    Importance,
    Residuals,
    StudyEvaluation,
    Weight,
)
from edupulse_core.families.study_time.sayings import LABELS as INPUTS
from edupulse_core.reports import benchmarks, figures
from edupulse_core.reports.blocks import Bars, Block, Chart, Check, Line, Section, Table, Text

HEAD = ("Mean absolute error, hours", "Root mean squared error, hours", "R²")
SHOWN = 12  # inputs of a table


def facts(found: StudyEvaluation) -> dict[str, str]:
    """What was evaluated, on which sessions, and when."""
    known = found.evaluated_on
    return {
        "Version": found.version,
        "District": known.district + (" (fictional)" if known.is_demo else ""),
        "Sessions": f"{found.rows:,} of {found.students:,} students, {figures.weeks(found.weeks)}",
        "Evaluated": figures.day(found.evaluated_at),
    }


def sections(found: StudyEvaluation, measured: Sequence[Mapping[str, Any]] = ()) -> list[Section]:
    """Every part of an evaluation.  measured: from `lifecycle.benchmarks.kept`."""
    goals: list[Block] = [Check(each.met, each.goal, each.found) for each in found.aims]
    return [
        Section("goals", "Goals", goals),
        Section("baselines", "Compared with simpler methods", [_compared(found)]),
        Section("predicted", "Predicted and actual hours", _predicted(found)),
        Section("residuals", "Errors", _residuals(found.residuals)),
        *([Section("crossed", "Five folds", _crossed(found.crossed))] if found.crossed else []),
        *(
            [Section("importance", "What moves the predictions", _importance(found.importance))]
            if found.importance
            else []
        ),
        *benchmarks.sections(measured),
    ]


def tables(found: StudyEvaluation) -> list[Table]:
    """The tables for a terminal, besides the goals."""
    crossed = [_folds(found.crossed)] if found.crossed else []
    return [_compared(found), *crossed]


def _compared(found: StudyEvaluation) -> Table:
    rows = [
        [LABELS.get(name, name), f"{each.mae:.3f}", f"{each.rmse:.3f}", f"{each.r2:.3f}"]
        for name, each in found.test.table.items()
    ]
    title = f"On {found.test.rows:,} sessions of {found.test.students:,} students"
    return Table(title, ("Method", *HEAD), rows)


def _predicted(found: StudyEvaluation) -> list[Block]:
    rows = [
        [
            f"{each.predicted:.2f}",
            f"{each.actual:.2f}",
            f"{each.low:.2f} to {each.high:.2f}",
            f"{each.rows:,}",
        ]
        for each in found.predicted
    ]
    head = ("Predicted, hours", "Actual, hours", "8 of 10 between", "Sessions")
    table = Table("Tenths of the sessions, by what was predicted", head, rows)
    top = max([1.0, *(each.high for each in found.predicted)])
    lines = [
        Line("as predicted", [(0.0, 0.0), (top, top)], guide=True),
        Line("actual mean", [(each.predicted, each.actual) for each in found.predicted]),
    ]
    chart = Chart(
        "Predicted and actual hours", "Predicted, hours", "Actual, hours", lines, table, top
    )
    said = (
        f"{found.coverage:.1%} of the sessions lie in their 90% interval, which is "
        f"{found.test.width:.2f} hours wide on average."
    )
    return [Text(said), chart]


def _residuals(found: Residuals) -> list[Block]:
    names = [
        f"{low:+.2f} to {high:+.2f}".replace("-", "−")
        for low, high in zip(found.edges[:-1], found.edges[1:], strict=True)
    ]
    cells = [
        [name, figures.HIDDEN if count is None else f"{count:,}"]
        for name, count in zip(names, found.counts, strict=True)
    ]
    head = ("Actual less predicted, hours", "Sessions")
    table = Table("Errors; the first and last row hold everything beyond", head, cells)
    bars = [  # hidden is not zero, so a hidden one has no bar
        (name, float(count))
        for name, count in zip(names, found.counts, strict=True)
        if count is not None
    ]
    outliers = (
        f"{figures.HIDDEN}."
        if found.outliers is None
        else f"{found.outliers:,} ({figures.percent(found.outlier_share, 1)})."
    )
    said = (
        f"Outliers are errors beyond 1.5 interquartile ranges: under {found.lower_fence:+.2f} or "
        f"over {found.upper_fence:+.2f} hours. Sessions with one: {outliers}"
    ).replace("-", "−")
    return [
        Text(said),
        Bars("Actual less predicted, hours", "Sessions", bars, table) if bars else table,
    ]


def _crossed(found: Crossed) -> list[Block]:
    each = found.by_learner
    said = (
        f"Trained five times, each time tested on other students; every student is tested once. "
        f"The mean error of a student is {each.mean:.2f} hours (standard deviation "
        f"{each.deviation:.2f}); for 8 in 10 of the {found.students:,} students it is "
        f"{each.low:.2f} to {each.high:.2f}."
    )
    return [Text(said), _folds(found)]


def _folds(found: Crossed) -> Table:
    rows = [
        [f"Fold {at}", f"{each.mae:.3f}", f"{each.rmse:.3f}", f"{each.r2:.3f}"]
        for at, each in enumerate(found.folds, 1)
    ]
    spread = [
        f"{each.mean:.3f} ± {each.deviation:.3f}" for each in (found.mae, found.rmse, found.r2)
    ]
    return Table("Five folds by student", ("Fold", *HEAD), [*rows, ["Mean", *spread]])


def _importance(found: Importance) -> list[Block]:
    rows = [
        [_name(each.input), f"{each.value:.3f}", f"{each.low:.3f} to {each.high:.3f}"]
        for each in found.permutation
        if each.low is not None and each.high is not None
    ]
    head = ("Input", "Error grows by, hours", f"In {found.repeats} repeats")
    table = Table("Shuffled one at a time", head, rows)
    shown = [(_name(each.input), max(each.value, 0.0)) for each in found.permutation]
    blocks: list[Block] = [Bars("Shuffled one at a time", "Hours", shown, table)]
    for title, column, weights in (
        ("Weights of the first layer", "Mean size", found.first_layer),
        ("Shapley values", "Mean size, log hours", found.shapley),
    ):
        if weights:
            blocks.append(_weights(title, column, weights))
    return blocks


def _weights(title: str, column: str, weights: Sequence[Weight]) -> Table:
    rows = [[_name(each.input), f"{each.value:.3f}"] for each in weights[:SHOWN]]
    return Table(title, ("Input", column), rows)


def _name(input_name: str) -> str:
    return INPUTS.get(input_name) or figures.sentence(input_name.replace("_", " "))
