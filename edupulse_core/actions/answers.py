"""Asking a family of models about some students."""

from collections.abc import Collection
from datetime import date

from pydantic import BaseModel

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import serving
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district


def ask(
    actor: Actor,
    settings: Settings,
    family: str,
    students: Collection[str],
    question: BaseModel | None = None,
    *,
    as_of: date | None = None,
) -> serving.Answered:
    """What the active version of a family answers about some students; no page changes.

    question: the family's own, with nothing filled in unless given. Raises AccessError, before
    anything is asked, where one of them is a student whom the actor may not see.
    """
    name = shelf.check_name(family)
    _check(actor, settings, students)
    about = students or [name]  # a text has no student, and still leaves a line in the trail
    with trail.act(settings, actor, trail.ASK, *about, details={"family": name}) as act:
        found = serving.ask(settings, name, students, question, as_of=as_of)
        act.details |= {"as_of": found.as_of.isoformat(), "run_id": found.run_id}
    return found


def shown(
    actor: Actor,
    settings: Settings,
    family: str,
    student_id: str,
    question: BaseModel | None = None,
    *,
    as_of: date | None = None,
    after: int = 0,
    topic: str = "",
    is_page: bool = True,
) -> serving.Answered:
    """What a page shows of one student: stored for this week, or worked out and stored now.

    after: a run that the question comes from; what was stored before it is worked out again.
    topic: sets the question apart from others about the same student, such as a goal.
    is_page: whoever opened a student's page is in the audit trail already, so only an answer that
    is worked out now is noted; elsewhere each one is.
    Raises AccessError where the actor may not see the student, MissingError where no version of
    the family serves.
    """
    name = shelf.check_name(family)
    _check(actor, settings, [student_id])
    found = serving.shown(
        settings, name, student_id, question, as_of=as_of, after=after, topic=topic
    )
    if found.is_new or not is_page:
        details = {"family": name, "as_of": found.as_of.isoformat(), "run_id": found.run_id}
        trail.note(settings, actor, trail.ASK, student_id, details)
    return found


def _check(actor: Actor, settings: Settings, students: Collection[str]) -> None:
    """Raise AccessError for a student whom the actor may not see.

    The operator may see everybody: for them it is a MissingError that names who does not exist.
    """
    if not students:  # a text, say, of which no import need stand
        return
    district = open_district(settings)
    for student_id in students:
        if actor.viewer is not None:
            district.why(actor.viewer, student_id)
        elif not district.rows("is_student", {"student_id": student_id}):
            raise MissingError(f"there is no student {student_id!r}")
