"""Assignments: resources that staff gave to a student."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from edupulse_core.errors import MissingError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import assignments


@dataclass(frozen=True)
class Assignment:
    """A resource that somebody gave to a student."""

    assignment_id: str
    at: datetime  # UTC
    actor: str
    role: str
    student_id: str
    resource_id: str
    run_id: int | None = None  # that suggested it; None: somebody chose it themselves
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


def add(store: Store, given: Assignment) -> bool:
    """Keep an assignment; False if the student has the resource already, maybe since a moment."""
    try:
        with store.writing() as connection:
            connection.execute(insert(assignments), asdict(given))
    except IntegrityError:
        return False
    return True


def read(store: Store, assignment_id: str) -> Assignment:
    """One assignment. Raises MissingError where there is none."""
    query = select(assignments).where(assignments.c.assignment_id == assignment_id)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise MissingError(f"no assignment {assignment_id!r}")
    return Assignment(**row._mapping)


def standing(store: Store, students: Collection[str]) -> list[Assignment]:
    """The assignments of some students that were not withdrawn, the newest first."""
    query = select(assignments).where(
        assignments.c.student_id.in_(students), assignments.c.withdrawn_at.is_(None)
    )
    with store.reading() as connection:
        found = connection.execute(
            query.order_by(assignments.c.at.desc(), assignments.c.assignment_id)
        )
        return [Assignment(**row._mapping) for row in found]


def withdraw(store: Store, assignment_id: str, actor: str, now: datetime) -> bool:
    """Take an assignment back; False if somebody already did."""
    query = update(assignments).where(
        assignments.c.assignment_id == assignment_id, assignments.c.withdrawn_at.is_(None)
    )
    with store.writing() as connection:
        made = connection.execute(query.values(withdrawn_at=now, withdrawn_by=actor))
    return bool(made.rowcount)
