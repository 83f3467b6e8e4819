"""Resources that staff give to a student: whose, once, taken back, and what came of them."""

from datetime import date
from pathlib import Path

import pytest

from edupulse_core.actions import assignments as giving
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.people import trail
from edupulse_core.people.actor import person
from edupulse_core.queries import assignments
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.student import StudentRecord
from tests import people
from tests.queries.conftest import build_home

RESOURCES = """
insert into resources (resource_id, title, kind, skill_ids) values
    ('r1', 'Fractions by hand', 'practice', []), ('r2', 'Why we divide', 'video', []);
"""
USED = """
insert into ratings values ('ana', 'r1', '2026-11-01 09:00', 4, 20, true);
"""
TESS = person(people.teacher_north)


@pytest.fixture
def district(tmp_path: Path) -> District:
    return open_district(build_home(tmp_path, more=RESOURCES + USED))


def titles(district: District, student_id: str = "ana") -> list[str]:
    record = StudentRecord(people.counselor, district, student_id)
    return [each.title for each in assignments.of_student(record)]


def test_a_given_resource_stands_until_somebody_takes_it_back(district: District) -> None:
    giving.assign(TESS, district, "ana", "r2", run_id=7)
    made = giving.assign(TESS, district, "ana", "r1")

    assert titles(district) == ["Fractions by hand", "Why we divide"]
    giving.withdraw(person(people.counselor), district, made.assignment_id)
    assert titles(district) == ["Why we divide"]
    lines = trail.entries(district.settings)[:3]
    assert [(line.action, line.subject) for line in lines] == [
        (trail.WITHDRAW, "ana"),
        (trail.ASSIGN, "ana"),
        (trail.ASSIGN, "ana"),
    ]


def test_nobody_gives_or_takes_for_a_student_of_others(district: District) -> None:
    made = giving.assign(TESS, district, "ana", "r1")
    for stranger in (people.teacher_south, people.steward):
        with pytest.raises(AccessError):
            giving.assign(person(stranger), district, "ana", "r2")
        with pytest.raises(AccessError):
            giving.withdraw(person(stranger), district, made.assignment_id)

    assert titles(district) == ["Fractions by hand"]


def test_the_same_resource_is_given_and_taken_back_once(district: District) -> None:
    made = giving.assign(TESS, district, "ana", "r1")
    with pytest.raises(InputError, match="already has"):
        giving.assign(TESS, district, "ana", "r1")
    giving.withdraw(TESS, district, made.assignment_id)
    with pytest.raises(InputError, match="already"):
        giving.withdraw(TESS, district, made.assignment_id)
    giving.assign(TESS, district, "ana", "r1")


def test_only_a_resource_of_the_district_can_be_given(district: District) -> None:
    with pytest.raises(MissingError, match="no longer"):
        giving.assign(TESS, district, "ana", "r9")


def test_use_before_it_was_given_is_no_use_of_it(district: District) -> None:
    giving.assign(TESS, district, "ana", "r1")
    (found,) = assignments.of_student(StudentRecord(people.counselor, district, "ana"))

    assert found.used_at is None and not found.is_completed


def test_use_since_it_was_given_is_told(tmp_path: Path) -> None:
    later = "insert into ratings values ('ana', 'r1', '2026-11-14 09:00', null, 5, true);"
    here = open_district(build_home(tmp_path, more=RESOURCES + later))
    settings: Settings = here.settings
    made = giving.assign(TESS, here, "ana", "r1")
    put_back(settings, made.assignment_id, "2026-11-10 12:00:00")

    (found,) = assignments.of_student(StudentRecord(people.counselor, here, "ana"))
    assert found.is_completed and found.used_at is not None


def test_the_day_on_which_it_was_given_is_the_districts_own(district: District) -> None:
    made = giving.assign(TESS, district, "ana", "r1")
    put_back(district.settings, made.assignment_id, "2026-11-11 02:00:00")

    (found,) = assignments.of_student(StudentRecord(people.counselor, district, "ana"))
    assert found.on == date(2026, 11, 10)  # nine in the evening in New York


def put_back(settings: Settings, assignment_id: str, moment: str) -> None:
    """Let an assignment have been made earlier."""
    from sqlalchemy import text

    from edupulse_core.store.database import open_store

    with open_store(settings).writing() as connection:
        connection.execute(
            text("update assignments set at = :at where assignment_id = :id"),
            {"at": f"{moment}.000000", "id": assignment_id},
        )
