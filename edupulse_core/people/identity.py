"""What an identity token says of who somebody is: the value of one claim, never a likeness of it.

Unicode has letters that become plain ones in lower case (the Kelvin sign becomes *k*), so only
ASCII is folded, and anything that isn't printable ASCII opens nothing.
"""

from collections.abc import Mapping
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = "abcdefghijklmnopqrstuvwxyz"
FOLDED = frozenset({"email", "username", "upn", "unique_name"})  # people write these in any case
NOT_PLAIN = "The sign-in {value} has characters other than plain ASCII, so it opens nothing."
NOT_SAID = (
    "The identity provider doesn't say whether {value} is a verified address, so it opens nothing. "
    "If the provider gives addresses only to their owners, whoever runs EduPulse can set "
    "trust_unverified_email under [sign_in] in edupulse.toml."
)
_FOLD = str.maketrans(UPPER, LOWER)


def is_folded(settings: Settings) -> bool:
    """Whether the claim's values are alike in upper and lower case; others count to the letter."""
    return settings.sign_in.claim in FOLDED


def folded(settings: Settings, value: str) -> str:
    """A value of the claim as it is compared."""
    return value.strip(" ").translate(_FOLD) if is_folded(settings) else value


def sign_in_of(settings: Settings, identity: Mapping[str, Any]) -> str:
    """The claim's value, as it is compared; empty where the token has none that may be trusted.

    identity: the claims of the identity token.
    Raises RefusedError for a value that isn't plain ASCII, and for an address of which the
    provider doesn't say whether it is verified, unless the settings trust it.
    """
    claim = settings.sign_in.claim
    said = identity.get(claim)
    if not isinstance(said, str) or not said.strip():
        return ""
    if not (said.isascii() and said.isprintable()):
        raise RefusedError(NOT_PLAIN.format(value=ascii(said)))
    if claim == "email" and not _is_verified(settings, identity):
        return ""
    return folded(settings, said)


def _is_verified(settings: Settings, identity: Mapping[str, Any]) -> bool:
    """Whether the provider vouches for the address; some say so in text, some not at all."""
    said = identity.get("email_verified")
    if said is not None:
        return str(said).strip().lower() == "true"
    if not settings.sign_in.trust_unverified_email:
        raise RefusedError(NOT_SAID.format(value=identity["email"]))
    return True
