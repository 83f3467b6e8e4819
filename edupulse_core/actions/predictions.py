"""Risk scores of some students on request: the stored ones, or computed, kept and then told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import AccessError
from edupulse_core.families.onnx import cores
from edupulse_core.families.risk import NAME, factors, score, serve
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.reasons import sentence
from edupulse_core.families.risk.tiers import tier_of
from edupulse_core.lifecycle import registry
from edupulse_core.people import access, trail
from edupulse_core.people.access import UNKNOWN_STUDENT
from edupulse_core.people.actor import Actor
from edupulse_core.queries import shown
from edupulse_core.queries.district import District
from edupulse_core.queries.students import seen
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import snapshots

PURPOSES = (runs.NIGHT, runs.ASKED)
EARLIEST = date(1900, 1, 1)  # a day to count back from
_turns = BoundedSemaphore(cores())  # requests that compute at once; others queue


@dataclass(frozen=True)
class Told:
    """A factor and its sentence."""

    factor: Factor
    sentence: str


@dataclass(frozen=True)
class Prediction:
    """One student's risk as of a week."""

    prediction_id: str
    student_id: str
    score: float  # 0..1
    level: str
    confidence: float | None  # calibrated probability of that level; None: it learned other levels
    reasons: tuple[Told, ...]
    version: str
    as_of: date
    made_at: datetime
    is_stored: bool  # whether it stood in the store before it was asked for


@dataclass(frozen=True)
class Predicted:
    """What came of a question about some students, each of whom is in one of the three."""

    found: tuple[Prediction, ...]  # in the order of the question
    not_found: tuple[str, ...]  # unknown, or not the actor's
    not_scored: tuple[str, ...]  # too little is known of them that week


def predict_one(
    actor: Actor, district: District, student_id: str, day: date | None = None
) -> Prediction | None:
    """The risk of one student as of the last week up to a day; None without enough data.

    Raises AccessError, the same for a student of others as for one who does not exist.
    """
    said = predict(actor, district, [student_id], day)
    if said.not_found:
        raise AccessError(UNKNOWN_STUDENT)
    return said.found[0] if said.found else None


def predict(
    actor: Actor,
    district: District,
    student_ids: Sequence[str],
    day: date | None = None,
    *,
    explained: bool = True,
) -> Predicted:
    """The risk of some students as of the last week up to a day; the latest week unless given.

    What the version that a student is shown has said of that week and these data is told again; the
    rest is computed and kept, without a change on any page. Each student who is told of gets a line
    in the audit.  explained: whether to tell the reasons.
    A prediction says of which day it is: it is told even where the pages show no score, because the
    night has not scored yet or the latest data are old.
    """
    asked = list(dict.fromkeys(student_ids))
    mine = seen(actor.looking(), district)
    allowed = [one for one in asked if one in mine]
    week = _week(district, day)
    rows: Mapping[str, Mapping[str, Any]] = {}
    known: frozenset[str] = frozenset()
    for folder, some in _by_version(district, allowed if week else []).items():
        assert week is not None
        stored = _stored(district, some, week, folder.name)
        known |= frozenset(stored)
        missing = [one for one in some if one not in stored]
        rows = {**rows, **stored, **_computed(district, folder, week, missing)}
    told = [one for one in allowed if rows.get(one, {}).get("risk_score") is not None]
    refused = [one for one in asked if one not in mine]
    _note(actor, district, allowed, known, week)
    trail.note_all(district.settings, actor, trail.REFUSED_ACCESS, refused)
    return Predicted(
        tuple(_prediction(district, rows[one], one in known, explained) for one in told),
        tuple(refused),
        tuple(one for one in allowed if one not in set(told)),
    )


def history(
    actor: Actor, district: District, student_id: str, *, days: int = 365, limit: int = 100
) -> list[Prediction]:
    """What was said of a student, the newest week first; nothing from data that were taken back.

    days: how far back, counted from the latest week.
    Raises AccessError, the same for a student of others as for one who does not exist.
    """
    why = district.why(actor.looking(), student_id)
    store, undone = open_store(district.settings), snapshots.undone(district.settings)
    first = district.as_of - timedelta(days=days)
    kept = shown.said_of(store, student_id, purposes=PURPOSES, limit=10 * limit)
    newest: dict[tuple[date, str], Prediction] = {}
    for row in kept:
        is_told = row["risk_score"] is not None and row["warehouse_version"] not in undone
        if is_told and row["as_of"] >= first:
            newest.setdefault((row["as_of"], row["version"]), _prediction(district, row, True))
    told = sorted(newest.values(), key=lambda one: one.as_of, reverse=True)[:limit]
    details = {"as_of": district.as_of.isoformat(), "why": why, "history": len(told)}
    trail.note(district.settings, actor, trail.VIEW_STUDENT, student_id, details)
    return told


