"""Whether a score means what it says: calibration, bands, risk levels and curves, as sections."""

from collections.abc import Mapping, Sequence

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.levels import Counted, LevelRates, Levels
from edupulse_core.families.risk.results import UNCERTAIN, Bands, Calibration, Curve
from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Block, Cell, Chart, Choice, Line, Section, Table, Text
from edupulse_core.training.evaluation import Part
from edupulse_core.training.reliability import BINS
from edupulse_core.training.results import Hidden

UNTOLD = f"Figures for everyone are hidden for privacy (under {SMALLEST})."
OUTCOMES = {"any_flag": "Any flag", "high": "High or Critical"}


def calibration(found: Calibration, bands: Bands | None) -> Section:
    """Scores against outcomes, and how often the band is right."""
    whole = found.overall
    if isinstance(whole, Hidden):
        blocks: list[Block] = [Text(UNTOLD)]
    else:
        blocks = [
            Text(
                f"Calibration error {whole.ece:.3f} on {figures.size(whole.rows, whole.students)}: "
                "the average distance between score and severity. By chance alone, a perfect score "
                f"on as many students would reach {whole.limit:.3f} in 1 of 40 tries. "
                f"{_cut(found.curve)}"
            ),
            _curve(found.curve),
        ]
    return Section("calibration", "Does a score mean what it says?", [*blocks, *_bands(bands)])


def _cut(curve: Sequence[Part]) -> str:
    """How many parts the weeks are cut into by score, and why if there are fewer than ten."""
    parts = "one part" if len(curve) == 1 else f"{len(curve)} parts of equal size, by score"
    why = f": with more, one could identify fewer than {SMALLEST} students"
    return f"The weeks are in {parts}{why if len(curve) < BINS else ''}."


