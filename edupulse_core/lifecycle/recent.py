"""How a version does lately: the newest cases, predicted by what was known before each.

For families that answer on request: they keep no night's predictions to compare with what came.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST, Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Array, Family, Recent
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import drift, monitoring, quality, registry
from edupulse_core.lifecycle.monitoring import Night
from edupulse_core.lifecycle.retraining import algorithm_of
from edupulse_core.store import alerts, watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store
from edupulse_core.store.watched import Figure
from edupulse_core.training import shift
from edupulse_core.training.shift import mean_with_error
from edupulse_core.warehouse import snapshots


def watch(
    settings: Settings, name: str, recent: Recent, *, now: datetime | None = None
) -> Night | None:
    """Measure the active version on the cases of the last days; None where these are too few.

    Cases of days that it was trained on do not count. Raises MissingError without a version.
    """
    family, folder = family_named(name), registry.active_version(settings, name)
    about, snapshot = folders.check(folder), snapshots.current(settings)
    build.ensure(settings, snapshot)
    with snapshots.connect(settings, snapshot, features=True) as con:
        end = build.as_of(con)
        first = max(end - timedelta(days=recent.days - 1), drift.first_unseen(con, folder, about))
        try:
            cases = _cases(settings, con, family, recent, first, end)
        except (InputError, RefusedError):  # nothing came, or too little to read
            return None
    if len(cases) < recent.fewest or len(np.unique(cases.who)) < SMALLEST:
        return None
    model = folders.opened(algorithm_of(family, about).open, folder)
    said = family.predict(model, cases, settings.all_rules)
    values = recent.measure(said, cases) if recent.measure else _errors(family, said, cases)
    store, at = open_store(settings), now or datetime.now(UTC)
    told = [Figure("volume", len(np.unique(cases.who))), *_means(values, cases.who)]
    moved = _moved(folder, cases, recent)
    raised = _worse(recent, told, baseline(settings, name, folder.name))
    figures, drifting = _drift(moved)
    before = monitoring.inputs_before(store, name, folder.name, end)
    if lasting := {each: vars(moved[each]) for each in drifting if each in before}:
        raised.append(("drift", "warning", {"inputs": lasting}))
    told += figures
    with store.writing() as connection:
        watched.add(connection, told, at=at, as_of=end, family=name, version=folder.name)
        new = [
            alerts.add(
                connection,
                Alert(
                    name, folder.name, kind, severity, None,
                    {**details, "as_of": end.isoformat()}, at=at,
                ),
            )
            for kind, severity, details in raised
        ]  # fmt: skip
    kept = tuple(each for each in new if each is not None)
    return Night(name, folder.name, end, tuple(told), kept)


def baseline(settings: Settings, name: str, version: str) -> float | None:
    """The watched figure as it was in the version's own test; None if it was not measured."""
    recent = family_named(name).recent or Recent()
    metrics = registry.metrics_of(registry.version_folder(settings, name, version))
    found = metrics.get("headline", {}).get(recent.figure)
    return None if found is None else float(found)


def _cases(
    settings: Settings,
    con: DuckDBPyConnection,
    family: Family,
    recent: Recent,
    first: date,
    end: date,
) -> Any:
    """The cases of some days."""
    if recent.lately is not None:
        return recent.lately(con, settings.all_rules, first, end)
    cases = family.read(con, settings.all_rules)
    days = cases.day.astype("datetime64[D]")
    return cases.of(np.flatnonzero((days >= np.datetime64(first)) & (days <= np.datetime64(end))))


def _errors(family: Family, said: pa.Table, cases: Any) -> Mapping[str, Array]:
    """The error of each case and, where there are ranges, whether what came lies inside."""
    came = np.asarray(family.outcome(said, cases), float)
    value, low, high = (
        np.asarray(said[name].to_numpy(zero_copy_only=False), float)
        for name in ("value", "low", "high")
    )
    inside = np.where(np.isnan(low), np.nan, (low <= came) & (came <= high))
    return {"mae": np.abs(value - came), "coverage": inside}


def _means(values: Mapping[str, Array], who: NDArray[np.str_]) -> list[Figure]:
    """The mean of each figure over the cases in which it is known, if enough students have one."""
    figures = []
    for name, each in values.items():
        known = ~np.isnan(each)
        if len(np.unique(who[known])) >= SMALLEST:  # the mean of a few tells what came for them
            found = mean_with_error(each[known], who[known])
            details = {"error": found.error, "rows": found.rows}
            figures.append(Figure(name, found.value, details=details))
    return figures


Raised = tuple[str, str, dict[str, Any]]  # kind, severity, details


def _worse(recent: Recent, told: list[Figure], usual: float | None) -> list[Raised]:
    """An alert where the watched figure is that much worse than in the version's own test."""
    found = next((each for each in told if each.name == recent.figure), None)
    if found is None or found.value is None or usual is None:
        return []
    limit = recent.limit(usual, found.details["error"])
    if recent.times_worse(found.value, usual) < limit:
        return []
    now = {"now": found.value, "before": usual, "rows": found.details["rows"]}
    return [("performance", "critical", {"figures": {recent.figure: now}})]


def _moved(folder: Path, cases: Any, recent: Recent) -> dict[str, shift.Shift]:
    """How far each steady input is from what the version learned; where that can be said."""
    kept = quality.kept(folder) if recent.steady else None
    columns = {each.name: each for each in kept.columns} if kept is not None else {}
    inputs, found = cases.inputs(), {}
    for name in recent.steady:
        if name in columns:
            bins = columns[name].judged_by
            came = bins.count(shift.numbers_of(inputs[name]))
            one = shift.shift(came, np.array(columns[name].shares), bins)
            if one is not None:
                found[name] = one
    return found


def _drift(moved: Mapping[str, shift.Shift]) -> tuple[list[Figure], list[str]]:
    """How far each input moved, and those that drift."""
    told = [
        Figure(name, getattr(one, name), subject=each, details=about)
        for each, one in moved.items()
        for about in ({"chance": one.chance, "rows": one.rows},)
        for name in ("psi", "ks")
    ]
    sure = shift.beyond_chance([one.chance for one in moved.values()])
    drifting = [
        each
        for (each, one), beyond in zip(moved.items(), sure, strict=True)
        if one.is_large and beyond
    ]
    if moved:
        told.append(Figure("drift", len(drifting), details={"inputs": drifting}))
    return told, drifting
