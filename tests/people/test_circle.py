"""Who may see a student, as the student's page tells it."""

from collections.abc import Iterator

import duckdb
import pytest

from edupulse_core.config import Grant, Settings, load_settings
from edupulse_core.errors import AccessError
from edupulse_core.people import personas
from edupulse_core.people.circle import Witness, who_may_see
from tests import people
from tests.people import AS_OF


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with people.district(is_demo=True) as connection:
        yield connection


@pytest.fixture
def settings(tmp_path) -> Settings:
    return load_settings(home=tmp_path, grants=people.GRANTS)


ANAS = [
    Witness("Cora Cole", "on their caseload"),
    Witness("Dora Drake", "in their district"),
    Witness("Paul Prince", "at their school, North Middle School"),
    Witness("Tom North", "in their class Algebra 1, period 3"),
    Witness("Una Page", "in their class English 9"),
]


def test_everyone_with_a_reason_is_named_with_it(con, settings) -> None:
    assert who_may_see(settings, con, "ana", people.teacher_north, AS_OF) == ANAS


def test_the_teachers_of_a_former_school_are_not_among_them(con, settings) -> None:
    found = who_may_see(settings, con, "eli", people.teacher_south, AS_OF)

    assert [witness.name for witness in found] == ["Dora Drake", "Tina South"]


def test_in_the_demo_the_fictional_staff_are_named(con, settings) -> None:
    cora = personas.persona(con, "cora")
    assert cora is not None

    assert who_may_see(load_settings(home=settings.home), con, "ana", cora, AS_OF) == ANAS


def test_a_shared_sign_in_sees_nobody(con, settings) -> None:
    con.execute(
        "insert into users select * replace ('x' as user_id) from users where user_id = 'paul'"
    )

    found = who_may_see(settings, con, "ana", people.teacher_north, AS_OF)

    assert found == [witness for witness in ANAS if witness.name != "Paul Prince"]


def test_only_someone_with_a_reason_learns_who_has_one(con, settings) -> None:
    with pytest.raises(AccessError):
        who_may_see(settings, con, "ana", people.teacher_south, AS_OF)


def test_a_grant_for_a_role_that_nobody_of_them_needs_adds_nobody(con, settings) -> None:
    con.execute("delete from caseloads")

    found = who_may_see(settings, con, "ana", people.teacher_north, AS_OF)

    assert found == [witness for witness in ANAS if witness.name != "Cora Cole"]


def test_two_who_are_only_granted_a_role_are_both_named(con, settings) -> None:
    grants = tuple(Grant(user=f"{name}@state.example", role="district") for name in ("a", "b"))
    settings = load_settings(home=settings.home, grants=grants)

    found = who_may_see(settings, con, "cy", people.teacher_english, AS_OF)

    assert [witness.name for witness in found] == ["Una Page", "a@state.example", "b@state.example"]
