"""`edupulse token`: shown once, hashed at rest, revoked at once, each act in the audit."""

import json
from pathlib import Path

import pytest

from edupulse_core.config import load_settings
from edupulse_core.people import tokens
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import tokens as table
from tests.cli.conftest import Audited, Edupulse
from tests.stored import newest_first


def make(edupulse: Edupulse, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    assert edupulse("token", "create", "--name", "sync", "--json", *words) == 0
    made: dict[str, str] = json.loads(capsys.readouterr().out)
    return made


def test_a_token_is_shown_once_and_opens_until_it_is_revoked(
    edupulse: Edupulse,
    empty_home: Path,
    capsys: pytest.CaptureFixture[str],
    audited: Audited,
) -> None:
    made = make(edupulse, capsys, "--role", "district")
    settings = load_settings(home=empty_home)
    secret = made["token"]
    assert secret.startswith("edu_") and len(secret) > 40
    assert tokens.actor_of(settings, secret) is not None
    (row,) = newest_first(open_store(settings), table)
    assert secret not in str(row)

    assert edupulse("token", "list") == 0
    listed = capsys.readouterr().out
    assert edupulse("token", "revoke", made["id"]) == 0
    again = edupulse("token", "revoke", made["id"])

    assert made["id"] in listed and secret not in listed
    assert tokens.actor_of(settings, secret) is None
    assert again == 4
    named = f"sync ({made['id']})"
    assert audited(empty_home, "create_token")[0].subject == named
    assert audited(empty_home, "revoke_token")[0].subject == named
    assert audited(empty_home, "list_tokens")


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "teacher"),
        ("--role", "principal"),
        ("--role", "district", "--school", "north"),
        ("--role", "district", "--days", "0"),
        ("--role", "district", "--days", "4000"),
        ("--role", "principal", "--school", "north"),  # nothing is imported yet
    ],
)
def test_a_token_that_cannot_be_is_refused_in_one_sentence(
    edupulse: Edupulse,
    empty_home: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    assert edupulse("token", "create", "--name", "x", *words) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_principals_token_names_schools_of_the_district(
    edupulse: Edupulse, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("token", "create", "--name", "x", "--role", "principal", "--school")

    assert edupulse(*words, "no such school") == 3
    assert "no such school" in capsys.readouterr().err
