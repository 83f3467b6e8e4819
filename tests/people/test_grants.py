"""Grants that will let nobody in are named when the server starts."""

import os
from pathlib import Path

import pytest

from edupulse_core.config import Grant, Settings, SignIn
from edupulse_core.people.grants import doubts
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

PRINCIPAL = Grant(user="paul@north.example", role="principal", schools=("north",))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def with_grants(home: Settings, *grants: Grant, claim: str = "email") -> Settings:
    return home.model_copy(update={"grants": grants, "sign_in": SignIn(claim=claim)})


def test_a_principal_without_schools_is_named(home: Settings) -> None:
    grants = PRINCIPAL, Grant(user="pia@north.example", role="principal")

    (doubt,) = doubts(with_grants(home, *grants))

    assert "pia@north.example" in doubt and "without a school" in doubt


def test_a_school_that_the_data_lack_is_named_once_there_are_data(
    home: Settings, tmp_path: Path
) -> None:
    there = with_grants(home, PRINCIPAL)
    elsewhere = with_grants(
        home, Grant(user="cora@north.example", role="counselor", schools=("atlantis",))
    )

    assert doubts(elsewhere) == []
    ingest(home, bundles.write(tmp_path / "bundle", bundles.small()))

    assert doubts(there) == []
    (doubt,) = doubts(elsewhere)
    assert "cora@north.example" in doubt and "'atlantis'" in doubt


def test_a_grant_to_a_name_that_cannot_sign_in_is_named(home: Settings) -> None:
    (doubt,) = doubts(with_grants(home, Grant(user="ban\u212a@north.example", role="district")))

    assert "only plain ASCII signs in" in doubt


@pytest.mark.parametrize("what", ["pointer", "warehouse", "half a warehouse"])
def test_a_warehouse_that_cannot_be_read_raises_no_doubt(
    what: str, home: Settings, tmp_path: Path
) -> None:
    ingest(home, bundles.write(tmp_path / "bundle", bundles.small()))
    path = home.published if what == "pointer" else snapshots.current(home).path
    os.truncate(path, path.stat().st_size // 2 if what == "half a warehouse" else 9)

    assert doubts(with_grants(home, PRINCIPAL)) == []


def test_a_grant_of_somebody_who_is_gone_is_named(home: Settings, tmp_path: Path) -> None:
    files = bundles.small()
    ingest(home, bundles.write(tmp_path / "a", files))
    granted = with_grants(home, Grant(user="tess@school.example", role="district"))
    assert doubts(granted) == []

    ingest(home, bundles.write(tmp_path / "b", {"users": files["users"][:2]}))

    (doubt,) = doubts(granted)
    assert doubt.startswith("tess@school.example is granted district, but")


@pytest.mark.parametrize(("claim", "n"), [("emial", 1), ("email", 0), ("upn", 0)])
def test_a_claim_that_tokens_do_not_have_is_named(home: Settings, claim: str, n: int) -> None:
    found = doubts(with_grants(home, claim=claim))

    assert len(found) == n
    assert all("sign_in.claim 'emial'" in each for each in found)
