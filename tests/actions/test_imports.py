"""Imports taken back: by whom, which one, and what is noted of it."""

from pathlib import Path

import pytest

from edupulse_core.actions.imports import undo_import
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, ConfigError, RefusedError
from edupulse_core.people import trail
from edupulse_core.people.actor import person
from edupulse_core.queries.district import open_district
from edupulse_core.warehouse import snapshots
from tests import people
from tests.queries.conftest import VERSION, build_home, publish


@pytest.fixture
def imported_twice(tmp_path: Path) -> Settings:
    settings = build_home(tmp_path)
    publish(settings, "20261117T060000000000-next")
    return settings


def test_an_undo_takes_back_what_was_shown_and_names_who_did_it(imported_twice: Settings) -> None:
    undo_import(
        person(people.steward), imported_twice, shown=open_district(imported_twice).snapshot.version
    )

    assert snapshots.current(imported_twice).version == VERSION
    noted = trail.entries(imported_twice)[0]
    assert (noted.actor, noted.action) == (people.steward.sign_in, trail.UNDO_IMPORT)
    assert noted.subject == "20261117T060000000000-next" and noted.details == {"now": VERSION}


def test_an_import_that_came_in_since_is_not_taken_back(imported_twice: Settings) -> None:
    shown = open_district(imported_twice)
    publish(imported_twice, "20261118T060000000000-third")

    with pytest.raises(RefusedError):
        undo_import(person(people.steward), shown.settings, shown=shown.snapshot.version)

    assert snapshots.current(imported_twice).version == "20261118T060000000000-third"
    noted = trail.entries(imported_twice)[0]
    assert (noted.actor, noted.action) == (people.steward.sign_in, trail.REFUSED_UNDO)


def test_what_cannot_be_noted_is_not_taken_back(
    imported_twice: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(imported_twice.home)  # to SQLAlchemy the address is a relative path
    store = f"sqlite:///file:{imported_twice.data / 'store.db'}?mode=ro&uri=true"
    shown = open_district(load_settings(home=imported_twice.home, database_url=store))

    with pytest.raises(ConfigError, match="cannot be written"):
        undo_import(person(people.steward), shown.settings, shown=shown.snapshot.version)

    assert snapshots.current(imported_twice).version == "20261117T060000000000-next"


def test_nobody_but_a_steward_takes_an_import_back(imported_twice: Settings) -> None:
    with pytest.raises(AccessError):
        undo_import(
            person(people.district_lead),
            imported_twice,
            shown=open_district(imported_twice).snapshot.version,
        )

    assert snapshots.current(imported_twice).version == "20261117T060000000000-next"
