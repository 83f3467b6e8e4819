"""How the kept scores of the past weeks did, by the outcomes that have come since."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.families.family import CAME
from edupulse_core.families.risk import NAME
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import live
from edupulse_core.lifecycle.live import Judged
from edupulse_core.lifecycle.monitoring import said_in
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import NOT_YOURS
from edupulse_core.queries.district import District
from edupulse_core.queries.evidence import ROLES
from edupulse_core.queries.small_cells import large
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import snapshots

Flags = NDArray[np.bool_]
TOP = 0.1  # of each week's scores
DAYS = 182  # before the latest week, unless asked for other days


@dataclass(frozen=True)
class Performance:
    """Figures of everyone together; None where no outcome is known, or of too few students."""

    total_students: int  # of the latest week
    predictions_made: int
    outcomes_tracked: int  # predictions whose outcome is known
    precision_at_top: float | None  # of each week's highest tenth, who then got a flag
    recall_at_top: float | None  # in that tenth, of those who then got a flag
    false_positive_rate: float | None  # Medium or above, of those who then got no flag
    lead_days: float | None  # from the first Medium or above to the first flag after it


def performance(
    viewer: Viewer, district: District, start: date | None = None, end: date | None = None
) -> Performance:
    """How the nights' scores from one day to another did; the last half year unless given.

    Raises AccessError for everybody except a principal, the district lead and the steward.
    """
    if not viewer.roles & ROLES:
        raise AccessError(NOT_YOURS)
    last = min(end or district.as_of, district.as_of)
    first = start or last - timedelta(days=min(DAYS, (last - date.min).days))
    if start is not None and end is not None and start > end:
        raise InputError("start_date lies after end_date")
    key = ("performance", first, last)
    return district.remember(key, lambda: _performance(district, first, last))


def _performance(district: District, first: date, last: date) -> Performance:
    store, undone = open_store(district.settings), snapshots.undone(district.settings)
    nights = [run for run in runs.weekly(store, NAME, undone=undone) if first <= run.as_of <= last]
    weeks = _judged(district, nights)
    students = {student for _, each in weeks for student in each.student.tolist()}
    (total,) = district.rows("board_count")
    told = Performance(
        total_students=total["n_students"],
        predictions_made=sum(run.n_students for run in nights),
        outcomes_tracked=sum(len(each) for _, each in weeks),
        precision_at_top=None,
        recall_at_top=None,
        false_positive_rate=None,
        lead_days=None,
    )
    if not large(len(students)):
        return told
    top = [_is_top(each) for _, each in weeks]
    is_top, came = np.concatenate(top), np.concatenate([each.is_positive for _, each in weeks])
    flagged = np.concatenate([each.is_flagged for _, each in weeks])
    who = np.concatenate([each.student for _, each in weeks])
    return Performance(
        total_students=told.total_students,
        predictions_made=told.predictions_made,
        outcomes_tracked=told.outcomes_tracked,
        precision_at_top=_share(came, is_top, who),
        recall_at_top=_share(is_top, came, who),
        false_positive_rate=_share(flagged, ~came, who),
        lead_days=_lead_days(district, weeks),
    )


def _judged(district: District, nights: list[RunRecord]) -> list[tuple[date, Judged]]:
    """The predictions of each week whose outcomes are known, the oldest week first."""
    family, settings = family_named(NAME), district.settings
    if family.watching is None or not nights:
        return []
    by_monday = {run.as_of - timedelta(days=6): run for run in nights}
    with access.cursor(district.con) as cursor:
        came = family.watching.came(cursor, settings.all_rules, list(by_monday)).cast(CAME)
    found = []
    for monday in sorted(set(came["day"].to_pylist())):
        try:
            said = said_in(settings, family, by_monday[monday])
        except MissingError:
            continue  # the version is gone
        then = came.filter(pc.equal(came["day"], monday))
        judged = live.judge(family.watching, settings.all_rules, said, then)
        if len(judged):
            found.append((monday, judged))
    return found


def _is_top(judged: Judged) -> Flags:
    """Who is in the week's highest tenth."""
    n = math.ceil(TOP * len(judged))
    chosen = np.zeros(len(judged), bool)
    chosen[np.argsort(-judged.value, kind="stable")[:n]] = True
    return chosen


def _share(of: Flags, among: Flags, who: NDArray[np.str_]) -> float | None:
    """The share of some cases; None of few students, whose own outcomes it would tell."""
    if not large(len(np.unique(who[among]))):
        return None
    return round(float(of[among].mean()), 4)


def _lead_days(district: District, weeks: list[tuple[date, Judged]]) -> float | None:
    """The mean days from a student's first alarm to the first flag after it."""
    alarms: dict[str, date] = {}
    for monday, judged in weeks:
        for student in judged.student[judged.is_flagged].tolist():
            alarms.setdefault(student, monday)
    rules = district.settings
    given = {
        "student_ids": list(alarms),
        "mondays": list(alarms.values()),
        "chronic_rate": rules.attendance.chronic_rate,
        "incidents": rules.outcomes.incidents,
    }
    (row,) = district.rows("lead_times", given)
    return round(row["mean_days"], 1) if large(row["n_students"]) else None
