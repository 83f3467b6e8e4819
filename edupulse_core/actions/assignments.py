"""Giving a student a resource, and taking it back."""

from datetime import UTC, datetime
from uuid import uuid4

from edupulse_core.actions.students import STUDENT_ROLES
from edupulse_core.errors import InputError, MissingError
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import District
from edupulse_core.store import assignments
from edupulse_core.store.assignments import Assignment
from edupulse_core.store.database import open_store


def assign(
    actor: Actor,
    district: District,
    student_id: str,
    resource_id: str,
    *,
    run_id: int | None = None,
) -> Assignment:
    """Give a student a resource.

    run_id: the answer that suggested it. Raises AccessError for a student whom the actor may not
    see, MissingError without such a resource, InputError if the student already has it.
    """
    actor.require(*STUDENT_ROLES)
    district.why(actor.looking(), student_id)
    if not district.rows("resource", {"resource_id": resource_id}):
        raise MissingError("this resource is no longer in your district's records")
    made = Assignment(
        uuid4().hex, datetime.now(UTC), actor.name, actor.role, student_id, resource_id, run_id
    )
    details = {"resource": resource_id, "run_id": run_id}
    with trail.act(district.settings, actor, trail.ASSIGN, student_id, details=details):
        if not assignments.add(open_store(district.settings), made):
            raise InputError("this student already has this resource")
    return made


def withdraw(actor: Actor, district: District, assignment_id: str) -> None:
    """Take a resource back. Raises AccessError for a student whom the actor may not see."""
    actor.require(*STUDENT_ROLES)
    store = open_store(district.settings)
    found = assignments.read(store, assignment_id)
    district.why(actor.looking(), found.student_id)
    details = {"resource": found.resource_id, "by": found.actor}
    act = trail.act(district.settings, actor, trail.WITHDRAW, found.student_id, details=details)
    with act:
        if not assignments.withdraw(store, assignment_id, actor.name, datetime.now(UTC)):
            raise InputError("somebody took this resource back already")
