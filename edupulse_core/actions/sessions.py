"""Coming in, going out, and being turned away."""

from edupulse_core.config import Settings
from edupulse_core.people import sessions, trail
from edupulse_core.people.actor import Actor


def sign_in(actor: Actor, settings: Settings) -> None:
    """Open the session of somebody who came in, and note it."""
    sessions.begin(settings, actor.looking().session, actor)


def sign_out(actor: Actor, settings: Settings) -> None:
    """End the session of somebody who leaves, for every tab, and note it."""
    sessions.end(settings, actor.looking().session, actor)


def turn_away(settings: Settings, session: str, named: str) -> None:
    """End the session of somebody who has nothing to open here, before it began."""
    sessions.end(settings, session, Actor(named or trail.STRANGER, trail.STRANGER))


def refuse_sign_in(settings: Settings, named: str, reason: str) -> None:
    """Note that somebody whom the identity provider knows has nothing to open here."""
    stranger = Actor(named or trail.STRANGER, trail.STRANGER)
    trail.note(settings, stranger, trail.REFUSED_SIGN_IN, details={"reason": reason})


def refuse_access(actor: Actor, settings: Settings, wanted: str) -> None:
    """Note that somebody asked for what is not theirs; wanted: a student, or an address."""
    trail.note(settings, actor, trail.REFUSED_ACCESS, wanted)
