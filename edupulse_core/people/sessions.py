"""How long a sign-in lasts: until somebody signs out, leaves it unused, or it has grown old.

The identity provider's word is kept in a signed cookie, which stays valid for weeks, whoever holds
a copy. So a sign-in also has a row in the store, and opens nothing once that row has ended.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from edupulse_core.config import Settings
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.store import sessions
from edupulse_core.store.database import open_store

State = Literal["new", "open", "sign_out", "idle", "age"]

AHEAD = timedelta(minutes=5)  # that the provider's clock, or ours before it was set, may be ahead
SEEN_EVERY = timedelta(minutes=1)  # a session in use is written no more often
NOT_IDENTITY = ("origin", "is_logged_in", "tokens")  # that the server adds to the claims


def clock() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


def key_of(identity: Mapping[str, Any]) -> str:
    """The session of an identity token, which no other sign-in has: its claims hold a nonce.

    It is a hash of the claims, for a signed text can be spelled in more ways than one.
    """
    claims = {name: value for name, value in identity.items() if name not in NOT_IDENTITY}
    return key(json.dumps(claims, sort_keys=True))


def key(secret: str) -> str:
    """The id of the session that a secret opens."""
    return hashlib.sha256(secret.encode()).hexdigest()


def state(settings: Settings, session: str, *, issued_at: object = None) -> State:
    """Whether a session is open, was never seen before ("new"), or why it is over.

    issued_at: when the provider said who it is, in seconds; an old word opens no new session.
    Whoever asks for an open one is using it. One that has passed a limit ends here, and the audit
    notes it.
    """
    store, now = open_store(settings), clock()
    found = sessions.find(store, session)
    longest = timedelta(hours=settings.sign_in.max_hours)
    if found is None:
        age = now.timestamp() - issued_at if isinstance(issued_at, int | float) else 0
        return "new" if age <= longest.total_seconds() else "age"
    if found.ended_why:
        return cast(State, found.ended_why)
    unused = now - found.seen_at
    if not -AHEAD <= now - found.created_at <= longest:
        why: State = "age"
    elif unused > timedelta(minutes=settings.sign_in.idle_minutes):
        why = "idle"
    else:
        if unused >= SEEN_EVERY:
            sessions.see(store, session, now)
        return "open"
    end(settings, session, Actor(found.actor, found.role), why)
    return why


def actor_of(settings: Settings, session: str) -> Actor | None:
    """Whose an open session is."""
    if state(settings, session) != "open":
        return None
    found = sessions.find(open_store(settings), session)
    return Actor(found.actor, found.role) if found else None


def begin(settings: Settings, session: str, actor: Actor) -> None:
    """Open a session that is new, and note who came in."""
    store = open_store(settings)
    if sessions.begin(store, session, actor=actor.name, role=actor.role, at=clock()):
        trail.note(settings, actor, trail.SIGN_IN)


def end(settings: Settings, session: str, actor: Actor, why: State = "sign_out") -> None:
    """End a session for good, be it one that never began, and note it once."""
    store, now = open_store(settings), clock()
    if sessions.end(store, session, why=why, at=now):
        trail.note(settings, actor, trail.SIGN_OUT, details={"why": why})
    else:
        sessions.begin(store, session, actor=actor.name, role=actor.role, at=now, ended=why)
