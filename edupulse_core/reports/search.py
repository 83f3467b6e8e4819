"""A search for better settings, in words and tables."""

from collections.abc import Sequence

import numpy as np

from edupulse_core.families.family import Family
from edupulse_core.lifecycle.studies import Study, Trial
from edupulse_core.reports.blocks import Bars, Block, Table, Text
from edupulse_core.reports.family import words
from edupulse_core.reports.training import said

BEST = 10  # trials in the table
METHODS = {"grid": "every setting of a grid", "random": "settings drawn by chance"}
GUIDED = "settings chosen by what did well before (TPE)"
NO_WEIGHTS = "Which settings matter most is told from ten finished trials on."


def headline(study: Study, record: Family) -> str:
    """What was searched, how, and what came of it."""
    label = record.metrics[study.metric].label.lower()
    better = "higher" if study.higher_is_better else "lower"
    parts = len(study.best.folds) if study.best else 0
    said = [
        f"{words(study.algorithm, {}).capitalize()}: {METHODS.get(study.method, GUIDED)}. Each "
        f"trial is judged by the {label}, where {better} is better"
        + (
            f", on {parts} parts of the students in turn; the range is of the parts."
            if parts > 1
            else "."
        )
    ]
    told = {"complete": "finished", "pruned": "stopped early", "fail": "failed"}
    told |= {"running": "running", "waiting": "waiting"}
    states = [each.state for each in study.trials]
    counts = [f"{states.count(state)} {said}" for state, said in told.items() if state in states]
    said.append(f"Trials: {', '.join(counts) or 'none yet'}.")
    if study.best:
        said.append(f"The best is trial {study.best.number}, with {study.best.value:.4g}.")
    failed = [each for each in study.trials if each.reason]
    if failed:
        said.append(f"Trial {failed[0].number} failed: {failed[0].reason}.")
    return " ".join(said)


def finished(study: Study) -> list[Trial]:
    """The trials that have a result, in the order in which they began."""
    return sorted(
        (each for each in study.trials if each.value is not None), key=lambda each: each.number
    )


def best_so_far(study: Study) -> list[float]:
    """Beside each finished trial the best result until then."""
    values = [each.value or 0.0 for each in finished(study)]
    keep = np.maximum if study.higher_is_better else np.minimum
    return [float(value) for value in keep.accumulate(values)] if values else []


def blocks(study: Study, record: Family) -> list[Block]:
    """Which settings matter, and the best trials."""
    made: list[Block] = []
    if study.importance:
        ranked = sorted(study.importance.items(), key=lambda each: -each[1])
        bars = [(said(name), share) for name, share in ranked]
        rows = [[name, f"{share:.0%}"] for name, share in bars]
        title = "How much each setting matters"
        table = Table(title, ("Setting", "Share"), rows)
        across = "Share of the differences"
        made.append(Bars(title, across, bars, table))
    else:
        made.append(Text(NO_WEIGHTS))
    if best := best_trials(study, record):
        made.append(best)
    return made


def best_trials(study: Study, record: Family) -> Table | None:
    """The best trials with their settings; None before one has finished."""
    rank = -1 if study.higher_is_better else 1
    ranked = sorted(finished(study), key=lambda each: rank * (each.value or 0.0))[:BEST]
    if not ranked:
        return None
    rows = [
        [
            f"{each.number}",
            _spread(each.folds, each.value or 0.0),
            ", ".join(f"{said(name)} {figure(value)}" for name, value in each.params.items()),
        ]
        for each in ranked
    ]
    head = ("Trial", record.metrics[study.metric].label, "Settings")
    return Table(f"The best of {len(study.trials)} trials", head, rows)


def _spread(folds: Sequence[float], mean: float) -> str:
    """A mean with the lowest and the highest of its parts."""
    if len(folds) < 2:
        return f"{mean:.4g}"
    return f"{mean:.4g} ({min(folds):.4g} to {max(folds):.4g})"


def figure(value: object) -> str:
    """A setting's value."""
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)
