"""A challenger beside the champion: who is shown which, and which does better so far.

Both answer for everybody each night. In a shadow, only the champion's answers are shown. In an A/B
test, a hash of the experiment and the student decides which answer is shown, so a student stays
with the same model from the first night to the last, in every process.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from edupulse_core.config import SMALLEST, Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import CAME, Family
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import drift, registry
from edupulse_core.lifecycle.monitoring import said_in
from edupulse_core.store import experiments as kept
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, Experiment
from edupulse_core.store.runs import RunRecord
from edupulse_core.training.sequential import confidence_sequence
from edupulse_core.warehouse import snapshots

SHARE = 0.1  # of the students to whom a challenger is shown, unless given
ALPHA = 0.05  # chance that the interval ever leaves out the truth


@dataclass(frozen=True)
class Standing:
    """Which of two models does better so far, on what came true since the experiment began."""

    nights: int  # weeks for which both answered
    cases: int  # a student counts once in each stretch that outcomes look ahead
    students: int
    gain: float | None = None  # by how much the challenger's mean error is smaller
    low: float | None = None  # the interval holds the gain at every look, in 95 of 100 experiments
    high: float | None = None

    @property
    def verdict(self) -> str:
        """better, worse or open: whether the challenger does better beyond chance."""
        if self.low is not None and self.low > 0:
            return "better"
        if self.high is not None and self.high < 0:
            return "worse"
        return "open"

    def as_json(self) -> dict[str, Any]:
        """Its fields and the verdict."""
        return {**vars(self), "verdict": self.verdict}


def is_assigned(experiment_id: str, share: float, student_id: str) -> bool:
    """Whether a student is among those who are shown the challenger's answers."""
    digest = hashlib.sha256(f"{experiment_id}/{student_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def listed(settings: Settings, family: str | None = None) -> list[Experiment]:
    """Every experiment, the newest first."""
    return kept.listed(open_store(settings), family)


def running(settings: Settings, family: str) -> Experiment | None:
    """The experiment that goes on: its champion serves, and its challenger is another version."""
    found = kept.running(open_store(settings), family)
    if found is None:
        return None
    try:
        serving = registry.chosen_version(settings, family).name
    except InputError:
        return None
    return found if serving == found.champion else None


def end(settings: Settings, experiment: Experiment, outcome: str, actor: str, reason: str) -> None:
    """End an experiment. Raises RefusedError if it has ended."""
    if not kept.end(
        open_store(settings),
        experiment.experiment_id,
        outcome=outcome,
        actor=actor,
        reason=reason,
        at=datetime.now(UTC),
    ):
        raise RefusedError(f"experiment {experiment.experiment_id} has ended already")


def settle(settings: Settings, family: str, actor: str, reason: str = "") -> Experiment | None:
    """End an experiment whose champion serves no more, and return it; None if there is none.

    If its challenger serves now, it was promoted.
    """
    found = kept.running(open_store(settings), family)
    if found is None or running(settings, family) is not None:
        return None
    serving = registry.chosen_version(settings, family).name
    promoted = serving == found.challenger
    outcome = kept.PROMOTED if promoted else kept.STOPPED
    end(settings, found, outcome, actor, reason or f"{serving} serves now")
    return found


def serving_folder(settings: Settings, family: str, student_id: str) -> Path:
    """The folder of the version that answers for a student, checked."""
    found = running(settings, family)
    if found is not None and shows_challenger(found, student_id):
        return registry.checked_version(settings, family, found.challenger)
    return registry.active_version(settings, family)


def shows_challenger(experiment: Experiment, student_id: str) -> bool:
    """Whether a student is shown the challenger's answer in this experiment."""
    if experiment.mode != AB:
        return False
    return is_assigned(experiment.experiment_id, experiment.share, student_id)


def shown(experiment: Experiment, champion: pa.Table, challenger: pa.Table) -> pa.Table:
    """The rows that are shown: each student's from the model that the experiment gives them.

    Both tables have the same columns, the student in the first one, and no column "version"; the
    result has it. A student whom the challenger did not answer for is shown the champion's answer.
    """
    who = champion.column_names[0]
    answered = set(challenger[who].to_pylist())
    names = np.asarray(champion[who].to_pylist(), dtype=object)
    moved = {name for name in set(names) if name in answered and shows_challenger(experiment, name)}
    stay = pa.array([name not in moved for name in names.tolist()], pa.bool_())
    take = pa.array([name in moved for name in challenger[who].to_pylist()], pa.bool_())
    parts = []
    for table, mask, version in (
        (champion, stay, experiment.champion),
        (challenger, take, experiment.challenger),
    ):
        part = table.filter(mask)
        parts.append(part.append_column("version", pa.array([version] * len(part), pa.string())))
    return pa.concat_tables(parts).sort_by(who)


def pairs(settings: Settings, experiment: Experiment) -> list[tuple[RunRecord, RunRecord]]:
    """The runs of both for each week since the experiment began, the oldest first."""
    store, undone = open_store(settings), snapshots.undone(settings)
    family, since = experiment.family, experiment.started_at
    until = experiment.ended_at
    nights = {
        version: {
            run.as_of: run
            for run in runs.weekly(store, family, purpose=purpose, version=version, undone=undone)
            if run.scored_at and run.scored_at >= since and (not until or run.scored_at <= until)
        }
        for version, purpose in (
            (experiment.champion, runs.NIGHT),
            (experiment.challenger, runs.SHADOW),
        )
    }
    first, second = nights[experiment.champion], nights[experiment.challenger]
    return [(first[week], second[week]) for week in sorted(first.keys() & second.keys())]


def standing(settings: Settings, experiment: Experiment) -> Standing:
    """Compare both models on what came true since, by the error of each student's answer.

    Weeks that either has learned from do not count: an earlier week may be scored again by hand.
    """
    family = family_named(experiment.family)
    found = pairs(settings, experiment)
    if family.watching is None or not found:
        return Standing(len(found), 0, 0)
    snapshot = snapshots.current(settings)
    with snapshots.connect(settings, snapshot, features=True) as con:
        first = _first_unseen(settings, con, experiment)
        found = [pair for pair in found if _monday(pair[0]) >= first]
        mondays = [_monday(run) for run, _ in found]
        came = family.watching.came(con, settings.all_rules, mondays).cast(CAME)
    gains, students = _gains(settings, family, found, came)
    if len(students) < SMALLEST:  # the gain of a few would tell what came true for them
        return Standing(len(found), len(gains), len(students))
    middle, low, high = confidence_sequence(gains, alpha=ALPHA)
    ends = (round(float(each[-1]), 6) for each in (middle, low, high))
    return Standing(len(found), len(gains), len(students), *ends)


def _first_unseen(settings: Settings, con: DuckDBPyConnection, experiment: Experiment) -> date:
    """The first day that neither model has learned from, of those that are still there."""
    first = date.min
    for version in (experiment.champion, experiment.challenger):
        with suppress(InputError):
            folder = registry.version_folder(settings, experiment.family, version)
            first = max(first, drift.first_unseen(con, folder, folders.header(folder)))
    return first


def _gains(
    settings: Settings,
    family: Family,
    found: list[tuple[RunRecord, RunRecord]],
    came: pa.Table,
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], set[str]]:
    """By how much the challenger's error is smaller in each case, in the order of the weeks.

    Outcomes of two near weeks share most of their days. So a student counts again only when the
    outcome before is over.
    """
    apart = timedelta(weeks=settings.outcomes.horizon_weeks)
    true = {
        (day, subject, thing): value
        for subject, thing, day, value in zip(
            *(came[name].to_pylist() for name in ("subject", "object", "day", "value")), strict=True
        )
    }
    counted: dict[tuple[str, str], date] = {}
    gains: list[float] = []
    for champion, challenger in found:
        day = _monday(champion)
        first, second = (_values(settings, family, run) for run in (champion, challenger))
        for key in sorted(first.keys() & second.keys(), key=_by_lot):
            actual = true.get((day, *key))
            if actual is None or (key in counted and day < counted[key] + apart):
                continue
            counted[key] = day
            gains.append(abs(first[key] - actual) - abs(second[key] - actual))
    return np.clip(np.array(gains, dtype=np.float64), -1.0, 1.0), {who for who, _ in counted}


def _values(settings: Settings, family: Family, run: RunRecord) -> dict[tuple[str, str], float]:
    said = said_in(settings, family, run)
    columns = (said[name].to_pylist() for name in ("subject", "object", "value"))
    return {(who, thing): value for who, thing, value in zip(*columns, strict=True)}


def _by_lot(key: tuple[str, str]) -> bytes:
    """An order that has nothing to do with who somebody is."""
    return hashlib.sha256("/".join(key).encode()).digest()


def _monday(run: RunRecord) -> date:
    return run.as_of - timedelta(days=6)
