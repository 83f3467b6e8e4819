"""Tokens of the HTTP API: what each may see, and whether it still opens anything.

A token is nobody's sign-in, so it can hold only the roles that do not depend on who somebody is: a
teacher's students follow from their classes and a counselor's from their caseload.
"""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, InputError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import Actor
from edupulse_core.store import tokens
from edupulse_core.store.database import open_store
from edupulse_core.store.tokens import Token

ROLES = ("district", "principal", "steward")
PREFIX = "edu_"  # by which a scanner of published code knows a token
SECRET_BYTES = 32
LONGEST_NAME = 100  # letters
LONGEST_DAYS = 366
SEEN_EVERY = timedelta(minutes=1)  # use is written at most this often


def clock() -> datetime:
    """The current time (UTC)."""
    return datetime.now(UTC)


def make(
    settings: Settings, name: str, role: str, schools: Sequence[str], days: int, by: str
) -> tuple[Token, str]:
    """Keep a new token; returns it and its secret, which is nowhere else.

    Raises InputError for a name, a role, schools or a number of days that cannot be.
    """
    check(name, role, schools, days)
    now, secret = clock(), PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token(
        token_id=uuid4().hex[:12],
        name=name,
        role=role,
        schools=tuple(sorted(set(schools))),
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days),
    )
    tokens.add(open_store(settings), token, hashed(secret))
    return token, secret


def check(name: str, role: str, schools: Sequence[str], days: int) -> None:
    """Raise InputError, saying what is wrong, unless such a token can be made."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(f"a token's name is 1 to {LONGEST_NAME} printable letters, found {name!r}")
    if role not in ROLES:
        raise InputError(
            f"a token cannot be a {role!r}; choose {', '.join(ROLES)}. A teacher's or counselor's "
            "students depend on who they are, and a token is nobody"
        )
    if role == "principal" and not schools:
        raise InputError("a principal's token needs at least one school: add --school ID")
    if role != "principal" and schools:
        raise InputError(f"a {role}'s token is for no one school: use --role principal")
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"a token lasts 1 to {LONGEST_DAYS} days, found {days}")


def hashed(secret: str) -> str:
    """What the store keeps of a secret. It is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def actor_of(settings: Settings, secret: str) -> Actor | None:
    """Who sends this secret; None if the token is unknown, revoked or expired."""
    store, now = open_store(settings), clock()
    token = tokens.find(store, hashed(secret))
    if token is None or not token.is_open(now):
        return None
    if token.used_at is None or now - token.used_at >= SEEN_EVERY:
        with suppress(ConfigError):  # a full disk: reading still works
            tokens.see(store, token.token_id, now)
    return actor(token)


def actor(token: Token) -> Actor:
    """The viewer that a token is, as the audit names them."""
    known_as = f"token {token.name} ({token.token_id})"
    viewer = Viewer("", token.name, frozenset({token.role}), token.schools, known_as)
    return Actor(known_as, token.role, viewer)
