"""Signing in, signing out, and being refused."""

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.people import sessions, trail
from edupulse_core.people.actor import STRANGER, Actor
from edupulse_core.queries.district import District


def sign_in(actor: Actor, settings: Settings) -> None:
    """Open the session of somebody who signed in, and note it."""
    sessions.begin(settings, actor.looking().session, actor)


def sign_out(actor: Actor, settings: Settings, session: str = "") -> None:
    """End a session for good, in every tab, and note it.

    session: by default the actor's own; named for somebody who has no role here.
    """
    sessions.end(settings, session or actor.looking().session, actor)


def refuse_sign_in(settings: Settings, named: str, reason: str) -> None:
    """Note that somebody whom the identity provider knows has nothing to open here."""
    stranger = Actor(named or STRANGER, STRANGER)
    trail.note(settings, stranger, trail.REFUSED_SIGN_IN, details={"reason": reason})


def refuse_access(actor: Actor, settings: Settings, wanted: str) -> None:
    """Note that somebody asked for what is not theirs; wanted: a student, or an address."""
    trail.note(settings, actor, trail.REFUSED_ACCESS, wanted)


def check_student(actor: Actor, district: District, student_id: str) -> None:
    """Raise AccessError, and note it, for a student whom the actor may not see.

    For acts that no address names the student of: the doors note refused addresses themselves.
    """
    if actor.viewer is None:
        return
    try:
        district.why(actor.viewer, student_id)
    except AccessError:
        refuse_access(actor, district.settings, student_id)
        raise
