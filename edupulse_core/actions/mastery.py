"""Being told a student's mastery of every skill."""

from datetime import date

from edupulse_core.actions import answers
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.tracing import NAME
from edupulse_core.families.tracing.examples import BRING
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.queries.mastery import Mastery, mastery


def show_mastery(
    actor: Actor, settings: Settings, student_id: str, *, as_of: date | None = None
) -> Mastery:
    """Today's mastery of every skill: what is stored for this week, or worked out and stored now.

    Raises AccessError for a student whom the actor may not see, the same as for one who does not
    exist, and MissingError without answers to items or without a version that serves.
    """
    district = open_district(settings)
    if not district.rows("mastery_skills"):
        raise MissingError(BRING)
    found = answers.shown(actor, settings, NAME, student_id, as_of=as_of)
    if not found.is_new:
        details = {"family": NAME, "as_of": found.as_of.isoformat(), "run_id": found.run_id}
        trail.note(settings, actor, trail.ASK, student_id, details)
    return mastery(actor.viewer, district, student_id, found)
