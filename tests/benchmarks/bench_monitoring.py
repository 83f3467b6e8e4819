"""How often monitoring would call somebody for nothing, and how soon for something.

`edupulse bench monitoring [--quick] [--json]`. The home's weeks are replayed with
the active version: a year is the reference, and the year after it is watched week by week, once as
it was and once for each of some planted changes. It needs a home with two years or more, such as
`edupulse demo --students 1500 --years 4`.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families.shelf import family_named, nightly
from edupulse_core.features import build
from edupulse_core.features.weeks import sunday
from edupulse_core.lifecycle import comparison, drift, live, registry
from edupulse_core.lifecycle.drift import Column, Reference, Week
from edupulse_core.lifecycle.live import Judged
from edupulse_core.warehouse import snapshots
from tests.benchmarks.command import carry_out

DRAWS = 20  # of the planted fall
FALL = 0.05  # of the AUC
_ENROLLED = "select student_id, school_id from student_weeks where week_start = $monday"
_WEEKS = "select distinct week_start from student_weeks order by 1"


@dataclass(frozen=True)
class Replayed:
    """One week as the version saw it."""

    week: Week
    judged: Judged | None  # None while its outcomes are not known
    expected: float | None  # AUC


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """Replay the home's weeks; returns every figure."""
    weeks = _replay(settings, most=60 if quick else None)
    half = len(weeks) // 2
    learned, watched = weeks[max(0, half - drift.WEEKS) : half], weeks[half:]
    reference = drift.counted("", date.min, [each.week for each in learned[:: drift.EVERY]])
    school = max(reference.schools, key=lambda name: reference.of(name).sum())
    found = {name: _alarms(reference, watched, change) for name, change in _changes(school).items()}
    errors = [
        each.expected - live.figures(each.judged)["auc"].value
        for each in weeks
        if each.judged is not None and each.expected is not None
    ]
    return {
        "quick": quick,
        "version": registry.active_version(settings, nightly()).name,
        "weeks": len(watched),
        "alarms": found,
        "fall": _fall(learned, watched, draws=2 if quick else DRAWS),
        "estimate": {
            "weeks": len(errors),
            "mean": float(np.mean(errors)),
            "mean_size": float(np.mean(np.abs(errors))),
            "largest": float(np.max(np.abs(errors))),
        },
    }


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures as the Evidence page shows them."""
    drifts = [
        {"change": name, "weeks watched": found["weeks"], **each}
        for name, each in found["alarms"].items()
    ]
    fall, estimate = found["fall"], found["estimate"]
    return [
        {
            "title": "Drift, week by week",
            "words": "An alert needs drift of one input, in one place, in two weeks in a row.",
            "rows": drifts,
        },
        {
            "title": f"A fall of the AUC by {FALL}",
            "words": "Scores are blurred until the AUC is lower by that; outcomes tell.",
            "rows": [fall],
        },
        {
            "title": "The AUC to expect before outcomes are known",
            "words": "Estimated less measured, each week.",
            "rows": [{name: each if name == "weeks" else round(each, 4)
                      for name, each in estimate.items()}],
        },
    ]  # fmt: skip


def _replay(settings: Settings, most: int | None) -> list[Replayed]:
    family = family_named(nightly())
    model = comparison.opened(family, registry.active_version(settings, family.name))
    snapshot, rules, watching = snapshots.current(settings), settings.all_rules, family.watching
    assert watching is not None
    build.ensure(settings, snapshot)
    found = []
    with snapshots.connect(settings, snapshot, features=True) as con:
        mondays = [row[0] for row in con.execute(_WEEKS).fetchall()]
        for monday in mondays[-most:] if most else mondays:
            schools = dict(con.execute(_ENROLLED, {"monday": monday}).fetchall())
            cases = family.ask(con, rules, list(schools), sunday(monday), family.question())
            if not len(cases):
                continue
            said = family.predict(model, cases, rules)
            came = watching.came(con, rules, [monday])
            found.append(
                Replayed(
                    drift.week_of(monday, cases, said, schools),
                    live.judge(watching, rules, said, came) if len(came) else None,
                    live.estimated_auc(watching, said),
                )
            )
    if len(found) < drift.WEEKS:
        raise RefusedError("the home has too few weeks to replay: it takes two school years")
    return found


Change = Callable[[str, Column], Column]


def _changes(school: str) -> dict[str, Change]:
    """Nothing, and what may happen to a district's records."""

    def scaled(name: str, column: Column) -> Column:
        mine = (column.school == school) & name.startswith("att_absence")
        return replace(column, values=np.where(mine, 1.5 * column.values, column.values))

    def graded(name: str, column: Column) -> Column:
        return replace(column, values=column.values - 0.1 * name.startswith("grd_score"))

    def unknown(name: str, column: Column) -> Column:
        mine = (column.school == school) & (name == "grd_math_ytd")
        return replace(column, values=np.where(mine, np.nan, column.values))

    return {
        "none": lambda name, column: column,
        "absence half as much again at one school": scaled,
        "scores of work 10 points lower": graded,
        "math grades of one school missing": unknown,
    }


