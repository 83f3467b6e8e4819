"""Keys to the HTTP API: one row for each token, of which the store holds only a hash."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from edupulse_core.store import audit
from edupulse_core.store.database import Store
from edupulse_core.store.tables import tokens


@dataclass(frozen=True)
class Token:
    """One token, without its secret."""

    token_id: str
    name: str
    role: str
    schools: tuple[str, ...]  # empty: the role decides
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and now < self.expires_at


def add(store: Store, token: Token, secret: str) -> None:
    """Add a token.  secret: the hash of what its holder sends."""
    row = {
        "token_id": token.token_id,
        "secret": secret,
        "name": token.name,
        "role": token.role,
        "schools": list(token.schools) or None,
        "created_at": token.created_at,
        "created_by": audit.fitting(token.created_by, audit.LONGEST),
        "expires_at": token.expires_at,
    }
    with store.writing() as connection:
        connection.execute(insert(tokens), row)


def find(store: Store, secret: str) -> Token | None:
    """The token whose secret has this hash, open or not."""
    found = _tokens(store, tokens.c.secret == secret)
    return found[0] if found else None


def named(store: Store, token_id: str) -> Token | None:
    """The token with this id."""
    found = _tokens(store, tokens.c.token_id == token_id)
    return found[0] if found else None


def every(store: Store) -> list[Token]:
    """All tokens, the newest first."""
    return _tokens(store)


def see(store: Store, token_id: str, at: datetime) -> None:
    """Note that a token was used."""
    with store.writing() as connection:
        connection.execute(update(tokens).where(tokens.c.token_id == token_id).values(used_at=at))


def revoke(store: Store, token_id: str, *, by: str, at: datetime) -> bool:
    """End a token for good; False if it was revoked before, or there is none."""
    change = update(tokens).where(tokens.c.token_id == token_id, tokens.c.revoked_at.is_(None))
    who = audit.fitting(by, audit.LONGEST)
    with store.writing() as connection:
        done = connection.execute(change.values(revoked_at=at, revoked_by=who))
    return bool(done.rowcount)


def _tokens(store: Store, *where: ColumnElement[bool]) -> list[Token]:
    columns = [column for column in tokens.c if column.name != "secret"]
    query = select(*columns).where(*where).order_by(tokens.c.created_at.desc(), tokens.c.token_id)
    with store.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [Token(**{**row, "schools": tuple(row["schools"] or ())}) for row in rows]
