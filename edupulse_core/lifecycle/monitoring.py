"""What each night is watched for: volume, scores, drift, and how good past predictions were.

Every number becomes a row of the store; what a person should look at becomes an alert. Nothing is
said about fewer than `shift.FEWEST` cases. A difference must be large enough to matter and beyond
chance, and drift must last two weeks, before anyone is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Family
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import drift, live, periods, registry
from edupulse_core.lifecycle.drift import WHOLE, Reference
from edupulse_core.lifecycle.live import Judged
from edupulse_core.progress import Progress
from edupulse_core.store import alerts, estimates, experiments, runs, watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.store.watched import Figure
from edupulse_core.training.shift import FEWEST
from edupulse_core.warehouse import snapshots

RECENT = 2  # weeks whose outcomes came last are judged together
BEFORE = 8  # weeks that this week's volume is compared with
FEWER = 0.2  # share of the usual number of students; from this loss on someone should look
ESTIMATE_FALL = 0.05  # of the AUC to expect, before outcomes are known


@dataclass(frozen=True)
class Night:
    """What was measured in one night, and the alerts that are new."""

    family: str
    version: str
    as_of: date
    figures: tuple[Figure, ...]
    alerts: tuple[Alert, ...]

    def as_json(self) -> dict[str, Any]:
        """What `edupulse monitor --json` prints of a family."""
        return {
            "family": self.family,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "figures": [vars(each) for each in self.figures],
            "alerts": [
                {
                    "id": each.alert_id,
                    "kind": each.kind,
                    "severity": each.severity,
                    "school": each.school,
                    "details": each.details,
                }
                for each in self.alerts
            ],
        }


def watch(
    settings: Settings,
    name: str,
    *,
    now: datetime | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Night:
    """Measure a family's newest night, and keep the figures and alerts.

    seconds: how long the predictions took, if known. Raises MissingError before the first night.
    """
    family, store, at = family_named(name), open_store(settings), now or datetime.now(UTC)
    snapshot = snapshots.current(settings)
    nights = runs.weekly(store, name, undone=snapshots.undone(settings))
    if not nights:
        raise MissingError(f"no night of {name!r} to watch yet: run `edupulse score`")
    run = nights[0]
    build.ensure(settings, snapshot)
    reference = _reference(settings, family, run, progress)
    with snapshots.connect(settings, snapshot, features=True) as con:
        periods.hide_later(con, settings.outcomes, run.as_of)
        said = said_in(settings, family, run)
        told = [*_volume(run, said, seconds), *_scores(said)]
        raised = [*_fewer(store, run, len(said)), *_silent(settings, store, name)]
        if reference is not None:
            figures, found = _drift(settings, con, store, family, run, said, reference)
            told, raised = told + figures, raised + found
        if family.watching is not None:
            figures, found = _live(settings, con, store, family, nights, said, reference)
            told, raised = told + figures, raised + found
    with store.writing() as connection:
        watched.add(connection, told, at=at, as_of=run.as_of, family=name, version=run.version)
        new = [alerts.add(connection, _alert(run, at, *each)) for each in raised]
    kept = tuple(each for each in new if each is not None)
    return Night(name, run.version, run.as_of, tuple(told), kept)


def said_in(settings: Settings, family: Family, run: RunRecord) -> pa.Table:
    """A kept run's predictions, as ANSWERS."""
    if family.watching is None:
        return estimates.run_rows(open_store(settings), run.run_id or 0)
    folder = registry.version_folder(settings, family.name, run.version)
    return family.watching.said(settings, folder, run)


Raised = tuple[str, str, str | None, dict[str, Any]]  # kind, severity, school, details


def _alert(
    run: RunRecord, at: datetime, kind: str, severity: str, school: str | None, details: Any
) -> Alert:
    told = {"as_of": run.as_of.isoformat(), **details}
    return Alert(run.family, run.version, kind, severity, school, told, at=at)


def _reference(
    settings: Settings, family: Family, run: RunRecord, progress: Progress | None
) -> Reference | None:
    """The version's reference, made now if it has none; None in a district too small for one."""
    found = drift.kept(settings, family.name, run.version)
    if found is None:
        folder = registry.version_folder(settings, family.name, run.version)
        found = drift.learn(settings, family.name, folder, as_of=run.as_of, progress=progress)
    return found


def _volume(run: RunRecord, said: pa.Table, seconds: float | None) -> list[Figure]:
    students = len(pc.unique(said["subject"]))
    told = [Figure("volume", students, details={"without": run.n_students - students})]
    if seconds is not None:
        told.append(Figure("latency", seconds, details={"students": students}))
    return told


def _fewer(store: Store, run: RunRecord, students: int) -> list[Raised]:
    """An alert where far fewer students have a prediction than in the weeks before."""
    since = run.as_of - timedelta(weeks=BEFORE)
    before = watched.figures(store, run.family, name="volume", since=since)
    usual = [each.value or 0 for each in before if each.as_of < run.as_of]
    if not usual or median(usual) - students < max(FEWER * median(usual), FEWEST * FEWER):
        return []
    return [("volume", "warning", None, {"students": students, "usual": median(usual)})]


def _silent(settings: Settings, store: Store, name: str) -> list[Raised]:
    """An alert where a challenger is damaged or gone, so that the experiment learns nothing."""
    tried = experiments.running(store, name)
    if tried is None:
        return []
    try:
        registry.checked_version(settings, name, tried.challenger)
    except InputError:
        return [("challenger", "warning", None, {"challenger": tried.challenger})]
    return []


