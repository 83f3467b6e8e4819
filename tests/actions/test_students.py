"""Opening a student: by whom, whom not, and what is noted of it."""

from datetime import date

import pytest

from edupulse_core.actions.students import open_student, opening
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.district import District
from tests import people
from tests.queries.conftest import district as district
from tests.queries.conftest import home as home

COUNSELOR = person(people.counselor)


def times(home: Settings, student_id: str) -> int:
    return len(trail.entries(home, action=trail.VIEW_STUDENT, subject=student_id))


def test_an_opening_is_noted_with_the_reason_why_it_was_allowed(
    home: Settings, district: District
) -> None:
    ana = open_student(COUNSELOR, district, "ana")

    noted = trail.entries(home, action=trail.VIEW_STUDENT, subject="ana")[0]
    assert (noted.actor, noted.role) == (people.counselor.sign_in, "counselor")
    assert noted.details == {"as_of": "2026-11-15", "why": ana.why}


def test_what_is_open_already_is_not_noted_again_but_another_week_is(
    home: Settings, district: District
) -> None:
    first = open_student(COUNSELOR, district, "dee")
    before = times(home, "dee")

    again = open_student(COUNSELOR, district, "dee", last=opening(first))
    assert times(home, "dee") == before

    open_student(COUNSELOR, district, "dee", date(2026, 11, 8), last=opening(again))
    assert times(home, "dee") == before + 1


def test_a_foreign_student_answers_as_one_who_does_not_exist_and_no_opening_is_noted(
    home: Settings, district: District
) -> None:
    said = []
    for asked in ("dee", "nobody"):
        before = times(home, asked)
        with pytest.raises(AccessError) as refused:
            open_student(person(people.teacher_north), district, asked)
        said.append(str(refused.value))
        assert times(home, asked) == before

    assert said[0] == said[1]


def test_the_operator_opens_no_students_page(district: District) -> None:
    with pytest.raises(AccessError):
        open_student(OPERATOR, district, "ana")