def _curve(curve: Sequence[Part]) -> Chart:
    points = [(part.predicted, part.observed) for part in curve]
    top = -(-10 * max([0.1, *(max(point) for point in points)]) // 1) / 10
    return Chart(
        title="Predicted and observed severity, on held-out weeks",
        across="Predicted severity (mean score, 0 to 1)",
        up="Observed severity (mean, 0 to 1)",
        lines=[
            Line("Exactly as predicted", [(0, 0), (top, top)], guide=True),
            Line("This model", points),
        ],
        table=Table(
            "Predicted and observed severity, part by part",
            ("Part", "Predicted", "Observed", "Weeks"),
            [
                (str(n), f"{part.predicted:.2f}", f"{part.observed:.2f}", f"{part.rows:,}")
                for n, part in enumerate(curve, 1)
            ],
        ),
        top=top,
    )


def _bands(found: Bands | None) -> list[Block]:
    if found is None:
        return [Text("This version was saved without ranges of levels, so none are shown.")]
    whole = found.overall
    calibrated = figures.size(found.calibrated_on.rows, found.calibrated_on.students)
    made = (
        f"The range of levels around a score is meant to be right for {found.level:.0%} of "
        f"students. It was made on {calibrated}, none of them counted here. "
    )
    held = (
        UNTOLD
        if isinstance(whole, Hidden)
        else f"Here it was right for {figures.percents(whole.coverage)}. "
        f"{whole.uncertain:.0%} of ranges span {UNCERTAIN} risk levels or more: the model "
        "isn't sure."
    )
    if found.widths is None:
        return [Text(made + held), Text(f"Width of the ranges: {figures.HIDDEN}.")]
    total = sum(found.widths)
    rows = [
        (
            f"{n} level{'s' * (n > 1)}",
            f"{count:,}",
            figures.percent(count / total if total else None),
        )
        for n, count in enumerate(found.widths, 1)
    ]
    return [Text(made + held), Table("Width of the ranges", ("Width", "Weeks", "Share"), rows)]


def levels(found: Levels) -> Section:
    """Which level followed each predicted level, and how often each is right."""
    ways = {
        "Level shown": ("the level that was shown", found.shown),
        "Likeliest level": ("the likeliest level", found.likeliest),
    }
    return Section(
        "levels",
        "How right is each risk level?",
        [
            Text(
                "Precision: of the weeks at a level, the share followed by that level. Recall: of "
                "the weeks followed by a level, the share at it. F1 balances both. The level shown "
                "comes from the score; the likeliest level comes from the model's probability for "
                "each level. High and Critical are combined where a count could identify fewer "
                f"than {SMALLEST} students."
            ),
            Choice("Count by", {name: _counted(*way) for name, way in ways.items()}),
        ],
    )


def _counted(by: str, found: Counted) -> list[Block]:
    if found.confusion is None or found.accuracy is None:
        return [Text(f"The count by {by}: {figures.HIDDEN}.")]
    total = sum(map(sum, found.confusion))
    counts = Table(
        f"Student-weeks by {by} (down) and the level that followed (across)",
        ("Level", *(f"After: {figures.levels(names)}" for names in found.came), "Weeks"),
        [
            (
                figures.levels(names),
                *(
                    _shaded(row[at], sum(row[at] for row in found.confusion))
                    for row in found.confusion
                ),
                f"{sum(row[at] for row in found.confusion):,}",
            )
            for at, names in enumerate(found.said)
        ],
    )
    agree = Text(
        f"In {found.accuracy:.0%} of {total:,} student-weeks, that level is the one that followed."
    )
    return [*level_rates(by, found), agree, counts]


def level_rates(by: str, found: Counted) -> list[Table]:
    """How often each level is right; empty if that could identify a few students."""
    if not found.by_level:
        return []
    return [
        Table(
            f"Precision, recall and F1 by {by}, with 95% intervals over students",
            ("Risk level", "Precision", "Recall", "F1", "Weeks at it", "Weeks followed by it"),
            [_rates(each) for each in found.by_level],
        )
    ]


def _rates(each: LevelRates) -> tuple[str | Cell, ...]:
    return (
        figures.levels(each.level),
        *(figures.ranged(share, (0.0, 1.0)) for share in (each.precision, each.recall, each.f1)),
        f"{each.said:,}",
        f"{each.came:,}",
    )


def _shaded(count: int, total: int) -> Cell:
    share = count / total if total else 0.0
    return Cell(f"{count:,} ({share:.0%})", "shade", (share,))


def curves(found: Mapping[str, Curve] | None) -> Section:
    """How well the score ranks students, wherever a list could be cut."""
    key, title = "curves", "How well does the score rank students?"
    if found is None:
        return Section(key, title, [Text(f"ROC and precision-recall curves: {figures.HIDDEN}.")])
    return Section(
        key,
        title,
        [
            Text(
                "Each point flags every student with that score or higher. Points are left out "
                f"where the step between two could identify fewer than {SMALLEST} students."
            ),
            _roc(found),
            _precision_recall(found),
            areas(found),
        ],
    )


def areas(found: Mapping[str, Curve]) -> Table:
    """The area under each curve."""
    return Table(
        "Area under each curve",
        ("Outcome", "ROC: AUC", "Precision-recall: average precision", "Share with the outcome"),
        [
            (
                OUTCOMES[name],
                f"{curve.auc:.2f}",
                f"{curve.average_precision:.2f}",
                f"{curve.base_rate:.0%}",
            )
            for name, curve in found.items()
        ],
    )


def _roc(found: Mapping[str, Curve]) -> Chart:
    return Chart(
        title="ROC: recall and false positives",
        across="False-positive rate (share of weeks without the outcome that are flagged)",
        up="Recall (share of weeks with the outcome that are flagged)",
        lines=[
            Line("By chance", [(0, 0), (1, 1)], guide=True),
            *(
                Line(OUTCOMES[name], [(0, 0), *((p.fpr, p.recall) for p in curve.points)])
                for name, curve in found.items()
            ),
        ],
        table=_points(
            "ROC curve, point by point",
            ("False-positive rate", "Recall"),
            {name: [(p.score, (p.fpr, p.recall)) for p in c.points] for name, c in found.items()},
        ),
    )


def _precision_recall(found: Mapping[str, Curve]) -> Chart:
    return Chart(
        title="Precision against recall",
        across="Recall (share of weeks with the outcome that are flagged)",
        up="Precision (share of flagged weeks with the outcome)",
        lines=[
            Line(OUTCOMES[name], [(p.recall, p.precision) for p in curve.points])
            for name, curve in found.items()
        ],
        table=_points(
            "Precision-recall curve, point by point",
            ("Recall", "Precision"),
            {
                name: [(p.score, (p.recall, p.precision)) for p in c.points]
                for name, c in found.items()
            },
        ),
    )


def _points(
    title: str,
    axes: tuple[str, str],
    curves: Mapping[str, Sequence[tuple[float, tuple[float, float]]]],
) -> Table:
    """One row for each score where the curves are cut; all are cut at the same scores."""
    head = [f"{OUTCOMES[name]}: {axis.lower()}" for name in curves for axis in axes]
    rows = [
        (f"{cut[0][0]:.3f}", *(figures.percent(value, 1) for _, at in cut for value in at))
        for cut in zip(*curves.values(), strict=True)
    ]
    return Table(title, ("Score at least", *head), rows)
