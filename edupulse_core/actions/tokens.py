"""Making, listing and revoking tokens of the HTTP API: for whoever runs the machine."""

from collections.abc import Sequence

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.people import tokens, trail
from edupulse_core.people.actor import Actor
from edupulse_core.store import tokens as kept
from edupulse_core.store.database import open_store
from edupulse_core.store.tokens import Token
from edupulse_core.warehouse import snapshots

DAYS = 90


def create_token(
    actor: Actor,
    settings: Settings,
    name: str,
    role: str,
    schools: Sequence[str] = (),
    days: int = DAYS,
) -> tuple[Token, str]:
    """Make a token; returns it and its secret, which can never be read again.

    Raises InputError for a role that a token cannot have, or a school that is not in the data.
    """
    actor.require()
    tokens.check(name, role, schools, days)
    _check_schools(settings, schools)
    with trail.act(settings, actor, trail.CREATE_TOKEN, name) as act:
        made, secret = tokens.make(settings, name, role, schools, days, actor.name)
        act.subjects = [f"{made.name} ({made.token_id})"]
        act.details = {
            "role": made.role,
            "schools": list(made.schools),
            "expires_at": made.expires_at.isoformat(),
        }
    return made, secret


def list_tokens(actor: Actor, settings: Settings) -> list[Token]:
    """All tokens, the newest first, open or not."""
    actor.require()
    found = kept.every(open_store(settings))
    trail.note(settings, actor, trail.LIST_TOKENS, details={"tokens": len(found)})
    return found


def revoke_token(actor: Actor, settings: Settings, token_id: str) -> Token:
    """End a token at once and for good.

    Raises MissingError if there is none with this ID, RefusedError if it was revoked before.
    """
    actor.require()
    store = open_store(settings)
    token = kept.named(store, token_id)
    if token is None:
        raise MissingError(f"no token {token_id!r}; `edupulse token list` shows them")
    with trail.act(settings, actor, trail.REVOKE_TOKEN, f"{token.name} ({token_id})"):
        if not kept.revoke(store, token_id, by=actor.name, at=tokens.clock()):
            raise RefusedError(f"the token {token.name!r} was revoked before")
    return token


def _check_schools(settings: Settings, schools: Sequence[str]) -> None:
    if not schools:
        return
    with snapshots.connect(settings) as con:
        known = {row[0] for row in con.execute("select org_id from orgs").fetchall()}
    unknown = sorted(set(schools) - known)
    if unknown:
        raise MissingError(f"no school {unknown[0]!r} in the imported data")