def _alarms(reference: Reference, weeks: Iterable[Replayed], change: Change) -> dict[str, Any]:
    """In how many weeks anything drifted, and lasted, and the first week of an alert."""
    compared = drifting = lasting = 0
    first: int | None = None
    before: set[tuple[str, str]] = set()
    for n, each in enumerate(weeks, 1):
        columns: Mapping[str, Column] = {
            name: change(name, column) for name, column in each.week.columns.items()
        }
        moved = drift.compare(reference, replace(each.week, columns=columns))
        now = {(one.school, one.name) for one in moved if one.is_drift}
        compared += bool(moved)
        drifting += bool(now)
        if now & before:
            lasting += 1
            first = first or n
        before = now
    return {
        "weeks compared": compared, "weeks with drift": drifting,
        "weeks with an alert": lasting, "first alert in week": first,
    }  # fmt: skip


def _fall(learned: list[Replayed], watched: list[Replayed], draws: int) -> dict[str, Any]:
    """How many weeks of outcomes it takes until a fall is reported, and false reports before."""
    baseline = live.figures(Judged.together([e.judged for e in learned if e.judged is not None]))
    weeks = [each.judged for each in watched if each.judged is not None]
    pairs = list(zip(weeks, weeks[1:], strict=False))
    false = sum(bool(live.worse(live.figures(Judged.together(pair)), baseline)) for pair in pairs)
    took = []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        at = int(rng.integers(1, len(weeks) - 3))
        blurred = [_blurred(week, rng, baseline["auc"].value - FALL) for week in weeks[at : at + 3]]
        stream = [weeks[at - 1], *blurred]
        reported = (
            n
            for n in range(1, len(stream))
            if "auc" in live.worse(live.figures(Judged.together(stream[n - 1 : n + 1])), baseline)
        )
        took.append(next(reported, None))
    return {
        "AUC before": round(baseline["auc"].value, 3),
        "students": len(np.unique(weeks[0].student)),
        "weeks without a fall": len(pairs),
        "false reports": false,
        "falls": draws,
        "reported in the first week": sum(n == 1 for n in took),
        "in the second": sum(n == 2 for n in took),
        "in the third": sum(n == 3 for n in took),
        "later": sum(n is None for n in took),
    }


def _blurred(week: Judged, rng: np.random.Generator, area: float) -> Judged:
    """The same week with noise on the scores, so much that the AUC is at the given area."""
    noise, low, high = rng.normal(size=len(week)), 0.0, 2.0
    for _ in range(30):
        middle = (low + high) / 2
        found = live.figures(replace(week, value=week.value + middle * noise))["auc"].value
        low, high = (middle, high) if found > area else (low, middle)
    return replace(week, value=week.value + low * noise)


if __name__ == "__main__":
    sys.exit(carry_out("monitoring", run, sys.argv[1:], tables=tables))