def _scores(said: pa.Table) -> list[Figure]:
    """The share of each label, and the spread of the values."""
    values = np.asarray(said["value"].drop_null().to_numpy(), float)
    if not len(values):
        return []
    spread = {f"p{share}": float(np.quantile(values, share / 100)) for share in (10, 50, 90)}
    told = [Figure("score", float(values.mean()), details=spread)]
    labels = said["label"].drop_null().value_counts().to_pylist()
    return told + [
        Figure("label", each["counts"] / len(said), subject=each["values"]) for each in labels
    ]


def _drift(
    settings: Settings,
    con: DuckDBPyConnection,
    store: Store,
    family: Family,
    run: RunRecord,
    said: pa.Table,
    reference: Reference,
) -> tuple[list[Figure], list[Raised]]:
    """How far each input moved in the whole, and what drifts there and at which schools."""
    monday = run.as_of - timedelta(days=6)
    schools = dict(sql.run(con, "lifecycle/schools", {"monday": monday}))
    students = list(dict.fromkeys(said["subject"].to_pylist()))
    examples = family.ask(con, settings.all_rules, students, run.as_of, family.question())
    week = drift.week_of(monday, examples, said, schools)
    moved = drift.compare(reference, week)
    told = []
    for each in moved:
        if each.school == WHOLE:
            more = {"chance": each.shift.chance, "rows": each.shift.rows}
            told.append(Figure("psi", each.shift.psi, subject=each.name, details=more))
            told.append(Figure("ks", each.shift.ks, subject=each.name, details=more))
    raised: list[Raised] = []
    for school in dict.fromkeys(each.school for each in moved):
        mine = {each.name: each.shift for each in moved if each.school == school and each.is_drift}
        told.append(Figure("drift", len(mine), subject=school, details={"inputs": list(mine)}))
        before = inputs_before(store, run.family, run.version, run.as_of, school)
        lasting = {name: vars(one) for name, one in mine.items() if name in before}
        if lasting:
            name = dict(sql.run(con, "lifecycle/school_names")).get(school, school)
            details = {"inputs": lasting, "school": name} if school else {"inputs": lasting}
            raised.append(("drift", "warning", school or None, details))
    return told, raised


def inputs_before(
    store: Store, family: str, version: str, as_of: date, school: str = WHOLE
) -> list[str]:
    """What drifted there when it was looked at before, in the last weeks, by the same reference."""
    since = as_of - timedelta(weeks=4)
    known = watched.figures(
        store, family, name="drift", version=version, subject=school, since=since
    )
    return next((each.details["inputs"] for each in known if each.as_of < as_of), [])


def _live(
    settings: Settings,
    con: DuckDBPyConnection,
    store: Store,
    family: Family,
    nights: Sequence[RunRecord],
    said: pa.Table,
    reference: Reference | None,
) -> tuple[list[Figure], list[Raised]]:
    """How good this version's predictions were whose outcomes came last, and what to expect now."""
    run, told, raised = nights[0], list[Figure](), list[Raised]()
    assert family.watching is not None
    baseline = reference.baseline if reference else {}
    expected = live.estimated_auc(family.watching, said)
    if expected is not None and len(said) >= FEWEST:
        told.append(Figure("auc_estimate", expected))
        usual = baseline.get("auc_estimate")
        if usual is not None and usual.value - expected >= ESTIMATE_FALL:
            details = {"now": expected, "before": usual.value}
            raised.append(("estimated_auc", "info", None, details))
    weeks = judged_weeks(settings, con, family, nights, run.version)
    if not weeks:
        return told, raised
    now = live.figures(Judged.together(list(weeks.values())))
    about = {"weeks": [day.isoformat() for day in weeks]}
    told += [
        Figure(name, each.value, details={"error": each.error, "rows": each.rows, **about})
        for name, each in now.items()
    ]
    told += _errors_of_estimates(store, run, weeks)
    fell = live.worse(now, baseline)
    if fell:
        raised.append(("performance", "critical", None, {"figures": fell, **about}))
    return told, raised


def judged_weeks(
    settings: Settings,
    con: DuckDBPyConnection,
    family: Family,
    nights: Sequence[RunRecord],
    version: str,
) -> dict[date, Judged]:
    """The newest weeks of a version with enough outcomes, by their as-of day.

    Weeks that it has learned from do not count: an earlier week may be scored again by hand.
    """
    assert family.watching is not None
    folder = registry.version_folder(settings, family.name, version)
    first = drift.first_unseen(con, folder, folders.header(folder))
    of_version = {run.as_of - timedelta(days=6): run for run in nights if run.version == version}
    mine = {monday: run for monday, run in of_version.items() if monday >= first}
    came = family.watching.came(con, settings.all_rules, list(mine))
    found: dict[date, Judged] = {}
    for monday in sorted(set(came["day"].to_pylist()), reverse=True):
        then = came.filter(pc.equal(came["day"], pa.scalar(monday)))
        said = said_in(settings, family, mine[monday])
        judged = live.judge(family.watching, settings.all_rules, said, then)
        if len(judged) >= FEWEST:
            found[mine[monday].as_of] = judged
        if len(found) == RECENT:
            break
    return found


def _errors_of_estimates(store: Store, run: RunRecord, weeks: dict[date, Judged]) -> list[Figure]:
    """How far the AUC that was expected of the newest week was from the one that came."""
    newest = max(weeks)
    known = watched.figures(
        store, run.family, name="auc_estimate", version=run.version, since=newest
    )
    then = [each.value for each in known if each.as_of == newest and each.value is not None]
    auc = live.figures(weeks[newest]).get("auc")
    if not then or auc is None:
        return []
    details = {"week": newest.isoformat(), "expected": then[0], "came": auc.value}
    return [Figure("auc_estimate_error", then[0] - auc.value, details=details)]
