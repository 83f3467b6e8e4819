"""Who an identity token names: the value of one claim, compared without surprises.

Some Unicode letters turn into plain ones in lower case (the Kelvin sign becomes *k*). So only ASCII
letters are folded, and a value with anything but printable ASCII opens nothing.
"""

from collections.abc import Mapping
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = "abcdefghijklmnopqrstuvwxyz"
FOLDED = frozenset({"email", "username", "upn", "unique_name"})  # people write these in any case
NOT_PLAIN = "The sign-in {value} has characters other than plain ASCII, so it can't be used."
NOT_SAID = (
    "The identity provider doesn't say whether {value} is verified, so it can't be used here. "
    "If the provider gives each address to its owner alone, whoever runs EduPulse can set "
    "trust_unverified_email under [sign_in] in edupulse.toml."
)
_FOLD = str.maketrans(UPPER, LOWER)


def is_folded(settings: Settings) -> bool:
    """Whether upper and lower case count as equal in this claim."""
    return settings.sign_in.claim in FOLDED


def folded(settings: Settings, value: str) -> str:
    """A claim's value, in the form used for comparison."""
    return value.strip(" ").translate(_FOLD) if is_folded(settings) else value


def sign_in_of(settings: Settings, identity: Mapping[str, Any]) -> str:
    """The claim's value, in the form used for comparison; empty if the token has none to trust.

    identity: the claims of the identity token.
    Raises RefusedError for a value that isn't plain ASCII, and for an email when the provider
    doesn't say whether it is verified, unless the settings trust it.
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
    """Whether the provider verified the email; some providers answer in text, some not at all."""
    said = identity.get("email_verified")
    if said is not None:
        return str(said).strip().lower() == "true"
    if not settings.sign_in.trust_unverified_email:
        raise RefusedError(NOT_SAID.format(value=identity["email"]))
    return True