def _week(district: District, day: date | None) -> date | None:
    """The Monday of the last school week up to a day; None before the first."""
    if day is None or day >= district.as_of:
        return district.week_start
    end = max(day, EARLIEST)
    found = district.rows("last_week", {"week_start": end - timedelta(days=6)})
    monday: date | None = found[0]["week_start"]
    return monday


def _by_version(district: District, students: Sequence[str]) -> dict[Path, list[str]]:
    """Who is shown which version's answer: in an A/B test there are two."""
    if not students:
        return {}
    active, now = registry.active_version(district.settings, NAME), district.standing.now
    if now is None or now.challenger is None:
        return {active: list(students)}
    other = registry.checked_version(district.settings, NAME, now.challenger.version)
    found: dict[Path, list[str]] = {active: [], other: []}
    for one in students:
        found[other if now.run_of(one) is now.challenger else active].append(one)
    return {folder: some for folder, some in found.items() if some}


def _stored(
    district: District, students: Collection[str], week: date, version: str
) -> dict[str, dict[str, Any]]:
    """What was said of these students and this week, with reasons.

    Of the latest week, only what was said from these data counts.
    """
    is_latest, store = week == district.week_start, open_store(district.settings)
    found = predictions.newest(
        store,
        students,
        as_of=week + timedelta(days=6),
        version=version,
        purposes=(*PURPOSES, runs.SHADOW),
        warehouse=district.snapshot.version if is_latest else None,
        undone=snapshots.undone(district.settings),
    )
    bare = {row["run_id"] for row in found.values() if row["factors"] == "[]"}
    without = {run_id for run_id in bare if not predictions.has_factors(store, run_id)}
    return {
        student: row
        for student, row in found.items()
        if row["risk_score"] is None or row["run_id"] not in without or row["purpose"] == runs.ASKED
    }


def _computed(
    district: District, folder: Path, week: date, students: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Score these students and keep the scores; those who were not enrolled are left out."""
    if not students:
        return {}
    settings = district.settings
    engine = serve.load(folder, form=settings.inference_form)
    norms = _norms(district, engine, week)
    with _turns, access.cursor(district.con) as cursor:
        table = score.score_week(settings, engine, cursor, week, students=students, norms=norms)
    if not len(table):
        return {}
    run = RunRecord(
        version=engine.version,
        as_of=week + timedelta(days=6),
        warehouse_version=district.snapshot.version,
        form=engine.form,
        family=NAME,
        purpose=runs.ASKED,
    )
    store = open_store(settings)
    predictions.write_run(store, run, table)
    return _stored(district, students, week, engine.version)


def _norms(district: District, engine: serve.Engine, week: date) -> dict[str, NDArray[np.float64]]:
    """Each school's typical week, which all students of the week share."""

    def ask() -> dict[str, NDArray[np.float64]]:
        with access.cursor(district.con) as cursor:
            return score.school_norms(cursor, week, engine.trained.features)

    return district.remember(("norms", engine.version, week), ask)


def _prediction(
    district: District, row: Mapping[str, Any], is_stored: bool, explained: bool = True
) -> Prediction:
    level = tier_of(district.settings, row["risk_score"])
    found = factors.read(row["factors"]) if explained else []
    return Prediction(
        prediction_id=f"{row['run_id']}:{row['student_id']}",
        student_id=row["student_id"],
        score=row["risk_score"],
        level=level,
        confidence=row[f"p_{level}"] if level == row["tier"] else None,
        reasons=tuple(Told(each, sentence(each, district.settings)) for each in found),
        version=row["version"],
        as_of=row["as_of"],
        made_at=row["scored_at"],
        is_stored=is_stored,
    )


def _note(
    actor: Actor,
    district: District,
    students: Collection[str],
    known: frozenset[str],
    week: date | None,
) -> None:
    as_of = (week + timedelta(days=6)).isoformat() if week else None
    for is_stored in (True, False):
        some = [one for one in students if (one in known) == is_stored]
        details = {"as_of": as_of, "stored": is_stored}
        trail.note_all(district.settings, actor, trail.PREDICT, some, details)
