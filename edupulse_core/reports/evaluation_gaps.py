"""How far apart groups are in the rates of an alarm, as a table."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.reports.evaluation_words import beyond_chance
from edupulse_core.reports.markup import Html, interval, table


def gaps(name: str, found: Mapping[str, Any], ceiling: Mapping[str, Any] | None) -> str:
    """A row for each attribute and rate.

    name: the alarm.  found: its gaps.  ceiling: as `assessment.beside_the_ceiling` finds it.
    """
    rows: list[tuple[Any, ...]] = []
    for attribute, rates in found.items():
        rows.append((attribute,))
        for rate, words in (("recall", "recall"), ("fpr", "false-positive rate")):
            gap = rates[rate]
            if gap is None:
                cells: tuple[Any, ...] = ("–", "too few groups to compare", "–", "–", "–")
            else:
                cells = (
                    _points(gap),
                    f"{gap['most']} over {gap['least']}",
                    f"{100 * gap['by_chance']:.1f}",
                    beyond_chance(gap),
                    f"{round(100 * gap['implied'], 1) + 0.0:.1f}".replace("-", "−"),
                )
            if ceiling is not None:
                both = (
                    ceiling["gaps"][who][name][attribute][rate] for who in ("version", "oracle")
                )
                cells += tuple("–" if each is None else _points(each) for each in both)
            rows.append((words, *cells))
    head: tuple[str, ...] = (
        "",
        "gap, points",
        "between",
        "chance, up to",
        "more than chance",
        "from the scores alone",
    )
    if ceiling is not None:
        head += ("gap where the oracle answers", "the oracle's own")
    return table(
        "How far apart groups are, in points; 95 % intervals of the two groups, over students",
        head,
        rows,
        prosaic=(2,),
    )


def _points(gap: Mapping[str, Any]) -> Html:
    return interval({name: 100 * gap[name] for name in ("value", "low", "high")}, "{:.1f}")
