"""Which run's answer a student is shown: the one place that decides it for every page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families.risk.bands import uncertain
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.families.risk.version import verify
from edupulse_core.lifecycle import experiments, registry
from edupulse_core.store import experiments as kept
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.experiments import AB, Experiment
from edupulse_core.store.runs import RunRecord
from edupulse_core.training.conformal import Bands
from edupulse_core.warehouse import snapshots


@dataclass(frozen=True)
class Shown:
    """The runs whose answers are shown: the champion's, and in an A/B test the challenger's too."""

    run: RunRecord
    experiment: Experiment | None = None  # None: everybody is shown the champion's answer
    challenger: RunRecord | None = None  # of the same week and data

    def run_of(self, student_id: str) -> RunRecord:
        """The run whose answer a student is shown."""
        if self.experiment is None or self.challenger is None:
            return self.run
        chosen = experiments.shows_challenger(self.experiment, student_id)
        return self.challenger if chosen else self.run

    @property
    def versions(self) -> frozenset[str]:
        """The models whose answers are shown."""
        return frozenset(each.version for each in (self.run, self.challenger) if each is not None)


def beside(settings: Settings, store: Store, run: RunRecord | None) -> Shown | None:
    """The champion's run with what an A/B test shows beside it; None without a run."""
    if run is None:
        return None
    found = experiments.running(settings, run.family)
    if found is None or found.mode != AB or found.champion != run.version:
        return Shown(run)
    other = runs.latest_run(
        store,
        run.family,
        purpose=runs.SHADOW,
        version=found.challenger,
        as_of=run.as_of,
        warehouse=run.warehouse_version,
    )
    return Shown(run, found, other) if other is not None else Shown(run)


def before(settings: Settings, store: Store, now: Shown | None) -> Shown | None:
    """What each of the models said of an earlier week, to say what changed; None without it."""
    if now is None:
        return None
    undone = snapshots.undone(settings)
    run = runs.run_before(store, now.run, undone=undone)
    if run is None:
        return None
    other = now.challenger and runs.run_before(store, now.challenger, undone=undone)
    return Shown(run, now.experiment, other) if other is not None else Shown(run)


def rows(settings: Settings, shown: Shown | None) -> pa.Table:
    """Each student's shown score, with who is uncertain; without a run, no rows."""
    if shown is None:
        return _judged(settings, predictions.SCHEMA.empty_table(), None)
    found = _of(settings, shown.run)
    if shown.experiment is None or shown.challenger is None:
        return found
    mixed = experiments.shown(shown.experiment, found, _of(settings, shown.challenger))
    return mixed.drop_columns("version")


def said_of(
    store: Store,
    student_id: str,
    *,
    as_of: date | None = None,
    purposes: Collection[str] = (runs.NIGHT,),
    limit: int = 100,
) -> Iterator[dict[str, Any]]:
    """What the student was shown, of a week or ever, the newest first, whichever model said it."""
    tests = kept.listed(store, "risk", modes=(AB,))
    asked = {*purposes, runs.SHADOW} if tests else purposes
    for said in predictions.student_history(
        store, student_id, purposes=asked, as_of=as_of, limit=limit
    ):
        if said["purpose"] != runs.SHADOW or any(_showed(test, said) for test in tests):
            yield said


def bands_of_version(settings: Settings, version: str) -> Bands | None:
    """A version's bands; None if it is gone, damaged, or has none for the district's levels."""
    try:
        saved = verify(registry.version_folder(settings, "risk", version))
        return saved.bands_under(settings.outcomes)
    except (MissingError, ModelError):
        return None


def _showed(test: Experiment, said: dict[str, Any]) -> bool:
    """Whether an A/B test showed a challenger's answer to the student whom it is about."""
    went_on = test.started_at <= said["scored_at"] <= (test.ended_at or said["scored_at"])
    is_of = test.challenger == said["version"]
    return went_on and is_of and experiments.shows_challenger(test, said["student_id"])


def _of(settings: Settings, run: RunRecord) -> pa.Table:
    found = predictions.run_rows(open_store(settings), run.run_id or 0)
    return _judged(settings, found, run.version)


def _judged(settings: Settings, found: pa.Table, version: str | None) -> pa.Table:
    """The rows of one version, with who is uncertain."""
    score, *chances = (
        found[name].to_numpy() for name in ("risk_score", *(f"p_{tier}" for tier in TIERS))
    )
    bands = bands_of_version(settings, version) if version else None
    unsure = uncertain(settings, bands, score, np.stack(chances, axis=1))
    return found.append_column("uncertain", pa.array(unsure))
