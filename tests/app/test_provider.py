"""The [auth] section of a home's secrets: what is refused, and what is made."""

import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.secrets import Secrets, secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app import provider
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import ConfigError, RefusedError

SECRET = "8d1f0c5e92ab47d36f80e1b27c94a5d36be0f2187ad94c3b5e60721fd8a9c3b4"
AUTH = f"""
[auth]
redirect_uri = "https://edupulse.school.example/oauth2callback"
cookie_secret = "{SECRET}"
"""
PROVIDER = """
client_id = "a"
client_secret = "b"
server_metadata_url = "https://id.school.example/.well-known/openid-configuration"
"""


def with_secrets(folder: Path, text: str) -> Settings:
    (folder / ".streamlit").mkdir()
    file = folder / ".streamlit" / "secrets.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load_settings(home=folder)


@pytest.fixture(autouse=True)
def fresh_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Streamlit reads secrets once a process; each test reads its own."""
    before = config.get_option("secrets.files")
    monkeypatch.setattr(provider.st, "secrets", Secrets())
    yield
    config.set_option("secrets.files", before)


def test_a_home_without_secrets_has_no_identity_provider(tmp_path) -> None:
    assert provider.is_configured(load_settings(home=tmp_path)) is False
    assert provider.streamlit_flags(load_settings(home=tmp_path)) == []


def test_secrets_without_auth_are_no_identity_provider(tmp_path) -> None:
    assert provider.is_configured(with_secrets(tmp_path, "other = 1\n")) is False


@pytest.mark.parametrize("named", [PROVIDER, "[auth.school]" + PROVIDER])
def test_the_homes_own_identity_provider_counts(tmp_path, named) -> None:
    settings = with_secrets(tmp_path, AUTH + named)

    assert provider.is_configured(settings) is True
    assert provider.public_address() == "https://edupulse.school.example"
    flags = provider.streamlit_flags(settings)
    assert flags[:2] == ["--secrets.files", str(tmp_path / ".streamlit" / "secrets.toml")]
    assert flags[-6:] == [
        "--server.allowedHosts",
        "127.0.0.1",
        "--server.allowedHosts",
        "edupulse.school.example",
        "--server.allowedHosts",
        "localhost",
    ]


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("[auth]\nclient_id = 'a'\n", "redirect_uri, cookie_secret, client_secret"),
        (AUTH, "client_id, client_secret, server_metadata_url"),
        (AUTH + "[auth.school]\nclient_id = 'a'\n", "client_secret, server_metadata_url"),
    ],
)
def test_half_an_identity_provider_is_named(tmp_path, text, lacking) -> None:
    with pytest.raises(RefusedError, match=lacking):
        provider.is_configured(with_secrets(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"[auth]\nclient_id = a\n", "Invalid value (at line 2, column 13)"),
        (b"[auth\n", "Expected ']' at the end of a table declaration (at line 1, column 6)"),
        (b"[auth]\nclient_id = '\xff'\n", "'utf-8' codec can't decode byte 0xff in position 20"),
    ],
)
def test_secrets_that_are_no_toml_are_named_with_the_line(tmp_path, text, wrong) -> None:
    settings = with_secrets(tmp_path, "")
    file = tmp_path / ".streamlit" / "secrets.toml"
    file.write_bytes(text)

    with pytest.raises(ConfigError) as refused:
        provider.is_configured(settings)

    assert str(refused.value).startswith(f"{file}: {wrong}")
    assert provider.public_address() == ""


def test_secrets_that_may_not_be_opened_are_named(tmp_path) -> None:
    settings = with_secrets(tmp_path, "")
    file = tmp_path / ".streamlit" / "secrets.toml"
    file.unlink()
    file.symlink_to(file.name)
    config.set_option("secrets.files", [str(file)])

    with pytest.raises(ConfigError, match=r"secrets\.toml: Too many levels"):
        provider.is_configured(settings)


def test_an_auth_that_is_no_section_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"must be a section, \[auth\]"):
        provider.is_configured(with_secrets(tmp_path, "auth = 1\n"))


@pytest.mark.parametrize(
    "weak",
    [
        "xxx",
        "a long random string",
        "CHANGE-ME-" + SECRET[::-1],
        "put-a-random-string-here-" + SECRET[::-1],
        "0123456789abcdef" * 4,
        "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
        "a" * 64,
        SECRET[:8] * 8,
        SECRET[:63],
        SECRET[:62] + " x",
        "1234567890" * 7,
        "correct horse battery staple correct horse battery",
    ],
)
def test_a_cookie_secret_that_can_be_guessed_is_refused(tmp_path, weak) -> None:
    settings = with_secrets(tmp_path, AUTH.replace(SECRET, weak) + PROVIDER)

    with pytest.raises(RefusedError, match=r"can be guessed.*token_hex\(32\)"):
        provider.is_configured(settings)


def test_random_bytes_are_taken_however_they_are_written() -> None:
    made = [secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(32).upper()]

    assert all(provider.is_random(each) for each in made)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_secrets_that_others_can_read_are_refused(tmp_path, mode) -> None:
    settings = with_secrets(tmp_path, AUTH + PROVIDER)
    (tmp_path / ".streamlit" / "secrets.toml").chmod(mode)

    with pytest.raises(RefusedError, match="chmod 600"):
        provider.is_configured(settings)


@pytest.mark.parametrize(
    "text",
    [
        AUTH.replace(f'cookie_secret = "{SECRET}"\n', "") + PROVIDER,
        AUTH.replace(SECRET, "") + PROVIDER,
        "# ours\nother = 1\n" + AUTH.replace(f'cookie_secret = "{SECRET}"\n', "") + PROVIDER,
    ],
)
def test_a_cookie_secret_is_made_where_there_is_none(tmp_path, text) -> None:
    settings = with_secrets(tmp_path, text)
    file = tmp_path / ".streamlit" / "secrets.toml"

    assert provider.make_cookie_secret(settings) is True

    assert provider.is_configured(settings) is True
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert provider.make_cookie_secret(settings) is False
    assert [line for line in text.splitlines() if "cookie_secret" not in line] == [
        line for line in file.read_text().splitlines() if "cookie_secret" not in line
    ]


@pytest.mark.parametrize("text", ["", "other = 1\n", "[auth]\n", "[auth\n", AUTH + PROVIDER])
def test_no_secret_is_made_where_none_is_lacking(tmp_path, text) -> None:
    settings = with_secrets(tmp_path, text)

    assert provider.make_cookie_secret(settings) is False
    assert (tmp_path / ".streamlit" / "secrets.toml").read_text() == text


def test_a_section_in_one_line_is_left_to_its_author(tmp_path) -> None:
    settings = with_secrets(tmp_path, "auth = { client_id = 'a' }\n")

    with pytest.raises(RefusedError, match="found no"):
        provider.make_cookie_secret(settings)


def test_a_place_that_takes_no_secret_is_named(tmp_path, monkeypatch) -> None:
    def read_only(path: Path) -> None:
        raise OSError(30, "Read-only file system")

    settings = with_secrets(tmp_path, AUTH.replace(SECRET, "") + PROVIDER)
    monkeypatch.setattr(provider, "replacing", read_only)

    with pytest.raises(ConfigError, match=r"secrets\.toml: .*Read-only file system"):
        provider.make_cookie_secret(settings)


def test_only_a_cookie_that_was_signed_here_names_somebody(tmp_path, monkeypatch) -> None:
    settings = with_secrets(tmp_path, AUTH + PROVIDER)
    assert provider.is_configured(settings)
    monkeypatch.setattr(secrets_singleton, "_secrets", provider.st.secrets.to_dict())
    said = '{"email": "dora@district.example"}'

    def cookie(secret: str) -> dict[str, str]:
        signed = create_signed_value(secret, "_streamlit_user", said)
        return {"_streamlit_user": signed.decode()}

    assert provider.identity(cookie(SECRET)) == {"email": "dora@district.example"}
    assert provider.identity(cookie("xxx")) is None
    assert provider.identity({"_streamlit_user": "\u212a"}) is None
    assert provider.identity({}) is None
