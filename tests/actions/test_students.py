"""Opening a student: by whom, whom not, and what is noted of it."""

from datetime import date

import pytest

from edupulse_core.actions.students import export_list, note_list, open_student, opening, told
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.at_risk import Filters
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


def test_a_list_of_names_is_noted_once_for_each_filter_and_never_what_was_searched_for(
    home: Settings, district: District
) -> None:
    noted: set[str] = set()
    before = len(trail.entries(home, action=trail.VIEW_LIST))
    asked = [Filters(), Filters(grade="7", text="ana"), Filters(sort="name"), Filters(text="moe")]
    asked += [Filters(grade="7", text="zoe")]

    for filters in asked:
        note_list(COUNSELOR, district, "at-risk list", 3, told(filters), noted=noted)

    lines = trail.entries(home, action=trail.VIEW_LIST)
    lines = lines[: len(lines) - before]
    assert [line.details["filters"] for line in lines] == [
        {"text": True},
        {"grade": "7", "text": True},
        {},
    ]
    assert {(line.actor, line.subject, line.details["rows"]) for line in lines} == {
        (people.counselor.sign_in, "at-risk list", 3)
    }
    assert all(line.details["whose"] == ["caseload"] for line in lines)


def test_an_export_does_not_note_what_was_searched_for(home: Settings, district: District) -> None:
    export_list(COUNSELOR, district, Filters(text="ana"))

    assert trail.entries(home, action=trail.EXPORT)[0].details["filters"] == {"text": True}
