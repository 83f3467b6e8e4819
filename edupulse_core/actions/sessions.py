"""Coming in, going out, and being turned away."""

from edupulse_core.config import Settings
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor


def sign_in(actor: Actor, settings: Settings) -> None:
    """Note that somebody came in."""
    trail.note(settings, actor, trail.SIGN_IN)


def sign_out(actor: Actor, settings: Settings) -> None:
    """Note that somebody left."""
    trail.note(settings, actor, trail.SIGN_OUT)


def refuse_sign_in(settings: Settings, named: str, reason: str) -> None:
    """Note that somebody whom the identity provider knows has nothing to open here."""
    stranger = Actor(named or trail.STRANGER, trail.STRANGER)
    trail.note(settings, stranger, trail.REFUSED_SIGN_IN, details={"reason": reason})


def refuse_access(actor: Actor, settings: Settings, wanted: str) -> None:
    """Note that somebody asked for what is not theirs; wanted: a student, or an address."""
    trail.note(settings, actor, trail.REFUSED_ACCESS, wanted)
