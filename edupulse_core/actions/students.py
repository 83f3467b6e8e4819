"""Opening a student, being shown a list of them, and taking the list out."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from edupulse_core.people import access, trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries import at_risk, students
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord
from edupulse_core.warehouse import exports

EXPORTED = (
    "student_id",
    "name",
    "grade",
    "school",
    "tier",
    "uncertain",
    "risk_score",
    "change",
    "attendance",
    "courses_failing",
    "incidents",
    "flag_a",
    "flag_b",
    "flag_c",
    "factor",
)
SCORED = ("tier", "uncertain", "risk_score", "change", "factor")
STUDENT_ROLES = ("counselor", "teacher", "principal", "district")


Opening = tuple[str, date]  # a student, and the week that was shown


def open_student(
    actor: Actor,
    district: District,
    student_id: str,
    as_of: date | None = None,
    *,
    last: Opening | None = None,
) -> StudentRecord:
    """The record of one student, as of a week; the latest unless given.

    last: what the actor has open already, which is not noted a second time.
    Raises AccessError, the same for a student of others as for one who does not exist.
    """
    record = StudentRecord(actor.looking(), district, student_id, as_of)
    if opening(record) != last:
        details = {"as_of": record.as_of.isoformat(), "why": record.why}
        trail.note(district.settings, actor, trail.VIEW_STUDENT, student_id, details)
    return record


def opening(record: StudentRecord) -> Opening:
    """Which student of which week a record shows."""
    return record.student_id, record.as_of


def note_list(
    actor: Actor,
    district: District,
    name: str,
    n_students: int,
    filters: Mapping[str, Any],
    *,
    noted: set[str],
) -> None:
    """Note that a list of names is shown: whose students, how many, and by which filters.

    filters: as `told` gives them.  noted: what the session has noted already, which is not noted
    again; the list joins it.
    Raises ConfigError where the store cannot be written; then no name may be shown.
    """
    details: dict[str, Any] = {
        "whose": access.reach(actor.looking()),
        "filters": dict(filters),
        "as_of": district.as_of.isoformat(),
    }
    shown = json.dumps([actor.name, actor.role, name, details, district.snapshot.version])
    if shown not in noted:
        details["rows"] = n_students
        trail.note(district.settings, actor, trail.VIEW_LIST, name, details)
        noted.add(shown)


def told(filters: Filters) -> dict[str, Any]:
    """The filters that are on, for the audit trail: what was searched for may be a name."""
    on = {name: value for name, value in asdict(filters).items() if value and name != "sort"}
    return {**on, "text": True} if filters.text else on


def show_student(actor: Actor, district: District, student_id: str) -> dict[str, Any]:
    """One student's row; AccessError, the same for a student of others as for nobody."""
    viewer = actor.looking()
    why = district.why(viewer, student_id)
    row = students.student(viewer, district, student_id)
    details = {"as_of": district.as_of.isoformat(), "why": why}
    trail.note(district.settings, actor, trail.VIEW_STUDENT, student_id, details)
    return row


def list_students(
    actor: Actor, district: District, skip: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Some of the actor's students by name, and how many there are in all."""
    rows, total = students.students(actor.looking(), district, skip, limit)
    note_list(actor, district, "students", len(rows), {"skip": skip}, noted=set())
    return rows, total


def show_list(
    actor: Actor, district: District, filters: Filters, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The first rows of the at-risk list, and how many the filters keep in all."""
    viewer = actor.looking()
    actor.require(*STUDENT_ROLES)
    rows, total = at_risk.first(viewer, district, filters, limit)
    note_list(actor, district, "at-risk list", len(rows), told(filters), noted=set())
    return rows, total


def export_list(actor: Actor, district: District, filters: Filters) -> bytes:
    """All rows of the at-risk list that the filters keep, as harmless CSV."""
    viewer = actor.looking()
    actor.require(*STUDENT_ROLES)
    rows = at_risk.everyone(viewer, district, filters)
    as_of = district.as_of.isoformat()
    details = {"filters": told(filters), "rows": len(rows), "as_of": as_of}
    trail.note(district.settings, actor, trail.EXPORT, "at-risk list", details)
    scored = district.standing.run is not None
    names = [name for name in EXPORTED if scored or name not in SCORED]
    lines = ([row[name] for name in names] + [as_of] for row in rows)
    return exports.write_csv([*names, "as_of"], lines).encode("utf-8-sig")
