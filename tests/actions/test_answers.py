"""Asking a family about a student: by whom, about whom not, and what is noted of it."""

import pytest

from edupulse_core.actions.answers import ask
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.district import District
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from tests import people
from tests.queries.conftest import district as district
from tests.queries.conftest import home as home

COUNSELOR = person(people.counselor)


def test_an_answer_is_noted_for_each_student_and_the_list_stays(
    home: Settings, district: District
) -> None:
    shown = runs.latest_run(open_store(home), "risk")

    found = ask(COUNSELOR, home, "risk", ["ana"])

    (noted,) = trail.entries(home, action=trail.ASK, subject="ana")
    assert found.rows["subject"].to_pylist() == ["ana"]
    assert (noted.actor, noted.role) == (people.counselor.sign_in, "counselor")
    assert noted.details["family"] == "risk" and noted.details["run_id"] == found.run_id
    assert runs.latest_run(open_store(home), "risk") == shown


def test_nothing_is_asked_where_one_student_is_out_of_reach(
    home: Settings, district: District
) -> None:
    before = runs.latest_run(open_store(home), "risk", purpose=runs.ASKED)

    with pytest.raises(AccessError):
        ask(person(people.teacher_north), home, "risk", ["ana", "dee"])

    assert runs.latest_run(open_store(home), "risk", purpose=runs.ASKED) == before
    assert not trail.entries(home, action=trail.ASK, actor=people.teacher_north.sign_in)


def test_the_operator_may_ask_about_anybody(home: Settings) -> None:
    assert ask(OPERATOR, home, "risk", ["dee"]).rows["subject"].to_pylist() == ["dee"]
