"""The identity provider: reads and checks the [auth] section of the home's secrets."""

import json
import math
import os
import re
import secrets
import string
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import AUTH_COOKIE_NAME, get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.files import replacing

LOCAL_HOSTS = ("localhost", "127.0.0.1")
NEEDED = ("redirect_uri", "cookie_secret")
NEEDED_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
SECRET_BYTES = 32
ALPHABETS = (  # their letters, and how many of them a text uses: hexadecimal has one case
    (string.digits, 10),
    (string.hexdigits, 16),
    (string.ascii_letters + string.digits + "-_", 64),
)
PLACEHOLDERS = ("change", "secret", "example", "placeholder", "random", "password", "replace")
WEAK = (
    "The cookie_secret in secrets.toml can be guessed, and whoever knows it can sign in as anyone. "
    "Remove the line, and `edupulse serve` will write a good one. To make one yourself: "
    f"python3 -c 'import secrets; print(secrets.token_hex({SECRET_BYTES}))'."
)
OPEN_FILE = (
    "Other accounts on this machine can read {path} and use its secrets to sign in as anyone. Run "
    "`chmod 600 {path}`."
)
NO_PLACE = (
    "`edupulse serve` found no [auth] line in secrets.toml to write a cookie_secret below. Add a "
    f"cookie_secret of {SECRET_BYTES} random bytes to that section."
)


def streamlit_flags(settings: Settings) -> list[str]:
    """The flags to start the server with: the home's own secrets, and the hosts it answers to."""
    path = home_secrets(settings)
    flags = ["--secrets.files", str(path)] if path.is_file() else []
    host = urlsplit(public_address()).hostname
    if host:
        for allowed in sorted({host, *LOCAL_HOSTS}):
            flags += ["--server.allowedHosts", allowed]
    return flags


def is_configured(settings: Settings | None = None) -> bool:
    """Whether an identity provider is configured.

    settings: the home whose secrets to read, if the server was not started with them.
    Raises RefusedError when the section is incomplete, its cookie secret can be guessed, or other
    accounts can read the file; ConfigError when `secrets.toml` cannot be read.
    """
    if settings is not None and home_secrets(settings).is_file():
        config.set_option("secrets.files", [str(home_secrets(settings))])
    section = auth_section()
    if not section:
        return False
    lacking = [name for name in NEEDED if not section.get(name)]
    lacking += [
        name
        for provider in named_providers(section).values() or [section]
        for name in NEEDED_OF_PROVIDER
        if not provider.get(name)
    ]
    if lacking:
        raise RefusedError(f"The [auth] section of secrets.toml lacks {', '.join(lacking)}.")
    if not is_random(str(section["cookie_secret"])):
        raise RefusedError(WEAK)
    _refuse_open_files()
    return True


def is_random(secret: str) -> bool:
    """Whether a text could be 32 random bytes: long enough, and without a visible pattern."""
    letters = next((n for each, n in ALPHABETS if set(secret) <= set(each)), 94)
    has_bits = len(secret) * math.log2(letters) >= 8 * SECRET_BYTES
    steps = [abs(ord(one) - ord(next_one)) <= 1 for one, next_one in pairwise(secret)]
    in_order = sum(steps) > 0.45 * len(steps) or secret in (secret + secret)[1:-1]
    is_placeholder = any(word in secret.lower() for word in PLACEHOLDERS)
    is_phrase = not secret.isascii() or any(letter.isspace() for letter in secret)
    return has_bits and not in_order and not is_placeholder and not is_phrase


def make_cookie_secret(settings: Settings) -> bool:
    """Add a cookie secret to the home's [auth] section if it has none; True if one was added."""
    path = home_secrets(settings)
    try:
        text = path.read_text(encoding="utf-8")
        section = tomllib.loads(text).get("auth")
    except (OSError, ValueError):  # missing, or nothing that can be read: `is_configured` says so
        return False
    if not isinstance(section, dict) or not section or section.get("cookie_secret"):
        return False
    line = f'cookie_secret = "{secrets.token_hex(SECRET_BYTES)}"'
    empty = r"^[ \t]*cookie_secret[ \t]*=.*$"
    head = r"^[ \t]*\[[ \t]*auth[ \t]*\].*$"
    written = re.sub(empty, line, text, count=1, flags=re.MULTILINE)
    if "cookie_secret" not in section:
        written = re.sub(head, rf"\g<0>\n{line}", text, count=1, flags=re.MULTILINE)
    if tomllib.loads(written) != tomllib.loads(text) | {"auth": section | tomllib.loads(line)}:
        raise RefusedError(NO_PLACE)
    try:
        mode = path.stat().st_mode & 0o777
        with replacing(path) as half:
            half.write_text(written, encoding="utf-8")
            half.chmod(mode)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot write a cookie_secret there ({error.strerror})"
        ) from None
    return True


def public_address() -> str:
    """The scheme and host that people open in their browsers; empty without a provider."""
    try:
        found = urlsplit(str(auth_section().get("redirect_uri", "")))
    except (ConfigError, ValueError):  # the page says what is wrong
        return ""
    return f"{found.scheme}://{found.netloc}" if found.netloc else ""


def identity(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """The claims in a browser's cookie; None without a cookie, or if its signature is wrong.

    This is for plain HTTP requests; a page reads `st.user`.
    """

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        if value is None:
            return None
        return decode_signed_value(get_cookie_secret(), name, value.encode("latin-1", "replace"))

    found = get_cookie_with_chunks(signed, AUTH_COOKIE_NAME)
    return json.loads(found) if found else None


def home_secrets(settings: Settings) -> Path:
    """The path of a home's secrets."""
    return settings.home / ".streamlit" / "secrets.toml"


def auth_section() -> dict[str, Any]:
    """The [auth] section; ConfigError when the secrets are there but cannot be read."""
    try:
        is_loaded = st.secrets.load_if_toml_exists()
    except (OSError, UnicodeDecodeError):
        is_loaded = False
    if not is_loaded:
        _check_secrets()
        return {}
    section = st.secrets.get("auth", {})
    if not hasattr(section, "keys"):
        raise ConfigError("secrets.toml: auth is a value; it must be a section, [auth]")
    return dict(section)


def named_providers(section: dict[str, Any]) -> dict[str, Any]:
    """The named providers, each a table of the [auth] section."""
    return {name: value for name, value in section.items() if hasattr(value, "keys")}


def _refuse_open_files() -> None:
    for path in map(Path, config.get_option("secrets.files")):
        if os.name == "posix" and path.is_file() and path.stat().st_mode & 0o077:
            raise RefusedError(OPEN_FILE.format(path=path))


def _check_secrets() -> None:
    """Raise ConfigError for secrets that exist but can't be read; Streamlit ignores them."""
    for path in map(Path, config.get_option("secrets.files")):
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None
        except ValueError as error:  # not TOML, or not UTF-8
            raise ConfigError(f"{path}: {error}") from None
