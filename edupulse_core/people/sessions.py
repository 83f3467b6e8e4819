"""How long a sign-in lasts: until the person signs out, is idle too long, or a time limit ends it.

Streamlit keeps the provider's answer in a signed cookie that stays valid for weeks, and so does
every copy of it. So each sign-in also has a row in the store, and opens nothing once that ended.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.store import audit, sessions
from edupulse_core.store.database import open_store

State = Literal["new", "open", "sign_out", "idle", "age"]

AHEAD = timedelta(minutes=5)  # how far a clock may have been ahead when a session began
SEEN_EVERY = timedelta(minutes=1)  # use is written at most this often
NOT_IDENTITY = ("origin", "is_logged_in", "tokens")  # what Streamlit adds to the claims


def clock() -> datetime:
    """The current time (UTC)."""
    return datetime.now(UTC)


def key_of(identity: Mapping[str, Any]) -> str:
    """The session of an identity token: a hash of its claims, whose nonce no other sign-in has.

    A hash of the cookie would not do, because one signature can be written in several ways.
    """
    claims = {name: value for name, value in identity.items() if name not in NOT_IDENTITY}
    return key(json.dumps(claims, sort_keys=True))


def key(secret: str) -> str:
    """The id of the session that a secret opens."""
    return hashlib.sha256(secret.encode()).hexdigest()


def state(
    settings: Settings, session: str, *, issued_at: object = None, is_use: bool = True
) -> State:
    """Whether a session is open, was never seen before ("new"), or why it is over.

    issued_at: when the provider issued the token, in seconds; an old token opens no new session.
    is_use: whether the person did something, which keeps the session open.
    A session that has passed a limit ends here, and the audit notes it.
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
        if is_use and unused >= SEEN_EVERY:
            with suppress(ConfigError):  # a full disk: the session ends early, the page still opens
                sessions.see(store, session, now)
        return "open"
    end(settings, session, Actor(found.actor, found.role), why)
    return why


def actor_of(settings: Settings, session: str) -> Actor | None:
    """Who is signed in with an open session."""
    if state(settings, session) != "open":
        return None
    found = sessions.find(open_store(settings), session)
    return Actor(found.actor, found.role) if found else None


def begin(settings: Settings, session: str, actor: Actor) -> None:
    """Open a new session, and note who signed in; both or neither."""
    trail.settle_once(settings)
    store, name, role = open_store(settings), actor.name, actor.role
    line = audit.Line(actor=name, role=role, action=trail.SIGN_IN)
    sessions.begin(store, session, actor=name, role=role, at=clock(), line=line)


def end(settings: Settings, session: str, actor: Actor, why: State = "sign_out") -> None:
    """End a session for good, even one that never began, and note it once; both or neither."""
    trail.settle_once(settings)
    store, now, name, role = open_store(settings), clock(), actor.name, actor.role
    line = audit.Line(actor=name, role=role, action=trail.SIGN_OUT, details={"why": why})
    if not sessions.end(store, session, why=why, at=now, line=line):
        sessions.begin(store, session, actor=name, role=role, at=now, ended=why)
