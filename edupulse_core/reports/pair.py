"""The evaluations of two versions side by side: curves, calibration, what followed, what counts."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.reports.blocks import Block, Chart, Heading, Line, Table
from edupulse_core.reports.family import confusion, words
from edupulse_core.reports.risk.importance import GROUP_WORDS
from edupulse_core.training.curves import Curve

MOST = 10  # inputs in the table
OUTCOMES = {"any_flag": "any flag", "high": "High or Critical"}
Pair = tuple[tuple[str, Evaluation], tuple[str, Evaluation]]  # version and evaluation, twice
EVEN = Line("the same", [(0.0, 0.0), (1.0, 1.0)], guide=True)


def blocks(pair: Pair) -> list[Block]:
    """What both evaluations have; few of a small family's have all of it."""
    return [*_roc(pair), *_calibration(pair), *_confusions(pair), *_importance(pair)]


def _roc(pair: Pair) -> Iterable[Block]:
    """For each outcome, what was found against what was falsely flagged."""
    both = [_curves(report) for _, report in pair]
    for outcome in (each for each in both[0] if each in both[1]):
        lines, rows = [], []
        for (name, _), curves in zip(pair, both, strict=True):
            points = [(0.0, 0.0), *((each.fpr, each.recall) for each in curves[outcome].points)]
            lines.append(Line(f"{name} (AUC {curves[outcome].auc:.3f})", points))
            rows += [[name, f"{across:.3f}", f"{up:.3f}"] for across, up in points]
        title = f"ROC curve, {OUTCOMES.get(outcome, outcome)}"
        across, up = "False positive rate", "Found, of those to whom it happened"
        guide = Line("by chance", EVEN.points, guide=True)
        table = Table(title, ("Version", across, up), rows)
        yield Chart(title, across, up, [*lines, guide], table)


def _curves(report: Evaluation) -> Mapping[str, Curve]:
    curves, one = getattr(report, "curves", None), getattr(report, "curve", None)
    return curves or ({"admitted": one} if isinstance(one, Curve) else {})


def _calibration(pair: Pair) -> Iterable[Block]:
    """What each part of the predictions promised, against what followed."""
    bins = [getattr(report, "bins", ()) for _, report in pair]
    if not all(bins):
        return
    lines, rows = [], []
    for (name, _), parts in zip(pair, bins, strict=True):
        points = [(part.predicted, part.observed) for part in parts]
        lines.append(Line(name, points))
        rows += [[name, f"{across:.3f}", f"{up:.3f}"] for across, up in points]
    guide = Line("as promised", EVEN.points, guide=True)
    table = Table("Calibration", ("Version", "Predicted", "Observed"), rows)
    yield Chart("Calibration", "Predicted", "Observed", [*lines, guide], table)


def _confusions(pair: Pair) -> Iterable[Block]:
    """How often each outcome followed each prediction."""
    both = [_confusion(report) for _, report in pair]
    if not all(both):
        return
    yield Heading("What was predicted, and what followed")
    for (name, _), found in zip(pair, both, strict=True):
        assert found is not None
        said, came, counts = found
        rows = [
            [kind, *(f"{count:,}" for count in line)]
            for kind, line in zip(came, counts, strict=True)
        ]
        yield Table(f"{name}: down what followed, across what was predicted", ("", *said), rows)


def _confusion(report: Evaluation) -> tuple[list[str], list[str], Sequence[Any]] | None:
    """What was said, what came, and the counts; None where they are hidden or there are none."""
    if isinstance(report, RiskEvaluation):
        shown = report.tiers.shown
        if shown.confusion is None:
            return None
        said, came = ([_level(one) for one in names] for names in (shown.said, shown.came))
        return said, came, shown.confusion
    counts, classes = confusion(report), getattr(report, "classes", None) or ()
    if not counts:
        return None
    is_named = len(classes) == len(counts)
    names = [words(str(name), {}) for name in classes] if is_named else _numbers(counts)
    return names, names, counts


def _numbers(counts: Sequence[Any]) -> list[str]:
    return [f"{number}" for number in range(1, len(counts) + 1)]


def _level(names: Sequence[str]) -> str:
    return " or ".join(name.capitalize() for name in names)


def _importance(pair: Pair) -> Iterable[Block]:
    """What each version relies on most."""
    both = [_sizes(report) for _, report in pair]
    if not all(both):
        return
    ranked = [sorted(each, key=lambda name, each=each: -each[name]) for each in both]  # type: ignore[misc]
    in_turn = [name for two in zip_longest(*ranked) for name in two if name is not None]
    top = list(dict.fromkeys(in_turn))[:MOST]
    rows = [
        [
            words(GROUP_WORDS.get(name, name), {}),
            *(f"{each[name]:.3f}" if name in each else "–" for each in both),
        ]
        for name in top
    ]
    yield Table("What each relies on most", ("Input", *(name for name, _ in pair)), rows)


def _sizes(report: Evaluation) -> dict[str, float]:
    told = getattr(report, "importance", None)
    if isinstance(report, RiskEvaluation):
        told = report.importance and report.importance.gradient.get("group")
    return dict(told) if isinstance(told, Mapping) else {}
