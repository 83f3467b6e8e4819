"""Whatever the data say of somebody who is gone closes the door with the import that says it."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.people import access
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow

AS_OF = date(2025, 9, 14)  # the last day of the data, long before the day of the import
BEFORE = date(2026, 2, 2)
Way = tuple[bundles.Files, dict[str, str]]


def users(**said: str) -> bundles.Files:
    """All users again, with more said of Tess."""
    *others, tess = bundles.small()["users"]
    return {"users": [*others, tess | said]}


def taught(**said: object) -> bundles.Files:
    """All enrollments again, with more said of what Tess teaches."""
    *others, teaching = bundles.small()["enrollments"]
    return {"enrollments": [*others, teaching | said]}


WAYS: dict[str, Way] = {
    "disabled": (users(enabledUser="false"), {}),
    "inactive": (users(status="inactive"), {}),
    "deleted by a delta": (
        {"users": users(status="tobedeleted")["users"][2:]},
        {"file.users": "delta"},
    ),
    "deleted in a bulk file": (users(status="tobedeleted"), {}),
    "lacking among the users": ({"users": users()["users"][:2]}, {}),
    "teaching ended": (taught(endDate=BEFORE), {}),
    "teaching deleted by a delta": (
        {"enrollments": taught(status="tobedeleted")["enrollments"][3:]},
        {"file.enrollments": "delta"},
    ),
    "teaching deleted with an end": (taught(status="tobedeleted", endDate=BEFORE), {}),
    "teaching deleted without an end": (taught(status="tobedeleted"), {}),
    "lacking among the enrollments": ({"enrollments": taught()["enrollments"][:3]}, {}),
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staffed")
    settings = Settings(home=folder / "home", import_day=bundles.IMPORT_DAY)
    ingest(settings, bundles.write(folder / "bundle", bundles.small()))
    return settings.home


@pytest.fixture
def bring(standing: Path, tmp_path: Path) -> Callable[[Way], set[str]]:
    """Import what comes; returns the students whom Tess sees then."""
    shutil.copytree(standing, tmp_path / "home")
    settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY)

    def bring(way: Way) -> set[str]:
        files, properties = way
        ingest(settings, bundles.write(tmp_path / "next", files, properties=properties))
        with snapshots.connect(settings) as con:
            access.install(con)
            viewer = access.viewer_of(settings, con, "tess@school.example")
            if viewer is None:
                return set()
            rows = con.execute(
                "select student_id from "
                "visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)",
                access.parameters(viewer, AS_OF),
            ).fetchall()
        return {row[0] for row in rows}

    return bring


def test_a_teacher_of_whom_nothing_is_said_sees_the_class(bring):
    assert bring((taught(), {})) == {"ana", "ben"}


@pytest.mark.parametrize("way", WAYS)
def test_a_roster_takes_a_teacher_away(bring, way):
    assert bring(WAYS[way]) == set()
