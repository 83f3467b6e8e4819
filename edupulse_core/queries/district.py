"""The district as the pages read it: one open warehouse and its newest scores per process."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import pyarrow as pa
from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families.risk.tiers import tier_of
from edupulse_core.features import build
from edupulse_core.lifecycle import evaluations, health, registry, serving
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries import shown
from edupulse_core.queries.shown import Shown
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import grades, snapshots
from edupulse_core.warehouse.snapshots import Snapshot

T = TypeVar("T")

SPARK_WEEKS = 20  # of the small attendance line
MOST = 256  # answers that a district remembers
LEVELS_CHANGED = (
    "The settings for risk levels were changed after the last scores. Run `edupulse score`."
)
_opening = threading.Lock()


@dataclass(frozen=True)
class Standing:
    """Which scores may be shown, and what to say about them."""

    now: Shown | None  # None: no score is current, so only the plain indicators are shown
    before: Shown | None  # the same models, the school week before
    problems: tuple[str, ...]  # why no score is shown
    evaluated: bool  # tested on this district's own held-out weeks, or a demo

    @property
    def run(self) -> RunRecord | None:
        """The champion's run, if its scores may be shown."""
        return self.now.run if self.now else None

    @property
    def previous(self) -> RunRecord | None:
        """The champion's run of the school week before."""
        return self.before.run if self.before else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What everyone who sees the scores must know, in sentences."""
        if self.now is None or self.now.experiment is None or self.now.challenger is None:
            return ()
        return (
            f"Two models are being compared: {self.now.experiment.share:.0%} of students, chosen "
            f"by lot, are scored by {self.now.challenger.version}, all others by "
            f"{self.now.run.version}.",
        )


@dataclass(frozen=True)
class District:
    """What every page reads from; cheap to get, and safe to share between threads."""

    settings: Settings
    snapshot: Snapshot
    name: str
    is_demo: bool
    imported_at: datetime
    week_start: date  # the Monday of the latest week with data
    standing: Standing
    known: frozenset[str]  # kinds of record that were ever imported: attendance, grades, incidents
    con: DuckDBPyConnection = field(compare=False, hash=False)
    answers: OrderedDict[Hashable, Future[Any]] = field(  # the least recently asked for first
        default_factory=OrderedDict, init=False, compare=False, repr=False
    )
    lock: threading.Lock = field(
        default_factory=threading.Lock, init=False, compare=False, repr=False
    )

    @property
    def as_of(self) -> date:
        """The last day of the data: the Sunday of the latest week."""
        return self.week_start + timedelta(days=6)

    def ask(self, name: str, given: Mapping[str, Any] | None = None) -> pa.Table:
        """Run the query `sql/<name>.sql`."""
        with access.cursor(self.con) as cursor:
            return sql.table(cursor, f"queries/sql/{name}", given)

    def rows(self, name: str, given: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of `ask` as dicts."""
        found: list[dict[str, Any]] = self.ask(name, given).to_pylist()
        return found

    def seen_by(self, viewer: Viewer, **more: Any) -> dict[str, Any]:
        """The parameters of a query that joins `visible_students`."""
        return access.parameters(viewer, self.as_of) | more

    def remember(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The result of a query, computed once for as long as the data stay the same.

        Whoever asks the same meanwhile waits for that result.
        key: must include the viewer if the result depends on who is looking.
        """
        with self.lock:
            answer = self.answers.get(key)
            is_first = answer is None
            if answer is None:
                answer = self.answers[key] = Future()
            self.answers.move_to_end(key)
            if len(self.answers) > MOST:
                self.answers.popitem(last=False)
        if is_first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                with self.lock:
                    self.answers.pop(key, None)  # the next one asks again
                answer.set_exception(error)
        found: T = answer.result()
        return found

    def why(self, viewer: Viewer, student_id: str) -> str:
        """The viewer's reason to see a student; AccessError without one."""
        with access.cursor(self.con) as cursor:
            return access.why_may_see(cursor, viewer, student_id, self.as_of)


def open_district(settings: Settings) -> District:
    """The district as it is now: it follows every new import, scoring and model.

    Raises MissingError before the first import.
    """
    snapshot = snapshots.current(settings)
    with _opening:
        return _open(settings, snapshot, _standing(settings, snapshot))


def standing(settings: Settings) -> Standing:
    """Which scores may be shown now. Raises MissingError before the first import."""
    with _opening:
        return _standing(settings, snapshots.current(settings))


def forget() -> None:
    """Open everything anew at the next call: a file that was read has turned out to be damaged."""
    with _opening:
        _data_end.cache_clear()
        _open.cache_clear()
    serving.forget()


@lru_cache(maxsize=4)
def _data_end(settings: Settings, snapshot: Snapshot) -> tuple[date, str, bool]:
    """The Monday of the latest week with data, the district's name, and whether it is the demo."""
    build.ensure(settings, snapshot)
    with snapshots.connect(settings, snapshot, features=True) as con:
        week_start = build.as_of(con) - timedelta(days=6)
        found = sql.run(con, "queries/sql/imported")[0]
    return week_start, str(found[0] or ""), bool(found[1])


def _standing(settings: Settings, snapshot: Snapshot) -> Standing:
    store = open_store(settings)
    week, district, is_demo = _data_end(settings, snapshot)
    end = week + timedelta(days=6)
    try:
        folder = registry.active_version(settings, "risk")
    except (MissingError, ModelError) as error:
        return Standing(None, None, (health.unusable(error),), False)
    problems = health.check(settings, store, snapshot, "risk", folder, data_end=end)
    run = health.newest_run(store, "risk", snapshot, end)
    if run is not None and _levels_changed(settings, run):
        problems.append(LEVELS_CHANGED)
    now = None if problems else shown.beside(settings, store, run)
    evaluated = is_demo or evaluations.was_evaluated_on(settings, "risk", folder, district)
    return Standing(now, shown.before(settings, store, now), tuple(problems), evaluated)


@lru_cache(maxsize=4)
def _levels_changed(settings: Settings, run: RunRecord) -> bool:
    """Whether the settings give any score of a run another level than the run did."""
    given = predictions.level_ranges(open_store(settings), run.run_id or 0)
    return any({tier_of(settings, low), tier_of(settings, high)} != {t} for t, low, high in given)


@lru_cache(maxsize=3)
def _open(settings: Settings, snapshot: Snapshot, standing: Standing) -> District:
    con = snapshots.connect(settings, snapshot, features=True)
    access.install(con)
    week_start, name, is_demo = _data_end(settings, snapshot)
    con.register("scores", shown.rows(settings, standing.now))
    con.register("previous_scores", shown.rows(settings, standing.before))
    given = {
        "week_start": week_start,
        "spark_from": week_start - timedelta(weeks=2 * SPARK_WEEKS),  # holidays have no rows
        "spark_weeks": SPARK_WEEKS,
        "min_history": settings.outcomes.min_history_weeks,
        "chronic_rate": settings.attendance.chronic_rate,
        "incidents": settings.outcomes.incidents,
        "grades": list(grades.ORDER),
        "weight_a": settings.outcomes.weight_a,
        "weight_b": settings.outcomes.weight_b,
        "weight_c": settings.outcomes.weight_c,
    }
    sql.run(con, "warehouse/sql/rules")
    sql.run(con, "queries/sql/board", given)
    imported_at = sql.run(con, "queries/sql/imported")[0][2]
    known = con.execute("select name from has_records where present").fetchall()
    return District(
        settings=settings,
        snapshot=snapshot,
        name=name,
        is_demo=is_demo,
        imported_at=imported_at,
        week_start=week_start,
        standing=standing,
        known=frozenset(row[0] for row in known),
        con=con,
    )
