"""Sentences about odd grants in `edupulse.toml`, for whoever starts the server."""

import duckdb

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.people.access import is_gone
from edupulse_core.people.identity import folded
from edupulse_core.warehouse import snapshots

CLAIMS = frozenset(  # of identity tokens, that name one person
    {"email", "username", "upn", "unique_name", "sub", "oid"}
)


def doubts(settings: Settings) -> list[str]:
    """What may keep people out: warnings only, since a provider may differ and data may come."""
    said = []
    if settings.sign_in.claim not in CLAIMS:
        said.append(
            f"sign_in.claim {settings.sign_in.claim!r} is none of the usual claims "
            f"({', '.join(sorted(CLAIMS))}): anyone whose token lacks it has no role"
        )
    gone = _gone(settings) if settings.grants else frozenset()
    known = _orgs(settings) if any(grant.schools for grant in settings.grants) else None
    for grant in settings.grants:
        if not (grant.user.isascii() and grant.user.isprintable()):
            said.append(f"{grant.user} is granted {grant.role}, but only plain ASCII signs in")
        if folded(settings, grant.user) in gone:
            said.append(
                f"{grant.user} is granted {grant.role}, but the imported data say that they "
                "have left, so the grant opens nothing; delete it"
            )
        if grant.role == "principal" and not grant.schools:
            said.append(f"{grant.user} is granted principal without a school, and sees nobody")
        for school in grant.schools:
            if known is not None and school not in known:
                said.append(
                    f"{grant.user} is granted {grant.role} of the school {school!r}, "
                    "which is not in the imported data"
                )
    return said


def _orgs(settings: Settings) -> set[str] | None:
    """The ids of the imported orgs; None where they cannot be read, which the pages will say."""
    try:
        with snapshots.connect(settings) as con:
            return {row[0] for row in con.execute("select org_id from orgs").fetchall()}
    except (InputError, RefusedError, duckdb.Error):
        return None


def _gone(settings: Settings) -> frozenset[str]:
    """The granted sign-ins that belong only to people who have left."""
    try:
        with snapshots.connect(settings) as con:
            users = {folded(settings, grant.user) for grant in settings.grants}
            return frozenset(user for user in users if is_gone(settings, con, user))
    except (InputError, RefusedError, duckdb.Error):
        return frozenset()
