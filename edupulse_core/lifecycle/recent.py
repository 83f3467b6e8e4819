"""How a version does lately: the newest cases, predicted by what was known before each.

For families that answer on request: they keep no night's predictions to compare with what came.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Family, Recent
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import drift, registry
from edupulse_core.lifecycle.monitoring import Night
from edupulse_core.lifecycle.retraining import algorithm_of
from edupulse_core.store import alerts, watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store
from edupulse_core.store.watched import Figure
from edupulse_core.training.shift import mean_with_error
from edupulse_core.warehouse import snapshots

ERROR = "mae"  # the figure that is watched, as `Family.measure` calls it


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
        try:
            cases = family.read(con, settings.all_rules)
        except RefusedError:  # nothing came yet
            return None
        first = max(end - timedelta(days=recent.days - 1), drift.first_unseen(con, folder, about))
    days = cases.day.astype("datetime64[D]")
    cases = cases.of(np.flatnonzero((days >= np.datetime64(first)) & (days <= np.datetime64(end))))
    if len(cases) < recent.fewest:
        return None
    figures = _measured(
        settings, family, folders.opened(algorithm_of(family, about).open, folder), cases
    )
    usual = baseline(settings, name, folder.name)
    at, raised = now or datetime.now(UTC), []
    error = next(each for each in figures if each.name == ERROR)
    if usual and error.value is not None and error.value >= recent.ratio * usual:
        details = {
            "figures": {ERROR: {"now": error.value, "before": usual, "rows": len(cases)}},
            "as_of": end.isoformat(),
        }
        raised.append(Alert(name, folder.name, "performance", "critical", None, details, at=at))
    with open_store(settings).writing() as connection:
        watched.add(connection, figures, at=at, as_of=end, family=name, version=folder.name)
        new = [alerts.add(connection, each) for each in raised]
    return Night(name, folder.name, end, figures, tuple(each for each in new if each is not None))


def baseline(settings: Settings, name: str, version: str) -> float | None:
    """The mean absolute error that a version had in its test; None if it was not measured."""
    metrics = registry.metrics_of(registry.version_folder(settings, name, version))
    found = metrics.get("headline", {}).get(ERROR)
    return None if found is None else float(found)


def _measured(settings: Settings, family: Family, model: Any, cases: Any) -> tuple[Figure, ...]:
    """The error and, where there are intervals, the share of outcomes inside."""
    said = family.predict(model, cases, settings.all_rules)
    came = np.asarray(family.outcome(said, cases), float)
    value, low, high = (
        np.asarray(said[name].to_numpy(zero_copy_only=False), float)
        for name in ("value", "low", "high")
    )
    who = np.asarray(said["subject"].to_pylist(), np.str_)
    figures = []
    for name, values in (
        (ERROR, np.abs(value - came)),
        ("coverage", np.where(np.isnan(low), np.nan, (low <= came) & (came <= high))),
    ):
        known = ~np.isnan(values)
        if known.any():
            found = mean_with_error(values[known], who[known])
            details = {"error": found.error, "rows": found.rows}
            figures.append(Figure(name, found.value, details=details))
    return tuple(figures)
