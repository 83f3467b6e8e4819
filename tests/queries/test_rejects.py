"""The rejected rows of any import; what was found in them only for who may see all students."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.actions.imports import download_rejects, show_rejects
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, MissingError, RefusedError
from edupulse_core.people import trail
from edupulse_core.people.actor import person
from edupulse_core.queries import data
from edupulse_core.queries.district import District, open_district
from edupulse_core.warehouse.ingest import ingest
from tests import bundles, people

pytestmark = pytest.mark.slow

DAY = date(2025, 9, 15)
LEAD_AND_STEWARD = replace(people.steward, roles=frozenset({"steward", "district"}))


def spoiled(folder: Path, status: str) -> Path:
    files = bundles.small()
    files["attendance"] += [bundles.absence("ben", DAY, status=status)]
    return bundles.write(folder, files)


@pytest.fixture(scope="module")
def refused_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which an import was refused after one with a rejected row."""
    folder = tmp_path_factory.mktemp("refused")
    settings = load_settings(home=folder / "home", import_day=bundles.IMPORT_DAY)
    rules = {"max_reject_rate": 1.0}
    lenient = load_settings(home=folder / "home", import_day=bundles.IMPORT_DAY, imports=rules)
    ingest(lenient, spoiled(folder / "first", "A"))
    with pytest.raises(RefusedError):
        ingest(settings, spoiled(folder / "second", "Ana Moe, 7th"))
    return settings


@pytest.fixture
def here(refused_once: Settings) -> District:
    return open_district(refused_once)


def test_imports_with_rejected_rows_are_listed_newest_first(here: District) -> None:
    found = data.rejecting_imports(LEAD_AND_STEWARD, here)

    assert [(one.bundle, one.outcome, one.n_rows) for one in found] == [
        ("second", "refused", 1),
        ("first", "imported", 1),
    ]
    assert found[0].refusal.endswith(
        "(1 attendance.status: unknown status: must be one of absent, partial, tardy, present); "
        "nothing was imported"
    )


def test_the_rows_of_an_earlier_import_are_had_by_its_id(here: District) -> None:
    refused, imported = data.rejecting_imports(LEAD_AND_STEWARD, here)

    rows = download_rejects(person(LEAD_AND_STEWARD), here, refused.import_id).decode("utf-8-sig")

    assert rows.splitlines()[0] == "file,row_number,sourced_id,column_name,reason,found,raw"
    assert '"Ana Moe, 7th"' in rows.splitlines()[1]
    assert download_rejects(person(LEAD_AND_STEWARD), here) == download_rejects(
        person(LEAD_AND_STEWARD), here, imported.import_id
    )
    noted = trail.entries(here.settings, action=trail.DOWNLOAD_REJECTS)
    assert {entry.details["import"] for entry in noted} == {refused.import_id, imported.import_id}


@pytest.mark.parametrize("viewer", [people.steward, LEAD_AND_STEWARD])
def test_no_value_of_a_file_is_on_a_page(viewer: people.Viewer, here: District) -> None:
    listed = data.rejecting_imports(viewer, here)

    for import_id in (None, *(one.import_id for one in listed)):
        (reason,) = data.reject_reasons(viewer, here, import_id).to_pylist()
        assert reason["reason"] == "unknown status: must be one of absent, partial, tardy, present"
    assert "found" not in str(listed)


def test_a_page_shows_no_more_reasons_than_fit(
    here: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "MOST_REASONS", 0)

    assert data.reject_reasons(people.steward, here).num_rows == 0


def test_what_was_found_is_for_those_who_see_all_students(here: District) -> None:
    refused, imported = data.rejecting_imports(people.steward, here)

    for one in (refused, imported):
        rows = download_rejects(person(people.steward), here, one.import_id).decode("utf-8-sig")
        assert "Moe" not in rows and "ben" not in rows
        assert "must be one of absent, partial, tardy, present" in rows


def test_the_first_rows_are_shown_with_what_was_found_and_audited(here: District) -> None:
    refused = data.rejecting_imports(LEAD_AND_STEWARD, here)[0]

    (row,) = show_rejects(person(LEAD_AND_STEWARD), here, refused.import_id)

    assert (row["row_number"], row["sourced_id"]) == (4, "ben-2025-09-15")
    assert (row["column_name"], row["found"]) == ("status", "Ana Moe, 7th")
    (noted,) = trail.entries(here.settings, action=trail.VIEW_REJECTS)
    assert noted.details == {"rows": 1, "import": refused.import_id}
    with pytest.raises(AccessError):
        show_rejects(person(people.steward), here, refused.import_id)


def test_an_import_that_is_not_kept_is_missing(here: District) -> None:
    with pytest.raises(MissingError, match="no rejected rows of an import 'x'"):
        download_rejects(person(people.steward), here, "x")


@pytest.mark.parametrize("viewer", [people.counselor, people.district_lead, people.teacher_north])
def test_only_a_steward_sees_what_imports_rejected(viewer: people.Viewer, here: District) -> None:
    with pytest.raises(AccessError):
        data.rejecting_imports(viewer, here)
